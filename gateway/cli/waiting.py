"""Says on standard error why push and pull wait: a hub that asks for time is not a program that hangs.

Also beside --json: the document is alone on standard output, and standard error is for whoever looks on.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import click

from gateway.client.advice import seconds_said, wish_said
from gateway.client.answers import AnswerKind, HubAnswer

SILENT_SECONDS: Final = 2.0  # what nobody asks himself about
_NOTE_CHARACTERS: Final = 200


def tell_wait(answer: HubAnswer, seconds: float) -> None:
    """One line about a wait between two tries that is longer than two seconds."""
    if seconds > SILENT_SECONDS:
        until = datetime.now(UTC) + timedelta(seconds=seconds)
        click.echo(
            f"knooppunt: {_said(answer)}; waiting {seconds_said(seconds)}, until {until:%Y-%m-%d %H:%M:%SZ}, then it is"
            " tried again. Ctrl-C ends this, and nothing is lost by it",
            err=True,
        )


def _said(answer: HubAnswer) -> str:
    if answer.kind is AnswerKind.OVERLOAD:
        wish = answer.retry_after_seconds
        when = "" if wish is None else f" (Retry-After: {wish_said(wish)})"
        return f"the hub answered HTTP {answer.status} and asks to come back later{when}"
    if answer.kind is AnswerKind.FULL:
        return "the mailbox of the receiver is full (EBMS:0021)"
    # What came may be anybody's words: one line without what a terminal would obey, and not a page.
    note = "".join(each if each.isprintable() else " " for each in answer.note)[:_NOTE_CHARACTERS]
    if answer.kind in (AnswerKind.UNREACHABLE, AnswerKind.BROKEN_OFF):
        return f"the hub did not answer: {note}"
    return f"the hub gave no valid answer ({answer.kind.value}{note and ': '}{note})"

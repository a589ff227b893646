"""What `knooppunt push` does: checks a message, sends it, and says what became of it."""

from __future__ import annotations

import asyncio
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Final

import click

from gateway.cli import deed
from gateway.cli.left_behind import AlreadySettled, left_told, push_ended_by_force
from gateway.cli.output import (
    PEER,
    REFUSED,
    USAGE,
    Failure,
    command_line,
    print_json,
)
from gateway.cli.participant import Desk, desk, error_facts
from gateway.cli.push_input import STANDARD_INPUT, read_document, streams_among, waits_told
from gateway.cli.push_options import refuse_too_many
from gateway.cli.stored import became, stored_facts
from gateway.cli.unreadable import mend_unreadable, unreadable_said
from gateway.client.advice import advise
from gateway.client.answers import AnswerKind
from gateway.client.apart import apart
from gateway.client.checking import Checks
from gateway.client.outbox import OutboxMessage, OutboxState
from gateway.client.outgoing import Attachment, Unsendable, references_of
from gateway.client.participant import Participant
from gateway.client.push import PushResult, result_of, send_waiting
from gateway.client.push import push as push_message
from gateway.client.retry import RetryPolicy
from gateway.directory.counterparts import warnings
from gateway.limits import PAYLOAD_LIMITS
from gateway.storage import EXIT_STORAGE, lacks_threads
from xsd.catalogue import Catalogue, load_catalogue
from xsd.checking.violations import Violation
from xsd.document import DocumentFault, parse_document
from xsd.message_type import MessageType

_STORED_LAST: Final = 10
_NOT_STORED: Final = (
    "what was pushed {} is not stored here. If the folder `state` is as the last push left it, nothing of that was"
    " sent: push it again. If that folder was restored from a copy, moved, emptied or made anew since, the hub may have"
    " it: ask the hub's operator for its reference first"
)
_IS_NEW: Final = (
    "the outbox is new, and the inbox beside it is not: what was pushed before may be at the hub, so ask the hub's"
    " operator for its reference before you push it again"
)


def send(
    folder: Path,
    file: Path | None,
    attach: tuple[Path, ...],
    mime_type: str,
    retries: int,
    *,
    unchecked: bool,
    as_json: bool,
) -> None:
    """Send that file, or without one what waits in the outbox, as the participant of the folder."""
    if file is not None and (twice := _named_twice([file, *attach])) is not None:
        raise Failure(
            f"{twice} is named twice, and a stream can be read once",
            next_step="put what it brings in a file, and name that",
            code=USAGE,
        )
    pushed = _Pushed()
    try:
        asyncio.run(_push(pushed, folder, file, attach, mime_type, retries, unchecked, quiet=as_json))
    except KeyboardInterrupt:  # the second Ctrl-C, or one that came while everything was closed
        deed.is_done()
        if pushed.participant is None:
            raise push_ended_by_force(folder) from None
    except RuntimeError as fault:  # closing needs a thread as well, and changes nothing about an outcome
        if pushed.participant is None or not lacks_threads(fault):
            raise
    deed.is_done()
    if pushed.participant is None:
        raise RuntimeError("a run that ended without a failure has an outcome")
    _tell(pushed, pushed.participant, folder, as_json=as_json)


def _tell(pushed: _Pushed, at: Participant, folder: Path, *, as_json: bool) -> None:
    results, stored = pushed.results, pushed.stored
    bad = [each for each in results if each.state is not OutboxState.ACKNOWLEDGED]
    facts = {
        "messages": [_facts(each) for each in results],
        "violations": [],
        "outbox": [stored_facts(each) for each in stored],
    }
    if not as_json:
        for each in results:
            if each.state is OutboxState.ACKNOWLEDGED:
                click.echo(f"delivered to the hub as {each.message_id}; its signed receipt was checked and kept")
    if bad:
        raise _failure(bad, at, folder, facts)
    lost = _IS_NEW if pushed.is_new else _NOT_STORED.format("later than these" if stored else "from here")
    nothing = [] if results else [lost]
    told = (*at.concerns, *pushed.warnings)
    if as_json:
        print_json(facts, next_step="\n  ".join((*told, *nothing)))
        return
    for concern in told:
        click.echo(f"knooppunt: {concern}", err=True)
    if not results:
        click.echo(
            "nothing is waiting in the outbox" + ("; stored there last:" if stored else ", and nothing is stored")
        )
        for one in stored:
            click.echo(f"  {one.action} {one.tracking_identifier}, {one.message_id}: {became(one)}")
        click.echo(lost)


@dataclass(kw_only=True)
class _Pushed:
    """What became of a run, noted as soon as it is known: how it is closed changes nothing about it."""

    participant: Participant | None = None  # who pushed, once there is an outcome
    results: tuple[PushResult, ...] = ()  # of each message that was sent
    stored: tuple[OutboxMessage, ...] = ()  # what the outbox held last
    is_new: bool = False  # the outbox, beside an inbox that is not
    warnings: tuple[str, ...] = ()  # what its sender has to know of a message that the hub takes


async def _push(
    pushed: _Pushed,
    folder: Path,
    file: Path | None,
    attach: tuple[Path, ...],
    mime_type: str,
    retries: int,
    unchecked: bool,
    *,
    quiet: bool,
) -> None:
    retry = RetryPolicy(first_seconds=1.0, retries=retries)
    async with desk(folder, quiet=quiet) as at:
        try:
            await _push_at(at, pushed, folder, file, attach, mime_type, retry, unchecked)
        except AlreadySettled as settled:
            pushed.results = tuple(result_of(each) for each in settled.messages)
            pushed.participant = at.participant


async def _push_at(
    at: Desk,
    pushed: _Pushed,
    folder: Path,
    file: Path | None,
    attach: tuple[Path, ...],
    mime_type: str,
    retry: RetryPolicy,
    unchecked: bool,
) -> None:
    if file is None:
        async with left_told(at.outbox, await at.outbox.waiting(), folder):
            sent = await send_waiting(at.participant, outbox=at.outbox, means=at.means, retry=retry, give_up=False)
            pushed.stored = await at.outbox.messages(limit=_STORED_LAST)
        pushed.is_new = at.outbox.records.is_new and not at.inbox.records.is_new
        pushed.results, pushed.participant = sent, at.participant
        return
    refuse_too_many(attach, at.participant.limits)
    catalogue = load_catalogue()
    message_id = at.means.message_id(at.participant.party)
    async with left_told(at.outbox, [message_id], folder):
        # Once, here and nowhere else: FILE may be a pipe.
        try:
            with waits_told(streams_among([file])):
                payload = await apart(partial(read_document, file))
        except Unsendable as fault:
            raise _unsendable(file, fault) from None
        kind = _message_type(file, payload, catalogue)
        stored = partial(at.outbox.may_hold, message_id)
        pushed.warnings = _warnings(at, kind, payload)
        try:
            with waits_told(streams_among(attach), unless=stored):
                result = await push_message(
                    at.participant,
                    payload,
                    module=kind.module,
                    version=kind.version,
                    message_type=kind.name,
                    outbox=at.outbox,
                    means=at.means,
                    checks=None if unchecked else Checks(catalogue=catalogue, inbox=at.inbox, book=at.kept.book),
                    attachments=[Attachment(content=each, mime_type=mime_type) for each in attach],
                    message_id=message_id,
                    retry=retry,
                    give_up=False,
                )
        except Unsendable as fault:
            raise _unsendable(file, fault) from None
        pushed.results, pushed.participant = (result,), at.participant


def _warnings(at: Desk, kind: MessageType, payload: bytes) -> tuple[str, ...]:
    if at.kept.book is None:
        return ()
    try:
        receiver = references_of(payload).final_recipient
    except Unsendable:  # which is told when it is sent
        return ()
    return warnings(at.kept.book, kind, receiver=receiver, at=at.means.clock.now())


def _named_twice(inputs: Sequence[Path]) -> Path | None:
    """An input that was named before under whatever name, and that is no file which can be read again."""
    seen: set[tuple[int, int]] = set()
    for each in inputs:
        status = os.fstat(0) if each == STANDARD_INPUT else each.stat()
        same = (status.st_dev, status.st_ino)
        if same in seen and not stat.S_ISREG(status.st_mode):
            return each
        seen.add(same)
    return None


def _unsendable(file: Path, fault: Unsendable) -> Failure:
    lines = [line for each in fault.violations for line in _said(each)]
    return Failure(
        "\n  ".join((f"{file} is not sent: {fault}", *lines)),
        next_step="mend the message and push it again; --unchecked sends it as it is"
        if lines
        else fault.next_step or f"`{command_line('knooppunt', 'schema', 'check', file)}`",
        facts={
            "messages": [],
            "outbox": [],
            "violations": [
                {"code": v.code, "line": v.line or None, "path": v.path, "nl": v.nl, "en": v.en}
                for v in fault.violations
            ],
        },
    )


def _said(violation: Violation) -> tuple[str, str, str]:
    line = f"line {violation.line}, " if violation.line else ""
    return f"{line}{violation.code}: {violation.path}", f"  {violation.nl}", f"  {violation.en}"


def _message_type(file: Path, payload: bytes, catalogue: Catalogue) -> MessageType:
    try:
        document = parse_document(payload, limits=PAYLOAD_LIMITS)
    except DocumentFault as fault:
        raise Failure(unreadable_said(file, fault), next_step=mend_unreadable(fault)) from None
    found = catalogue.of_root(str(document.tag))
    if found is None:
        raise Failure(f"{file} is no message of a known module", next_step="`knooppunt schema list` names them")
    return found


def _facts(result: PushResult) -> dict[str, object]:
    return {
        "message_id": result.message_id,
        "state": result.state.value,
        "attempts": result.attempts,
        "errors": error_facts(result.errors),
        "note": result.note or None,
    }


def _damaged(damaged: Sequence[PushResult], folder: Path, facts: object) -> Failure:
    """Messages that are not what was stored. The hub may have them from earlier tries: nothing is made anew unasked."""
    outbox = folder / "state" / "outbox"
    lines = [f"{each.note} ({each.attempts} {'try' if each.attempts == 1 else 'tries'} before)" for each in damaged]
    waiting = command_line("knooppunt", "push", "--as", folder, "--waiting")
    return Failure(
        "\n  ".join((f"{outbox}: the disk changed what waits there, and that is not sent:", *lines)),
        next_step="look at the disk. With the folder as it was when the message was stored, from a copy,"
        f" `{waiting}` sends it. Without one, ask the hub's operator for the reference that is named: the hub may have"
        " the message from an earlier try, and a new push would be another message. Push the document again only if it"
        f" has not; then, when nothing else waits, put {outbox} aside under another name: it is made anew",
        code=EXIT_STORAGE,
        facts=facts,
    )


def _failure(bad: Sequence[PushResult], participant: Participant, folder: Path, facts: object) -> Failure:
    """About the first message that was not delivered, or all that the disk damaged; the facts tell of all."""
    if damaged := [each for each in bad if each.is_damaged]:
        return _damaged(damaged, folder, facts)
    result = bad[0]
    lines = [f"{e.code} {e.description or e.short_description or ''} {e.detail or ''}".rstrip() for e in result.errors]
    refused = result.state is OutboxState.REFUSED
    advice = advise(
        AnswerKind.FAILURE if refused else result.kind, result.errors, result.note, participant,
        at=datetime.now(UTC), pulling=False, retry_after_seconds=result.retry_after_seconds, status=result.status,
        is_about=refused,
    )  # fmt: skip
    if refused:
        sentence, code = "the hub refused the message:", REFUSED
        step = advice or "mend the message and push it again"
    else:
        tries = "try" if result.attempts == 1 else "tries"
        sentence, code = f"the hub gave no valid answer in {result.attempts} {tries}:", PEER
        if result.kind is AnswerKind.FULL:
            sentence = f"the mailbox of the receiver is full, after {result.attempts} {tries}:"
        if result.kind is AnswerKind.FAILURE:
            about = "no message" if result.reference is None else f"another message ({result.reference})"
            sentence = f"the hub answered {result.attempts} {tries} with an error about {about}:"
            advice = advice or (
                "what became of this message is not known: do not make it anew; if the hub says so again, show it to"
                " the hub's operator"
            )
        waiting = command_line("knooppunt", "push", "--as", folder, "--waiting")
        again = f"`{waiting}` sends the message again under the same MessageId"
        step = f"{advice}\n  {again}" if advice else again
        if result.note:
            lines.append(result.note)
    return Failure("\n  ".join((sentence, *lines)), next_step=step, code=code, facts=facts)

"""What a command leaves that was ended before it was through, by Ctrl-C, by a disk or by anything else, and what to do
next.

A message that lies in the outbox may have reached the hub, so a command that would make it anew is never advised then:
one rule, whatever it was that ended the push.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import click

from gateway.cli.output import INTERRUPTED, REFUSED, Failure, command_line
from gateway.cli.participant import error_facts
from gateway.cli.participant_storage import storage_fault
from gateway.client.advice import COMES_AGAIN
from gateway.client.outbox import Outbox, OutboxMessage, OutboxState
from gateway.sqlite import CommitUnknown, WriterEnded
from gateway.storage import DatabaseBusy, DiskFull

_PULL_AGAIN: Final = (
    f"nothing is lost: pull again, and what lies in the inbox is written to the folder then{COMES_AGAIN}"
)
_NOTHING: Final = "nothing was stored, and nothing was sent: push it again"


def pull_interrupted() -> Failure:
    """A pull that was ended before it was through."""
    return Failure(INTERRUPTED, next_step=_PULL_AGAIN)


def push_ended_by_force(folder: Path) -> Failure:
    """A push that was ended while it looked what it leaves: nothing is known of its message."""
    step = (
        f"{_waiting(folder)} sends what lies in the outbox, or tells what was stored there; a new push would be another"
        " message"
    )
    return Failure(INTERRUPTED, next_step=step)


class AlreadySettled(Exception):
    """Every message had its outcome before the push was ended: that is what is told."""

    def __init__(self, messages: tuple[OutboxMessage, ...]) -> None:
        super().__init__()
        self.messages = messages


@asynccontextmanager
async def left_told(outbox: Outbox, message_ids: Sequence[str], folder: Path) -> AsyncIterator[None]:
    """Whatever ends the push of these messages early tells which of them lie in the outbox, and how they leave it.

    Where none can lie there, what ended it stays what it was. Raises `AlreadySettled` where nothing was left to do.
    """
    try:
        yield
    except asyncio.CancelledError:
        left = await _look(outbox, message_ids)
        if left.settled:
            raise AlreadySettled(left.found) from None
        raise _failure(left, folder, INTERRUPTED, remedy="", code=REFUSED) from None
    except Exception as ended:
        left = await _look(outbox, message_ids)
        if not (left.found or left.unknown):
            raise
        told = storage_fault(ended, folder / "state")
        if told is None:  # a defect, which is told as one
            ended.add_note("\n".join((*left.lines, left.next_step(folder))))
            raise
        if left.settled:
            click.echo(f"knooppunt: {told.sentence}", err=True)
            raise AlreadySettled(left.found) from None
        raise _failure(left, folder, told.sentence, remedy=told.remedy, code=told.code, keeps=told.keeps) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Left:
    """The messages that the outbox has, and those of which it cannot be said."""

    found: tuple[OutboxMessage, ...]
    unknown: tuple[str, ...]
    asked: int  # for how many

    @property
    def lying(self) -> tuple[str, ...]:
        """What lies in the outbox without an outcome, or may."""
        return (*(each.message_id for each in self.found if each.state is OutboxState.WAITING), *self.unknown)

    @property
    def settled(self) -> bool:
        """Whether each message has its outcome."""
        return bool(self.found) and len(self.found) == self.asked and not self.lying

    @property
    def lines(self) -> tuple[str, ...]:
        """A line for each message."""
        known = (f"{each.message_id} {_became(each)}" for each in self.found)
        may = "may lie in the outbox, and whether the hub has it is not known"
        return (*known, *(f"{each} {may}" for each in self.unknown))

    def next_step(self, folder: Path) -> str:
        """How what lies there leaves the outbox."""
        if self.lying:
            them, ids = ("it", "MessageId") if len(self.lying) == 1 else ("them", "MessageIds")
            return f"{_waiting(folder)} sends {them} again under the same {ids}; a new push would be another message"
        if self.found or not self.asked:
            return "nothing waits in the outbox: there is nothing to send again"
        return _NOTHING


async def _look(outbox: Outbox, message_ids: Sequence[str]) -> _Left:
    found, unknown = [], []
    for message_id in message_ids:
        try:
            message = await outbox.find(message_id)
        except (DatabaseBusy, DiskFull, CommitUnknown, WriterEnded):
            if outbox.may_hold(message_id):
                unknown.append(message_id)
            continue
        if message is not None:
            found.append(message)
    return _Left(found=tuple(found), unknown=tuple(unknown), asked=len(message_ids))


def _failure(left: _Left, folder: Path, sentence: str, *, remedy: str, code: int, keeps: bool = True) -> Failure:
    step = left.next_step(folder)
    if not keeps:  # neither an older outbox nor a new one has what lies in this one
        step = remedy
    elif remedy:
        step = f"{remedy}, then {step}"
    return Failure(
        "\n  ".join((sentence, *left.lines)),
        next_step=step,
        code=code,
        facts={"messages": [_facts(each) for each in left.found], "violations": [], "outbox": []},
    )


def _waiting(folder: Path) -> str:
    return f"`{command_line('knooppunt', 'push', '--as', folder, '--waiting')}`"


def _became(message: OutboxMessage) -> str:
    return {
        OutboxState.WAITING: "lies in the outbox, and whether the hub has it is not known",
        OutboxState.ACKNOWLEDGED: "was delivered; the hub's receipt is kept",
        OutboxState.REFUSED: "was refused by the hub",
        OutboxState.GIVEN_UP: "was given up; whether the hub has it is not known",
    }[message.state]


def _facts(message: OutboxMessage) -> dict[str, object]:
    return {
        "message_id": message.message_id,
        "state": message.state.value,
        "attempts": message.attempts,
        "errors": error_facts(message.errors),
        "note": None,
    }

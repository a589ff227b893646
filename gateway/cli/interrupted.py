"""What a command says that somebody ends by Ctrl-C: that it was interrupted, what it leaves, and what to do next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from gateway.cli.output import INTERRUPTED, Failure
from gateway.cli.participant import error_facts
from gateway.client.outbox import Outbox, OutboxMessage, OutboxState

_PULL_AGAIN: Final = "nothing is lost: pull again; what lies in the inbox is written to the folder then"


def pull_interrupted() -> Failure:
    """A pull that was ended before it was through."""
    return Failure(INTERRUPTED, next_step=_PULL_AGAIN)


async def push_interrupted(outbox: Outbox, message_ids: Sequence[str], folder: Path) -> Failure:
    """A push of these messages that was ended before it was through: which of them lie in the outbox, and how they
    leave it.
    """
    found = [each for message_id in message_ids if (each := await outbox.find(message_id)) is not None]
    waiting = [each.message_id for each in found if each.state is OutboxState.WAITING]
    lines = [f"{each.message_id} {_became(each)}" for each in found]
    step = "nothing was stored, and nothing was sent: push it again"
    if waiting:
        them, ids = ("it", "MessageId") if len(waiting) == 1 else ("them", "MessageIds")
        step = (
            f"`knooppunt push --as {folder} --waiting` sends {them} again under the same {ids}; a new push would be"
            " another message"
        )
    elif found or not message_ids:
        step = "nothing waits in the outbox: there is nothing to send again"
    return Failure(
        "\n  ".join((INTERRUPTED, *lines)),
        next_step=step,
        facts={"messages": [_facts(each) for each in found], "violations": [], "outbox": []},
    )


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

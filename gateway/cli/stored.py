"""What the outbox of a participant knows of the messages that were stored in it, whatever became of them."""

from __future__ import annotations

from gateway.cli.output import rfc3339
from gateway.client.outbox import OutboxMessage, OutboxState


def stored_facts(message: OutboxMessage) -> dict[str, object]:
    """A message of the outbox as the JSON document has it."""
    return {
        "message_id": message.message_id,
        "type": message.action,
        "reference": message.tracking_identifier,
        "stored_at": message.created_at,
        "state": message.state.value,
        "closed_at": message.closed_at,
    }


def became(message: OutboxMessage) -> str:
    """What became of a message of the outbox, in words."""
    at = "" if message.closed_at is None else f" {rfc3339(message.closed_at)}"
    return {
        OutboxState.WAITING: "waits",
        OutboxState.ACKNOWLEDGED: f"delivered, with the hub's receipt of{at}",
        OutboxState.REFUSED: f"refused by the hub,{at}",
        OutboxState.GIVEN_UP: f"given up,{at}; whether the hub has it is not known",
    }[message.state]

"""The conditions of a listing, in the SQL that every engine speaks, with the columns and names that all have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gateway.store.model import MessageFilter, State

_AWAITING: Final = "question = 1 AND answered_at IS NULL AND waived_at IS NULL"
_EQUAL: Final = ("sender", "receiver", "conversation_id", "tracking_identifier", "sealed_to")
_IN_STATE: Final = {
    State.STORED: "(state = 'stored' OR (state = 'offered' AND lease_until <= :at))",
    State.OFFERED: "(state = 'offered' AND lease_until > :at)",
    State.RECEIPTED: "state = 'receipted'",
    State.EXPIRED: "state = 'expired'",
    State.REMOVED: "state = 'removed'",
}


def conditions_of(which: MessageFilter) -> str:
    """What a message row has to meet, every condition of the filter; `:at` is the moment it reads as of."""
    conditions = [f"{name} = :{name}" for name in _EQUAL if getattr(which, name) is not None]
    if which.message_id is not None:
        conditions.append("(message_id = :message_id OR received_message_id = :message_id)")
    if which.state is not None:
        conditions.append(_IN_STATE[which.state])
    if which.waiting:
        conditions.append("state IN ('stored', 'offered')")
    if which.open_questions:
        conditions.append(_AWAITING)
    if which.older_than is not None:
        conditions.append("id < (SELECT id FROM message WHERE message_id = :older_than)")
    return " AND ".join(conditions or ["TRUE"])


def bindings_of(which: MessageFilter) -> Mapping[str, str | int | None]:
    """What the names in its conditions stand for, and its limit."""
    return {name: getattr(which, name) for name in (*_EQUAL, "message_id", "older_than", "limit")}

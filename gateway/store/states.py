"""The states of a message and every transition between them: one table, from which the diagram in the docs is made.

The database enforces the same table by CHECK and trigger; a test holds the two against each other. T1, T2, T5 and T12
are no transitions of a row: a message that is still arriving has none, the end of a body is not written down, and
forgetting a duplicate key changes no state.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from gateway.store.model import State

EXPIRY_GRACE = timedelta(minutes=10)  # after the last lease ended, so that a receipt on its way wins
LONGEST_LEASE = timedelta(hours=12)  # from the offer, however often prolonged
ERROR_PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
WAITING = (State.STORED, State.OFFERED)


@dataclass(frozen=True, slots=True)
class Transition:
    """One edge; `before` None is the beginning. A computed edge is read from the clock and never written."""

    name: str
    before: State | None
    after: State
    cause: str
    computed: bool = False


TRANSITIONS = (
    Transition("T3", None, State.STORED, "accepted"),
    Transition("T4", State.STORED, State.OFFERED, "pulled"),
    Transition("T8", State.OFFERED, State.STORED, "lease lapsed", computed=True),
    Transition("T6", State.STORED, State.RECEIPTED, "receipt"),
    Transition("T6", State.OFFERED, State.RECEIPTED, "receipt"),
    Transition("T9", State.STORED, State.EXPIRED, "term over"),
    Transition("T9", State.OFFERED, State.EXPIRED, "term over"),
    Transition("T7", State.RECEIPTED, State.REMOVED, "purged"),
    Transition("T10", State.EXPIRED, State.REMOVED, "purged"),
    Transition("T11", State.EXPIRED, State.EXPIRED, "late receipt"),
    Transition("T11", State.REMOVED, State.REMOVED, "late receipt"),
)


def may_become(before: State | None, after: State) -> bool:
    """Whether a row may be written from one state to the other; staying in a state is no transition."""
    return any(
        (each.before, each.after) == (before, after)
        for each in TRANSITIONS
        if not each.computed and each.before != each.after
    )


def error_pause(errors: int) -> timedelta:
    """How long a message waits after its n-th ebMS error from the owner, n counted from 1."""
    return ERROR_PAUSES[min(errors, len(ERROR_PAUSES)) - 1]

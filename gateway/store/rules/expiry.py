"""Endings: a receipt, a term that is over, and what is forgotten when (T6, T7, T9 to T12).

A receipt that comes first wins, whatever the time; a term ends a message only when no receipt can be on its way any
more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.limits import StoreLimits
from gateway.store.model import Expired, ReceiptOutcome, State
from gateway.store.rules.lease import Waiting
from gateway.store.states import EXPIRY_GRACE, WAITING

ORPHAN_AGE = timedelta(hours=1)  # a blob that no row knows may be on its way to one for so long
LOG_DAYS = StoreLimits().log_days
SHORTEST_LOG_DAYS = 90  # as long as an acceptance is known


@dataclass(frozen=True, slots=True)
class Due:
    """What ends now: a term that was over at `term`, and a lease, if there is one, that had ended at `lease`."""

    term: datetime
    lease: datetime


def due(now: datetime) -> Due:
    """The latest term and the latest lease that end nobody any harm."""
    return Due(now, now - EXPIRY_GRACE)


def is_due(message: Waiting, now: datetime) -> bool:
    """Whether its term is over, and its last lease long enough for a receipt to have come."""
    limits = due(now)
    lease_over = message.lease_until is None or message.lease_until <= limits.lease
    return message.state in WAITING and message.expires_at <= limits.term and lease_over


def may_expire(message: Waiting, now: datetime, *, at_once: bool) -> bool:
    """Whether a message ends: when it is due, or `at_once` as long as it waits."""
    return message.state in WAITING if at_once else is_due(message, now)


def ending(*, has_notice: bool, sound: bool) -> Expired:
    """How a message ends: with its notice, unless its record cannot be trusted, for then nobody knows whom to tell."""
    return Expired.NOTIFIED if has_notice and sound else Expired.UNNOTIFIED


def was_offered_to(message: Waiting, party: str) -> bool:
    """Whether a word of this party about it counts; whether it exists is told to nobody else."""
    return message.receiver == party and message.attempts > 0


def receipt_outcome(state: State, *, has_receipt: bool) -> ReceiptOutcome:
    """What a valid receipt of the owner means for a message in this state."""
    if state in WAITING:
        return ReceiptOutcome.CLOSED
    return ReceiptOutcome.REPEATED if has_receipt else ReceiptOutcome.LATE


def may_prolong(message: Waiting, expires_at: datetime) -> bool:
    """Whether a message gets this deadline: while it waits, and never an earlier one."""
    return message.state in WAITING and expires_at > message.expires_at


def log_memory(log_days: int) -> timedelta:
    """How long a removed message stays in the log: never shorter than its acceptance is known."""
    return timedelta(days=max(log_days, SHORTEST_LOG_DAYS))

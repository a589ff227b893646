"""Leases: which message a PullRequest gets, how long nobody else gets it, and when it may be offered again (T4, T8).

A message that waits is stored, or offered under a lease. A lease that lapsed reads as stored, so it is computed here
and never written. Those of a person at a desk are moved by `gateway.store.rules.desk` alone. `offerable_at` is the end
of the lease, or of a pause after it: the two differ only while a message pauses because its owner answered with an
error, or because its octets could not be read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from gateway.store.model import LeaseRequest, Replayed, State
from gateway.store.states import LONGEST_LEASE, error_pause

# Of so many leases that lapsed first the oldest message is given again: all of them, except where a receiver let
# thousands lapse at once, and there nobody waits for a look at each.
LAPSED_LOOKED_AT = 1_000
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


class Waiting(NamedTuple):
    """What a message row says of its offers; the lease stands in all of its columns or in none.

    A tuple, for one is made with each row that is read and each change, and a frozen class costs ten times as much.
    """

    row: int
    receiver: str
    state: State
    expires_at: datetime
    attempts: int = 0
    errors: int = 0
    last_error: str | None = None
    unreadable: int = 0  # how often its octets could not be read
    damaged: bool = False
    lease_token: str | None = None
    lease_until: datetime | None = None
    offerable_at: datetime | None = None
    offered_at: datetime | None = None
    desk_holder: str | None = None  # the person who has or had it open
    desk_list: str | None = None  # with which it is opened; only written

    @property
    def lease(self) -> Lease | None:
        """The lease that was written last, lapsed or not."""
        if self.state is not State.OFFERED or self.lease_token is None:
            return None
        if self.lease_until is None or self.offerable_at is None or self.offered_at is None:
            return None
        return Lease(self.lease_token, self.lease_until, self.offerable_at, self.offered_at)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who may give a receipt, until when nobody else gets the message, and when it may be offered again."""

    token: str
    until: datetime
    offerable_at: datetime
    offered_at: datetime

    @property
    def pauses(self) -> bool:
        """Whether the message waits for longer than its lease."""
        return self.offerable_at != self.until


def terms_at(request: LeaseRequest, now: datetime) -> datetime:
    """By which time a term is over for this PullRequest; however far that is behind, nothing has a term before."""
    return now - min(request.terms_behind, now - _BEGINNING)


def is_offerable(message: Waiting, request: LeaseRequest, now: datetime) -> bool:
    """Whether a PullRequest may get it now; its term is judged by a time of its own, the last that the hub trusted."""
    if message.damaged or message.expires_at <= terms_at(request, now):
        return False
    if message.state is State.STORED:
        return True
    return message.lease is not None and message.lease.offerable_at <= now


def may_be_given_again(message: Waiting, token: str | None, request: LeaseRequest, now: datetime) -> bool:
    """Whether the same PullRequest gets the same message: under its own lease, or when no other stands."""
    lease = message.lease
    if lease is None or message.damaged or message.expires_at <= terms_at(request, now):
        return False
    return (lease.token == token or lease.until <= now) and (lease.offerable_at <= now or not lease.pauses)


def given_again(message: Waiting, token: str | None, request: LeaseRequest, now: datetime) -> Waiting | Replayed | None:
    """What the same PullRequest gets: its message once more, or, where that lets others pass, None: the next one."""
    if may_be_given_again(message, token, request, now):
        return message
    return None if lets_others_pass(message) else Replayed()


def lets_others_pass(message: Waiting) -> bool:
    """Whether the same PullRequest gets the next message: this one is damaged, or waits to be read again."""
    lease = message.lease
    put_off = message.unreadable > 0 and lease is not None and lease.offerable_at > lease.until
    return message.damaged or put_off


def may_open_lease(request: LeaseRequest, open_leases: int) -> bool:
    """Whether one more message of the mailbox may be under a lease, beside so many."""
    return open_leases < request.open_leases


def offered(message: Waiting, request: LeaseRequest, token: str, now: datetime) -> Waiting:
    """The message under a new lease."""
    until = now + timedelta(seconds=request.lease_seconds)
    return message._replace(
        state=State.OFFERED,
        attempts=message.attempts + 1,
        lease_token=token,
        lease_until=until,
        offerable_at=until,
        offered_at=now,
        desk_holder=None,
    )


def prolonged(message: Waiting, token: str, span: timedelta, now: datetime) -> Waiting | None:
    """The lease moved so far from now, within the longest; None where it is another one, pauses or ends later."""
    lease = message.lease
    if lease is None or lease.token != token or lease.pauses or message.desk_holder is not None:
        return None
    until = min(now + span, lease.offered_at + LONGEST_LEASE)
    return _ending(message, until) if until > lease.until else None


def cut(message: Waiting, token: str, span: timedelta, now: datetime) -> Waiting | None:
    """The lease ended so soon from now; None where it is another one, pauses or ends before."""
    lease = message.lease
    if lease is None or lease.token != token or lease.pauses or message.desk_holder is not None:
        return None
    return _ending(message, now + span) if now + span < lease.until else None


def put_off(message: Waiting, token: str, now: datetime) -> Waiting | None:
    """The lease ended because its octets could not be read, and a pause that grows each time; None where it is another
    one.
    """
    lease = message.lease
    if lease is None or lease.token != token or message.desk_holder is not None:
        return None
    times = message.unreadable + 1
    return _paused(message, lease, now, error_pause(times))._replace(unreadable=times)


def after_error(message: Waiting, code: str, now: datetime) -> Waiting | None:
    """The lease ended because its owner answered with an ebMS error, and a pause that grows each time; None where the
    message does not wait any more.
    """
    if message.lease is None:
        return None
    errors = message.errors + 1
    return _paused(message, message.lease, now, error_pause(errors))._replace(errors=errors, last_error=code)


def found_damaged(message: Waiting) -> Waiting | None:
    """Offered no more until somebody finds it whole, and leased to nobody; None where there is nothing to change."""
    if message.lease is None or message.damaged:
        return None
    return _ending(message, message.lease.offered_at)._replace(damaged=True)


def found_whole(message: Waiting) -> Waiting | None:
    """Offered again as soon as its lease lapsed; None where nobody doubted it."""
    if message.lease is None or not (message.damaged or message.unreadable):
        return None
    return message._replace(damaged=False, unreadable=0, offerable_at=message.lease_until)


def _ending(message: Waiting, until: datetime) -> Waiting:
    return message._replace(lease_until=until, offerable_at=until)


def _paused(message: Waiting, lease: Lease, now: datetime, pause: timedelta) -> Waiting:
    return message._replace(lease_until=min(lease.until, now), offerable_at=now + pause)

"""Desk leases: a person has one message open, while it is in use, and nobody else gets it (T4, T8).

To the message it is a lease like any other: a receipt finds the message offered, a pull passes it by, and it lapses
unseen. It names a person besides, who may hand it on to a colleague that asks, and it never outlives the term.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from gateway.store.model import DeskFull, DeskLease, DeskListRequest, DeskRequest, Held, State
from gateway.store.rules.lease import Lease, Waiting
from gateway.store.states import WAITING

DESK_SPAN: Final = timedelta(minutes=30)  # from each use
DESK_STEP: Final = timedelta(minutes=1)  # a use that gains less writes nothing: a long list is read use by use
DESK_LONGEST: Final = timedelta(hours=4)  # from its beginning, however much it is used
HELD_BY_PERSON: Final = 5
OPEN_AT_DESKS: Final = 10_000  # of one mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class ListOf:
    """A list, and whose it has to be."""

    party: str
    person: str
    desk_list: str

    @classmethod
    def named_in(cls, request: DeskListRequest, desk_list: str) -> ListOf:
        """That list of who asks."""
        return cls(party=request.party, person=request.person, desk_list=desk_list)

    def at(self, microseconds: int) -> dict[str, str | int]:
        """As the statements of the engines have it."""
        return {"at": microseconds, "party": self.party, "person": self.person, "desk_list": self.desk_list}


def open_lease(message: Waiting, now: datetime) -> Lease | None:
    """The lease that stands now."""
    lease = message.lease
    return lease if lease is not None and lease.until > now else None


def standing(message: Waiting, request: DeskRequest, now: datetime) -> DeskLease | Held | None:
    """Who has it now: this person, or somebody else; None where nobody has."""
    lease = open_lease(message, now)
    if lease is None:
        return None
    if message.desk_holder == request.person:
        return _lease_of(request.message_id, message, lease)
    return Held(person=message.desk_holder, until=lease.until)


def gives_way(standing: Held, request: DeskRequest) -> bool:
    """Whether who has it loses it to this person: a colleague does when asked, a system never."""
    return request.take_over and standing.person is not None


def one_of(request: DeskListRequest, message_id: str) -> DeskRequest:
    """What is asked of one message of a list."""
    return DeskRequest(
        message_id=message_id, party=request.party, person=request.person, terms_behind=request.terms_behind
    )


def may_open(message: Waiting, request: DeskRequest, now: datetime) -> bool:
    """Whether it can be opened at a desk of this unit at all, whoever has it."""
    waits = message.receiver == request.party and message.state in WAITING and not message.damaged
    return waits and message.expires_at + request.terms_behind > now


def refused_for_number(held: int, at_desks: int, *, more: int = 1) -> DeskFull | None:
    """Whether the person, or the mailbox, has as many open as may be; what is opened together is one to the person, and
    `more` to the mailbox.
    """
    if held >= HELD_BY_PERSON:
        return DeskFull(limit=HELD_BY_PERSON, of_person=True)
    if at_desks + more > OPEN_AT_DESKS:
        return DeskFull(limit=OPEN_AT_DESKS, of_person=False)
    return None


def opened(
    message: Waiting, request: DeskRequest, token: str, now: datetime, *, desk_list: str | None = None
) -> Waiting:
    """The message under a new desk lease, by itself or with a list."""
    until = _end(now, now, message.expires_at + request.terms_behind)
    return message._replace(
        state=State.OFFERED,
        attempts=message.attempts + 1,
        lease_token=token,
        lease_until=until,
        offerable_at=until,
        offered_at=now,
        desk_holder=request.person,
        desk_list=desk_list,
    )


def used(message: Waiting | None, party: str, token: str, behind: timedelta, now: datetime) -> Waiting | None:
    """The lease moved on because it is in use; None where it is another's, or has ended."""
    if message is None or not is_held(message, party, token, now) or message.offered_at is None:
        return None
    until = _end(message.offered_at, now, message.expires_at + behind)
    if message.lease_until is not None and until < message.lease_until + DESK_STEP:
        return message
    return message._replace(lease_until=until, offerable_at=until)


def released(message: Waiting | None, party: str, token: str, no_token: str, now: datetime) -> Waiting | None:
    """The message waits as before, under a token that nobody has; None where it is not this lease."""
    if message is None or not is_held(message, party, token, now):
        return None
    return message._replace(lease_token=no_token, lease_until=now, offerable_at=now)


def is_held(message: Waiting, party: str, token: str, now: datetime) -> bool:
    """Whether a message of this unit is under this desk lease now."""
    return open_lease(message, now) is not None and is_last(message, party, token)


def is_last(message: Waiting, party: str, token: str) -> bool:
    """Whether a message of this unit was under this desk lease last, and is under no other."""
    lease = message.lease
    return lease is not None and message.desk_holder is not None and (message.receiver, lease.token) == (party, token)


def as_lease(message_id: str, message: Waiting, *, from_person: str | None = None, again: bool = False) -> DeskLease:
    """The lease that was written, as its holder gets it."""
    if message.lease is None:
        raise ValueError("a message under no lease")
    return _lease_of(message_id, message, message.lease, from_person=from_person, again=again)


def _lease_of(
    message_id: str, message: Waiting, lease: Lease, *, from_person: str | None = None, again: bool = False
) -> DeskLease:
    return DeskLease(
        message_id=message_id,
        person=message.desk_holder or "",
        token=lease.token,
        began_at=lease.offered_at,
        until=lease.until,
        from_person=from_person,
        again=again,
    )


def _end(began_at: datetime, now: datetime, term: datetime) -> datetime:
    return min(now + DESK_SPAN, began_at + DESK_LONGEST, term)

"""Desk leases in the embedded store (T4, T8): functions over a connection, inside a transaction."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

import apsw

from gateway.store import rows
from gateway.store.interface import DamagedRecord
from gateway.store.model import (
    DeskFull,
    DeskLease,
    DeskList,
    DeskListRequest,
    DeskOutcome,
    DeskRequest,
    Held,
    Offer,
    StoredEnvelope,
)
from gateway.store.rules import desk as rules
from gateway.store.rules.lease import Waiting
from gateway.store.sqlite.statements import SQL, change_one, first_row, number
from gateway.store.sqlite.transactions import find_waiting, is_message_sound, move_lease


def open_at_desk(connection: apsw.Connection, request: DeskRequest, now: datetime) -> DeskOutcome:
    """T4: the message under a lease of this person; the one that he has already is used by that."""
    message = find_waiting(connection, request.message_id)
    if message is None or not rules.may_open(message, request, now):
        return None
    standing = rules.standing(message, request, now)
    if isinstance(standing, DeskLease):
        return use(connection, request.message_id, request.party, standing.token, request.terms_behind, now)
    if isinstance(standing, Held) and not rules.gives_way(standing, request):
        return standing
    if not is_message_sound(connection, message.row):
        raise DamagedRecord(request.message_id, "the record")
    at = {"at": rows.to_microseconds(now), "id": message.row, "person": request.person}
    held = number(connection, "count_held", at)
    full = rules.refused_for_number(held, number(connection, "count_desk_leases", at | {"most": rules.OPEN_AT_DESKS}))
    if full is not None:
        return full
    leased = rules.opened(message, request, secrets.token_urlsafe(32), now)
    _write(connection, message, leased)
    return rules.as_lease(request.message_id, leased, from_person=None if standing is None else standing.person)


def open_list(connection: apsw.Connection, request: DeskListRequest, now: datetime) -> DeskList | DeskFull:
    """T4 for each: what this person has already is used by that, what a colleague has is passed by."""
    leases: list[DeskLease] = []
    used: list[int] = []
    held: dict[str, Held] = {}
    free: list[tuple[str, Waiting]] = []
    for message_id in dict.fromkeys(request.message_ids):
        one = rules.one_of(request, message_id)
        message = find_waiting(connection, message_id)
        if message is None or not rules.may_open(message, one, now):
            continue
        match rules.standing(message, one, now):
            case DeskLease() as standing:
                moved = rules.used(message, request.party, standing.token, request.terms_behind, now)
                if moved is not None:
                    _move(connection, message, moved)
                    leases.append(rules.as_lease(message_id, moved, again=True))
                    used.append(message.row)
            case Held() as standing:
                held[message_id] = standing
            case None if is_message_sound(connection, message.row):
                free.append((message_id, message))
    joined = _joined(connection, request, now)
    full = _full(connection, request, free, now, joins=joined is not None) if free else None
    if full is not None:
        return full
    together = joined or secrets.token_urlsafe(16)
    connection.execute(SQL["join_list"], {"desk_list": together, "rows": json.dumps(used)})
    for message_id, message in free:
        one = rules.one_of(request, message_id)
        leased = rules.opened(message, one, secrets.token_urlsafe(32), now, desk_list=together)
        _write(connection, message, leased)
        leases.append(rules.as_lease(message_id, leased))
    is_any = _is_open(connection, rules.ListOf.named_in(request, together), now)
    return DeskList(leases=tuple(leases), held=held, desk_list=together if is_any else None)


def _joined(connection: apsw.Connection, request: DeskListRequest, now: datetime) -> str | None:
    """The list that was named, where this person has anything open with it."""
    named = request.desk_list
    is_one = named is not None and _is_open(connection, rules.ListOf.named_in(request, named), now)
    return named if is_one else None


def _is_open(connection: apsw.Connection, which: rules.ListOf, now: datetime) -> bool:
    return number(connection, "count_list", which.at(rows.to_microseconds(now))) > 0


def _full(
    connection: apsw.Connection,
    request: DeskListRequest,
    free: Sequence[tuple[str, Waiting]],
    now: datetime,
    *,
    joins: bool,
) -> DeskFull | None:
    at = {"at": rows.to_microseconds(now), "id": None, "person": request.person}
    count = 0 if joins else number(connection, "count_held", at)
    mailbox = {**at, "id": free[0][1].row, "most": rules.OPEN_AT_DESKS}
    return rules.refused_for_number(count, number(connection, "count_desk_leases", mailbox), more=len(free))


def use_list(connection: apsw.Connection, which: rules.ListOf, behind: timedelta, now: datetime) -> datetime | None:
    """All leases of the list move on; until when the first of them stands."""
    ends: list[datetime] = []
    for message in _of_list(connection, which, now):
        moved = rules.used(message, which.party, message.lease_token or "", behind, now)
        if moved is not None and moved.lease_until is not None:
            _move(connection, message, moved)
            ends.append(moved.lease_until)
    return min(ends, default=None)


def release_list(connection: apsw.Connection, which: rules.ListOf, now: datetime) -> int:
    """All messages of the list wait as before."""
    count = 0
    for message in _of_list(connection, which, now):
        token = secrets.token_urlsafe(32)
        released = rules.released(message, which.party, message.lease_token or "", token, now)
        if released is not None:
            _write(connection, message, released)
            count += 1
    return count


def _of_list(connection: apsw.Connection, which: rules.ListOf, now: datetime) -> list[Waiting]:
    found = connection.execute(SQL["find_list"], which.at(rows.to_microseconds(now))).fetchall()
    return [rows.read_waiting(row) for row in found]


def use(
    connection: apsw.Connection, message_id: str, party: str, token: str, behind: timedelta, now: datetime
) -> DeskLease | None:
    """The lease moves on with its use."""
    message = rules.used(find_waiting(connection, message_id), party, token, behind, now)
    if message is None:
        return None
    move_lease(connection, message)
    return rules.as_lease(message_id, message)


def release(connection: apsw.Connection, message_id: str, party: str, token: str, now: datetime) -> bool:
    """The message waits as before."""
    message = find_waiting(connection, message_id)
    released = rules.released(message, party, token, secrets.token_urlsafe(32), now)
    if message is None or released is None:
        return False
    _write(connection, message, released)
    return True


def is_held(connection: apsw.Connection, message_id: str, party: str, token: str, now: datetime, lapsed: bool) -> bool:
    """Whether a message is under this lease now, or was last."""
    message = find_waiting(connection, message_id)
    if message is None:
        return False
    return rules.is_last(message, party, token) if lapsed else rules.is_held(message, party, token, now)


def read_held(connection: apsw.Connection, message_id: str, party: str, token: str, now: datetime) -> Offer | None:
    """All that is stored of a message under this lease."""
    message = find_waiting(connection, message_id)
    if message is None or not rules.is_held(message, party, token, now):
        return None
    row = first_row(connection, "read_offer", {"id": message.row})
    return None if row is None else rows.read_offer(row, sound=is_message_sound(connection, message.row))


def read_envelope(connection: apsw.Connection, message_id: str, party: str) -> StoredEnvelope | None:
    """The envelope of a message that waits, under its digest."""
    row = first_row(connection, "read_envelope", {"message_id": message_id, "party": party})
    return None if row is None else rows.read_envelope(row)


def _move(connection: apsw.Connection, message: Waiting, moved: Waiting) -> None:
    """Write where the lease ends now, if that is another moment."""
    if moved is not message:
        move_lease(connection, moved)


def _write(connection: apsw.Connection, message: Waiting, leased: Waiting) -> None:
    bindings = rows.lease_bindings(leased)
    change_one(connection, "lease", bindings | {"before": message.state.value, "holder": None})

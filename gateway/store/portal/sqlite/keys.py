"""Locks, key sets and wrapped copies: functions over a connection, inside a transaction.

SECURITY: all of it is ciphertext or public. A copy belongs to a unit by its lock and by its set, and both are asked.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import apsw

from gateway.identity.login import OrganisationNumber
from gateway.store.portal import rows
from gateway.store.portal.interface import TooManyOpen
from gateway.store.portal.mail import MailEvent
from gateway.store.portal.model import (
    DocumentKind,
    JournalEvent,
    KeptDocument,
    KeySet,
    KeySetState,
    Lock,
    NextKey,
    PortalRequest,
    RequestKind,
    RequestState,
    RetiredKeys,
    SignedUnder,
    WrappedCopy,
    key_in_force,
)
from gateway.store.portal.rules import (
    activated,
    differ_by_pins,
    ended,
    gives_own,
    is_lost,
    kind_of,
    may_take,
    merely_pinned,
    retired,
)
from gateway.store.portal.sqlite.papers import (
    decide,
    find_document,
    find_request,
    forget_rosters_since,
    is_being_approved,
    keep_document,
    may_keep,
    note,
    open_request_about,
    requests,
    submit,
)
from gateway.store.portal.sqlite.records import number, read_all, read_one, run, write
from gateway.store.portal.terms import CHALLENGE_OCTETS, KEY_SETS_OF_A_DAY, LOCKS_OF_A_PERSON, OCTETS_OF_A_COPY
from gateway.store.rows import to_microseconds

_DAY: Final = timedelta(days=1)


def add_lock(connection: apsw.Connection, lock: Lock, now: datetime) -> Lock | None:
    """A lock that does not count yet, with its challenge."""
    if _find_lock(connection, lock.id) is not None:
        return None
    if number(connection, "count_locks", {"unit": lock.unit, "person": lock.person}) >= LOCKS_OF_A_PERSON:
        raise TooManyOpen("locks")
    made = replace(lock, challenge=secrets.token_bytes(CHALLENGE_OCTETS), made_at=now, counts_since=None, used_at=None)
    write(connection, "lock", rows.columns_of(made))
    return made


def count_lock(connection: apsw.Connection, lock_id: str, unit: str, person: str, now: datetime) -> bool:
    """Its round trip held."""
    lock = _find_lock(connection, lock_id)
    if lock is None or (lock.unit, lock.person) != (unit, person) or lock.counts_since is not None:
        return False
    write(connection, "lock", rows.columns_of(replace(lock, counts_since=now)))
    note(connection, now, lock.organisation, unit, person, JournalEvent.LOCK_COUNTS, lock_id)
    return True


def remove_lock(
    connection: apsw.Connection, lock_id: str, organisation: OrganisationNumber, unit: str, by: str, now: datetime
) -> bool:
    """The lock is gone, with what was wrapped to it."""
    lock = _find_lock(connection, lock_id)
    if lock is None or (lock.organisation, lock.unit) != (organisation, unit):
        return False
    delete_lock(connection, lock_id)
    note(connection, now, organisation, unit, by, JournalEvent.LOCK_REMOVED, lock_id)
    return True


def delete_lock(connection: apsw.Connection, lock_id: str) -> None:
    """Copies first, then the lock."""
    run(connection, "delete_copies_of_lock", {"lock": lock_id})
    run(connection, "delete_lock", {"lock": lock_id})


def locks(connection: apsw.Connection, unit: str) -> tuple[Lock, ...]:
    """Oldest first."""
    return tuple(rows.read_lock(each) for each in read_all(connection, "lock", "locks", {"unit": unit}))


def propose(
    connection: apsw.Connection,
    key_set: KeySet,
    copies: Sequence[WrappedCopy],
    roster: KeptDocument | None,
    follows: Collection[str],
    now: datetime,
) -> PortalRequest | None:
    """A set, its copies, its roster and its request; what was proposed before is withdrawn."""
    unit = key_set.unit
    if _find_set(connection, key_set.id) is not None or any(each.key_set != key_set.id for each in copies):
        return None
    if not all(_fits(connection, each, unit) for each in copies):
        return None
    if number(connection, "count_key_sets", {"unit": unit, "after": to_microseconds(now - _DAY)}) >= KEY_SETS_OF_A_DAY:
        raise TooManyOpen("key sets")
    before = _in_state(connection, unit, KeySetState.PROPOSED)
    if before is not None and _is_being_approved(connection, before):
        return None
    if roster is not None and not keep_document(connection, roster, now):
        return None
    if before is not None:
        end(connection, before, key_set.made_by, now)
        _decide(connection, before, RequestState.WITHDRAWN, key_set.made_by, now)
    made = replace(key_set, state=KeySetState.PROPOSED, made_at=now, active_since=None, retired_at=None, ended_at=None)
    write(connection, "key_set", rows.columns_of(made))
    note(connection, now, made.organisation, unit, made.made_by, JournalEvent.KEYS_PROPOSED, made.id)
    _keep(connection, copies, now)
    request = PortalRequest(
        id=str(uuid.uuid4()),
        kind=kind_of(_in_state(connection, unit, KeySetState.ACTIVE), follows),
        organisation=made.organisation,
        unit=unit,
        asked_by=made.made_by,
        about=made.id,
        asked_at=now,
    )
    submit(connection, request)
    return request


def key_sets(connection: apsw.Connection, unit: str) -> tuple[KeySet, ...]:
    """Newest first."""
    return tuple(rows.read_key_set(each) for each in read_all(connection, "key_set", "key_sets", {"unit": unit}))


def retired_key_sets(connection: apsw.Connection) -> tuple[RetiredKeys, ...]:
    """Those of all units, oldest first."""
    found = [rows.read_key_set(each) for each in read_all(connection, "key_set", "retired_key_sets", {})]
    asked = {each: requests(connection, each, (RequestState.APPROVED,)) for each in {one.organisation for one in found}}
    return tuple(RetiredKeys(key_set=each, is_lost=is_lost(each, asked[each.organisation])) for each in found)


def activate(connection: apsw.Connection, key_set_id: str, by: str, reason: str | None, now: datetime) -> bool:
    """The set of before is retired, this one active, its request approved."""
    key_set = _find_set(connection, key_set_id)
    after = None if key_set is None else activated(key_set, now)
    if after is None:
        return False
    before = _in_state(connection, after.unit, KeySetState.ACTIVE)
    if before is not None:
        write(connection, "key_set", rows.columns_of(retired(before, now)))
    write(connection, "key_set", rows.columns_of(after))
    _decide(connection, after, RequestState.APPROVED, by, now, reason)
    note(connection, now, after.organisation, after.unit, by, JournalEvent.KEYS_ACTIVE, key_set_id)
    return True


def end_set(connection: apsw.Connection, key_set_id: str, unit: str, by: str, now: datetime) -> bool:
    """Of no use any more; where it was only proposed, its request is withdrawn."""
    key_set = _find_set(connection, key_set_id)
    if key_set is None or key_set.unit != unit or _is_being_approved(connection, key_set):
        return False
    if not end(connection, key_set, by, now):
        return False
    _decide(connection, key_set, RequestState.WITHDRAWN, by, now)
    return True


def end(connection: apsw.Connection, key_set: KeySet, by: str, now: datetime) -> bool:
    """Its copies go."""
    after = ended(key_set, now)
    if after is None:
        return False
    write(connection, "key_set", rows.columns_of(after))
    run(connection, "delete_copies_of_key_set", {"key_set": key_set.id})
    note(connection, now, key_set.organisation, key_set.unit, by, JournalEvent.KEYS_ENDED, key_set.id)
    return True


def refuse(
    connection: apsw.Connection,
    request_id: str,
    state: RequestState,
    by: str,
    reason: str | None,
    now: datetime,
    stranger_hears: MailEvent | None = None,
) -> bool:
    """A request that is refused or withdrawn takes the set that it is about along."""
    request = find_request(connection, request_id)
    if request is None or state is RequestState.APPROVED:
        return False
    if state is RequestState.WITHDRAWN and is_being_approved(connection, request_id):
        return False
    if not decide(connection, request, state, by, reason, now, stranger_hears):
        return False
    key_set = _find_set(connection, request.about)
    if key_set is not None and key_set.state is KeySetState.PROPOSED:
        end(connection, key_set, by, now)
        if request.kind is RequestKind.LOST_KEYS:
            # Whoever still has a lock of before opens it by the roster that its key signed, and never saw another.
            since = request.lost_since(requests(connection, request.organisation, (RequestState.WITHDRAWN,)))
            forget_rosters_since(connection, request.organisation, request.unit, since)
    return True


def wrap(
    connection: apsw.Connection, copies: Sequence[WrappedCopy], unit: str, roster: KeptDocument | None, now: datetime
) -> bool:
    """All of these copies with their roster, or nothing. Other pins beside a copy that was there are no change to tell:
    a browser lays them there nearly every time that it opens its keys.
    """
    before = _copies(connection, unit)
    if not _may_wrap(connection, copies, unit, roster):
        return False
    if roster is not None:
        keep_document(connection, roster, now)
    _keep(connection, copies, now)
    for each in copies:
        lock = _find_lock(connection, each.lock)
        if lock is not None and not merely_pinned(each, before):
            note(connection, now, lock.organisation, unit, each.wrapped_by, JournalEvent.COPY_WRAPPED, each.lock)
    return True


def _copies(connection: apsw.Connection, unit: str) -> tuple[WrappedCopy, ...]:
    """Of all locks of a unit."""
    return tuple(map(rows.read_copy, read_all(connection, "wrapped_copy", "copies", {"unit": unit, "lock": None})))


def _may_wrap(
    connection: apsw.Connection, copies: Sequence[WrappedCopy], unit: str, roster: KeptDocument | None
) -> bool:
    if not all(_fits(connection, each, unit) and _lives(connection, each, unit) for each in copies):
        return False
    before = _copies(connection, unit)
    if not gives_own(copies, locks(connection, unit), before):
        return False
    return differ_by_pins(copies, before) if roster is None else may_keep(connection, roster)


def keep_signed(connection: apsw.Connection, document: KeptDocument, under: SignedUnder | None, now: datetime) -> bool:
    """The version after the newest, unless by now another key of the organisation counts than the one it is under."""
    if (
        under is not None
        and key_in_force([each for one in under.units for each in key_sets(connection, one)]) != under.key
    ):
        return False
    return keep_document(connection, document, now)


def renew_organisation_key(connection: apsw.Connection, asked: NextKey, now: datetime) -> bool:
    """All of it or nothing: what is read here is judged before anything is written."""
    renewal = asked.renewal
    if not may_keep(connection, renewal):
        return False
    if find_document(connection, DocumentKind.SETTINGS, renewal.organisation, "") != asked.settings:
        return False
    sets = [each for one in asked.units for each in key_sets(connection, one)]
    if not may_take(asked, sets):
        return False
    if not all(_may_wrap(connection, each.copies, each.roster.unit, each.roster) for each in asked.going):
        return False
    for unit in asked.going:
        wrap(connection, unit.copies, unit.roster.unit, unit.roster, now)
    keep_document(connection, renewal, now)
    for each in sets:
        if each.state is not KeySetState.ENDED and each.organisation_key == asked.former:
            write(connection, "key_set", rows.columns_of(replace(each, organisation_key=asked.key)))
    return True


def copies(connection: apsw.Connection, unit: str, lock_id: str | None, now: datetime) -> tuple[WrappedCopy, ...]:
    """What is wrapped for a unit; a lock whose copies are asked for is used."""
    found = read_all(connection, "wrapped_copy", "copies", {"unit": unit, "lock": lock_id})
    lock = None if lock_id is None else _find_lock(connection, lock_id)
    if found and lock is not None:
        write(connection, "lock", rows.columns_of(replace(lock, used_at=now)))
    return tuple(rows.read_copy(each) for each in found)


def _keep(connection: apsw.Connection, copies: Sequence[WrappedCopy], now: datetime) -> None:
    for each in copies:
        write(connection, "wrapped_copy", rows.columns_of(each) | {"wrapped_at": to_microseconds(now)})


def _fits(connection: apsw.Connection, copy: WrappedCopy, unit: str) -> bool:
    lock = _find_lock(connection, copy.lock)
    return lock is not None and lock.unit == unit and len(copy.octets) <= OCTETS_OF_A_COPY


def _lives(connection: apsw.Connection, copy: WrappedCopy, unit: str) -> bool:
    key_set = _find_set(connection, copy.key_set)
    return key_set is not None and key_set.unit == unit and key_set.state is not KeySetState.ENDED


def _is_being_approved(connection: apsw.Connection, key_set: KeySet) -> bool:
    request = open_request_about(connection, key_set.id)
    return request is not None and is_being_approved(connection, request.id)


def _decide(
    connection: apsw.Connection,
    key_set: KeySet,
    state: RequestState,
    by: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    request = open_request_about(connection, key_set.id)
    if request is not None:
        decide(connection, request, state, by, reason, now)


def _find_lock(connection: apsw.Connection, lock_id: str) -> Lock | None:
    columns = read_one(connection, "lock", "lock_by_id", {"id": lock_id})
    return None if columns is None else rows.read_lock(columns)


def _find_set(connection: apsw.Connection, key_set_id: str) -> KeySet | None:
    columns = read_one(connection, "key_set", "key_set_by_id", {"id": key_set_id})
    return None if columns is None else rows.read_key_set(columns)


def _in_state(connection: apsw.Connection, unit: str, state: KeySetState) -> KeySet | None:
    columns = read_one(connection, "key_set", "key_set_in_state", {"unit": unit, "state": state.value})
    return None if columns is None else rows.read_key_set(columns)

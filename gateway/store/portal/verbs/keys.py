"""Locks, key sets and wrapped copies: functions inside a transaction.

SECURITY: all of it is ciphertext or public. A copy belongs to a unit by its lock and by its set, and both are asked.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

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
from gateway.store.portal.terms import CHALLENGE_OCTETS, KEY_SETS_OF_A_DAY, LOCKS_OF_A_PERSON, OCTETS_OF_A_COPY
from gateway.store.portal.verbs.papers import (
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
from gateway.store.portal.verbs.records import PortalRows, number, read_all, read_one, run, write
from gateway.store.rows import to_microseconds

_DAY: Final = timedelta(days=1)


async def add_lock(transaction: PortalRows, lock: Lock, now: datetime) -> Lock | None:
    """A lock that does not count yet, with its challenge."""
    if await _find_lock(transaction, lock.id) is not None:
        return None
    if await number(transaction, "count_locks", {"unit": lock.unit, "person": lock.person}) >= LOCKS_OF_A_PERSON:
        raise TooManyOpen("locks")
    made = replace(lock, challenge=secrets.token_bytes(CHALLENGE_OCTETS), made_at=now, counts_since=None, used_at=None)
    await write(transaction, "lock", rows.columns_of(made))
    return made


async def count_lock(transaction: PortalRows, lock_id: str, unit: str, person: str, now: datetime) -> bool:
    """Its round trip held."""
    lock = await _find_lock(transaction, lock_id)
    if lock is None or (lock.unit, lock.person) != (unit, person) or lock.counts_since is not None:
        return False
    await write(transaction, "lock", rows.columns_of(replace(lock, counts_since=now)))
    await note(transaction, now, lock.organisation, unit, person, JournalEvent.LOCK_COUNTS, lock_id)
    return True


async def remove_lock(
    transaction: PortalRows, lock_id: str, organisation: OrganisationNumber, unit: str, by: str, now: datetime
) -> bool:
    """The lock is gone, with what was wrapped to it."""
    lock = await _find_lock(transaction, lock_id)
    if lock is None or (lock.organisation, lock.unit) != (organisation, unit):
        return False
    await delete_lock(transaction, lock_id)
    await note(transaction, now, organisation, unit, by, JournalEvent.LOCK_REMOVED, lock_id)
    return True


async def delete_lock(transaction: PortalRows, lock_id: str) -> None:
    """Copies first, then the lock."""
    await run(transaction, "delete_copies_of_lock", {"lock": lock_id})
    await run(transaction, "delete_lock", {"lock": lock_id})


async def locks(transaction: PortalRows, unit: str) -> tuple[Lock, ...]:
    """Oldest first."""
    return tuple(rows.read_lock(each) for each in await read_all(transaction, "lock", "locks", {"unit": unit}))


async def propose(
    transaction: PortalRows,
    key_set: KeySet,
    copies: Sequence[WrappedCopy],
    roster: KeptDocument | None,
    follows: Collection[str],
    now: datetime,
) -> PortalRequest | None:
    """A set, its copies, its roster and its request; what was proposed before is withdrawn."""
    unit = key_set.unit
    if await _find_set(transaction, key_set.id) is not None or any(each.key_set != key_set.id for each in copies):
        return None
    if not all([await _fits(transaction, each, unit) for each in copies]):
        return None
    if (
        await number(transaction, "count_key_sets", {"unit": unit, "after": to_microseconds(now - _DAY)})
        >= KEY_SETS_OF_A_DAY
    ):
        raise TooManyOpen("key sets")
    before = await _in_state(transaction, unit, KeySetState.PROPOSED)
    if before is not None and await _is_being_approved(transaction, before):
        return None
    if roster is not None and not await keep_document(transaction, roster, now):
        return None
    if before is not None:
        await end(transaction, before, key_set.made_by, now)
        await _decide(transaction, before, RequestState.WITHDRAWN, key_set.made_by, now)
    made = replace(key_set, state=KeySetState.PROPOSED, made_at=now, active_since=None, retired_at=None, ended_at=None)
    await write(transaction, "key_set", rows.columns_of(made))
    await note(transaction, now, made.organisation, unit, made.made_by, JournalEvent.KEYS_PROPOSED, made.id)
    await _keep(transaction, copies, now)
    request = PortalRequest(
        id=str(uuid.uuid4()),
        kind=kind_of(await _in_state(transaction, unit, KeySetState.ACTIVE), follows),
        organisation=made.organisation,
        unit=unit,
        asked_by=made.made_by,
        about=made.id,
        asked_at=now,
    )
    await submit(transaction, request)
    return request


async def key_sets(transaction: PortalRows, unit: str) -> tuple[KeySet, ...]:
    """Newest first."""
    return tuple(rows.read_key_set(each) for each in await read_all(transaction, "key_set", "key_sets", {"unit": unit}))


async def retired_key_sets(transaction: PortalRows) -> tuple[RetiredKeys, ...]:
    """Those of all units, oldest first."""
    found = [rows.read_key_set(each) for each in await read_all(transaction, "key_set", "retired_key_sets", {})]
    asked = {
        each: await requests(transaction, each, (RequestState.APPROVED,))
        for each in {one.organisation for one in found}
    }
    return tuple(RetiredKeys(key_set=each, is_lost=is_lost(each, asked[each.organisation])) for each in found)


async def activate(transaction: PortalRows, key_set_id: str, by: str, reason: str | None, now: datetime) -> bool:
    """The set of before is retired, this one active, its request approved."""
    key_set = await _find_set(transaction, key_set_id)
    after = None if key_set is None else activated(key_set, now)
    if after is None:
        return False
    before = await _in_state(transaction, after.unit, KeySetState.ACTIVE)
    if before is not None:
        await write(transaction, "key_set", rows.columns_of(retired(before, now)))
    await write(transaction, "key_set", rows.columns_of(after))
    await _decide(transaction, after, RequestState.APPROVED, by, now, reason)
    await note(transaction, now, after.organisation, after.unit, by, JournalEvent.KEYS_ACTIVE, key_set_id)
    return True


async def end_set(transaction: PortalRows, key_set_id: str, unit: str, by: str, now: datetime) -> bool:
    """Of no use any more; where it was only proposed, its request is withdrawn."""
    key_set = await _find_set(transaction, key_set_id)
    if key_set is None or key_set.unit != unit or await _is_being_approved(transaction, key_set):
        return False
    if not await end(transaction, key_set, by, now):
        return False
    await _decide(transaction, key_set, RequestState.WITHDRAWN, by, now)
    return True


async def end(transaction: PortalRows, key_set: KeySet, by: str, now: datetime) -> bool:
    """Its copies go."""
    after = ended(key_set, now)
    if after is None:
        return False
    await write(transaction, "key_set", rows.columns_of(after))
    await run(transaction, "delete_copies_of_key_set", {"key_set": key_set.id})
    await note(transaction, now, key_set.organisation, key_set.unit, by, JournalEvent.KEYS_ENDED, key_set.id)
    return True


async def refuse(
    transaction: PortalRows,
    request_id: str,
    state: RequestState,
    by: str,
    reason: str | None,
    now: datetime,
    stranger_hears: MailEvent | None = None,
) -> bool:
    """A request that is refused or withdrawn takes the set that it is about along."""
    request = await find_request(transaction, request_id)
    if request is None or state is RequestState.APPROVED:
        return False
    if state is RequestState.WITHDRAWN and await is_being_approved(transaction, request_id):
        return False
    if not await decide(transaction, request, state, by, reason, now, stranger_hears):
        return False
    key_set = await _find_set(transaction, request.about)
    if key_set is not None and key_set.state is KeySetState.PROPOSED:
        await end(transaction, key_set, by, now)
        if request.kind is RequestKind.LOST_KEYS:
            # Whoever still has a lock of before opens it by the roster that its key signed, and never saw another.
            since = request.lost_since(await requests(transaction, request.organisation, (RequestState.WITHDRAWN,)))
            await forget_rosters_since(transaction, request.organisation, request.unit, since)
    return True


async def wrap(
    transaction: PortalRows, copies: Sequence[WrappedCopy], unit: str, roster: KeptDocument | None, now: datetime
) -> bool:
    """All of these copies with their roster, or nothing. Other pins beside a copy that was there are no change to tell:
    a browser lays them there nearly every time that it opens its keys.
    """
    before = await _copies(transaction, unit)
    if not await _may_wrap(transaction, copies, unit, roster):
        return False
    if roster is not None:
        await keep_document(transaction, roster, now)
    await _keep(transaction, copies, now)
    for each in copies:
        lock = await _find_lock(transaction, each.lock)
        if lock is not None and not merely_pinned(each, before):
            await note(transaction, now, lock.organisation, unit, each.wrapped_by, JournalEvent.COPY_WRAPPED, each.lock)
    return True


async def _copies(transaction: PortalRows, unit: str) -> tuple[WrappedCopy, ...]:
    """Of all locks of a unit."""
    return tuple(
        map(rows.read_copy, await read_all(transaction, "wrapped_copy", "copies", {"unit": unit, "lock": None}))
    )


async def _may_wrap(
    transaction: PortalRows, copies: Sequence[WrappedCopy], unit: str, roster: KeptDocument | None
) -> bool:
    if not all([await _fits(transaction, each, unit) and await _lives(transaction, each, unit) for each in copies]):
        return False
    before = await _copies(transaction, unit)
    if not gives_own(copies, await locks(transaction, unit), before):
        return False
    return differ_by_pins(copies, before) if roster is None else await may_keep(transaction, roster)


async def keep_signed(
    transaction: PortalRows, document: KeptDocument, under: SignedUnder | None, now: datetime
) -> bool:
    """The version after the newest, unless by now another key of the organisation counts than the one it is under."""
    if (
        under is not None
        and key_in_force([each for one in under.units for each in await key_sets(transaction, one)]) != under.key
    ):
        return False
    return await keep_document(transaction, document, now)


async def renew_organisation_key(transaction: PortalRows, asked: NextKey, now: datetime) -> bool:
    """All of it or nothing: what is read here is judged before anything is written."""
    renewal = asked.renewal
    if not await may_keep(transaction, renewal):
        return False
    if await find_document(transaction, DocumentKind.SETTINGS, renewal.organisation, "") != asked.settings:
        return False
    sets = [each for one in asked.units for each in await key_sets(transaction, one)]
    if not may_take(asked, sets):
        return False
    if not all([await _may_wrap(transaction, each.copies, each.roster.unit, each.roster) for each in asked.going]):
        return False
    for unit in asked.going:
        await wrap(transaction, unit.copies, unit.roster.unit, unit.roster, now)
    await keep_document(transaction, renewal, now)
    for each in sets:
        if each.state is not KeySetState.ENDED and each.organisation_key == asked.former:
            await write(transaction, "key_set", rows.columns_of(replace(each, organisation_key=asked.key)))
    return True


async def copies(transaction: PortalRows, unit: str, lock_id: str | None, now: datetime) -> tuple[WrappedCopy, ...]:
    """What is wrapped for a unit; a lock whose copies are asked for is used."""
    found = await read_all(transaction, "wrapped_copy", "copies", {"unit": unit, "lock": lock_id})
    lock = None if lock_id is None else await _find_lock(transaction, lock_id)
    if found and lock is not None:
        await write(transaction, "lock", rows.columns_of(replace(lock, used_at=now)))
    return tuple(rows.read_copy(each) for each in found)


async def _keep(transaction: PortalRows, copies: Sequence[WrappedCopy], now: datetime) -> None:
    for each in copies:
        await write(transaction, "wrapped_copy", rows.columns_of(each) | {"wrapped_at": to_microseconds(now)})


async def _fits(transaction: PortalRows, copy: WrappedCopy, unit: str) -> bool:
    lock = await _find_lock(transaction, copy.lock)
    return lock is not None and lock.unit == unit and len(copy.octets) <= OCTETS_OF_A_COPY


async def _lives(transaction: PortalRows, copy: WrappedCopy, unit: str) -> bool:
    key_set = await _find_set(transaction, copy.key_set)
    return key_set is not None and key_set.unit == unit and key_set.state is not KeySetState.ENDED


async def _is_being_approved(transaction: PortalRows, key_set: KeySet) -> bool:
    request = await open_request_about(transaction, key_set.id)
    return request is not None and await is_being_approved(transaction, request.id)


async def _decide(
    transaction: PortalRows,
    key_set: KeySet,
    state: RequestState,
    by: str,
    now: datetime,
    reason: str | None = None,
) -> None:
    request = await open_request_about(transaction, key_set.id)
    if request is not None:
        await decide(transaction, request, state, by, reason, now)


async def _find_lock(transaction: PortalRows, lock_id: str) -> Lock | None:
    columns = await read_one(transaction, "lock", "lock_by_id", {"id": lock_id})
    return None if columns is None else rows.read_lock(columns)


async def _find_set(transaction: PortalRows, key_set_id: str) -> KeySet | None:
    columns = await read_one(transaction, "key_set", "key_set_by_id", {"id": key_set_id})
    return None if columns is None else rows.read_key_set(columns)


async def _in_state(transaction: PortalRows, unit: str, state: KeySetState) -> KeySet | None:
    columns = await read_one(transaction, "key_set", "key_set_in_state", {"unit": unit, "state": state.value})
    return None if columns is None else rows.read_key_set(columns)

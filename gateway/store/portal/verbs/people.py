"""People and links: functions inside a transaction."""

from __future__ import annotations

import uuid
from datetime import datetime

from gateway.identity.login import OrganisationNumber, PersonKey
from gateway.store.portal import rows
from gateway.store.portal.model import JournalEvent, Link, PairingRefusal, Person
from gateway.store.portal.rules import kept_of_key, session_counts
from gateway.store.portal.terms import PAIRING_TRIES, PAIRING_TRIES_WITHIN
from gateway.store.portal.tokens import kept_of_code
from gateway.store.portal.verbs import keys
from gateway.store.portal.verbs.papers import note
from gateway.store.portal.verbs.records import Columns, PortalRows, number, read_all, read_one, run, write
from gateway.store.rows import to_datetime, to_microseconds


async def find_or_make(transaction: PortalRows, key: PersonKey, now: datetime) -> Person:
    """Who has this key; logged in now."""
    at = to_microseconds(now)
    kept = kept_of_key(key)
    found = await read_one(transaction, "person", "person_by_key", {"key_sha256": kept})
    columns = found or {
        "id": str(uuid.uuid4()),
        "key_sha256": kept,
        "organisation": rows.write_organisation(key.organisation),
        "name": None,
        "made_at": at,
    }
    columns["logged_in_at"] = at
    await write(transaction, "person", columns)
    return rows.read_person(columns)


async def find(transaction: PortalRows, person_id: str, organisation: OrganisationNumber) -> Person | None:
    """Somebody of this organisation."""
    columns = await _of(transaction, person_id, rows.write_organisation(organisation))
    return None if columns is None else rows.read_person(columns)


async def persons(transaction: PortalRows, organisation: OrganisationNumber) -> tuple[Person, ...]:
    """Everybody of this organisation."""
    bindings = {"organisation": rows.write_organisation(organisation)}
    return tuple(rows.read_person(each) for each in await read_all(transaction, "person", "persons", bindings))


async def administrators(transaction: PortalRows, organisation: OrganisationNumber) -> tuple[str, ...]:
    """The ids of those who ever logged in for administration, the first one first."""
    bindings = {"organisation": rows.write_organisation(organisation)}
    return tuple(each["person"] for each in await read_all(transaction, "administrator", "administrators", bindings))


async def name(transaction: PortalRows, person_id: str, called: str) -> None:
    """What colleagues see."""
    columns = await read_one(transaction, "person", "person_by_id", {"id": person_id})
    if columns is not None:
        await write(transaction, "person", columns | {"name": called})


async def link_by_code(
    transaction: PortalRows, code: str, organisation: OrganisationNumber, unit: str, by: str, now: datetime
) -> Person | PairingRefusal:
    """Link whoever shows this code; a wrong one is counted, and too many of them stop the looking."""
    of = rows.write_organisation(organisation)
    tries = {"organisation": of, "after": to_microseconds(now - PAIRING_TRIES_WITHIN)}
    if await number(transaction, "count_wrong_codes", tries) >= PAIRING_TRIES:
        return PairingRefusal.TOO_MANY
    shown = await read_all(transaction, "session", "sessions_by_code", {"pairing_sha256": kept_of_code(of, code)})
    showing = {each["person"] for each in shown if _counts(each, now)}
    columns = await _of(transaction, showing.pop(), of) if len(showing) == 1 else None
    if columns is None:
        await run(transaction, "write_wrong_code", {"organisation": of, "at": to_microseconds(now)})
        return PairingRefusal.WRONG
    person = rows.read_person(columns)
    for each in await read_all(transaction, "session", "sessions_of", {"person": person.id}):
        await write(transaction, "session", each | {"pairing_sha256": None})
    await _begin_link(transaction, person, unit, by, now)
    return person


async def link(
    transaction: PortalRows, person_id: str, organisation: OrganisationNumber, unit: str, by: str, now: datetime
) -> bool:
    """Link somebody to another unit, who was paired before; or oneself, whom the login has proven."""
    columns = await _of(transaction, person_id, rows.write_organisation(organisation))
    if columns is None or not (person_id == by or await units_of(transaction, person_id)):
        return False
    return await _begin_link(transaction, rows.read_person(columns), unit, by, now)


async def unlink(
    transaction: PortalRows, person_id: str, organisation: OrganisationNumber, unit: str, by: str, now: datetime
) -> bool:
    """End a link, and with it the person's own locks of that unit, ceremonies and sessions."""
    columns = await read_one(transaction, "link", "link_now", {"person": person_id, "unit": unit})
    if columns is None or columns["organisation"] != rows.write_organisation(organisation):
        return False
    await write(transaction, "link", columns | {"until": to_microseconds(now), "ended_by": by})
    for lock in await read_all(transaction, "lock", "locks_of", {"person": person_id, "unit": unit}):
        await keys.delete_lock(transaction, lock["id"])
    await run(transaction, "end_ceremonies_with", {"unit": unit, "person": person_id})
    await run(transaction, "end_sessions_of", {"person": person_id})
    await note(transaction, now, organisation, unit, by, JournalEvent.UNLINKED, person_id)
    return True


async def links(transaction: PortalRows, organisation: OrganisationNumber, *, ended: bool) -> tuple[Link, ...]:
    """Who works for which unit of this organisation."""
    of = {each.id: each for each in await persons(transaction, organisation)}
    bindings = {"organisation": rows.write_organisation(organisation), "ended": ended}
    found = await read_all(transaction, "link", "links", bindings)
    return tuple(rows.read_link(each, of[each["person"]]) for each in found)


async def units_of(transaction: PortalRows, person_id: str) -> tuple[str, ...]:
    """For which units a person works now."""
    return tuple(each["unit"] for each in await read_all(transaction, "link", "links_of", {"person": person_id}))


async def is_linked(transaction: PortalRows, person_id: str, unit: str) -> bool:
    """Whether a person works for this unit now."""
    return await read_one(transaction, "link", "link_now", {"person": person_id, "unit": unit}) is not None


async def _begin_link(transaction: PortalRows, person: Person, unit: str, by: str, now: datetime) -> bool:
    if await is_linked(transaction, person.id, unit):
        return False
    columns = {
        "id": str(uuid.uuid4()),
        "person": person.id,
        "organisation": rows.write_organisation(person.organisation),
        "unit": unit,
        "since": to_microseconds(now),
        "until": None,
        "linked_by": by,
        "ended_by": None,
    }
    await write(transaction, "link", columns)
    await note(transaction, now, person.organisation, unit, by, JournalEvent.LINKED, person.id)
    return True


async def _of(transaction: PortalRows, person_id: str, organisation: str) -> Columns | None:
    columns = await read_one(transaction, "person", "person_by_id", {"id": person_id})
    return columns if columns is not None and columns["organisation"] == organisation else None


def _counts(session: Columns, now: datetime) -> bool:
    return session_counts(to_datetime(session["began_at"]), to_datetime(session["used_at"]), now)

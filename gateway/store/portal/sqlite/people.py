"""People and links: functions over a connection, inside a transaction."""

from __future__ import annotations

import uuid
from datetime import datetime

import apsw

from gateway.identity.login import OrganisationNumber, PersonKey
from gateway.store.portal import rows
from gateway.store.portal.model import JournalEvent, Link, PairingRefusal, Person
from gateway.store.portal.rules import kept_of_key, session_counts
from gateway.store.portal.sqlite import keys
from gateway.store.portal.sqlite.papers import note
from gateway.store.portal.sqlite.records import Columns, number, read_all, read_one, run, write
from gateway.store.portal.terms import PAIRING_TRIES, PAIRING_TRIES_WITHIN
from gateway.store.portal.tokens import kept_of_code
from gateway.store.rows import to_datetime, to_microseconds


def find_or_make(connection: apsw.Connection, key: PersonKey, now: datetime) -> Person:
    """Who has this key; logged in now."""
    at = to_microseconds(now)
    kept = kept_of_key(key)
    found = read_one(connection, "person", "person_by_key", {"key_sha256": kept})
    columns = found or {
        "id": str(uuid.uuid4()),
        "key_sha256": kept,
        "organisation": rows.write_organisation(key.organisation),
        "name": None,
        "made_at": at,
    }
    columns["logged_in_at"] = at
    write(connection, "person", columns)
    return rows.read_person(columns)


def find(connection: apsw.Connection, person_id: str, organisation: OrganisationNumber) -> Person | None:
    """Somebody of this organisation."""
    columns = _of(connection, person_id, rows.write_organisation(organisation))
    return None if columns is None else rows.read_person(columns)


def persons(connection: apsw.Connection, organisation: OrganisationNumber) -> tuple[Person, ...]:
    """Everybody of this organisation."""
    bindings = {"organisation": rows.write_organisation(organisation)}
    return tuple(rows.read_person(each) for each in read_all(connection, "person", "persons", bindings))


def administrators(connection: apsw.Connection, organisation: OrganisationNumber) -> tuple[str, ...]:
    """The ids of those who ever logged in for administration, the first one first."""
    bindings = {"organisation": rows.write_organisation(organisation)}
    return tuple(each["person"] for each in read_all(connection, "administrator", "administrators", bindings))


def name(connection: apsw.Connection, person_id: str, called: str) -> None:
    """What colleagues see."""
    columns = read_one(connection, "person", "person_by_id", {"id": person_id})
    if columns is not None:
        write(connection, "person", columns | {"name": called})


def link_by_code(
    connection: apsw.Connection, code: str, organisation: OrganisationNumber, unit: str, by: str, now: datetime
) -> Person | PairingRefusal:
    """Link whoever shows this code; a wrong one is counted, and too many of them stop the looking."""
    of = rows.write_organisation(organisation)
    tries = {"organisation": of, "after": to_microseconds(now - PAIRING_TRIES_WITHIN)}
    if number(connection, "count_wrong_codes", tries) >= PAIRING_TRIES:
        return PairingRefusal.TOO_MANY
    shown = read_all(connection, "session", "sessions_by_code", {"pairing_sha256": kept_of_code(of, code)})
    showing = {each["person"] for each in shown if _counts(each, now)}
    columns = _of(connection, showing.pop(), of) if len(showing) == 1 else None
    if columns is None:
        run(connection, "write_wrong_code", {"organisation": of, "at": to_microseconds(now)})
        return PairingRefusal.WRONG
    person = rows.read_person(columns)
    for each in read_all(connection, "session", "sessions_of", {"person": person.id}):
        write(connection, "session", each | {"pairing_sha256": None})
    _begin_link(connection, person, unit, by, now)
    return person


def link(
    connection: apsw.Connection, person_id: str, organisation: OrganisationNumber, unit: str, by: str, now: datetime
) -> bool:
    """Link somebody to another unit, who was paired before; or oneself, whom the login has proven."""
    columns = _of(connection, person_id, rows.write_organisation(organisation))
    if columns is None or not (person_id == by or units_of(connection, person_id)):
        return False
    return _begin_link(connection, rows.read_person(columns), unit, by, now)


def unlink(
    connection: apsw.Connection, person_id: str, organisation: OrganisationNumber, unit: str, by: str, now: datetime
) -> bool:
    """End a link, and with it the person's own locks of that unit, ceremonies and sessions."""
    columns = read_one(connection, "link", "link_now", {"person": person_id, "unit": unit})
    if columns is None or columns["organisation"] != rows.write_organisation(organisation):
        return False
    write(connection, "link", columns | {"until": to_microseconds(now), "ended_by": by})
    for lock in read_all(connection, "lock", "locks_of", {"person": person_id, "unit": unit}):
        keys.delete_lock(connection, lock["id"])
    run(connection, "end_ceremonies_with", {"unit": unit, "person": person_id})
    run(connection, "end_sessions_of", {"person": person_id})
    note(connection, now, organisation, unit, by, JournalEvent.UNLINKED, person_id)
    return True


def links(connection: apsw.Connection, organisation: OrganisationNumber, *, ended: bool) -> tuple[Link, ...]:
    """Who works for which unit of this organisation."""
    of = {each.id: each for each in persons(connection, organisation)}
    bindings = {"organisation": rows.write_organisation(organisation), "ended": ended}
    found = read_all(connection, "link", "links", bindings)
    return tuple(rows.read_link(each, of[each["person"]]) for each in found)


def units_of(connection: apsw.Connection, person_id: str) -> tuple[str, ...]:
    """For which units a person works now."""
    return tuple(each["unit"] for each in read_all(connection, "link", "links_of", {"person": person_id}))


def is_linked(connection: apsw.Connection, person_id: str, unit: str) -> bool:
    """Whether a person works for this unit now."""
    return read_one(connection, "link", "link_now", {"person": person_id, "unit": unit}) is not None


def _begin_link(connection: apsw.Connection, person: Person, unit: str, by: str, now: datetime) -> bool:
    if is_linked(connection, person.id, unit):
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
    write(connection, "link", columns)
    note(connection, now, person.organisation, unit, by, JournalEvent.LINKED, person.id)
    return True


def _of(connection: apsw.Connection, person_id: str, organisation: str) -> Columns | None:
    columns = read_one(connection, "person", "person_by_id", {"id": person_id})
    return columns if columns is not None and columns["organisation"] == organisation else None


def _counts(session: Columns, now: datetime) -> bool:
    return session_counts(to_datetime(session["began_at"]), to_datetime(session["used_at"]), now)

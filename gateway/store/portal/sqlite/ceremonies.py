"""Ceremonies: what two browsers of a unit say to each other, kept between them; functions over a connection."""

from __future__ import annotations

import uuid
from datetime import datetime

import apsw

from gateway.identity.login import OrganisationNumber
from gateway.store.portal import rows
from gateway.store.portal.interface import TooManyOpen
from gateway.store.portal.model import Ceremony
from gateway.store.portal.rules import with_word
from gateway.store.portal.sqlite.records import Columns, number, read_all, read_one, run, write
from gateway.store.portal.terms import CEREMONIES_OPEN, CEREMONY_OPEN, OCTETS_OF_A_WORD
from gateway.store.rows import to_microseconds


def begin(
    connection: apsw.Connection,
    organisation: OrganisationNumber,
    unit: str,
    newcomer: str,
    said: bytes,
    now: datetime,
) -> Ceremony:
    """The newcomer's first word."""
    if len(said) > OCTETS_OF_A_WORD:
        raise ValueError(f"a word of a ceremony has {OCTETS_OF_A_WORD} octets at most")
    run(connection, "end_ceremonies_of", {"unit": unit, "newcomer": newcomer})
    if number(connection, "count_ceremonies", {"unit": unit, "after": _oldest(now)}) >= CEREMONIES_OPEN:
        raise TooManyOpen("ceremonies")
    columns = {
        "id": str(uuid.uuid4()),
        "organisation": rows.write_organisation(organisation),
        "unit": unit,
        "newcomer": newcomer,
        "approver": None,
        "said": rows.write_said((said,)),
        "began_at": to_microseconds(now),
    }
    write(connection, "ceremony", columns)
    return rows.read_ceremony(columns)


def under_way(connection: apsw.Connection, unit: str, now: datetime) -> tuple[Ceremony, ...]:
    """Oldest first."""
    found = read_all(connection, "ceremony", "ceremonies", {"unit": unit, "after": _oldest(now)})
    return tuple(rows.read_ceremony(each) for each in found)


def say(
    connection: apsw.Connection, ceremony_id: str, unit: str, by: str, after: int, said: bytes, now: datetime
) -> Ceremony | None:
    """One word more, where it fits."""
    columns = _of(connection, ceremony_id, unit)
    if columns is None:
        return None
    ceremony = with_word(rows.read_ceremony(columns), by, after, said, now)
    if ceremony is not None:
        changed = {"approver": ceremony.approver, "said": rows.write_said(ceremony.said)}
        write(connection, "ceremony", columns | changed)
    return ceremony


def end(connection: apsw.Connection, ceremony_id: str, unit: str, by: str) -> bool:
    """One of the two ends it."""
    columns = _of(connection, ceremony_id, unit)
    if columns is None or by not in (columns["newcomer"], columns["approver"]):
        return False
    return run(connection, "end_ceremony", {"id": ceremony_id}) > 0


def _of(connection: apsw.Connection, ceremony_id: str, unit: str) -> Columns | None:
    columns = read_one(connection, "ceremony", "ceremony_by_id", {"id": ceremony_id})
    return columns if columns is not None and columns["unit"] == unit else None


def _oldest(now: datetime) -> int:
    return to_microseconds(now - CEREMONY_OPEN)

"""Ceremonies: what two browsers of a unit say to each other, kept between them; functions over a transaction."""

from __future__ import annotations

import uuid
from datetime import datetime

from gateway.identity.login import OrganisationNumber
from gateway.store.portal import rows
from gateway.store.portal.interface import TooManyOpen
from gateway.store.portal.model import Ceremony
from gateway.store.portal.rules import with_word
from gateway.store.portal.terms import CEREMONIES_OPEN, CEREMONY_OPEN, OCTETS_OF_A_WORD
from gateway.store.portal.verbs.records import Columns, PortalRows, number, read_all, read_one, run, write
from gateway.store.rows import to_microseconds


async def begin(
    transaction: PortalRows,
    organisation: OrganisationNumber,
    unit: str,
    newcomer: str,
    said: bytes,
    now: datetime,
) -> Ceremony:
    """The newcomer's first word."""
    if len(said) > OCTETS_OF_A_WORD:
        raise ValueError(f"a word of a ceremony has {OCTETS_OF_A_WORD} octets at most")
    await run(transaction, "end_ceremonies_of", {"unit": unit, "newcomer": newcomer})
    if await number(transaction, "count_ceremonies", {"unit": unit, "after": _oldest(now)}) >= CEREMONIES_OPEN:
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
    await write(transaction, "ceremony", columns)
    return rows.read_ceremony(columns)


async def under_way(transaction: PortalRows, unit: str, now: datetime) -> tuple[Ceremony, ...]:
    """Oldest first."""
    found = await read_all(transaction, "ceremony", "ceremonies", {"unit": unit, "after": _oldest(now)})
    return tuple(rows.read_ceremony(each) for each in found)


async def say(
    transaction: PortalRows, ceremony_id: str, unit: str, by: str, after: int, said: bytes, now: datetime
) -> Ceremony | None:
    """One word more, where it fits."""
    columns = await _of(transaction, ceremony_id, unit)
    if columns is None:
        return None
    ceremony = with_word(rows.read_ceremony(columns), by, after, said, now)
    if ceremony is not None:
        changed = {"approver": ceremony.approver, "said": rows.write_said(ceremony.said)}
        await write(transaction, "ceremony", columns | changed)
    return ceremony


async def end(transaction: PortalRows, ceremony_id: str, unit: str, by: str) -> bool:
    """One of the two ends it."""
    columns = await _of(transaction, ceremony_id, unit)
    if columns is None or by not in (columns["newcomer"], columns["approver"]):
        return False
    return await run(transaction, "end_ceremony", {"id": ceremony_id}) > 0


async def _of(transaction: PortalRows, ceremony_id: str, unit: str) -> Columns | None:
    columns = await read_one(transaction, "ceremony", "ceremony_by_id", {"id": ceremony_id})
    return columns if columns is not None and columns["unit"] == unit else None


def _oldest(now: datetime) -> int:
    return to_microseconds(now - CEREMONY_OPEN)

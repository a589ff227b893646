"""Ids of the hub, made of a moment and of octets at random."""

from __future__ import annotations

from datetime import datetime


def id_in_order(at: datetime, random: bytes) -> str:
    """A UUID that sorts by its moment, to the millisecond (RFC 9562 5.7), of 10 octets at random.

    An index of such ids grows at its end, where one of ids at random is touched all over. It tells when it was made,
    which stands beside every id that leaves, and nothing of how many were.
    """
    moment = int(at.timestamp() * 1000) & 0xFFFF_FFFF_FFFF
    low = int.from_bytes(random)
    drawn = f"{moment:012x}7{low >> 62 & 0xFFF:03x}{0x8 | low >> 60 & 0x3:x}{low & 0xFFF_FFFF_FFFF_FFFF:015x}"
    return f"{drawn[:8]}-{drawn[8:12]}-{drawn[12:16]}-{drawn[16:20]}-{drawn[20:]}"

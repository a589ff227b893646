"""Moments and terms as people read them: in Dutch local time, the end of a day as 24:00, and how long that still is.

Nothing is computed but what is shown: a term is the stored moment, and "2 working days" is counted from it at the time
of asking, by the calendar that holds then.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from gateway.pages.texts import Texts
from pmodes.term import is_working_day, local_day, time_zone

_MOST_DAYS: Final = 400  # of which working days are counted; no term is longer


class Haste(StrEnum):
    """How pressing a term is; a page says it in words, and colours them."""

    NONE = "none"
    SOON = "soon"  # one working day at most
    OVER = "over"


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownMoment:
    """A moment for an element `time`: its text, and what machines read."""

    text: str
    machine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownTerm:
    """A term with how long it still is."""

    moment: ShownMoment
    left: str
    haste: Haste


def shown_moment(at: datetime, texts: Texts, *, is_end: bool = False) -> ShownMoment:
    """A moment to the minute, as `do 3 dec 2026, 14:05`; the end of a day, where it `is_end`, as `…, 24:00`."""
    local = at.astimezone(time_zone())
    day, clock = local.date(), f"{local:%H:%M}"
    if is_end and local.time() == time():
        day, clock = day - timedelta(days=1), "24:00"
    return ShownMoment(text=f"{shown_day(day, texts)}, {clock}", machine=local.isoformat(timespec="minutes"))


def shown_day(day: date, texts: Texts) -> str:
    """A day, as `do 3 dec 2026`."""
    return texts.day(day)


def shown_term(ends_at: datetime, now: datetime, texts: Texts, closing_days: Collection[date] = ()) -> ShownTerm:
    """The end of a term, and how many working days are left of it."""
    moment = shown_moment(ends_at, texts, is_end=True)
    if ends_at <= now:
        return ShownTerm(moment=moment, left=texts("term.over"), haste=Haste.OVER)
    last = local_day(ends_at - timedelta(microseconds=1))
    if last == local_day(now):
        return ShownTerm(moment=moment, left=texts("term.today"), haste=Haste.SOON)
    days = working_days_between(local_day(now), last, closing_days)
    haste = Haste.SOON if days <= 1 else Haste.NONE
    return ShownTerm(moment=moment, left=texts.counted("term.left", days), haste=haste)


def working_days_between(first: date, last: date, closing_days: Collection[date] = ()) -> int:
    """How many working days come after the first day, the last included."""
    days = min((last - first).days, _MOST_DAYS)
    return sum(is_working_day(first + timedelta(days=each), closing_days) for each in range(1, days + 1))

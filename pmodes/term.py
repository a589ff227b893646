"""Until when a message waits, and until when an answer is due: ends of Dutch working days.

A working day is Monday to Friday in Europe/Amsterdam without the days of article 3 of the Algemene termijnenwet, Good
Friday and 5 May being closed every year, and without the closing days that the hub names. The day of acceptance does
not count; a term ends at 24:00 local time of its last day. A stored deadline is never computed again.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pmodes.closed_days import closed_days

ZONE_NAME: Final = "Europe/Amsterdam"
DEFAULT_TERM_WORKING_DAYS: Final = 4
DEFAULT_ANSWER_WORKING_DAYS: Final = 10

_SATURDAY: Final = 5


class NoTimeZoneData(Exception):
    """This machine does not know when a day begins in the Netherlands; the text says what to do."""


@cache
def time_zone() -> ZoneInfo:
    """The zone whose days are counted; NoTimeZoneData where the machine has no table of it."""
    try:
        return ZoneInfo(ZONE_NAME)
    except (ZoneInfoNotFoundError, OSError, ValueError):
        raise NoTimeZoneData(
            f"this machine has no time zone data for {ZONE_NAME}, by which terms are counted; install the system's"
            " package tzdata, or the Python package of that name"
        ) from None


def local_day(moment: datetime) -> date:
    """The day of that moment in the Netherlands."""
    return moment.astimezone(time_zone()).date()


def is_working_day(day: date, closing_days: Collection[date] = ()) -> bool:
    """Whether the hub counts this local date as a working day."""
    return day.weekday() < _SATURDAY and day not in closed_days(day.year) and day not in closing_days


def last_day(accepted_at: datetime, working_days: int, closing_days: Collection[date] = ()) -> date:
    """The local date of the N-th working day after the local day of acceptance."""
    if accepted_at.tzinfo is None:
        raise ValueError("a term is counted from an aware time")
    if working_days < 1:
        raise ValueError("a term is at least one working day")
    return _working_day_after(local_day(accepted_at), working_days, frozenset(closing_days))


@lru_cache(maxsize=256)
def _working_day_after(day: date, working_days: int, closing_days: frozenset[date]) -> date:
    counted = 0
    while counted < working_days:
        day += timedelta(days=1)
        counted += is_working_day(day, closing_days)
    return day


def expires_at(
    accepted_at: datetime,
    *,
    working_days: int = DEFAULT_TERM_WORKING_DAYS,
    extension_days: int = 0,
    closing_days: Collection[date] = (),
) -> datetime:
    """When a message accepted at that moment leaves the mailbox unread, as UTC.

    The extension is in calendar days and starts at the end of the last working day.
    """
    if extension_days < 0:
        raise ValueError("an extension is not negative")
    return _end_of(last_day(accepted_at, working_days, closing_days) + timedelta(days=extension_days))


def prolonged(expires_at: datetime, days: int) -> datetime:
    """A deadline so many calendar days later, at the end of a local day as every deadline."""
    if days < 1:
        raise ValueError("a term is prolonged by a day at least")
    return _end_of(local_day(expires_at - timedelta(microseconds=1)) + timedelta(days=days))


def answer_due(
    accepted_at: datetime,
    *,
    working_days: int | None = DEFAULT_ANSWER_WORKING_DAYS,
    closing_days: Collection[date] = (),
) -> datetime | None:
    """When the answer to a question accepted at that moment is late, as UTC; None where no term is agreed."""
    if working_days is None:
        return None
    return _end_of(last_day(accepted_at, working_days, closing_days))


def day_begins(value: date | datetime) -> datetime:
    """The moment itself, as UTC, or the local midnight with which a day begins."""
    return value if isinstance(value, datetime) else _end_of(value - timedelta(days=1))


def day_ends(value: date | datetime) -> datetime:
    """The moment itself, as UTC, or the last second of a local day."""
    return value if isinstance(value, datetime) else _end_of(value) - timedelta(seconds=1)


@lru_cache(maxsize=256)
def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), tzinfo=time_zone()).astimezone(UTC)

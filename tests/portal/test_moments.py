"""Terms as people read them: the stored moment in local time, and how many working days are left."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from gateway.desk_files import FOLDER as DESK
from gateway.pages.texts import read_texts
from gateway.portal.moments import Haste, shown_moment, shown_term, working_days_between

DUTCH = read_texts(DESK / "texts")["nl"]
ENGLISH = read_texts(DESK / "texts")["en"]


def utc(*given: int) -> datetime:
    return datetime(*given, tzinfo=UTC)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("at", "text", "machine"),
    [
        (utc(2026, 12, 3, 23), "do 3 dec 2026, 24:00", "2026-12-04T00:00+01:00"),
        (utc(2026, 7, 1, 22), "wo 1 jul 2026, 24:00", "2026-07-02T00:00+02:00"),
        (utc(2026, 3, 28, 23), "za 28 mrt 2026, 24:00", "2026-03-29T00:00+01:00"),
        (utc(2026, 3, 29, 22), "zo 29 mrt 2026, 24:00", "2026-03-30T00:00+02:00"),
        (utc(2026, 10, 24, 22), "za 24 okt 2026, 24:00", "2026-10-25T00:00+02:00"),
        (utc(2026, 10, 25, 23), "zo 25 okt 2026, 24:00", "2026-10-26T00:00+01:00"),
        (utc(2026, 12, 31, 23), "do 31 dec 2026, 24:00", "2027-01-01T00:00+01:00"),
        (utc(2026, 12, 3, 13, 5), "do 3 dec 2026, 14:05", "2026-12-03T14:05+01:00"),
    ],
)
def test_the_end_of_a_local_day_is_24_00_also_where_the_clock_changes_PO_32(
    at: datetime, text: str, machine: str
) -> None:
    shown = shown_moment(at, DUTCH, is_end=True)
    assert (shown.text, shown.machine) == (text, machine)


def test_midnight_that_ends_no_term_is_00_00() -> None:
    assert shown_moment(utc(2026, 12, 3, 23), DUTCH).text == "vr 4 dec 2026, 00:00"
    assert shown_moment(utc(2026, 12, 3, 23), ENGLISH).text == "Fri 4 Dec 2026, 00:00"


@pytest.mark.parametrize(
    ("first", "last", "days"),
    [
        (date(2026, 3, 2), date(2026, 3, 6), 4),
        (date(2026, 3, 6), date(2026, 3, 9), 1),  # over a weekend
        (date(2026, 4, 2), date(2026, 4, 7), 1),  # Good Friday, the weekend, Easter Monday
        (date(2026, 5, 4), date(2026, 5, 6), 1),  # 5 May
        (date(2026, 3, 27), date(2026, 3, 30), 1),  # the clock goes forward
        (date(2026, 3, 2), date(2026, 3, 2), 0),
    ],
)
def test_working_days_are_counted_by_the_calendar_PO_32(first: date, last: date, days: int) -> None:
    assert working_days_between(first, last) == days


def test_a_changed_calendar_moves_no_stored_term_but_only_what_is_counted_of_it_PO_32() -> None:
    now, ends_at = utc(2026, 3, 2, 9), utc(2026, 3, 6, 23)
    usual, closed = shown_term(ends_at, now, DUTCH), shown_term(ends_at, now, DUTCH, {date(2026, 3, 4)})
    assert (usual.moment, usual.left) == (closed.moment, "nog 4 werkdagen")
    assert closed.left == "nog 3 werkdagen"


@pytest.mark.parametrize(
    ("now", "left", "haste"),
    [
        (utc(2026, 3, 2, 9), "nog 4 werkdagen", Haste.NONE),
        (utc(2026, 3, 5, 9), "nog 1 werkdag", Haste.SOON),
        (utc(2026, 3, 6, 9), "vandaag nog", Haste.SOON),
        (utc(2026, 3, 6, 22, 59), "vandaag nog", Haste.SOON),
        (utc(2026, 3, 6, 23), "voorbij", Haste.OVER),
        (utc(2026, 3, 9, 9), "voorbij", Haste.OVER),
    ],
)
def test_how_pressing_a_term_is_stands_in_words_PO_33(now: datetime, left: str, haste: Haste) -> None:
    shown = shown_term(utc(2026, 3, 6, 23), now, DUTCH)
    assert (shown.left, shown.haste) == (left, haste)

"""The term of a message: vectors of the working-day rule, and what holds for every moment."""

from __future__ import annotations

import sys
import zoneinfo
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmodes.closed_days import closed_days
from pmodes.term import (
    NoTimeZoneData,
    answer_due,
    expires_at,
    is_working_day,
    last_day,
    time_zone,
)

# start, then the local date of the 4th, 5th and 10th working day after it
DAYS = [
    ("2026-04-02", "2026-04-10", "2026-04-13", "2026-04-20"),
    ("2026-04-24", "2026-05-01", "2026-05-04", "2026-05-12"),
    ("2026-04-30", "2026-05-07", "2026-05-08", "2026-05-18"),
    ("2025-04-16", "2025-04-24", "2025-04-25", "2025-05-02"),
    ("2025-04-25", "2025-05-01", "2025-05-02", "2025-05-12"),
    ("2026-12-23", "2026-12-30", "2026-12-31", "2027-01-08"),
    ("2026-05-13", "2026-05-20", "2026-05-21", "2026-05-29"),
]

# accepted, working days, deadline in UTC
DEADLINES = [
    ("2026-03-24T10:00:00+01:00", 4, "2026-03-30T22:00:00Z"),
    ("2026-03-24T10:00:00+01:00", 5, "2026-03-31T22:00:00Z"),
    ("2026-03-27T22:59:59.999000Z", 4, "2026-04-02T22:00:00Z"),
    ("2026-03-27T22:59:59.999000Z", 5, "2026-04-07T22:00:00Z"),
    ("2026-03-27T23:00:00Z", 4, "2026-04-02T22:00:00Z"),
    ("2026-03-27T23:00:00Z", 5, "2026-04-07T22:00:00Z"),
    ("2026-03-29T00:59:59Z", 4, "2026-04-02T22:00:00Z"),
    ("2026-03-29T01:00:01Z", 4, "2026-04-02T22:00:00Z"),
    ("2026-10-21T10:00:00+02:00", 4, "2026-10-27T23:00:00Z"),
    ("2026-10-25T00:30:00Z", 4, "2026-10-29T23:00:00Z"),
    ("2026-10-25T01:30:00Z", 4, "2026-10-29T23:00:00Z"),
    ("2026-04-30T10:00:00+02:00", 4, "2026-05-07T22:00:00Z"),
    ("2026-05-21T10:00:00+02:00", 4, "2026-05-28T22:00:00Z"),
    ("2026-12-30T23:30:00+01:00", 4, "2027-01-06T23:00:00Z"),
    ("2028-02-25T10:00:00+01:00", 4, "2028-03-02T23:00:00Z"),
]

moments = st.integers(min_value=946_684_800, max_value=3_786_912_000).map(
    lambda seconds: datetime.fromtimestamp(seconds, tz=UTC)  # 2000 to 2090
)
terms = st.integers(min_value=1, max_value=40)


@pytest.mark.parametrize(("start", "fourth", "fifth", "tenth"), DAYS, ids=[row[0] for row in DAYS])
def test_the_nth_working_day_skips_weekends_and_every_day_of_the_act(
    start: str, fourth: str, fifth: str, tenth: str
) -> None:
    accepted_at = datetime.combine(date.fromisoformat(start), datetime.min.time(), tzinfo=time_zone())
    assert [last_day(accepted_at, count).isoformat() for count in (4, 5, 10)] == [fourth, fifth, tenth]


@pytest.mark.parametrize(
    ("accepted", "working_days", "deadline"), DEADLINES, ids=[f"{row[0]}+{row[1]}" for row in DEADLINES]
)
def test_a_message_expires_at_midnight_after_its_last_working_day(
    accepted: str, working_days: int, deadline: str
) -> None:
    assert expires_at(datetime.fromisoformat(accepted), working_days=working_days) == datetime.fromisoformat(deadline)


def test_the_default_term_is_four_working_days() -> None:
    accepted_at = datetime(2026, 4, 30, 8, tzinfo=UTC)
    assert expires_at(accepted_at) == expires_at(accepted_at, working_days=4)


@pytest.mark.parametrize(
    ("extension_days", "deadline"),
    [
        (0, "2026-05-07T22:00:00Z"),
        (7, "2026-05-14T22:00:00Z"),
        (14, "2026-05-21T22:00:00Z"),
        (28, "2026-06-04T22:00:00Z"),
    ],
)
def test_an_extension_adds_calendar_days_not_working_days(extension_days: int, deadline: str) -> None:
    accepted_at = datetime.fromisoformat("2026-04-30T10:00:00+02:00")
    assert expires_at(accepted_at, extension_days=extension_days) == datetime.fromisoformat(deadline)


def test_an_extension_over_the_change_of_the_clock_still_ends_at_local_midnight() -> None:
    accepted_at = datetime.fromisoformat("2026-10-19T10:00:00+02:00")
    assert expires_at(accepted_at, working_days=4) == datetime(2026, 10, 23, 22, tzinfo=UTC)
    assert expires_at(accepted_at, working_days=4, extension_days=7) == datetime(2026, 10, 30, 23, tzinfo=UTC)


def test_a_closing_day_of_the_hub_does_not_count() -> None:
    accepted_at = datetime.fromisoformat("2026-05-13T10:00:00+02:00")
    bridge_day = date(2026, 5, 15)
    assert last_day(accepted_at, 1) == bridge_day
    assert last_day(accepted_at, 1, {bridge_day}) == date(2026, 5, 18)


def test_an_answer_is_due_after_ten_working_days_unless_no_term_is_agreed() -> None:
    accepted_at = datetime.fromisoformat("2026-04-30T10:00:00+02:00")
    assert answer_due(accepted_at) == datetime(2026, 5, 18, 22, tzinfo=UTC)
    assert answer_due(accepted_at, working_days=5) == datetime(2026, 5, 8, 22, tzinfo=UTC)
    assert answer_due(accepted_at, working_days=None) is None


@pytest.mark.parametrize("year", range(2020, 2040))
def test_good_friday_and_liberation_day_are_closed_every_year_and_nothing_unknown_is(year: int) -> None:
    days = closed_days(year)
    easter = next(each for each in days if each.weekday() == 6 and each + timedelta(days=1) in days and each.month < 5)
    kings_day = date(year, 4, 26) if date(year, 4, 27).weekday() == 6 else date(year, 4, 27)
    act = {
        date(year, 1, 1), easter - timedelta(days=2), easter, easter + timedelta(days=1), kings_day, date(year, 5, 5),
        easter + timedelta(days=39), easter + timedelta(days=49), easter + timedelta(days=50),
        date(year, 12, 25), date(year, 12, 26),
    }  # fmt: skip
    assert days == act


@pytest.mark.parametrize("count", [0, -1])
def test_a_term_without_a_day_is_refused(count: int) -> None:
    with pytest.raises(ValueError, match="at least one working day"):
        expires_at(datetime(2026, 1, 1, tzinfo=UTC), working_days=count)


def test_a_time_without_zone_and_a_negative_extension_are_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        expires_at(datetime.fromisoformat("2026-01-01T12:00:00"))
    with pytest.raises(ValueError, match="not negative"):
        expires_at(datetime(2026, 1, 1, tzinfo=UTC), extension_days=-1)


@given(first=moments, second=moments, working_days=terms)
def test_who_is_accepted_later_never_expires_earlier(first: datetime, second: datetime, working_days: int) -> None:
    earlier, later = sorted((first, second))
    assert expires_at(earlier, working_days=working_days) <= expires_at(later, working_days=working_days)


@given(accepted_at=moments, working_days=terms)
def test_one_working_day_more_is_at_least_one_day_later(accepted_at: datetime, working_days: int) -> None:
    gained = expires_at(accepted_at, working_days=working_days + 1) - expires_at(accepted_at, working_days=working_days)
    assert gained >= timedelta(hours=23)


@given(accepted_at=moments, working_days=terms)
def test_a_term_of_n_days_is_never_shorter_than_n_whole_local_days(accepted_at: datetime, working_days: int) -> None:
    deadline = expires_at(accepted_at, working_days=working_days).astimezone(time_zone())
    assert (deadline.hour, deadline.minute, deadline.second, deadline.microsecond) == (0, 0, 0, 0)
    assert (deadline.date() - accepted_at.astimezone(time_zone()).date()).days > working_days
    assert is_working_day(deadline.date() - timedelta(days=1))


@given(accepted_at=moments, working_days=terms, hours=st.integers(min_value=-12, max_value=14))
def test_the_zone_in_which_the_moment_is_written_does_not_matter(
    accepted_at: datetime, working_days: int, hours: int
) -> None:
    elsewhere = accepted_at.astimezone(timezone(timedelta(hours=hours)))
    deadline = expires_at(elsewhere, working_days=working_days)
    assert deadline == expires_at(accepted_at, working_days=working_days)
    assert deadline.tzinfo is UTC


def test_a_machine_without_time_zone_data_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    zoneinfo.reset_tzpath(to=[])
    zoneinfo.ZoneInfo.clear_cache()
    time_zone.cache_clear()
    monkeypatch.setitem(sys.modules, "tzdata", None)
    try:
        with pytest.raises(NoTimeZoneData, match=r"no time zone data for Europe/Amsterdam.*install"):
            expires_at(datetime(2026, 3, 2, 10, tzinfo=UTC), working_days=4)
    finally:
        zoneinfo.reset_tzpath()
        time_zone.cache_clear()

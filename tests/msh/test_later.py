"""What a 503 asks for: a wait of its cause, which grows while the cause lasts and is spread by chance."""

from __future__ import annotations

from datetime import timedelta

import pytest
from support.clocks import StandingClock

from gateway.msh.later import CAUSES, JITTER, Cause, RetryAfter

SETTING = 60.0


def waits(clock: StandingClock, chance: float = 0.5) -> RetryAfter:
    return RetryAfter(clock, first_seconds=SETTING, chance=lambda: chance)


def first_of(cause: Cause) -> float:
    return CAUSES[cause].first_seconds or SETTING


@pytest.mark.parametrize("cause", Cause)
def test_every_cause_has_its_wait_which_grows_as_long_as_it_lasts(cause: Cause) -> None:
    clock = StandingClock()
    retry_after = waits(clock)
    asked = []
    for _ in range(400):
        asked.append(retry_after.seconds(cause))
        clock.move(timedelta(minutes=1))
    assert asked[0] == first_of(cause)
    assert asked[-1] == CAUSES[cause].longest_seconds
    assert asked == sorted(asked)


@pytest.mark.parametrize("cause", Cause)
@pytest.mark.parametrize("chance", [0.0, 0.25, 1.0])
def test_it_is_spread_by_a_fifth_to_either_side(cause: Cause, chance: float) -> None:
    found = waits(StandingClock(), chance).seconds(cause)
    assert found == round(first_of(cause) * (1 - JITTER + 2 * JITTER * chance))
    assert found >= 1


def test_a_cause_that_had_passed_begins_anew() -> None:
    clock = StandingClock()
    retry_after = waits(clock)
    retry_after.seconds(Cause.STORE)
    clock.move(timedelta(seconds=2 * CAUSES[Cause.STORE].longest_seconds + 1))
    assert retry_after.seconds(Cause.STORE) == SETTING


def test_one_participants_clock_costs_another_no_time() -> None:
    clock = StandingClock()
    retry_after = waits(clock)
    retry_after.seconds(Cause.PARTICIPANT_TIME, "one")
    clock.move(timedelta(minutes=30))
    assert retry_after.seconds(Cause.PARTICIPANT_TIME, "one") == 1800
    assert retry_after.seconds(Cause.PARTICIPANT_TIME, "two") == 300


def test_the_wall_clock_plays_no_part_in_it() -> None:
    clock = StandingClock()
    retry_after = waits(clock)
    retry_after.seconds(Cause.TIME)
    clock.jump(timedelta(days=3650))
    assert retry_after.seconds(Cause.TIME) == first_of(Cause.TIME)

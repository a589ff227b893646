"""What a 503 asks for: a wait of its cause, which grows while the cause lasts and is spread by chance."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.hubs.hub import running_hub
from support.messages.wire import post, saldoverzoek

from crypto.faults import UnusableCredential
from gateway.msh import receive
from gateway.msh.later import CAUSES, JITTER, MOST_LASTING, Cause, Postponed, RetryAfter
from gateway.store.interface import DamagedRecord, OutcomeUnknown, StoreUnavailable

SETTING = 60.0


def waits(clock: StandingClock, chance: float = 0.5) -> RetryAfter:
    return RetryAfter(clock, first_seconds=SETTING, chance=lambda: chance)


@pytest.mark.parametrize(
    ("fault", "cause"),
    [
        (StoreUnavailable("the disk is full"), Cause.STORE),
        (OutcomeUnknown("the commit broke off"), Cause.COMMIT),
        (DamagedRecord("one@hub.example", "the record"), Cause.STORE),
        (UnusableCredential("the key does not fit"), Cause.KEY),
        (Postponed(Cause.TIME, "the clock went back"), Cause.TIME),
    ],
    ids=lambda each: type(each).__name__ if isinstance(each, Exception) else each.value,
)
async def test_what_keeps_a_message_from_being_stored_asks_for_the_wait_of_its_own_cause(
    fault: Exception, cause: Cause, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_arguments: object, **_options: object) -> None:
        raise fault

    monkeypatch.setattr(receive, "store", broken)
    async with running_hub(tmp_path) as hub:
        answer = await post(hub, saldoverzoek().wire())
        assert (answer.status, answer.body) == (503, b"")
        (line,) = hub.log.of("postponed")
        assert (line["cause"], str(line["retry_after_seconds"])) == (cause.value, answer.headers["Retry-After"])


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


def test_no_more_causes_are_remembered_than_fit() -> None:
    clock = StandingClock()
    retry_after = waits(clock)
    for number in range(MOST_LASTING + 1):
        retry_after.seconds(Cause.SIGNED_ANEW, str(number))
    clock.move(timedelta(minutes=30))
    assert retry_after.seconds(Cause.SIGNED_ANEW, str(MOST_LASTING)) == 1800
    assert retry_after.seconds(Cause.SIGNED_ANEW, "0") == SETTING


def test_the_wall_clock_plays_no_part_in_it() -> None:
    clock = StandingClock()
    retry_after = waits(clock)
    retry_after.seconds(Cause.TIME)
    clock.jump(timedelta(days=3650))
    assert retry_after.seconds(Cause.TIME) == first_of(Cause.TIME)

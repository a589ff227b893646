"""A clock that jumps must not empty mailboxes (FA-16): in a running hub, and over a stop."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.hub import running_hub
from support.pki import PARTIES
from support.wire import post, saldoverzoek

from gateway.jobs.time_guard import TimeGuard
from gateway.store.model import MessageFilter, State

CREDITOR = PARTIES["creditor"][0]


@pytest.mark.parametrize(
    ("jump", "suspect"),
    [
        (timedelta(hours=1), True),
        (timedelta(hours=-1), True),
        (timedelta(days=30), True),
        (timedelta(seconds=29), False),
        (timedelta(seconds=31), True),
        (timedelta(seconds=-4), False),
        (timedelta(seconds=-6), True),
    ],
    ids=str,
)
def test_wall_time_is_held_against_elapsed_time(jump: timedelta, suspect: bool) -> None:
    clock = StandingClock()
    guard = TimeGuard(clock)
    clock.move(timedelta(minutes=1))
    clock.jump(jump)
    assert guard.look() is suspect


def test_a_quarter_of_an_hour_of_agreement_restores_trust() -> None:
    clock = StandingClock()
    guard = TimeGuard(clock)
    clock.jump(timedelta(hours=2))
    assert guard.look()
    for _ in range(14):
        clock.move(timedelta(minutes=1))
        assert guard.look()
    clock.move(timedelta(minutes=1))
    assert not guard.look()


@pytest.mark.parametrize(
    ("gap", "suspect"),
    [
        (timedelta(days=6), False),
        (timedelta(days=8), True),
        (timedelta(minutes=-1), True),
        (timedelta(), False),
    ],
    ids=str,
)
def test_a_start_is_held_against_the_time_remembered_on_the_disk(gap: timedelta, suspect: bool, tmp_path: Path) -> None:
    mark = tmp_path / "clock.mark"
    clock = StandingClock()
    TimeGuard(clock, mark).look()
    clock.move(gap)
    assert TimeGuard(clock, mark).suspect is suspect


def test_after_a_stop_only_an_operator_can_say_that_a_long_gap_is_real(tmp_path: Path) -> None:
    mark = tmp_path / "clock.mark"
    clock = StandingClock()
    TimeGuard(clock, mark).look()
    clock.move(timedelta(days=30))
    guard = TimeGuard(clock, mark)
    clock.move(timedelta(hours=1))
    assert guard.look()
    guard.confirm()
    assert not guard.look()
    assert not TimeGuard(clock, mark).suspect


def test_a_time_that_is_not_trusted_is_not_remembered(tmp_path: Path) -> None:
    mark = tmp_path / "clock.mark"
    clock = StandingClock()
    guard = TimeGuard(clock, mark)
    guard.look()
    before = mark.read_text()
    clock.jump(timedelta(days=400))
    assert guard.look()
    assert mark.read_text() == before


async def test_nothing_expires_while_the_time_is_suspect_and_everything_due_once_it_is_confirmed(
    tmp_path: Path,
) -> None:
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        hub.clock.jump(timedelta(days=30))
        await hub.running.keeper.keep()
        (record,) = await hub.store.messages(MessageFilter(receiver=CREDITOR), hub.clock.now())
        assert record.state is State.STORED
        assert hub.log.of("time_suspect")
        await hub.running.keeper.confirm_time()
        (record,) = await hub.store.messages(MessageFilter(receiver=CREDITOR), hub.clock.now())
        assert record.state in (State.EXPIRED, State.REMOVED)

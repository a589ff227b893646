"""A clock that is wrong must not empty mailboxes (FA-16, SR-16): what makes the time suspect, in a hub that runs and
over a stop, and that nothing but its operator makes it trusted again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.hubs.hub import running_hub
from support.keys.pki import PARTIES
from support.messages.wire import post, pull_request, saldoverzoek

from gateway.administration import verbs
from gateway.administration.administered import Administered
from gateway.jobs.time_guard import GROUNDS, PENDING, TimeGuard
from gateway.refused import Refused
from gateway.store.model import MessageFilter, State

CREDITOR = PARTIES["creditor"][0]
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SAME_BOOT, OTHER_BOOT = "this start", "that start"
JUMPS = [
    (HOUR, ("ahead",)),
    (3650 * DAY, ("ahead",)),
    (timedelta(seconds=29), ()),
    (timedelta(seconds=31), ("ahead",)),
    (timedelta(seconds=-4), ()),
    (timedelta(seconds=-6), ("behind",)),
    (-HOUR, ("behind",)),
]


@pytest.mark.parametrize(("jump", "grounds"), JUMPS, ids=str)
def test_wall_time_is_held_against_elapsed_time(jump: timedelta, grounds: tuple[str, ...]) -> None:
    clock = StandingClock()
    guard = TimeGuard(clock)
    clock.move(MINUTE)
    clock.jump(jump)
    assert guard.look() is bool(grounds)
    assert guard.grounds == grounds


@pytest.mark.parametrize(("jump", "grounds"), JUMPS, ids=str)
def test_the_same_bound_holds_over_a_stop_of_the_hub_while_the_machine_ran(
    jump: timedelta, grounds: tuple[str, ...], tmp_path: Path
) -> None:
    """A minute of it, which the monotonic clock of the machine has counted; after three weeks an hour is still seen."""
    clock, mark = StandingClock(), tmp_path / "clock.mark"
    TimeGuard(clock, mark, boot=SAME_BOOT).look()
    clock.move(MINUTE)
    clock.jump(jump)
    assert TimeGuard(clock, mark, boot=SAME_BOOT).grounds == grounds
    clock.move(21 * DAY)
    if abs(jump) >= HOUR:
        assert TimeGuard(clock, mark, boot=SAME_BOOT).grounds == grounds


@pytest.mark.parametrize(
    ("gap", "ground"),
    [
        (6 * DAY, None),
        (8 * DAY, "long-stop"),
        (-MINUTE, "before-mark"),
        (timedelta(), None),
    ],
    ids=str,
)
def test_after_a_start_of_the_machine_a_week_may_have_been_a_stop(
    gap: timedelta, ground: str | None, tmp_path: Path
) -> None:
    clock, mark = StandingClock(), tmp_path / "clock.mark"
    TimeGuard(clock, mark, boot=SAME_BOOT).look()
    clock.jump(gap)
    clock.seconds = 5.0
    for boot in (OTHER_BOOT, None):
        assert TimeGuard(clock, mark, boot=boot).grounds == (() if ground is None else (ground,))


@pytest.mark.parametrize("seconds", [29, -29, 1, -1], ids=str)
def test_what_comes_to_more_than_an_oscillators_drift_is_summed(seconds: int) -> None:
    """So many seconds a minute: none of the steps alone is suspect."""
    clock = StandingClock()
    guard = TimeGuard(clock)
    for _ in range(40):
        clock.move(MINUTE)
        clock.jump(timedelta(seconds=seconds))
        if guard.look():
            break
    assert guard.grounds == (("ahead",) if seconds > 0 else ("behind",))


@pytest.mark.parametrize("parts_per_million", [50, -50, 499, -499])
def test_sixty_days_of_an_oscillators_drift_are_calm_SR_16(parts_per_million: int, tmp_path: Path) -> None:
    """The hub is stopped and started once a day meanwhile."""
    clock, mark = StandingClock(), tmp_path / "clock.mark"
    for _ in range(60):
        guard = TimeGuard(clock, mark, boot=SAME_BOOT)
        for _ in range(24):
            clock.move(HOUR)
            clock.jump(HOUR * parts_per_million / 1_000_000)
            assert not guard.look()


@pytest.mark.parametrize("restart", [None, SAME_BOOT, OTHER_BOOT])
def test_agreement_does_not_clear_suspicion_nor_does_a_restart_SR_16(restart: str | None, tmp_path: Path) -> None:
    """The clock jumps an hour and agrees with itself ever after; the participants agree with it too."""
    clock, mark = StandingClock(), tmp_path / "clock.mark"
    guard = TimeGuard(clock, mark, boot=SAME_BOOT)
    clock.jump(HOUR)
    assert guard.look()
    if restart is not None:
        guard = TimeGuard(clock, mark, boot=restart)
    for _ in range(90):
        clock.move(MINUTE)
        for party in ("one", "two", "three", "four"):
            guard.heard(party, 0.0)
        assert guard.look()
        assert not guard.vouched_for(against="five")
    assert guard.grounds == ("ahead",)
    guard.confirm()
    clock.move(MINUTE)
    assert not guard.look()
    assert not TimeGuard(clock, mark, boot=OTHER_BOOT).suspect


@pytest.mark.parametrize(
    ("said", "suspect"),
    [
        ({"one": 3600}, False),
        ({"one": 3600, "two": 3600}, False),
        ({"one": 3600, "two": 3700, "three": 3500}, True),
        ({"one": -3600, "two": -3700, "three": -3500}, True),
        ({"one": 3600, "two": 3600, "three": 4000}, False),  # they do not agree
        ({"one": 3600, "two": 3600, "three": -3600}, False),
        ({"one": 299, "two": 299, "three": 299}, False),  # they agree with us
        ({"one": 3600, "one:0001": 3600, "one:0002": 3600}, False),  # units of one organisation
        ({"one": 3600, "two": 3600, "three": 3600, "four": 0, "five": 0, "six": 0, "seven": 0}, True),  # none lowers it
    ],
    ids=str,
)
def test_three_organisations_that_agree_raise_suspicion_SR_16(said: dict[str, float], suspect: bool) -> None:
    guard = TimeGuard(StandingClock())
    for party, ahead in said.items():
        guard.heard(party, ahead)
    assert guard.grounds == (("participants",) if suspect else ())


def test_one_wrong_organisation_is_one_however_often_it_speaks_SR_16() -> None:
    guard = TimeGuard(StandingClock())
    for _ in range(1000):
        guard.heard("one", 3600.0)
    assert not guard.suspect


def test_a_participants_word_is_forgotten_after_an_hour() -> None:
    clock = StandingClock()
    guard = TimeGuard(clock)
    for party in ("one", "two", "three"):
        guard.heard(party, 3600.0)
        clock.move(31 * MINUTE)
    assert not guard.suspect


def test_whom_the_operator_overruled_speaks_again_once_his_clock_is_right() -> None:
    guard = TimeGuard(StandingClock())
    for party in ("one", "two", "three"):
        guard.heard(party, 3600.0)
    guard.confirm()
    for party in ("one", "two", "three"):
        guard.heard(party, 3600.0)
    for party in ("four", "five"):
        guard.heard(party, 3600.0)
    assert not guard.suspect, "two whom nobody overruled"
    for ahead in (0.0, 3600.0):
        for party in ("one", "two", "three"):
            guard.heard(party, ahead)
    assert guard.suspect


@pytest.mark.parametrize(
    ("confirmed", "agreeing", "vouched"),
    [
        (False, (), False),
        (False, ("one",), False),
        (False, ("one", "two"), True),
        (False, ("one", "one:0001"), False),
        (False, ("one", "wrong"), False),  # nobody vouches for us against himself
        (True, (), True),
    ],
)
def test_the_operator_or_two_other_organisations_vouch_for_the_time(
    confirmed: bool, agreeing: tuple[str, ...], vouched: bool
) -> None:
    guard = TimeGuard(StandingClock())
    if confirmed:
        guard.confirm()
    for party in agreeing:
        guard.heard(party, 2.0)
    assert guard.vouched_for(against="wrong:0007") is vouched


def test_the_operators_word_holds_while_the_machine_runs_and_not_beyond(tmp_path: Path) -> None:
    clock, mark = StandingClock(), tmp_path / "clock.mark"
    TimeGuard(clock, mark, boot=SAME_BOOT).confirm()
    clock.move(DAY)
    assert TimeGuard(clock, mark, boot=SAME_BOOT).vouched_for(against="one")
    assert not TimeGuard(clock, mark, boot=OTHER_BOOT).vouched_for(against="one")


def kernel(*states: bool | None) -> Callable[[], bool | None]:
    """A kernel that says these one after the other, and the last for ever."""
    left = list(states)
    return lambda: left.pop(0) if len(left) > 1 else left[0]


@pytest.mark.parametrize(
    ("states", "grounds"),
    [
        ([None], ()),
        ([True], ()),
        ([False], (PENDING,)),  # after a start of the machine
        ([False, False, True], ()),
        ([True, False], ("unsynchronised",)),
        ([True, False, True], ("unsynchronised",)),
        ([False, True, False, True], ("unsynchronised",)),
    ],
    ids=str,
)
def test_the_kernel_says_whether_the_clock_is_synchronised(
    states: list[bool | None], grounds: tuple[str, ...], tmp_path: Path
) -> None:
    clock, mark = StandingClock(), tmp_path / "clock.mark"
    guard = TimeGuard(clock, mark, boot=SAME_BOOT, synchronised=kernel(*states))
    for _ in range(5):
        clock.move(MINUTE)
        guard.look()
    assert guard.grounds == grounds
    again = TimeGuard(clock, mark, boot=SAME_BOOT, synchronised=kernel(states[-1]))
    assert again.grounds == grounds


def test_a_machine_that_is_never_synchronised_is_confirmed_once(tmp_path: Path) -> None:
    clock, mark = StandingClock(), tmp_path / "clock.mark"
    guard = TimeGuard(clock, mark, boot=SAME_BOOT, synchronised=kernel(False))
    assert guard.suspect
    guard.confirm()
    assert not guard.look()
    assert not TimeGuard(clock, mark, boot=OTHER_BOOT, synchronised=kernel(False)).suspect
    synchronised = TimeGuard(clock, mark, boot=OTHER_BOOT, synchronised=kernel(True, False))
    assert synchronised.look(), "it had been, so that word is over"


@pytest.mark.parametrize(
    "text", ["", "nonsense", "{", "{}", '{"at": 1}', '["a"]', "9" * 5000], ids=lambda each: each[:9]
)
def test_a_mark_that_cannot_be_read_is_no_mark_that_agrees(text: str, tmp_path: Path) -> None:
    mark = tmp_path / "clock.mark"
    mark.write_text(text)
    guard = TimeGuard(StandingClock(), mark)
    assert guard.grounds == ("unreadable-mark",)
    guard.confirm()
    assert not TimeGuard(StandingClock(), mark).suspect


@pytest.mark.parametrize("expected", [True, False])
def test_a_mark_that_is_lost_is_missed_where_the_store_has_been_used(expected: bool, tmp_path: Path) -> None:
    guard = TimeGuard(StandingClock(), tmp_path / "clock.mark", expected=expected)
    assert guard.grounds == (("unreadable-mark",) if expected else ())
    guard.look()
    assert TimeGuard(StandingClock(), tmp_path / "clock.mark", expected=True).suspect is expected


def test_the_operators_word_is_over_when_the_kernel_doubted_meanwhile(tmp_path: Path) -> None:
    clock, mark = StandingClock(), tmp_path / "clock.mark"
    TimeGuard(clock, mark, boot=SAME_BOOT, synchronised=kernel(True)).confirm()
    guard = TimeGuard(clock, mark, boot=SAME_BOOT, synchronised=kernel(False, True))
    assert guard.suspect
    assert not guard.look()
    assert not guard.vouched_for(against="one")


def test_the_mark_of_an_earlier_version_is_a_time_alone(tmp_path: Path) -> None:
    clock, mark = StandingClock(), tmp_path / "clock.mark"
    mark.write_text(clock.now().isoformat())
    clock.jump(-HOUR)
    assert TimeGuard(clock, mark).grounds == ("before-mark",)


def test_the_time_that_was_trusted_last_is_remembered_while_another_is_shown(tmp_path: Path) -> None:
    """By it terms are judged, and no promise is counted from an earlier time."""
    clock, mark = StandingClock(), tmp_path / "clock.mark"
    guard = TimeGuard(clock, mark, boot=SAME_BOOT)
    guard.look()
    trusted = clock.now()
    for jump in (400 * DAY, -800 * DAY):
        clock.jump(jump)
        assert guard.look()
        assert json.loads(mark.read_text())["at"] == trusted.isoformat()
        again = TimeGuard(clock, mark, boot=OTHER_BOOT)
        assert [each.for_terms() for each in (guard, again)] == [trusted] * 2
        assert [each.for_promises() for each in (guard, again)] == [max(trusted, clock.now())] * 2


def test_every_ground_is_told_in_words() -> None:
    assert {"ahead", "behind", "before-mark", "long-stop", "participants", "unsynchronised", PENDING} < GROUNDS.keys()


async def test_nothing_ends_while_the_time_is_suspect_and_everything_due_once_it_is_confirmed(tmp_path: Path) -> None:
    """Nothing expires, nothing is purged or forgotten, also when somebody asks for it; messages are given as ever."""
    async with running_hub(tmp_path) as hub:
        await post(hub, saldoverzoek().wire())
        hub.clock.jump(30 * DAY)
        pulled = await post(hub, pull_request(at=hub.clock.now()))
        assert pulled.user_message is not None, "its term is over by a clock that nobody believes"
        await hub.running.keeper.keep()
        (record,) = await hub.store.messages(MessageFilter(receiver=CREDITOR))
        assert record.state is State.OFFERED
        assert hub.log.of("time_suspect")[0]["why"] == GROUNDS["ahead"]
        with pytest.raises(Refused, match="confirm-time"):
            await verbs.purge(Administered(store=hub.store, clock=hub.clock, time_suspect=hub.hub.time.look))
        hub.clock.move(HOUR)
        await hub.running.keeper.confirm_time()
        (record,) = await hub.store.messages(MessageFilter(receiver=CREDITOR))
        assert record.state in (State.EXPIRED, State.REMOVED)

"""What the machine says of its clock, and who is asked: the wiring of the watch over time (SR-16)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Literal, cast

import pytest
from support.clocks import StandingClock
from support.hubs.hub import catalogue as shipped
from support.hubs.hub import configuration_texts, load_test_certificates

from gateway import clock as machine
from gateway.clock import MovedClock, SystemClock, boot_id, kernel_synchronised
from gateway.jobs.time_guard import PENDING
from gateway.settings import Settings
from gateway.wiring import opening
from gateway.wiring.opening import TIME_MARK, asks_kernel, time_guard
from pmodes.files import read_configuration


def test_the_machine_says_which_start_this_is_and_counts_from_there() -> None:
    assert boot_id() == boot_id()
    first = SystemClock().monotonic()
    assert SystemClock().monotonic() >= first


def test_a_moved_clock_moves_what_it_shows_and_not_what_has_passed() -> None:
    moved, plain = MovedClock(offset=timedelta(days=3650)), SystemClock()
    assert moved.now() - plain.now() > timedelta(days=3649)
    assert abs(moved.monotonic() - plain.monotonic()) < 3600


@pytest.mark.parametrize(("answer", "means"), [(0, True), (4, True), (5, False), (-1, None)])
def test_the_kernel_is_asked_in_its_own_words(answer: int, means: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """TIME_OK, TIME_WAIT, TIME_ERROR, and a system that does not let us ask (adjtimex(2))."""
    monkeypatch.setattr(machine, "_system", lambda: SimpleNamespace(adjtimex=lambda _room: answer))
    assert kernel_synchronised() is means


def test_a_system_without_that_call_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "_system", SimpleNamespace)
    assert kernel_synchronised() is None


def test_this_machine_answers_something() -> None:
    assert kernel_synchronised() in (True, False, None)


@pytest.mark.parametrize(("environment", "grounds"), [("production", (PENDING,)), ("test", ())])
def test_the_kernel_is_asked_in_production_alone(
    environment: Literal["production", "test"],
    grounds: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(opening, "kernel_synchronised", lambda: False)
    read = read_configuration(configuration_texts(), catalogue=shipped(), load=load_test_certificates)
    configuration = replace(read, hub=replace(read.hub, environment=environment))
    settings = cast(Settings, SimpleNamespace(data=SimpleNamespace(directory=tmp_path)))
    clock = StandingClock()
    guard = time_guard(settings, clock, asks_kernel=asks_kernel(configuration))
    assert guard.grounds == grounds
    guard.confirm()
    assert (tmp_path / TIME_MARK).stat().st_mode & 0o777 == 0o600
    clock.jump(timedelta(hours=1))
    assert time_guard(settings, clock, asks_kernel=asks_kernel(configuration)).grounds == ("ahead",), (
        "the machine was not started meanwhile"
    )

"""A mark of the time is read whole and exact, or the time is suspect (SR-16): nothing that happens to the file makes a
clock more trusted than the mark itself does.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.clocks import StandingClock
from support.store.flushes import recorded_flushes

from gateway.jobs.keeper import Keeper
from gateway.jobs.time_guard import TimeGuard, said_of
from gateway.jobs.time_mark import TimeMark, read_mark, write_mark
from gateway.msh.hub import Hub

BOOT = "this start"


def marked(path: Path, *, jump: timedelta = timedelta(hours=1)) -> StandingClock:
    """A mark of a clock that jumped so far."""
    path.unlink(missing_ok=True)
    clock = StandingClock()
    guard = TimeGuard(clock, path, boot=BOOT)
    clock.jump(jump)
    assert guard.look() is bool(jump)
    return clock


def suspects(path: Path, clock: StandingClock) -> tuple[str, ...]:
    return TimeGuard(clock, path, boot=BOOT).grounds


def without_digest(text: str) -> dict[str, Any]:
    fields: dict[str, Any] = json.loads(text)
    del fields["digest"]
    return fields


values = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5), st.just([]), st.just({}),
    st.just(""), st.lists(st.floats(), max_size=3), st.just("2026-01-01T00:00:00"),
    st.just("9999-12-31T23:59:59-23:00"),
)  # fmt: skip


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_change_of_one_value_or_octet_of_a_mark_makes_a_clock_trusted(data: st.DataObject, tmp_path: Path) -> None:
    path = tmp_path / "clock.mark"
    clock = marked(path)
    text = path.read_text()
    match data.draw(st.sampled_from(["value", "absent", "more", "octet", "cut"])):
        case "value":
            fields = json.loads(text)
            fields[data.draw(st.sampled_from(sorted(fields)))] = data.draw(values)
            path.write_text(json.dumps(fields))
        case "absent":
            fields = json.loads(text)
            del fields[data.draw(st.sampled_from(sorted(fields)))]
            path.write_text(json.dumps(fields))
        case "more":
            path.write_text(text[:-1] + ', "grounds": []}')
        case "octet":
            octets = bytearray(text.encode())
            octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(st.integers(0, 255))
            path.write_bytes(octets)
        case "cut":
            path.write_text(text[: data.draw(st.integers(0, len(text) - 1))])
    assert suspects(path, clock)


BENT: dict[str, dict[str, Any]] = {
    "a number that is none": {"seen_seconds": float("nan")},
    "a number without end": {"excess": [float("inf"), 0.0]},
    "a number below nothing": {"excess": [0.0, -1.0]},
    "a word for a number": {"seen_seconds": "5"},
    "a number for a word": {"boot": 1},
    "a word for yes": {"confirmed": "yes"},
    "a number for yes": {"unsynchronised_confirmed": 0},
    "a word for the grounds": {"grounds": "ahead"},
    "a ground that is no word": {"grounds": [1]},
    "a ground without a name": {"grounds": [""]},
    "no time that was trusted, and no ground": {"at": ""},
    "a time of no zone": {"seen_at": "2026-01-01T00:00:00"},
}


@pytest.mark.parametrize("what", sorted(BENT))
def test_a_mark_without_digest_with_a_value_that_no_hub_writes_is_unreadable(what: str, tmp_path: Path) -> None:
    """As versions wrote it that knew no digest."""
    path = tmp_path / "clock.mark"
    clock = marked(path, jump=timedelta())
    sound = without_digest(path.read_text())
    path.write_text(json.dumps(sound))
    assert suspects(path, clock) == ()
    path.write_text(json.dumps(sound | BENT[what]))
    assert suspects(path, clock) == ("unreadable-mark",)


def test_a_ground_that_this_version_does_not_know_stays_a_ground(tmp_path: Path) -> None:
    path = tmp_path / "clock.mark"
    clock = marked(path, jump=timedelta())
    found = read_mark(path)
    assert found is not None
    write_mark(path, TimeMark(**{**without_digest(path.read_text()), "excess": (0.0, 0.0), "grounds": ("moon-phase",)}))
    guard = TimeGuard(clock, path, boot=BOOT)
    assert guard.grounds == ("moon-phase",)
    assert "moon-phase" in said_of(guard.grounds)
    guard.look()
    assert suspects(path, clock) == ("moon-phase",)
    guard.confirm()
    assert suspects(path, clock) == ()


def directory(path: Path) -> None:
    path.mkdir()


def circle(path: Path) -> None:
    path.symlink_to(path)


def dangling(path: Path) -> None:
    path.symlink_to(path.with_name("nothing"))


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


def nested(path: Path) -> None:
    path.write_text('{"at": ' + "[" * 60_000)


NO_FILES: list[Callable[[Path], None]] = [os.mkfifo, directory, circle, dangling, endless, nested]


@pytest.mark.parametrize("make", NO_FILES, ids=lambda each: each.__name__)
def test_what_is_no_plain_file_is_suspect_at_once(make: Callable[[Path], None], tmp_path: Path) -> None:
    path = tmp_path / "clock.mark"
    make(path)
    clock = StandingClock()
    guard = TimeGuard(clock, path, boot=BOOT)
    assert guard.grounds == ("unreadable-mark",)
    guard.look()
    assert suspects(path, clock) == ("unreadable-mark",)
    guard.confirm()
    if path.is_dir():
        shutil.rmtree(path)
        guard.confirm()
    assert suspects(path, clock) == ()


def test_a_mark_with_grounds_is_flushed_named_and_its_folder_flushed_and_another_waits_for_no_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes = recorded_flushes(monkeypatch)
    clock = marked(tmp_path / "clock.mark", jump=timedelta())
    assert flushes == [("rename", "clock.mark")]
    flushes.clear()
    guard = TimeGuard(clock, tmp_path / "clock.mark", boot=BOOT)
    clock.jump(timedelta(hours=1))
    assert guard.look()
    (_, its_own), *others = flushes
    assert its_own.startswith(".new-")
    assert others == [("rename", "clock.mark"), ("fsync", tmp_path.name)]


def test_suspicion_that_found_no_room_is_written_at_the_next_look(tmp_path: Path) -> None:
    path, failures = tmp_path / "disk" / "clock.mark", list[BaseException]()
    path.parent.mkdir()
    clock = StandingClock()
    guard = TimeGuard(clock, path, boot=BOOT, on_failure=failures.append)
    guard.look()
    clock.jump(timedelta(hours=1))
    away = path.parent.rename(tmp_path / "away")  # stands for a disk without room
    assert guard.look()
    away.rename(path.parent)
    assert guard.look()
    assert TimeGuard(clock, path, boot="another start").grounds == ("ahead",)
    assert failures == []


def test_suspicion_that_cannot_be_flushed_ends_the_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    failures = list[BaseException]()
    clock = StandingClock()
    guard = TimeGuard(clock, tmp_path / "clock.mark", boot=BOOT, on_failure=failures.append)
    clock.jump(timedelta(hours=1))

    def broken(_descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", broken)
    assert guard.look()
    assert [getattr(each, "errno", None) for each in failures] == [errno.EIO]


async def test_the_mark_of_a_hub_is_written_and_flushed_on_a_thread_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The disk takes its time; meanwhile the hub looks on, and of what it sees the newest alone is written then."""
    path, flushed_by, held = tmp_path / "clock.mark", set[int](), threading.Event()
    fsync = os.fsync

    def slow(descriptor: int) -> None:
        flushed_by.add(threading.get_ident())
        assert held.wait(20)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", slow)
    clock = StandingClock()
    guard = TimeGuard(clock, path, boot=BOOT, thread=ThreadPoolExecutor(max_workers=1))
    clock.jump(timedelta(hours=1))
    assert guard.look()
    for ahead in ("one", "two", "three"):
        guard.heard(ahead, 7200.0)
    assert guard.grounds == ("ahead", "participants")
    held.set()
    await guard.remembered()
    assert TimeGuard(clock, path, boot="another start").grounds == ("ahead", "participants")
    await guard.aclose()
    await guard.aclose()
    assert len(flushed_by) == 1
    assert threading.get_ident() not in flushed_by


async def test_what_a_thread_found_no_room_for_is_written_at_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "disk" / "clock.mark"
    path.parent.mkdir()
    clock = StandingClock()
    guard = TimeGuard(clock, path, boot=BOOT, thread=ThreadPoolExecutor(max_workers=1))
    clock.jump(timedelta(hours=1))
    away = path.parent.rename(tmp_path / "away")  # stands for a disk without room
    assert guard.look()
    await guard.remembered()
    away.rename(path.parent)
    assert guard.look()
    await guard.aclose()
    assert TimeGuard(clock, path, boot="another start").grounds == ("ahead",)


async def test_an_operators_word_is_kept_before_anybody_is_told_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, told = tmp_path / "clock.mark", list[tuple[str, tuple[str, ...]]]()
    clock = StandingClock()
    guard = TimeGuard(clock, path, boot=BOOT, thread=ThreadPoolExecutor(max_workers=1))
    clock.jump(timedelta(hours=1))
    assert guard.look()

    def log(event: str, **_fields: object) -> None:
        told.append((event, TimeGuard(clock, path, boot="another start").grounds))

    async def nothing_is_due(_keeper: Keeper) -> None:
        """So the keeper has nothing to do afterwards."""

    monkeypatch.setattr(Keeper, "keep", nothing_is_due)
    await Keeper(cast(Hub, SimpleNamespace(time=guard, log=log))).confirm_time()
    assert told == [("time_confirmed", ())]
    await guard.aclose()

"""The watch over certificates speaks once a day, over restarts too."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.hubs.hub import LogLines
from support.keys.site_keys import made

from gateway.jobs.certificate_watch import CertificateWatch
from pmodes.validity import Listed, ending

NOW = datetime(2026, 3, 2, 22, tzinfo=UTC)
SOON = Listed(
    owner="Energie",
    party="00000099000001002000",
    place="energie.yaml:9: certificates.signing[0]",
    use="signing",
    certificate=made("signing", begins_at=NOW - timedelta(days=10), ends_at=NOW + timedelta(days=20)).certificate,
)


def watch(clock: StandingClock, log: LogLines, folder: Path) -> CertificateWatch:
    return CertificateWatch(lambda at: ending([SOON], at), clock, log, folder / "certificates.told")


async def test_what_ends_soon_is_told_once_a_day_with_days_left(tmp_path: Path) -> None:
    clock, log = StandingClock(NOW), LogLines()
    one = watch(clock, log, tmp_path)
    for _ in range(3):
        await one.look()
    assert log.of("certificate_ends") == [
        {
            "place": "energie.yaml:9: certificates.signing[0]",
            "party": "00000099000001002000",
            "use": "signing",
            "ends_at": "2026-03-22T22:00:00Z",
            "days_left": 20,
        }
    ]
    clock.move(timedelta(hours=3))
    await one.look()
    assert [each["days_left"] for each in log.of("certificate_ends")] == [20, 19]


async def test_a_restart_does_not_tell_it_again_and_a_lost_file_does(tmp_path: Path) -> None:
    clock, log = StandingClock(NOW), LogLines()
    await watch(clock, log, tmp_path).look()
    await watch(clock, log, tmp_path).look()
    assert len(log.of("certificate_ends")) == 1
    assert (tmp_path / "certificates.told").stat().st_mode & 0o777 == 0o600
    (tmp_path / "certificates.told").write_bytes(b"\xff")
    await watch(clock, log, tmp_path).look()
    assert len(log.of("certificate_ends")) == 2


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir, lambda path: path.symlink_to("/dev/zero")])
async def test_what_is_no_plain_file_is_not_waited_for_and_costs_a_repetition(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "certificates.told")
    log = LogLines()
    await watch(StandingClock(NOW), log, tmp_path).look()
    assert len(log.of("certificate_ends")) == 1


async def test_the_day_is_remembered_while_the_loop_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    monkeypatch.setattr(
        "gateway.jobs.certificate_watch.write_whole",
        lambda *_args, **_kwargs: threads.append(threading.current_thread()),
    )
    await watch(StandingClock(NOW), LogLines(), tmp_path).look()
    assert len(threads) == 1
    assert threads != [threading.current_thread()]


async def test_a_file_that_cannot_be_written_is_no_reason_to_repeat_it_every_hour(tmp_path: Path) -> None:
    clock, log = StandingClock(NOW), LogLines()
    one = watch(clock, log, tmp_path / "not there")
    await one.look()
    await one.look()
    assert len(log.of("certificate_ends")) == 1

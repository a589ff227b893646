"""A round of a job that fails is told without a word of what it failed on."""

from __future__ import annotations

import asyncio
import errno
from pathlib import Path

from support.hubs.hub import LogLines

from gateway.jobs.round import round_and_round

SECRET = "900000012"


async def test_a_failing_round_logs_kind_and_place_only_and_the_next_one_comes() -> None:
    log, stop = LogLines(), asyncio.Event()
    rounds = []

    async def work() -> None:
        rounds.append(SECRET)
        if len(rounds) == 2:
            stop.set()
        raise ValueError(f"cannot use {SECRET}")

    await round_and_round("keeper", work, seconds=0.001, stop=stop, log=log)
    first, _second = log.of("job_failed")
    assert (first["job"], first["kind"]) == ("keeper", "ValueError")
    assert str(first["where"]).startswith(f"{Path(__file__).name}:")
    assert SECRET not in str(log.lines)


async def test_a_round_that_lacks_room_or_descriptors_says_so_by_name() -> None:
    log, stop = LogLines(), asyncio.Event()

    async def work() -> None:
        stop.set()
        raise OSError(errno.ENOSPC, SECRET, f"/tmp/{SECRET}")

    await round_and_round("keeper", work, seconds=0.001, stop=stop, log=log)
    assert log.of("job_failed")[0]["kind"] == "OSError ENOSPC"
    assert SECRET not in str(log.lines)

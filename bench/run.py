"""One run of everything that is measured, as one value that can be printed, stored and drawn."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from bench import (
    attacks,
    configuring,
    cost,
    desk,
    keeper,
    kept,
    large,
    lists,
    overview,
    scaling,
    schema_speed,
    transactions,
)
from bench.failure import measuring
from bench.machine import machine
from bench.program import CHECKOUT, program_of

Tell = Callable[[str], None]


def run(
    *,
    bits: Sequence[int],
    connections: Sequence[int],
    rounds: int,
    count: int,
    large_octets: int,
    ended_messages: int,
    stray_blobs: int,
    attack_seconds: float,
    overview_messages: int,
    desk_messages: int,
    list_questions: int,
    sizes: Sequence[scaling.Size],
    against: Path | None,
    tell: Tell,
) -> dict[str, Any]:
    """Measure hub and floor in turns for each key size and number of connections, the schema checks, what a removed
    message leaves behind, a large attachment (0: none), the keeper's work on so many messages and blobs (0: none), a
    desk user's overview of so many (0: none), so many messages opened and answered in a browser (0: none), a list of so
    many questions there (0: none), hubs of these sizes and what the files of the largest cost, and honest pushes while
    the hub is attacked and what a stranger's request costs it (0 seconds: neither), also with the program of the
    checkout `against`.

    Raises `NotMeasured` when something that is measured does not do what it should.
    """
    with measuring(), program_of(str(CHECKOUT)) as program:
        found: dict[str, Any] = {
            "what": "bench",
            "begun_at": datetime.now(UTC).isoformat(timespec="seconds"),
            **program.facts(),
            "machine": machine(),
        }
        found["transactions"] = []
        for size in bits:
            with _folder() as folder:
                work = transactions.measure(
                    size, folder, rounds=rounds, count=count, connections=connections, tell=tell
                )
                found["transactions"].append(uvloop.run(work))
        tell("the schema checks and the schema suite")
        found["schema"] = schema_speed.measure()
        if large_octets:
            with _folder() as folder:
                found["large_attachment"] = asyncio.run(large.measure(folder, large_octets, tell))
        with _folder() as folder:
            found["removed"] = asyncio.run(kept.measure(folder, tell, messages=count))
        with _folder() as folder:
            keeping = keeper.measure(folder, ended=ended_messages, strays=stray_blobs, tell=tell)
            found["keeper"] = asyncio.run(keeping)
        if overview_messages:
            with _folder() as folder:
                found["overview"] = uvloop.run(overview.measure(folder, overview_messages, tell))
        if desk_messages:
            with _folder() as folder:
                seen = asyncio.run(desk.measure(folder / "site", desk_messages, tell))
            if seen is not None:
                found["desk"] = seen
        if list_questions:
            with _folder() as folder:
                listed = asyncio.run(lists.measure(folder / "site", list_questions, tell))
            if listed is not None:
                found["lists"] = listed
        if sizes:
            with _folder() as folder:
                found["scaling"] = uvloop.run(scaling.measure(sizes, folder, rounds=rounds, tell=tell))
        if most := max((each.organisations for each in sizes), default=0):
            with _folder() as folder:
                found["configuring"] = uvloop.run(configuring.measure(folder, most, tell))
        if attack_seconds:
            with _folder() as folder:
                rows = attacks.measure(folder, checkout=against, seconds=attack_seconds, tell=tell)
                found["attacks"] = asyncio.run(rows)
                costs = cost.measure(folder / "cost", checkout=against, tell=tell)
                found["unproven_requests"] = asyncio.run(costs)
        return found


@contextmanager
def _folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="knooppunt-bench-") as name:
        yield Path(name)

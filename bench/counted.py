"""What each step costs the hub beside the floor's: a hub with clocks around its functions (`bench.counting`).

The clocks cost something themselves, so this hub's figures stand in this table alone.
"""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.counting.sitecustomize import SOCKET
from bench.counting.steps import beside_the_floor
from bench.program import CHECKOUT
from bench.station import REQUESTS, Installation, running

COUNTING = CHECKOUT / "bench" / "counting"
Totals = Mapping[str, tuple[int, float]]


async def measure(
    installation: Installation, floor: Mapping[str, float], *, count: int, connections: int, folder: Path
) -> dict[str, Any]:
    """The steps of so many transactions; `floor` is CPU microseconds of each of its steps for one transaction."""
    path = folder / "counters.sock"
    environment = {
        SOCKET: str(path),
        "PYTHONPATH": os.pathsep.join((str(COUNTING), installation.environment["PYTHONPATH"])),
    }
    async with running(installation, 2 * count, environment=environment) as station:
        await station.transact(count, connections)
        seen = {"": totals_of(path)}
        used = await station.transact(count, connections, after=lambda request: seen.update({request: totals_of(path)}))
    hub = {
        request: per_transaction(seen[request], seen[before], count)
        for request, before in zip(REQUESTS, ("", *REQUESTS), strict=False)
    }
    whole = {request: used.microseconds(request) for request in REQUESTS}
    return {
        "connections": connections,
        "transactions": count,
        "cpu_microseconds": beside_the_floor(
            {request: {target: each[1] for target, each in targets.items()} for request, targets in hub.items()},
            whole,
            floor,
        ),
        "functions": {
            request: {
                target: {"calls": calls, "cpu_microseconds": microseconds}
                for target, (calls, microseconds) in sorted(targets.items(), key=lambda each: -each[1][1])
            }
            for request, targets in hub.items()
        },
    }


def totals_of(path: Path) -> Totals:
    """What the clocks of a hub say now."""
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(path))
        with asking.makefile("rb") as file:
            return {target: (int(calls), used) for target, (calls, used) in json.load(file).items()}


def per_transaction(after: Totals, before: Totals, transactions: int) -> dict[str, tuple[float, float]]:
    """Calls and CPU microseconds of each function between two looks at the clocks, for one transaction."""
    found = {}
    for target, (calls, used) in after.items():
        calls_before, used_before = before.get(target, (0, 0.0))
        if used > used_before:
            found[target] = ((calls - calls_before) / transactions, (used - used_before) / transactions)
    return found

"""What a transaction costs the hub beside the floor, in rounds that alternate, over one and over many connections."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench import counted
from bench.alternating import Round, alternate, cpu_facts, load_facts
from bench.floor_process import floor_before_microseconds, floor_running, write_document
from bench.program import CHECKOUT, program_of
from bench.rounds import Spread, ratio
from bench.station import install_each, running

HUB, FLOOR = "hub", "floor"
EMPTY_PULL_CONNECTIONS = 4


async def measure(
    bits: int,
    folder: Path,
    *,
    rounds: int,
    count: int,
    connections: Sequence[int],
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """So many rounds of about so many transactions for each number of connections, and what an empty pull costs."""
    document = folder / "document.xml"
    write_document(document)
    before: list[float] = []

    async def floor_before() -> None:
        before.append(await asyncio.to_thread(floor_before_microseconds, bits, document))

    with program_of(str(CHECKOUT)) as program:
        installation = (await install_each({HUB: program}, folder, bits))[HUB]
        measured = await alternate(
            {FLOOR: partial(floor_running, bits, document), HUB: partial(running, installation)},
            rounds=rounds,
            transactions=count,
            connections=connections,
            tell=lambda line: tell(f"RSA-{bits}: {line}"),
            each_round=floor_before,
        )
        async with running(installation, count) as station:
            await station.transact(count, EMPTY_PULL_CONNECTIONS)
            empty_pull = await station.empty_pulls_microseconds(count, EMPTY_PULL_CONNECTIONS)
        most = max(connections)
        tell(f"RSA-{bits}: the steps of the hub, with clocks around them")
        floor = {
            step: Spread(tuple(each.used[FLOOR].microseconds(step) for each in measured[most])).median
            for step in measured[most][0].used[FLOOR].seconds
        }
        steps = await counted.measure(installation, floor, count=count, connections=most, folder=folder)
    return {
        "bits": bits,
        "connections": [row(each, measured[each], before) for each in connections],
        "floor_before_microseconds": Spread(tuple(before)).facts(),
        "empty_pull_microseconds": empty_pull,
        "steps": steps,
    }


def row(connections: int, rounds: Sequence[Round], floor_before: Sequence[float]) -> dict[str, Any]:
    """The figures at one number of connections; each round's floor as it was stands in `floor_before`."""
    hub, floor = ([each.used[name].microseconds() for each in rounds] for name in (HUB, FLOOR))
    return {
        "connections": connections,
        HUB: cpu_facts(rounds, HUB),
        FLOOR: cpu_facts(rounds, FLOOR),
        "ratio": ratio(hub, floor).facts(),
        "ratio_to_floor_before": ratio(hub, floor_before).facts(),
        "load": load_facts(rounds),
    }

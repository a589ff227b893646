"""What a transaction costs the hub beside the floor, in rounds that alternate, over one and over many connections; and
what a receipt costs that travels with the next pull, beside one that is a request of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from bench import counted
from bench.alternating import SLICE, Round, alternate, cpu_facts, load_facts
from bench.floor_process import floor_before_microseconds, floor_running, write_document
from bench.program import CHECKOUT, program_of
from bench.rounds import Spread, in_turns, ratio
from bench.station import WITH_RECEIPT, Station, install_each, running

HUB, FLOOR = "hub", "floor"
FEW_CONNECTIONS = 4


async def measure(
    bits: int,
    folder: Path,
    *,
    rounds: int,
    count: int,
    connections: Sequence[int],
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """So many rounds of about so many transactions for each number of connections, and what receipts cost in
    both ways, and an empty pull.
    """
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
        tell(f"RSA-{bits}: receipts with the next pull, and alone")
        size = min(SLICE, count)
        async with running(installation, size * (2 * rounds + 1)) as station:
            both_ways = await receipts(station, rounds=rounds, size=size)
            empty_pull = await station.empty_pulls_microseconds(count, FEW_CONNECTIONS)
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
        "receipts": both_ways,
        "empty_pull_microseconds": empty_pull,
        "steps": steps,
    }


async def receipts(station: Station, *, rounds: int, size: int, connections: int = FEW_CONNECTIONS) -> dict[str, Any]:
    """CPU microseconds of pull and receipt of a message, in rounds that alternate: the receipt alone, and with the next
    pull. Needs twice `rounds` and one times `size` messages that are ready.
    """
    await station.transact_bundled(size, connections)
    alone, beside = [], []
    for number in range(rounds):
        for bundles, _ in in_turns((False, True), (size,), number):
            if bundles:
                beside.append((await station.transact_bundled(size, connections)).microseconds(WITH_RECEIPT))
            else:
                used = await station.transact(size, connections)
                alone.append(used.microseconds("pull") + used.microseconds("receipt"))
    return {
        "connections": connections,
        "alone_microseconds": Spread(tuple(alone)).facts(),
        "with_next_pull_microseconds": Spread(tuple(beside)).facts(),
        "ratio": ratio(beside, alone).facts(),
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

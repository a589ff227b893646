"""Transactions of several programs in turns, round by round, over one and over many connections.

In each round every hub, and the floor, is a new process, as where its memory lies makes a difference of its own. All of
them run at the same time, and one after the other gets a slice of the load; who waits meanwhile costs next to nothing.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from typing import Protocol

from bench.machine import QUIET_CORES, Load
from bench.rounds import Spread, in_turns
from bench.station import Used

SLICE = 80  # transactions that are done before it is another program's turn
WARM_UP = 160


class Contestant(Protocol):
    """What is measured while it runs."""

    @property
    def pids(self) -> tuple[int, ...]:
        """Of its processes."""

    async def transact(self, number: int, connections: int) -> Used:
        """Do so many transactions over so many connections."""


Begin = Callable[[int], AbstractAsyncContextManager[Contestant]]  # given how many transactions there will be


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """What one round gave at one number of connections."""

    used: Mapping[str, Used]  # by the name of the program
    others_cores: float
    load_average: float


async def alternate(
    contestants: Mapping[str, Begin],
    *,
    rounds: int,
    transactions: int,
    connections: Sequence[int],
    tell: Callable[[str], None],
    each_round: Callable[[], Awaitable[None]] | None = None,
) -> dict[int, list[Round]]:
    """So many rounds, each of about so many transactions of every one for each number of connections; `each_round` is
    done after each of them.
    """
    size = min(SLICE, -(-transactions // 2))
    slices = round(transactions / size)
    warm_up = min(WARM_UP, transactions)
    found: dict[int, list[Round]] = {each: [] for each in connections}
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        async with AsyncExitStack() as stack:
            needed = warm_up + slices * size * len(connections)
            running = {name: await stack.enter_async_context(begin(needed)) for name, begin in contestants.items()}
            for each in running.values():
                await each.transact(warm_up, max(connections))
            for each_number in connections:
                found[each_number].append(await _round(running, [size] * slices, number, each_number))
        if each_round is not None:
            await each_round()
    return found


async def _round(running: Mapping[str, Contestant], slices: Sequence[int], number: int, connections: int) -> Round:
    used = {name: Used() for name in running}
    load = Load(pid for each in running.values() for pid in each.pids)
    for name, size in in_turns(tuple(running), slices, number):
        used[name].add(await running[name].transact(size, connections))
    return Round(used=used, others_cores=load.others_cores(), load_average=os.getloadavg()[0])


def cpu_facts(rounds: Sequence[Round], name: str) -> dict[str, object]:
    """Microseconds of one of them for a transaction and for each of its requests or steps."""
    of = {"transaction": None, **{each: each for each in rounds[0].used[name].seconds}}
    figures = {what: Spread(tuple(one.used[name].microseconds(each) for one in rounds)) for what, each in of.items()}
    return {
        "transactions": sum(each.used[name].transactions for each in rounds),
        "cpu_microseconds": {what: each.facts() for what, each in figures.items()},
    }


def load_facts(rounds: Sequence[Round]) -> dict[str, object]:
    """How busy others kept the machine."""
    return {"load_average": [each.load_average for each in rounds]} | load_facts_of(
        [one.others_cores for one in rounds]
    )


def load_facts_of(others_cores: Sequence[float]) -> dict[str, object]:
    """The same of measurements that kept no load average."""
    return {
        "others_cores": Spread(tuple(others_cores)).facts(),
        "quiet": max(others_cores) <= QUIET_CORES,
    }

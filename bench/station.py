"""One hub process with a sender and a receiver before it, and what so many whole transactions cost it.

A transaction is a push with its receipt, a pull with its message, and a receipt for that: a request of its own, or one
that travels with the next pull. Messages are signed before
anything is measured; receipts are signed while the hub waits. Each figure goes from the first request of its kind to
the first of the next, so what a hub puts off until after its answer counts too.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import aiohttp

from bench.failure import NotMeasured
from bench.hub_load import HubCpu, Wire, pull_wires, pull_with_receipt_wire, pushes, receipt_wire, send_all
from bench.program import Program, environment_of, lift_limits, new_site
from gateway.client.participant import Participant
from gateway.client.participant_file import load_participant
from gateway.client.transport import open_session
from gateway.site.hub_process import HubProcess

REQUESTS = ("push", "pull", "receipt")
WITH_RECEIPT = "pull with a receipt"


@dataclass(slots=True)
class Used:
    """CPU time for so many transactions, by request or by step; grows."""

    transactions: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, other: Used) -> None:
        """Count these as well."""
        self.transactions += other.transactions
        for name, seconds in other.seconds.items():
            self.seconds[name] = self.seconds.get(name, 0.0) + seconds

    def microseconds(self, what: str | None = None) -> float:
        """For one of these, or for a whole transaction."""
        seconds = sum(self.seconds.values()) if what is None else self.seconds[what]
        return seconds / self.transactions * 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """What lasts from round to round: the program, its site and where it logs."""

    program: Program
    folder: Path
    site: Mapping[str, Any]

    @property
    def environment(self) -> dict[str, str]:
        """Of every process that runs this program."""
        return environment_of(self.program.folder)

    def participant(self, number: int) -> Participant:
        """The organisation of that installation in the list of the site."""
        return load_participant(Path(self.site["organisations"][number]["folder"]))


def install(program: Program, folder: Path, bits: int) -> Installation:
    """A site of the program's own making in a new folder, without limits in the way."""
    site = new_site(folder, environment_of(program.folder), bits=bits)
    lift_limits(site)
    return Installation(program=program, folder=folder, site=site)


class Station:
    """A hub that runs, and who talks to it."""

    def __init__(
        self,
        installation: Installation,
        hub: HubProcess,
        out: aiohttp.ClientSession,
        back: aiohttp.ClientSession,
        receiver: Participant,
    ) -> None:
        self.pids = (hub.pid,)
        self.listened_at = time.perf_counter()
        self._url = str(installation.site["url"])
        self._cpu = HubCpu(hub.pid)
        self._out, self._back = out, back
        self._receiver = receiver
        self._ready: list[Wire] = []
        self._not_receipted: list[bytes] = []  # messages that were pulled, whose receipts go with pulls to come
        self._proved: set[aiohttp.ClientSession] = set()  # whose signature the hub has seen

    def have_ready(self, wires: list[Wire]) -> None:
        """Signed messages that the transactions to come use up."""
        self._ready = wires

    async def transact(
        self, number: int, connections: int, *, after: Callable[[str], object] = lambda _request: None
    ) -> Used:
        """So many transactions over so many connections: all pushes, then all pulls, then all receipts; `after` is told
        of each kind when all of that kind are done.
        """
        some, self._ready = self._ready[:number], self._ready[number:]
        if len(some) < number:
            raise NotMeasured(f"{len(some)} messages are signed, {number} are to be sent")
        started = self._cpu.seconds()
        answers = await self._send(self._out, some, connections, expected=200)
        require(answers, b"NonRepudiationInformation")
        asking = pull_wires(self._receiver, number)
        pushed = self._cpu.seconds()
        after("push")
        pulled = await self._send(self._back, asking, connections, expected=200)
        require(pulled, b"UserMessage")
        receipts = [receipt_wire(self._receiver, body) for body in pulled]
        handed_out = self._cpu.seconds()
        after("pull")
        await self._send(self._back, receipts, connections, expected=204)
        ended = self._cpu.seconds()
        after("receipt")
        seconds = {"push": pushed - started, "pull": handed_out - pushed, "receipt": ended - handed_out}
        return Used(number, seconds)

    async def transact_bundled(self, number: int, connections: int) -> Used:
        """So many transactions: all pushes, then all pulls, each with the receipt for a message of an earlier call. The
        first call has none to send, so what it used is not to be counted.
        """
        started = self._cpu.seconds()
        await self.push(number, connections)
        earlier, self._not_receipted = self._not_receipted[:number], self._not_receipted[number:]
        asking = [pull_with_receipt_wire(self._receiver, body) for body in earlier]
        asking += pull_wires(self._receiver, number - len(earlier))
        pushed = self._cpu.seconds()
        pulled = await self._send(self._back, asking, connections, expected=200)
        require(pulled, b"UserMessage")
        ended = self._cpu.seconds()
        self._not_receipted += pulled
        return Used(number, {"push": pushed - started, WITH_RECEIPT: ended - pushed})

    async def push(self, number: int, connections: int) -> float:
        """CPU seconds of the hub for so many pushes."""
        some, self._ready = self._ready[:number], self._ready[number:]
        before = self._cpu.seconds()
        answers = await self._send(self._out, some, connections, expected=200)
        require(answers, b"NonRepudiationInformation")
        return self._cpu.seconds() - before

    async def pull_one_by_one(self, number: int) -> tuple[float, list[float]]:
        """CPU seconds of the hub for so many pulls that find something, and how long each took until it was there."""
        took = []
        before = self._cpu.seconds()
        for wire in pull_wires(self._receiver, number):
            started = time.perf_counter()
            (answer,) = await self._send(self._back, [wire], 1, expected=200)
            took.append(time.perf_counter() - started)
            if b"eb:Error" in answer:
                raise NotMeasured("a pull found nothing")
        return self._cpu.seconds() - before, took

    async def empty_pulls_microseconds(self, number: int, connections: int) -> float:
        """CPU time of the hub for one PullRequest when nothing waits."""
        asking = pull_wires(self._receiver, number)
        before = self._cpu.seconds()
        answers = await self._send(self._back, asking, connections, expected=200)
        require(answers, b"EBMS:0006")
        return (self._cpu.seconds() - before) / number * 1e6

    async def _send(
        self, session: aiohttp.ClientSession, wires: list[Wire], connections: int, *, expected: int
    ) -> list[bytes]:
        # A hub gives an address that has proved nothing little of its time, so the first request goes alone.
        alone = 0 if session in self._proved else 1
        first = await self._send_all(session, wires[:alone], 1, expected)
        self._proved.add(session)
        return first + await self._send_all(session, wires[alone:], connections, expected)

    async def _send_all(
        self, session: aiohttp.ClientSession, wires: list[Wire], connections: int, expected: int
    ) -> list[bytes]:
        if not wires:
            return []
        _, answers = await send_all(session, self._url, wires, self._cpu, expected=expected, connections=connections)
        return answers


@dataclass(frozen=True, slots=True)
class Bundling:
    """A station whose receipts travel with the next pull."""

    station: Station

    @property
    def pids(self) -> tuple[int, ...]:
        """Of its processes."""
        return self.station.pids

    async def transact(self, number: int, connections: int) -> Used:
        """So many transactions over so many connections."""
        return await self.station.transact_bundled(number, connections)


def require(answers: list[bytes], piece: bytes) -> None:
    """Every answer has that in it; raises `NotMeasured`."""
    missing = sum(piece not in each for each in answers)
    if missing:
        raise NotMeasured(f"{missing} of {len(answers)} answers are not what they should be")


@asynccontextmanager
async def running(
    installation: Installation, messages: int, *, environment: Mapping[str, str] = MappingProxyType({})
) -> AsyncIterator[Station]:
    """The hub of that installation as a new process, with so many signed messages ready for it."""
    hub = HubProcess(
        Path(installation.site["settings"]),
        installation.folder / "hub.log",
        environment={**installation.environment, **environment},
    )
    sender, receiver = installation.participant(0), installation.participant(1)
    await hub.start()
    try:
        async with open_session(sender) as out, open_session(receiver) as back:
            station = Station(installation, hub, out, back, receiver)
            station.have_ready(await pushes(sender, receiver.party, messages, installation.folder))
            yield station
    finally:
        await hub.stop()


@asynccontextmanager
async def running_bundled(installation: Installation, messages: int) -> AsyncIterator[Bundling]:
    """The same, its receipts with the next pull."""
    async with running(installation, messages) as station:
        yield Bundling(station)


async def install_each(programs: Mapping[str, Program], folder: Path, bits: int) -> dict[str, Installation]:
    """An installation for each, by its name."""
    return {name: await asyncio.to_thread(install, program, folder / name, bits) for name, program in programs.items()}

"""What the keeper's work costs everybody else: how long the hub's event loop stands still, and what honest pushes meet.

    expiry   messages whose term is over wait in the store when the hub starts; it ends, announces and removes them all
    sweep    blob files that no row knows lie in the store; one purge takes them away

A standstill of the hub's loop is seen from outside: somebody asks a question over `admin.sock` that costs nothing, a
hundred times a second, and the longest that he waited is the row's figure. The sweep has no hub around it, because the
kernel dates its files and only a clock of the measurement's own makes them old.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import statistics
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from bench.attacks import PACE_SECONDS, PATIENCE_SECONDS, push
from bench.failure import NotMeasured
from bench.hub_load import Wire, bench_site, pushes
from bench.laying import ENDED, lay
from gateway.administration import verbs
from gateway.administration.client import AnsweringHub
from gateway.client.participant_file import load_participant
from gateway.clock import MovedClock, SystemClock
from gateway.site.hub_process import HubProcess
from gateway.site.organisations import CREDIT_BANK, CREDITOR
from gateway.wiring.engines import engine_called

ASK_SECONDS = 0.01
MOST_SECONDS = 1800.0
PARTS_OCTETS = 5_000
PUSHES_PER_ENDED = 4  # so many messages that end are given for each push that is signed beforehand


class Asker:
    """Asks again and again, and knows how much longer than it should the longest answer took."""

    def __init__(self, question: Callable[[], Awaitable[object]], *, should_seconds: float = 0.0) -> None:
        self.longest_seconds = 0.0
        self._question = question
        self._should_seconds = should_seconds

    async def ask_until(self, done: asyncio.Event) -> None:
        """Ask until then."""
        while not done.is_set():
            started = time.perf_counter()
            await self._question()
            took = time.perf_counter() - started - self._should_seconds
            self.longest_seconds = max(self.longest_seconds, took)
            await asyncio.sleep(ASK_SECONDS)


async def measure(folder: Path, *, ended: int, strays: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """The rows that are asked for: so many messages past their term, so many blobs without a row; 0 leaves one out."""
    found: dict[str, Any] = {}
    if ended:
        found["expiry"] = await _expiry(folder / "expiry", ended, tell)
    if strays:
        found["sweep"] = await _sweep(folder / "sweep", strays, tell)
    return found


async def _expiry(folder: Path, number: int, tell: Callable[[str], None]) -> dict[str, Any]:
    site = await asyncio.to_thread(bench_site, folder, 2048)
    sender = load_participant(site.organisation(CREDIT_BANK).folder)
    receiver = site.organisation(CREDITOR).party
    data, log = site.settings.parent / "data", folder / "hub.log"
    hub = HubProcess(site.settings, log)
    await hub.start()  # once before, as the mark of the time is made by a hub and missed beside a store in use
    await hub.stop()
    tell(f"the keeper: laying {number} messages into the store whose term is over")
    await lay(
        data,
        number,
        sender=sender.party,
        receivers=lambda _number: receiver,
        at=SystemClock().now(),
        ends=ENDED,
        parts_octets=PARTS_OCTETS,
    )
    wires = await pushes(sender, receiver, 20 + number // PUSHES_PER_ENDED, folder)
    tell(f"the keeper: ending and removing {number} messages while honest pushes are made")
    await hub.start()
    started = time.perf_counter()
    try:
        done = asyncio.Event()
        # In a thread, so that what the pushes cost on this side is not taken for the hub's.
        asking = asyncio.create_task(asyncio.to_thread(longest_answer, data, done))
        pushing = asyncio.create_task(push_until(done, site.url, wires, trusting(folder / "site" / "ca.pem")))
        try:
            await _removed(log, number)
            seconds = time.perf_counter() - started
        finally:
            done.set()
        longest, times = await asking, await pushing
    finally:
        await hub.stop()
    waited = sorted(PATIENCE_SECONDS if each is None else each for each in times)
    return {
        "messages": number,
        "seconds": seconds,
        "longest_pause_milliseconds": 1000 * longest,
        "pushes": len(times),
        "receipted": sum(each is not None for each in times),
        "median_milliseconds": 1000 * statistics.median(waited),
        "p99_milliseconds": 1000 * waited[max(0, int(len(waited) * 0.99) - 1)],
    }


async def _sweep(folder: Path, number: int, tell: Callable[[str], None]) -> dict[str, Any]:
    tell(f"the keeper: sweeping {number} blobs that no row knows")
    clock = MovedClock()
    store = await engine_called().open(folder, clock=clock)
    try:
        await asyncio.to_thread(_scatter, folder / "blobs", number)
        done = asyncio.Event()
        asker = Asker(lambda: asyncio.sleep(ASK_SECONDS), should_seconds=ASK_SECONDS)
        asking = asyncio.create_task(asker.ask_until(done))
        started = time.perf_counter()
        clock.offset = timedelta(hours=2)
        await store.purge()
        seconds = time.perf_counter() - started
        done.set()
        await asking
    finally:
        await store.aclose()
    if any((folder / "blobs").iterdir()):
        raise NotMeasured("blobs that no row knows were left")
    return {"blobs": number, "seconds": seconds, "longest_pause_milliseconds": 1000 * asker.longest_seconds}


def longest_answer(data: Path, done: asyncio.Event) -> float:
    """Seconds that whoever asked the hub a question without cost had to wait at most, until then."""

    async def ask() -> float:
        client = await AnsweringHub.connect(data)
        asker = Asker(partial(client.ask, verbs.doubt))
        try:
            await asker.ask_until(done)  # only looked at, which any thread may
        finally:
            await client.aclose()
        return asker.longest_seconds

    return asyncio.run(ask())


async def push_until(done: asyncio.Event, url: str, wires: list[Wire], tls: ssl.SSLContext) -> list[float | None]:
    """Start a push at each moment of the pace until then; seconds until its receipt was there, None without one."""
    running = []
    for wire in wires:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(done.wait(), PACE_SECONDS)
        if done.is_set():
            break
        running.append(asyncio.create_task(push(url, wire, tls)))
    return await asyncio.gather(*running)


async def _removed(log: Path, number: int) -> None:
    """Wait until the hub's log says that so many messages were removed."""

    def is_told() -> bool:
        return b'"messages_removed"' in log.read_bytes()

    async with asyncio.timeout(MOST_SECONDS):
        while not await asyncio.to_thread(is_told):  # noqa: ASYNC110 - another process sets no event of ours
            await asyncio.sleep(0.25)
    ended = await asyncio.to_thread(lambda: log.read_bytes().count(b'"message_expired"'))
    if ended != number:
        raise NotMeasured(f"{ended} messages ended instead of {number}")


def trusting(authority: Path) -> ssl.SSLContext:
    """Who connects to a hub of that authority."""
    return ssl.create_default_context(cafile=authority)


def _scatter(folder: Path, number: int) -> None:
    for each in range(number):
        (folder / f"{each:032x}").touch(mode=0o600)

"""What many organisations cost before any message comes, and when one of their files changes.

    read       seconds, CPU time and memory of a process that reads the folder and does nothing else
    match      microseconds in which a header is matched: of a sender that was matched before, and of one that was not
    reload     milliseconds of a reload after one file changed, asked as an administrator asks it, and how long the
               hub's loop stood still meanwhile

Each folder is read in a process of its own. For the reloads a hub runs and takes honest pushes; a standstill of its
loop is seen from outside, by a question that costs nothing (`bench.keeper`), and told beside the longest of as long a
time in which nothing was reloaded.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import multiprocessing
import random
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from bench.attacks import PATIENCE_SECONDS
from bench.failure import NotMeasured
from bench.hub_load import bench_site, pushes
from bench.keeper import longest_answer, push_until, trusting
from bench.machine import Load, cpu_seconds
from bench.scaling import more_organisations, resident_mebibytes
from gateway.administration import verbs
from gateway.administration.client import AnsweringHub
from gateway.client.participant_file import load_participant
from gateway.ebms.model import UserMessage
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site
from gateway.site.organisations import CREDIT_BANK, CREDITOR
from gateway.wiring.beside_traffic import beside_traffic
from pmodes.configuration import Configuration
from pmodes.folder import read_folder
from pmodes.match import match_user_message
from pmodes.model import Leg, PMode
from pmodes.term import local_day
from xsd.catalogue import load_catalogue

T = TypeVar("T")

FEW = 10
PUSHES = 150  # signed beforehand; as many as are needed are made
SENDERS = 2_000  # whose headers are matched
TURNS = 5
RELOADS = 10
REST_SECONDS = 0.5  # between reloads, and of each look at a hub that reloads nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Reload:
    """What one took until it was answered; CPU time of the hub, with what it spent on pushes meanwhile."""

    seconds: float
    cpu_seconds: float


async def measure(folder: Path, organisations: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """Rows of a few organisations and of so many, and the reloads of the hub that has them."""
    rows = []
    for number in (FEW, organisations):
        tell(f"reading the files of {number} organisations")
        site = await asyncio.to_thread(bench_site, folder / str(number), 2048)
        await asyncio.to_thread(more_organisations, site.settings, number - len(site.organisations))
        pmodes = site.settings.parent / "pmodes"
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as process:
            facts = await asyncio.get_running_loop().run_in_executor(process, read, pmodes)
        if facts["organisations"] != number:
            raise NotMeasured(f"{facts['organisations']} organisations were read instead of {number}")
        rows.append(facts)
    tell(f"reloading one changed file of {organisations} organisations while honest pushes are made")
    return {"read": rows, "reload": await _reloads(folder, site)}


async def _reloads(folder: Path, site: Site) -> dict[str, Any]:
    sender = load_participant(site.organisation(CREDIT_BANK).folder)
    wires = await pushes(sender, site.organisation(CREDITOR).party, PUSHES, folder)
    data, hub = site.settings.parent / "data", HubProcess(site.settings, folder / "hub.log")
    begun = time.perf_counter()
    await hub.start()
    started, memory = time.perf_counter() - begun, resident_mebibytes(hub.pid)
    try:
        done, tls = asyncio.Event(), trusting(site.folder / "ca.pem")
        pushing = asyncio.create_task(push_until(done, site.url, wires, tls))
        try:
            _, quiet = await _longest_pause(data, asyncio.sleep(RELOADS * REST_SECONDS))
            load = Load([hub.pid])
            reloads, longest = await _longest_pause(data, _reload_each(site, data, hub.pid))
            others = load.others_cores()
        finally:
            done.set()
            times = await pushing
        after = resident_mebibytes(hub.pid)
    finally:
        await hub.stop()
    seconds = [each.seconds for each in reloads]
    waited = sorted(PATIENCE_SECONDS if each is None else each for each in times)
    return {
        "start_seconds": started,
        "resident_mebibytes": memory,
        "resident_mebibytes_after_reloads": after,
        "reloads": len(seconds),
        "others_cores": others,
        "median_cpu_milliseconds": 1000 * statistics.median(each.cpu_seconds for each in reloads),
        "median_milliseconds": 1000 * statistics.median(seconds),
        "longest_milliseconds": 1000 * max(seconds),
        "longest_pause_milliseconds": 1000 * longest,
        "longest_pause_without_milliseconds": 1000 * quiet,
        "pushes": len(times),
        "receipted": sum(each is not None for each in times),
        "push_p99_milliseconds": 1000 * waited[max(0, int(len(waited) * 0.99) - 1)],
    }


async def _longest_pause(data: Path, work: Awaitable[T]) -> tuple[T, float]:
    """What comes of that, and the longest that the hub's loop stood still until then."""
    done = asyncio.Event()
    asking = asyncio.create_task(asyncio.to_thread(longest_answer, data, done))
    try:
        found = await work
    finally:
        done.set()
    return found, await asking


async def _reload_each(site: Site, data: Path, pid: int) -> list[Reload]:
    """Change one file and reload, again and again."""
    took = []
    client = await AnsweringHub.connect(data)
    async with contextlib.aclosing(client):
        for number in range(RELOADS):
            file = sorted((site.settings.parent / "pmodes").glob("made-*.yaml"))[number]
            file.write_text(file.read_text("utf-8").replace("name: made", "name: changed"), "utf-8")
            await asyncio.sleep(REST_SECONDS)
            started, used = time.perf_counter(), cpu_seconds(pid)
            await client.ask(verbs.reload)
            took.append(Reload(seconds=time.perf_counter() - started, cpu_seconds=cpu_seconds(pid) - used))
    return took


def read(pmodes: Path) -> dict[str, Any]:
    """Read a folder and match headers, in the process that does this alone."""
    catalogue, before = load_catalogue(), resident_mebibytes("self")
    load, started, used = Load(()), time.perf_counter(), time.process_time()
    with beside_traffic():  # as a hub reads
        configuration = read_folder(pmodes, catalogue=catalogue)
    seconds, cpu = time.perf_counter() - started, time.process_time() - used
    others, memory = load.others_cores(), resident_mebibytes("self") - before
    messages = _headers(configuration)
    fresh = read_folder(pmodes, catalogue=catalogue)  # no P-Mode is derived in it yet
    first = _microseconds(fresh, messages)
    return {
        "organisations": len(configuration.organisations),
        "seconds": seconds,
        "cpu_seconds": cpu,
        "others_cores": others,
        "mebibytes": memory,
        "first_match_microseconds": first,
        "match_microseconds": statistics.median(_microseconds(fresh, messages) for _ in range(TURNS)),
    }


def _headers(configuration: Configuration) -> list[UserMessage]:
    """A header that fits, of each sender of a fair choice."""
    chosen = random.Random(1).sample(configuration.organisations, min(SENDERS, len(configuration.organisations)))
    found = []
    for organisation in chosen:
        message_type = next(each for each in configuration.catalogue if organisation.sends(each, None))
        found.append(_header(configuration.pmode(organisation, message_type, Leg.SENDING)))
    return found


def _header(pmode: PMode) -> UserMessage:
    return UserMessage(
        message_id="a@b",
        timestamp=datetime.now(UTC),
        from_party=pmode.initiator,
        to_party=pmode.responder,
        service=pmode.business_info.service,
        action=pmode.business_info.action,
        conversation_id="1",
        mpc=pmode.business_info.mpc,
        agreement_ref=pmode.agreement,
    )


def _microseconds(configuration: Configuration, messages: Sequence[UserMessage]) -> float:
    """The median of matching each of them once."""
    took, today = [], local_day(datetime.now(UTC))
    gc.collect()
    for message in messages:
        started = time.perf_counter_ns()
        match_user_message(configuration, message, today)
        took.append(time.perf_counter_ns() - started)
    return statistics.median(took) / 1000

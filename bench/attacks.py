"""Attacks by peers who have proved nothing, against a hub process, while an honest participant pushes.

    a  50 addresses open silent TCP connections
    b  50 addresses hold TLS connections whose bodies come one octet at a time
    c  four addresses send the costliest envelopes within the limits, under a signature that does not hold, as fast as
       they are answered: every shape of `bench.costly`, one after the other

The row `-` is the same without an attack: what this machine gives now.

Each row is the p99 of the honest pushes, every one on a new connection as participants come, started at a steady pace
whatever became of the one before; a push that is not receipted within `PATIENCE_SECONDS` counts as that. `--against`
plays the same against the program of another checkout: its hub, made by its own `pki new`, under the same generator.

Addresses are those of loopback (127.n.0.1), and every loop ends with the clock: nothing else is ever the target.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import os
import resource
import ssl
import statistics
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from bench.costly import costly_requests
from bench.failure import NotMeasured
from bench.hub_load import Wire, pushes
from bench.program import CHECKOUT, environment_of, new_site
from gateway.client.participant_file import load_participant
from gateway.site.hub_process import HubProcess

PATIENCE_SECONDS = 10.0
PACE_SECONDS = 0.1  # ten honest pushes a second
WARM_UP_SECONDS = 2.0  # the attack stands before anything is measured
HONEST_MILLISECONDS = 250.0  # what p99 may be
FILES = 8_192  # connections that the generator may hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Attack:
    """One row: from how many addresses, with how many connections each, and what each connection does."""

    name: str
    tells: str
    addresses: int
    connections: int
    play: Callable[[Target, str], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The hub as an attacker sees it."""

    host: str
    port: int
    path: str
    tls: ssl.SSLContext
    wires: tuple[Wire, ...]  # what attack c sends

    def head(self, length: int, content_type: str = "application/soap+xml") -> bytes:
        """The head of a request with a body of that length."""
        lines = (f"POST {self.path} HTTP/1.1", f"Host: {self.host}:{self.port}", f"Content-Type: {content_type}",
                 f"Content-Length: {length}")  # fmt: skip
        return "\r\n".join((*lines, "", "")).encode()


async def stay_silent(target: Target, address: str) -> None:
    """Connect, say nothing, wait until the hub has enough."""
    reader, writer = await asyncio.open_connection(target.host, target.port, local_addr=(address, 0))
    try:
        await reader.read(1)
    finally:
        writer.transport.abort()


async def drip(target: Target, address: str) -> None:
    """A head at once, then a body of one octet in half a second."""
    reader, writer = await asyncio.open_connection(
        target.host, target.port, local_addr=(address, 0), ssl=target.tls, server_hostname="localhost"
    )
    try:
        writer.write(target.head(5_000))
        answered = asyncio.ensure_future(reader.read(1))
        while not answered.done():
            writer.write(b"x")
            await asyncio.wait((answered,), timeout=0.5)
        answered.exception()
    finally:
        writer.transport.abort()


async def hammer(target: Target, address: str) -> None:
    """Send costly envelopes over one connection, as fast as they are answered; each address begins with another."""
    reader, writer = await asyncio.open_connection(
        target.host, target.port, local_addr=(address, 0), ssl=target.tls, server_hostname="localhost"
    )
    first = int(address.split(".")[1]) * len(target.wires) // 4
    try:
        for wire in itertools.cycle((*target.wires[first:], *target.wires[:first])):
            await ask(target, wire, reader, writer)
    finally:
        writer.transport.abort()


async def ask(target: Target, wire: Wire, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """One request over a kept connection; returns its answer, head and body."""
    writer.write(target.head(len(wire.body), wire.content_type) + wire.body)
    await writer.drain()
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), b": 0")
    return head + await reader.readexactly(int(length.partition(b":")[2]))


ATTACKS = (
    Attack(name="-", tells="nobody", addresses=0, connections=0, play=stay_silent),
    Attack(name="a", tells="silent connections", addresses=50, connections=40, play=stay_silent),
    Attack(name="b", tells="slow bodies", addresses=50, connections=12, play=drip),
    Attack(name="c", tells="costly envelopes", addresses=4, connections=4, play=hammer),
)


# ---- the generator, a process of its own


async def generate(attack: Attack, target: Target, seconds: float) -> dict[str, int]:
    """Play an attack for so long; what is closed is opened again, after a breath when it was closed at once."""
    counted = {"connections": 0, "refused": 0}

    async def keep_at_it(address: str) -> None:
        while True:
            counted["connections"] += 1
            try:
                await attack.play(target, address)
            except (OSError, EOFError, ssl.SSLError):
                counted["refused"] += 1
            await asyncio.sleep(0.1)

    addresses = [f"127.{n}.0.1" for n in range(1, attack.addresses + 1)]
    players = [asyncio.create_task(keep_at_it(each)) for each in addresses for _ in range(attack.connections)]
    await asyncio.sleep(seconds)
    for each in players:
        each.cancel()
    await asyncio.gather(*players, return_exceptions=True)
    return counted


def main(order: str) -> None:
    """What the process runs: `order` is the JSON that `_attacked` wrote."""
    told = json.loads(order)
    url = urlsplit(told["url"])
    if url.hostname is None or not url.hostname.startswith("127.") or url.port is None:
        raise NotMeasured("only a hub on this machine is ever attacked")
    os.nice(10)  # an attacker works on machines of his own: here he is not to take the hub's CPU time
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(FILES, hard), hard))
    wires = tuple(
        Wire(content_type=told["content_type"], body=each.read_bytes())
        for each in sorted(Path(told["bodies"]).glob("*"))
    )
    tls = ssl.create_default_context(cafile=told["ca"])
    target = Target(host=url.hostname, port=url.port, path=url.path, tls=tls, wires=wires)
    attack = next(each for each in ATTACKS if each.name == told["attack"])
    print(json.dumps(asyncio.run(generate(attack, target, told["seconds"]))))


# ---- what is measured


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderAttack:
    """What honest pushes met while one attack went on."""

    pushes: int
    receipted: int
    median_milliseconds: float
    p99_milliseconds: float
    hub_peak_mebibytes: float
    attack_connections: int


async def measure(
    folder: Path, *, checkout: Path | None, seconds: float, tell: Callable[[str], None]
) -> list[dict[str, Any]]:
    """Each attack against a new hub of this program, and of the checkout's when one is given."""
    rows = []
    for attack in ATTACKS:
        what = f"{attack.tells} from {attack.addresses} addresses" if attack.addresses else "no attack"
        found: dict[str, Any] = {"attack": attack.name, "what": what}
        programs = {"now": None} if checkout is None else {"now": None, "before": checkout}
        for name, program in programs.items():
            tell(f"attack {attack.name}, {attack.tells}: {'this program' if program is None else program}")
            row = await _attacked(attack, folder / f"{attack.name}-{name}", program, seconds)
            found[name] = {key: getattr(row, key) for key in UnderAttack.__slots__}
        found["holds"] = found["now"]["p99_milliseconds"] < HONEST_MILLISECONDS
        rows.append(found)
    return rows


async def _attacked(attack: Attack, folder: Path, checkout: Path | None, seconds: float) -> UnderAttack:
    environment = environment_of(checkout)
    site = await asyncio.to_thread(new_site, folder, environment)
    sender = load_participant(Path(site["organisations"][0]["folder"]))
    authority = folder / "site" / "ca.pem"
    receiver = site["organisations"][1]["party"]
    # Signed beforehand: what is measured is the hub.
    wires = await pushes(sender, receiver, 1 + int(seconds / PACE_SECONDS), folder)
    bodies = folder / "bodies"
    bodies.mkdir()
    for number, each in enumerate(costly_requests(wires[0]).values() if attack.play is hammer else ()):
        (bodies / f"{number:02}").write_bytes(each.body)
    order = {"attack": attack.name, "url": site["url"], "ca": str(authority), "bodies": str(bodies),
             "content_type": wires[0].content_type, "seconds": WARM_UP_SECONDS + seconds + 1.0}  # fmt: skip
    hub = HubProcess(Path(site["settings"]), folder / "hub.log", environment=environment)
    await hub.start()
    generator: asyncio.subprocess.Process | None = None
    try:
        tls = ssl.create_default_context(cafile=authority)
        await push(site["url"], wires[0], tls)  # this participant is known, as every one is after its first message
        command = [sys.executable, "-P", "-c", "import sys; from bench.attacks import main; main(sys.argv[1])"]
        generator = await asyncio.create_subprocess_exec(
            *command, json.dumps(order), stdout=subprocess.PIPE, env={**os.environ, **environment_of(CHECKOUT)}
        )
        await asyncio.sleep(WARM_UP_SECONDS)
        times = await _push_at_a_pace(site["url"], wires[1:], tls)
        peak = _peak_mebibytes(hub.pid)
        said, _ = await generator.communicate()
    finally:
        if generator is not None and generator.returncode is None:
            generator.kill()
            await generator.wait()
        await hub.stop()
    counted = json.loads(said) if said else {"connections": 0}
    return UnderAttack(
        pushes=len(times),
        receipted=sum(each is not None for each in times),
        median_milliseconds=1000 * statistics.median(PATIENCE_SECONDS if t is None else t for t in times),
        p99_milliseconds=1000 * sorted(PATIENCE_SECONDS if t is None else t for t in times)[int(len(times) * 0.99) - 1],
        hub_peak_mebibytes=peak,
        attack_connections=counted["connections"],
    )


async def _push_at_a_pace(url: str, wires: list[Wire], tls: ssl.SSLContext) -> list[float | None]:
    """Start each push at its moment; seconds until its receipt was there, None for one that got none."""
    running = []
    started = time.perf_counter()
    for number, wire in enumerate(wires):
        await asyncio.sleep(max(0.0, started + number * PACE_SECONDS - time.perf_counter()))
        running.append(asyncio.create_task(push(url, wire, tls)))
    return await asyncio.gather(*running)


async def push(url: str, wire: Wire, tls: ssl.SSLContext) -> float | None:
    """Seconds until the receipt was there, over a new connection; None for one that got none."""
    started = time.perf_counter()
    timeout = aiohttp.ClientTimeout(total=PATIENCE_SECONDS)
    connector = aiohttp.TCPConnector(ssl=tls, force_close=True)
    with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
        async with (
            aiohttp.ClientSession(connector=connector, timeout=timeout) as session,
            session.post(url, data=wire.body, headers={"Content-Type": wire.content_type}) as response,
        ):
            body = await response.read()
            if response.status == 200 and b"NonRepudiationInformation" in body:
                return time.perf_counter() - started
    return None


def _peak_mebibytes(pid: int) -> float:
    line = next(each for each in Path(f"/proc/{pid}/status").read_text().splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) / 1024

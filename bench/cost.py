"""What one request of a stranger costs the hub before it is refused: each shape of `bench.costly` beside a plain one.

CPU time of the hub process with all its threads, over a kept TLS connection, plain and stuffed in turn; of several
rounds the cheapest counts, as a busy machine only ever adds. The budgets of strangers are lifted for it: they would
refuse the generator before its envelopes cost anything.
"""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from bench.attacks import Target, ask
from bench.costly import PLAIN, costly_requests
from bench.failure import NotMeasured
from bench.hub_load import HubCpu, Wire, pushes
from bench.program import environment_of, new_site
from gateway.client.participant_file import load_participant
from gateway.site.hub_process import HubProcess

MOST_RATIO = 3.0  # what a stuffed request may cost, in plain ones
ROUNDS = 4
REQUESTS = 4  # of each kind in a round
HANDSHAKE_SECONDS = 0.01  # until the hub, too, has done with it
_NO_BUDGETS = """
[limits]
requests_per_second_per_address = 100000
unreadable_per_second_per_address = 100000
"""
_NO_BUDGETS_OF_STRANGERS = """\
unreadable_per_second = 100000
stranger_cpu_fraction_per_address = 0.99
stranger_bytes_per_second_per_address = 1e9
"""
_CODE = re.compile(rb'errorCode="([^"]+)"')


async def measure(folder: Path, *, checkout: Path | None, tell: Callable[[str], None]) -> list[dict[str, Any]]:
    """A row for each shape: octets, milliseconds, plain ones it costs, and the answer; also of the checkout's hub."""
    now = await _costs(folder / "now", None, tell)
    before = {} if checkout is None else await _costs(folder / "before", checkout, tell)
    return [
        {"shape": shape, "octets": row["octets"], "now": row, "holds": row["ratio"] <= MOST_RATIO}
        | ({"before": before[shape]} if before else {})
        for shape, row in now.items()
    ]


async def _costs(folder: Path, checkout: Path | None, tell: Callable[[str], None]) -> dict[str, dict[str, Any]]:
    environment = environment_of(checkout)
    site = await asyncio.to_thread(new_site, folder, environment)
    settings = Path(site["settings"])
    await asyncio.to_thread(_lift_budgets, settings, strangers=checkout is None)
    sender = load_participant(Path(site["organisations"][0]["folder"]))
    (push,) = await pushes(sender, site["organisations"][1]["party"], 1, folder)
    shapes = costly_requests(push)
    tls = ssl.create_default_context(cafile=folder / "site" / "ca.pem")
    url = urlsplit(site["url"])
    target = Target(host=str(url.hostname), port=int(url.port or 0), path=url.path, tls=tls, wires=())
    hub = HubProcess(settings, folder / "hub.log", environment=environment)
    await hub.start()
    try:
        tell(f"{len(shapes)} shapes of one unproven request: {'this program' if checkout is None else checkout}")
        line = _Line(target, HubCpu(hub.pid))
        await line.cost(push)  # the hub knows this signer from an accepted message, as it does everybody's after a day
        for _ in range(REQUESTS * ROUNDS):
            await line.cost(shapes[PLAIN])  # whatever is made at the first use of it is there
        return {name: await _row(wire, shapes[PLAIN], line) for name, wire in shapes.items()}
    finally:
        await hub.stop()


def _lift_budgets(settings: Path, *, strangers: bool) -> None:
    """Versions that knew no strangers have no settings for them."""
    with settings.open("a", encoding="utf-8") as file:
        file.write(_NO_BUDGETS + (_NO_BUDGETS_OF_STRANGERS if strangers else ""))


class _Line:
    """A connection to the hub, opened again where it was closed after an answer."""

    def __init__(self, target: Target, cpu: HubCpu) -> None:
        self._target = target
        self._cpu = cpu
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def cost(self, wire: Wire) -> tuple[float, bytes]:
        """CPU milliseconds of the hub for one request, without those of a handshake; and its answer."""
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                self._target.host, self._target.port, ssl=self._target.tls, server_hostname="localhost"
            )
            await asyncio.sleep(HANDSHAKE_SECONDS)
        reader, writer = self._streams
        before = self._cpu.seconds()
        answer = await ask(self._target, wire, reader, writer)
        used = 1000 * (self._cpu.seconds() - before)
        if b"connection: close" in answer.partition(b"\r\n\r\n")[0].lower():
            writer.transport.abort()
            self._streams = None
        return used, answer


async def _row(wire: Wire, plain: Wire, line: _Line) -> dict[str, Any]:
    plain_rounds, rounds = [], []
    for _ in range(ROUNDS):
        plain_rounds.append(sum([(await line.cost(plain))[0] for _ in range(REQUESTS)]))
        rounds.append(sum([(await line.cost(wire))[0] for _ in range(REQUESTS)]))
    _, answer = await line.cost(wire)
    status = answer.split(b" ", 2)[1].decode()
    if status not in ("200", "400", "413"):
        raise NotMeasured(f"a stuffed request was answered with HTTP {status}")
    code = _CODE.search(answer)
    return {
        "octets": len(wire.body),
        "cpu_milliseconds": min(rounds) / REQUESTS,
        "ratio": min(rounds) / min(plain_rounds),
        "answer": status if code is None else code[1].decode(),
    }

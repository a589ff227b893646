"""One run of everything that is measured, as one value that can be printed, stored and drawn."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from bench import attacks, cost, hub_load, keeper, kept, large, schema_speed
from bench.failure import NotMeasured, last_line, measuring
from bench.machine import machine
from xsd.catalogue import load_catalogue

Tell = Callable[[str], None]


def run(
    *,
    bits: Sequence[int],
    count: int,
    large_octets: int,
    ended_messages: int,
    stray_blobs: int,
    attack_seconds: float,
    against: Path | None,
    tell: Tell,
) -> dict[str, Any]:
    """Measure floor and hub for each key size, the schema checks, what a removed message leaves behind, a large
    attachment (0: none), the keeper's work on so many messages and blobs (0: none), and honest pushes while the hub is
    attacked and what a stranger's request costs it (0 seconds: neither), also with the program of the checkout
    `against`.

    Raises `NotMeasured` when something that is measured does not do what it should.
    """
    with measuring():
        found = _measure(bits, count, large_octets, tell)
        with tempfile.TemporaryDirectory(prefix="knooppunt-bench-") as folder:
            found["removed"] = asyncio.run(kept.measure(Path(folder), tell, messages=count))
        with tempfile.TemporaryDirectory(prefix="knooppunt-bench-") as folder:
            work = keeper.measure(Path(folder), ended=ended_messages, strays=stray_blobs, tell=tell)
            found["keeper"] = asyncio.run(work)
        if attack_seconds:
            with tempfile.TemporaryDirectory(prefix="knooppunt-bench-") as folder:
                rows = attacks.measure(Path(folder), checkout=against, seconds=attack_seconds, tell=tell)
                found["attacks"] = asyncio.run(rows)
                costs = cost.measure(Path(folder) / "cost", checkout=against, tell=tell)
                found["unproven_requests"] = asyncio.run(costs)
        return found


def _measure(bits: Sequence[int], count: int, large_octets: int, tell: Tell) -> dict[str, Any]:
    found: dict[str, Any] = {"machine": machine(), "transactions": []}
    for size in bits:
        tell(f"RSA-{size}: the floor")
        floor = _floor(size)
        with tempfile.TemporaryDirectory(prefix="knooppunt-bench-") as folder:
            costs = asyncio.run(hub_load.measure(size, Path(folder), count, tell))
        found["transactions"].append(_transaction(size, floor, costs))
    tell("the schema checks and the schema suite")
    found["schema"] = schema_speed.measure()
    if large_octets:
        with tempfile.TemporaryDirectory(prefix="knooppunt-bench-") as folder:
            found["large_attachment"] = asyncio.run(large.measure(Path(folder), large_octets, tell))
    return found


def _floor(bits: int) -> dict[str, Any]:
    """The floor in a process that has none of our modules."""
    kind = load_catalogue().message("Schuldregeling", "2.0", "Saldoverzoek")
    if kind is None:
        raise NotMeasured("the module Schuldregeling 2.0 is not there")
    octets = hub_load.document_of(
        hub_load.DOCUMENT_OCTETS, sender="00000099000001001000", receiver="00000099000001002000"
    )
    with tempfile.NamedTemporaryFile(suffix=".xml") as document:
        document.write(octets)
        document.flush()
        script = Path(__file__).with_name("floor_before.py")
        command = [sys.executable, str(script), "--bits", str(bits)]
        command += ["--schema", str(kind.folder / "schema.xsd"), "--document", document.name]
        ended = subprocess.run(command, capture_output=True, check=False, text=True)
    if ended.returncode:
        raise NotMeasured(f"the floor ended with {ended.returncode}: {last_line(ended.stderr)}")
    found: dict[str, Any] = json.loads(ended.stdout)[0]
    return found


def _transaction(bits: int, floor: dict[str, Any], costs: dict[str, hub_load.Cost]) -> dict[str, Any]:
    whole = sum(costs[step].cpu_microseconds for step in ("push", "pull", "receipt"))
    return {
        "bits": bits,
        "cpu_milliseconds": {step: cost.cpu_microseconds / 1000 for step, cost in costs.items()},
        "per_second_one_connection_pool": {step: cost.requests / cost.wall_seconds for step, cost in costs.items()},
        "transaction_milliseconds": whole / 1000,
        "transactions_per_second_per_core": 1e6 / whole,
        "floor": floor,
        "floor_milliseconds": floor["sum_microseconds"] / 1000,
        "ratio": whole / floor["sum_microseconds"],
    }

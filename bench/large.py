"""A large attachment through the hub and back: how long it takes, and how much memory each side needs at its peak."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.failure import NotMeasured
from bench.hub_load import DOCUMENT_OCTETS, HubCpu, bench_site, document_of
from gateway.site.hub_process import HubProcess
from gateway.site.organisations import CREDIT_BANK, CREDITOR


async def measure(folder: Path, octets: int, tell: Callable[[str], None]) -> dict[str, float]:
    """Push and pull one opaque attachment of that size: seconds, megabytes for a second of the hub's CPU time, and
    memory in MiB of hub and clients.
    """
    site = await asyncio.to_thread(bench_site, folder, 2048)
    sender, receiver = site.organisation(CREDIT_BANK), site.organisation(CREDITOR)
    document, attachment = folder / "saldoverzoek.xml", folder / "attachment.bin"
    document.write_bytes(document_of(DOCUMENT_OCTETS, sender=sender.party, receiver=receiver.party))
    await asyncio.to_thread(_write_random, attachment, octets)
    hub = HubProcess(site.settings, folder / "hub.log")
    await hub.start()
    cpu, idle = HubCpu(hub.pid), _resident_mebibytes(hub.pid, "VmRSS")
    try:
        started = cpu.seconds()
        tell(f"pushing an attachment of {octets / 2**20:.0f} MiB")
        out = folder / "in"
        push = await asyncio.to_thread(
            _run,
            "push", "--as", str(sender.folder), str(document), "--attach", str(attachment),
            "--type-of-attachment", "application/octet-stream", "--unchecked", "--retries", "0",
        )  # fmt: skip
        pushed = cpu.seconds()
        tell("pulling it")
        pull = await asyncio.to_thread(_run, "pull", "--as", str(receiver.folder), "--out", str(out))
        pulled = cpu.seconds()
        hub_peak = _resident_mebibytes(hub.pid, "VmHWM")
        arrived = [each for each in out.iterdir() if each.stat().st_size == octets]
        same = await asyncio.to_thread(_same, attachment, arrived[0]) if arrived else False
    finally:
        await hub.stop()
    if not same:
        raise NotMeasured("the attachment did not arrive octet for octet")
    return {
        "octets": float(octets),
        "push_seconds": push[0],
        "pull_seconds": pull[0],
        "push_megabytes_a_cpu_second": octets / 1e6 / (pushed - started),
        "pull_megabytes_a_cpu_second": octets / 1e6 / (pulled - pushed),
        "hub_idle_mebibytes": idle,
        "hub_peak_mebibytes": hub_peak,
        "push_client_peak_mebibytes": push[1],
        "pull_client_peak_mebibytes": pull[1],
    }


# The kernel counts what the parent held at the start of a child as the child's own peak: so the parent is a small one.
_SMALL_PARENT = """
import os, subprocess, sys
child = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(child.pid, 0)
print(usage.ru_maxrss)
sys.exit(abs(os.waitstatus_to_exitcode(status)))
"""


def _run(*arguments: str) -> tuple[float, float]:
    """A command in a process of its own: wall seconds, and its peak memory in MiB."""
    started = time.perf_counter()
    command = [sys.executable, "-P", "-m", "gateway.cli", *arguments]
    ended = subprocess.run([sys.executable, "-I", "-c", _SMALL_PARENT, *command], stdout=subprocess.PIPE, check=False)
    if ended.returncode != 0:
        raise NotMeasured(f"knooppunt {arguments[0]} ended with {ended.returncode}")
    return time.perf_counter() - started, int(ended.stdout) / 1024


def _resident_mebibytes(pid: int, which: str) -> float:
    found = re.search(rf"{which}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    if found is None:
        raise NotMeasured("the kernel does not tell the memory of the hub")
    return int(found[1]) / 1024


def _write_random(path: Path, octets: int) -> None:
    block = os.urandom(1 << 20)
    with path.open("wb") as file:
        for index in range(0, octets, len(block)):
            # Different in every block, so that no step can profit from repetition.
            piece = index.to_bytes(8, "big") + block[8:]
            file.write(piece[: octets - index])


def _same(one: Path, other: Path) -> bool:
    with one.open("rb") as first, other.open("rb") as second:
        while chunk := first.read(1 << 20):
            if chunk != second.read(1 << 20):
                return False
        return not second.read(1)

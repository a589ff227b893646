"""The floor as what is measured in turns with a hub, and the floor as it was before, to which older ratios refer."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from bench.failure import NotMeasured, last_line
from bench.hub_load import DOCUMENT_OCTETS, document_of
from bench.program import CHECKOUT, environment_of
from bench.station import Used
from xsd.catalogue import load_catalogue

HEADER_SCHEMA = CHECKOUT / "xsd" / "protocol" / "ebms.xsd"


def write_document(path: Path) -> None:
    """The document that the floor validates: as large as those that the hub gets."""
    path.write_bytes(document_of(DOCUMENT_OCTETS, sender="00000099000001001000", receiver="00000099000001002000"))


def schema_of_documents() -> Path:
    """Where the schema of such a document lies."""
    kind = load_catalogue().message("Schuldregeling", "2.0", "Saldoverzoek")
    if kind is None:
        raise NotMeasured("the module Schuldregeling 2.0 is not there")
    return kind.folder / "schema.xsd"


class FloorProcess:
    """A floor that runs."""

    def __init__(self, process: asyncio.subprocess.Process, requests_pid: int) -> None:
        self._process = process
        self.pids = (process.pid, requests_pid)

    async def transact(self, number: int, connections: int) -> Used:
        """Do so many transactions, the requests of them over so many connections."""
        if self._process.stdin is None:
            raise NotMeasured("the floor cannot be told anything")
        self._process.stdin.write(f"{number} {connections}\n".encode())
        microseconds = await _said(self._process)
        return Used(number, {step: value / 1e6 for step, value in microseconds.items()})


@asynccontextmanager
async def floor_running(bits: int, document: Path, _transactions: int) -> AsyncIterator[FloorProcess]:
    """A new floor with keys of that size."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.floor", "--bits", str(bits), "--schema", str(schema_of_documents()),
        "--header-schema", str(HEADER_SCHEMA), "--document", str(document),
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        env=os.environ | environment_of(CHECKOUT),
    )  # fmt: skip
    try:
        yield FloorProcess(process, (await _said(process))["requests_pid"])
    finally:
        if process.stdin is not None:
            process.stdin.close()
        for pipe in (process.stdout, process.stderr):  # to their end, or they end when the loop is no more
            if pipe is not None:
                await pipe.read()
        await process.wait()


async def _said(process: asyncio.subprocess.Process) -> dict[str, Any]:
    """The next thing that the floor says."""
    line = b"" if process.stdout is None else await process.stdout.readline()
    if not line:
        complaint = b"" if process.stderr is None else await process.stderr.read()
        raise NotMeasured(f"the floor ended with {await process.wait()}: {last_line(complaint.decode())}")
    found: dict[str, Any] = json.loads(line)
    return found


def floor_before_microseconds(bits: int, document: Path) -> float:
    """The sum of the floor as it was before it was mended, measured now."""
    script = CHECKOUT / "bench" / "floor_before.py"
    command = [sys.executable, str(script), "--bits", str(bits), "--schema", str(schema_of_documents())]
    ended = subprocess.run([*command, "--document", str(document)], capture_output=True, check=False, text=True)
    if ended.returncode:
        raise NotMeasured(f"the floor as it was ended with {ended.returncode}: {last_line(ended.stderr)}")
    return float(json.loads(ended.stdout)[0]["sum_microseconds"])

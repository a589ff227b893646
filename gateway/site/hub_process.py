"""A hub as a process of its own: started as `knooppunt serve` starts it, stopped, and killed without warning."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

START_SECONDS = 120.0  # an ordinary start takes one; on a machine that does much else it takes longer
MOVED_CLOCK = "KNOOPPUNT_MOVED_CLOCK_SECONDS"


class HubDidNotStart(Exception):
    """The hub ended or stayed silent; the text is what it said, or the end of its log."""


class HubProcess:
    """One hub at a time, on one settings file; its log is appended to a file beside it."""

    def __init__(self, settings: Path, log: Path, *, environment: Mapping[str, str] = MappingProxyType({})) -> None:
        self._settings = settings
        self._environment = environment  # what the process has besides ours
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None
        self.starts = 0

    @property
    def pid(self) -> int:
        """Of the running hub."""
        if self._process is None:
            raise RuntimeError("the hub does not run")
        return self._process.pid

    async def start(self, *, moved: timedelta = timedelta(), tell: Callable[[str], None] = lambda _line: None) -> None:
        """Start it and wait until it listens; `moved` moves the clock of a test environment."""
        self._process = self._spawn(moved)
        self.starts += 1
        # A hub that stays silent is killed, which ends its output and so the reading.
        giving_up = asyncio.get_running_loop().call_later(START_SECONDS, self._process.kill)
        answer = await asyncio.to_thread(_first_document, self._process)
        giving_up.cancel()
        # A version of the program that bench measures beside this one may print the facts alone.
        facts = None if answer is None else answer.get("facts", answer if "listening" in answer else None)
        if facts is None:
            await self.kill()
            # A hub that refuses to start says why in its document; one that broke left that in its log.
            said = "" if answer is None else answer.get("error")
            raise HubDidNotStart(said or self._log.read_text("utf-8", "replace")[-2000:].strip())
        tell(f"hub process {self.pid} listens on port {facts['listening']['port']}")

    def _spawn(self, moved: timedelta) -> subprocess.Popen[bytes]:
        environment = {**os.environ, **self._environment, MOVED_CLOCK: str(moved.total_seconds())}
        command = [sys.executable, "-P", "-m", "gateway.cli", "serve", str(self._settings), "--json"]
        with open(self._log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as log:
            return subprocess.Popen(  # noqa: S603 - this program, on a file that its caller made
                command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, env=environment
            )

    async def ended(self) -> None:
        """Wait until it ends by itself."""
        if self._process is not None:
            await asyncio.to_thread(self._process.wait)

    async def kill(self) -> None:
        """SIGKILL: no farewell, no clean-up, as a power cut would leave the process."""
        await self._end(signal.SIGKILL)

    async def stop(self) -> None:
        """SIGTERM, and wait for the end."""
        await self._end(signal.SIGTERM)

    async def _end(self, with_signal: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(with_signal)
        try:
            await asyncio.to_thread(process.wait, START_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            await asyncio.to_thread(process.wait)
        if process.stdout is not None:
            process.stdout.close()


def _first_document(process: subprocess.Popen[bytes]) -> dict[str, Any] | None:
    """The first JSON document that the process prints; None when it ends without one."""
    text = ""
    for line in process.stdout or ():
        text += line.decode("utf-8", "replace")
        with suppress(ValueError):
            found: dict[str, Any] = json.loads(text)
            return found
    return None

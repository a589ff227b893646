"""A hub as a process of its own: started as `knooppunt serve` starts it, stopped, and killed without warning."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

START_SECONDS = 30.0
MOVED_CLOCK = "KNOOPPUNT_MOVED_CLOCK_SECONDS"


class HubDidNotStart(Exception):
    """The hub ended or stayed silent; the text is the end of what it said."""


class HubProcess:
    """One hub at a time, on one settings file; its log is appended to a file beside it."""

    def __init__(self, settings: Path, log: Path) -> None:
        self._settings = settings
        self._log = log
        self._process: asyncio.subprocess.Process | None = None
        self.starts = 0

    @property
    def pid(self) -> int:
        """Of the running hub."""
        if self._process is None:
            raise RuntimeError("the hub does not run")
        return self._process.pid

    async def start(self, *, moved: timedelta = timedelta(), tell: Callable[[str], None] = lambda _line: None) -> None:
        """Start it and wait until it listens; `moved` moves the clock of a test environment."""
        environment = {**os.environ, MOVED_CLOCK: str(moved.total_seconds())}
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "gateway.cli",
                "serve",
                str(self._settings),
                "--json",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
                env=environment,
            )
        self.starts += 1
        try:
            async with asyncio.timeout(START_SECONDS):
                answer = await self._first_document()
        except (TimeoutError, EOFError):
            await self.kill()
            raise HubDidNotStart(self._log.read_text("utf-8", "replace")[-2000:]) from None
        tell(f"hub process {self.pid} listens on port {answer['listening']['port']}")

    async def _first_document(self) -> dict[str, dict[str, int]]:
        process = self._process
        if process is None or process.stdout is None:
            raise EOFError
        text = ""
        while line := await process.stdout.readline():
            text += line.decode()
            with suppress(ValueError):
                found: dict[str, dict[str, int]] = json.loads(text)
                return found
        raise EOFError

    async def ended(self) -> None:
        """Wait until it ends by itself."""
        if self._process is not None:
            await self._process.wait()

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
        with suppress(ProcessLookupError):
            process.send_signal(with_signal)
        try:
            async with asyncio.timeout(START_SECONDS):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

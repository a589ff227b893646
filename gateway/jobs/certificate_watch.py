"""Tells once a day which certificates end soon, so that nobody learns it from refused messages.

The day is remembered in a file, over restarts too; one that cannot be read or written, or is no plain file, costs a
repetition and nothing else, and is not waited for.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from gateway.clock import Clock
from gateway.events import EventLog
from gateway.limits import KIB
from gateway.named_file import FileRefused, read_named
from gateway.whole_file import write_whole
from pmodes.validity import Listed


class CertificateWatch:
    """One look; `ending` says what is to be told at a moment, `told` is the file that remembers the day."""

    def __init__(
        self, ending: Callable[[datetime], Sequence[Listed]], clock: Clock, log: EventLog, told: Path | None = None
    ) -> None:
        self._ending = ending
        self._clock = clock
        self._log = log
        self._file = told
        self._told = self._remembered()

    async def look(self) -> None:
        """Tell of every certificate that ends soon, unless that was done today."""
        now = self._clock.now()
        today = now.date().isoformat()
        if self._told == today:
            return
        for each in await asyncio.to_thread(self._ending, now):  # there may be thousands
            self._log(
                "certificate_ends",
                place=each.place,
                party=each.party,
                use=each.use,
                ends_at=each.ends_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
                days_left=each.days_left(now),
            )
        self._told = today
        await asyncio.to_thread(self._remember, today)  # it is flushed, and nobody else has to wait for a disk

    def _remembered(self) -> str:
        if self._file is None:
            return ""
        try:
            return read_named(self._file, most_octets=KIB).decode("ascii").strip()
        except (FileRefused, ValueError):
            return ""

    def _remember(self, today: str) -> None:
        if self._file is None:
            return
        with suppress(OSError):
            write_whole(self._file, f"{today}\n".encode("ascii"), is_secret=True)

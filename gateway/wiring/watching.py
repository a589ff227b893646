"""Watches the files of a hub that runs, where its settings say so, and has them read when somebody changed them.

Looks at every file again and again, which asks nothing of the file system and holds for mounted ones as well; files
that change are waited for until two looks saw the same. So many changes are one reload, and a file that is half written
is not read. A reload that was refused is not tried again before something changes.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.events import EventLog, class_of, place_of
from gateway.wiring.watched_files import FilesSeen

LOOK_SECONDS: Final = 1.0
_MOST_SECONDS: Final = 10.0
_REST_PER_LOOK: Final = 20  # looking takes a twentieth of a core at most, however many files there are


class Watching:
    """`as_read` tells how the files lay when they were read last, whatever came of that; `reload` reads them."""

    def __init__(
        self, as_read: Callable[[], FilesSeen], reload: Callable[[], Awaitable[object]], log: EventLog
    ) -> None:
        self._as_read = as_read
        self._reload = reload
        self._log = log
        self._seen: FilesSeen | None = None

    async def watch(self) -> None:
        """Look until this is cancelled; whatever comes of one look, the next follows."""
        while True:
            begun = time.monotonic()
            try:
                await self.look()
            except Exception as defect:
                self._log("job_failed", job="watch", kind=class_of(defect), where=place_of(defect))
            rest = _REST_PER_LOOK * (time.monotonic() - begun)
            await asyncio.sleep(min(_MOST_SECONDS, max(LOOK_SECONDS, rest)))

    async def look(self) -> None:
        """Look once; reload if the files differ from what was read, and have not changed since the look before."""
        before, self._seen = self._seen, await asyncio.to_thread(self._as_read().again)
        if self._seen == before != self._as_read():
            await self._reload()

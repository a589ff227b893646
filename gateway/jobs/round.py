"""Jobs that come round: each runs, waits, and runs again until it is told to stop; a failing round is logged, not
fatal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from gateway.events import EventLog, class_of, place_of


async def round_and_round(
    name: str,
    work: Callable[[], Awaitable[object]],
    *,
    seconds: float | Callable[[], float],
    stop: asyncio.Event,
    log: EventLog,
) -> None:
    """Do `work` now and then every `seconds`, or after as many as are said each time, until `stop`."""
    while not stop.is_set():
        try:
            await work()
        except Exception as defect:
            log("job_failed", job=name, kind=class_of(defect), where=place_of(defect))
        try:
            async with asyncio.timeout(seconds() if callable(seconds) else seconds):
                await stop.wait()
        except TimeoutError:
            continue

"""Nothing that an exchange says leaves before what it wrote and read is on stable storage: neither answer nor line.

The verbs of the store that an exchange asks return when they have committed. Whoever waits for the flush of all of them
waits once, at the end.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from gateway.events import EventLog
from gateway.store.interface import Store
from gateway.traced import step


@dataclass(slots=True)
class HeldLines:
    """The logs of one exchange: their lines wait until `keep`, and pass at once after that."""

    log: EventLog
    limited_log: EventLog  # leaves lines out where there are too many
    flushed_in: Callable[[float], None] = lambda _seconds: None  # told how long `keep` waited
    _held: list[tuple[EventLog, str, dict[str, object]]] | None = field(default_factory=list)
    _kept: asyncio.Future[None] | None = None  # by whoever was left to it

    def __call__(self, event: str, /, **fields: object) -> None:
        self._hold(self.log, event, fields)

    def limited(self, event: str, /, **fields: object) -> None:
        """A line of the log that is limited, in its turn."""
        self._hold(self.limited_log, event, fields)

    def _hold(self, log: EventLog, event: str, fields: dict[str, object]) -> None:
        if self._held is None:
            log(event, **fields)
        else:
            self._held.append((log, event, fields))

    @step("flush")
    async def keep(self, store: Store) -> None:
        """Write them once everything before is on stable storage. Raises `OutcomeUnknown` when nobody can say so, and
        then nothing of them is true.
        """
        begun = monotonic()
        try:
            await store.flushed()
            self.flushed_in(monotonic() - begun)
        except asyncio.CancelledError:  # what happened is told all the same, by whoever has the time
            self._kept = asyncio.ensure_future(self.keep(store))
            self._kept.add_done_callback(lambda kept: kept.cancelled() or kept.exception())
            raise
        held, self._held = self._held or [], None
        for log, event, fields in held:
            log(event, **fields)

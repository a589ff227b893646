"""A log for what strangers make happen: so many lines a second of each event, then only their number.

SECURITY: whoever proves nothing must not be able to fill a disk, or to hide another line among a million of his.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from gateway.edge.budgets import Buckets
from gateway.events import EventLog

BURST_LINES = 100.0


class QuietLog:
    """Passes events on; the line after a silence says in `unsaid` how many were not written."""

    def __init__(self, log: EventLog, *, per_second: float, now: Callable[[], float]) -> None:
        self._log = log
        self._now = now
        self._lines = Buckets(per_second, max(BURST_LINES, per_second))
        self._unsaid: Counter[str] = Counter()

    def __call__(self, event: str, /, **fields: object) -> None:
        now = self._now()
        if self._lines.level(event, now) < 1.0:
            self._unsaid[event] += 1
            return
        self._lines.take(event, 1.0, now)
        unsaid = self._unsaid.pop(event, 0)
        if unsaid:
            fields["unsaid"] = unsaid
        self._log(event, **fields)

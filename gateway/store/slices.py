"""Work that grows with the store is done in slices, so that nobody waits longer than for one of them."""

from __future__ import annotations

import time
from collections.abc import Callable

SLICE_SECONDS = 0.005


class Slice:
    """A short stretch of time, of which the first step is always part."""

    def __init__(self, seconds: float = SLICE_SECONDS, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seconds = seconds
        self._end: float | None = None

    def is_over(self) -> bool:
        """Asked before each step."""
        if self._end is None:
            self._end = self._now() + self._seconds
            return False
        return self._now() >= self._end

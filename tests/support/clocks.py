"""A clock that stands where a test puts it."""

from __future__ import annotations

from datetime import datetime, timedelta

from support.keys.pki import NOW


class StandingClock:
    """Stands still until it is moved; wall time and monotonic time move together unless told otherwise."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at
        self.seconds = 1000.0

    def now(self) -> datetime:
        return self.at

    def monotonic(self) -> float:
        return self.seconds

    def move(self, by: timedelta) -> None:
        """Let so much time pass."""
        self.at += by
        self.seconds += by.total_seconds()

    def jump(self, by: timedelta) -> None:
        """Set the wall clock by so much, while no time passes."""
        self.at += by

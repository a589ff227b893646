"""The keeper: ends what has run out its term and removes what is final, unless the clock cannot be trusted.

Time sanity: wall time is held against the monotonic clock. When they disagree by more than 30
seconds, or wall time goes back by more than five, nothing expires and nothing is purged by deadline until they have
agreed for fifteen minutes or an operator says that the new time is right.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.clock import Clock
from gateway.msh.expire import expire_due
from gateway.msh.hub import Hub

DRIFT = timedelta(seconds=30)
BACKWARD = timedelta(seconds=5)
AGREEMENT_SECONDS = 15 * 60.0


class TimeGuard:
    """Watches one clock; `suspect` is True while its wall time is not to be trusted."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wall: datetime = clock.now()
        self._monotonic = clock.monotonic()
        self._suspect_since: float | None = None

    @property
    def suspect(self) -> bool:
        """Whether time went where it should not since the last quarter of an hour."""
        return self._suspect_since is not None

    def look(self) -> bool:
        """Compare the two clocks once; returns `suspect` afterwards."""
        wall, monotonic = self._clock.now(), self._clock.monotonic()
        drift = (wall - self._wall) - timedelta(seconds=monotonic - self._monotonic)
        if drift > DRIFT or drift < -BACKWARD:
            self._suspect_since = monotonic
        elif self._suspect_since is not None and monotonic - self._suspect_since >= AGREEMENT_SECONDS:
            self._suspect_since = None
        self._wall, self._monotonic = wall, monotonic
        return self.suspect

    def confirm(self) -> None:
        """An operator says that the time is right."""
        self._suspect_since = None
        self._wall, self._monotonic = self._clock.now(), self._clock.monotonic()


class Keeper:
    """One round: expire, then purge."""

    def __init__(self, hub: Hub, guard: TimeGuard) -> None:
        self._hub = hub
        self._guard = guard

    async def keep(self) -> None:
        """Do what is due, if the time can be trusted; what is final is removed in any case."""
        if self._guard.look():
            self._hub.log("time_suspect")
        else:
            await expire_due(self._hub)
        removed = await self._hub.store.purge(self._hub.clock.now())
        if removed:
            self._hub.log("messages_removed", count=removed)

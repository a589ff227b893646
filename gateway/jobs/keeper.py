"""The keeper: ends what has run out its term and removes what is final, unless the time cannot be trusted."""

from __future__ import annotations

from gateway.jobs.time_guard import TimeGuard
from gateway.msh.expire import expire_due
from gateway.msh.hub import Hub


class Keeper:
    """One round: expire, then purge."""

    def __init__(self, hub: Hub, guard: TimeGuard) -> None:
        self._hub = hub
        self._guard = guard

    async def keep(self) -> None:
        """Do what is due; nothing at all while the time is suspect, for both are decided by it."""
        if self._guard.look():
            self._hub.log("time_suspect")
            return
        await expire_due(self._hub)
        removed = await self._hub.store.purge(self._hub.clock.now())
        if removed:
            self._hub.log("messages_removed", count=removed)

    async def confirm_time(self) -> None:
        """An operator says that the time is right: go on at once."""
        self._guard.confirm()
        self._hub.log("time_confirmed")
        await self.keep()

"""The keeper: ends what has run out its term and removes what is final, unless the time cannot be trusted."""

from __future__ import annotations

from gateway.msh.expire import expire_due
from gateway.msh.hub import Hub


class Keeper:
    """One round: expire, then purge, and whatever came of them cut the log."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    async def keep(self) -> None:
        """Do what is due: of what the time decides nothing while it is suspect, and nothing more once it has become so
        on the way.
        """
        try:
            await self._keep()
        finally:
            await self._hub.store.cut_log()

    async def _keep(self) -> None:
        if await self._doubts():
            return
        await expire_due(self._hub)

        async def trusted() -> bool:
            return not await self._doubts()

        removed = await self._hub.store.purge(trusted=trusted)
        await self._hub.known_signers.renew(self._hub.store)
        if removed:
            self._hub.log("messages_removed", count=removed)

    async def _doubts(self) -> bool:
        suspect = self._hub.time.look()
        await self._hub.time.remembered()
        if suspect:
            self._hub.log("time_suspect", why="; ".join(self._hub.time.reasons))
        return suspect

    async def confirm_time(self) -> None:
        """An operator says that the time is right: go on at once."""
        self._hub.time.confirm()
        await self._hub.time.remembered()
        self._hub.log("time_confirmed")
        await self.keep()

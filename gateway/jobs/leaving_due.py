"""Reminds the operator of who asked to take part no more, once the last day of that is over: a request to leave is
approved from the day after, which may lie two years on.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from gateway.msh.hub import Hub
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.model import RequestState
from gateway.store.portal.wishes import LeavingWish, read_wish
from pmodes.term import local_day


@dataclass(slots=True)
class LeavingDue:
    """Tells each day of each request that is due, until it is decided."""

    _told: date | None = field(default=None)

    async def tell(self, store: PortalStore, hub: Hub) -> None:
        """One line for each, the first time that this is called on a day (of the Netherlands)."""
        today = local_day(hub.time.now())
        if self._told == today:
            return
        self._told = today
        for each in await store.requests(states=(RequestState.SUBMITTED,)):
            if each.kind.is_for_keys:
                continue
            wish = read_wish(each.kind, each.about)
            if isinstance(wish, LeavingWish) and wish.last_day < today:
                hub.log("portal_leaving_due", request=each.id, party=each.unit, last_day=wish.last_day.isoformat())

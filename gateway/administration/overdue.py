"""Which requests wait too long for the operator's yes or no, as `knooppunt status` worries about them.

Whoever made new keys waits with the telephone at hand, and messages of a unit without keys end their term in days.
Where all locks were lost an approval waits a day first. A leaving waits for its last day, and is late from the next.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from gateway.administration.asked import OverdueRequest
from gateway.store.portal.model import PortalRequest, RequestKind, RequestState
from gateway.store.portal.wishes import LeavingWish, read_wish
from pmodes.term import local_day

_KEYS_WAIT: Final = timedelta(days=1)
_OTHERS_WAIT: Final = timedelta(days=7)  # a week in which somebody may be on leave
_WAITS: Final[Mapping[RequestKind, timedelta]] = MappingProxyType(
    {each: _KEYS_WAIT if each.is_for_keys else _OTHERS_WAIT for each in RequestKind}
)


def overdue(requests: Iterable[PortalRequest], begun: Collection[str], now: datetime) -> tuple[OverdueRequest, ...]:
    """Those that wait too long, the longest first; `begun` are the ids of those whose approval did not end."""
    waiting = (each for each in requests if each.state is RequestState.SUBMITTED)
    found = ((each, _why(each, each.id in begun, now)) for each in sorted(waiting, key=lambda one: one.asked_at))
    return tuple(
        OverdueRequest(
            request=each.id,
            kind=each.kind,
            of=each.unit or f"{each.organisation.kind} {each.organisation.value}",
            asked_at=each.asked_at,
            why=why,
        )
        for each, why in found
        if why is not None
    )


def _why(request: PortalRequest, is_begun: bool, now: datetime) -> str | None:
    """Why it waits too long, in words; None where it does not."""
    if is_begun:
        return "its approval began and did not end"
    wish = None if request.kind.is_for_keys else read_wish(request.kind, request.about)
    if isinstance(wish, LeavingWish):
        return f"its last day was {wish.last_day}" if wish.last_day < local_day(now) else None
    since = request.earliest_approval if request.kind is RequestKind.LOST_KEYS else request.asked_at
    return f"it waits since {request.asked_at:%Y-%m-%d}" if now >= since + _WAITS[request.kind] else None

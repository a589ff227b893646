"""Who had what in hand: functions inside a transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gateway.identity.login import OrganisationNumber
from gateway.store.portal import rows
from gateway.store.portal.model import Handling
from gateway.store.portal.verbs.records import PortalRows, read_all, write
from gateway.store.rows import to_microseconds

_NEVER = (1 << 63) - 1


async def note(transaction: PortalRows, handlings: Sequence[Handling], now: datetime) -> None:
    """A line for each."""
    for each in handlings:
        await write(transaction, "handling", rows.columns_of(each) | {"at": to_microseconds(now)})


async def handlings(
    transaction: PortalRows, organisation: OrganisationNumber, unit: str, older_than: int | None, limit: int
) -> tuple[Handling, ...]:
    """Newest first."""
    bindings = {
        "organisation": rows.write_organisation(organisation),
        "unit": unit,
        "older_than": _NEVER if older_than is None else older_than,
        "limit": limit,
    }
    return tuple(rows.read_handling(each) for each in await read_all(transaction, "handling", "handlings", bindings))

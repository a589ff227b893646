"""What was relied on of brokers: functions inside a transaction."""

from __future__ import annotations

from datetime import datetime

from gateway.store.portal import rows
from gateway.store.portal.model import BrokerMetadata
from gateway.store.portal.rules import metadata_that_count
from gateway.store.portal.verbs.records import PortalRows, read_one, write


async def rely_on(
    transaction: PortalRows, broker: str, valid_until: datetime, anew_from: datetime | None, now: datetime
) -> BrokerMetadata:
    """What counts from now on: these, or later ones that were kept."""
    offered = BrokerMetadata(broker=broker, valid_until=valid_until, relied_at=now)
    columns = await read_one(transaction, "broker_metadata", "broker_metadata", {"broker": broker})
    kept = None if columns is None else rows.read_broker_metadata(columns)
    found = metadata_that_count(offered, kept, anew_from, now)
    if found != kept:
        await write(transaction, "broker_metadata", rows.columns_of(found))
    return found

"""What was relied on of brokers: functions over a connection, inside a transaction."""

from __future__ import annotations

from datetime import datetime

import apsw

from gateway.store.portal import rows
from gateway.store.portal.model import BrokerMetadata
from gateway.store.portal.rules import metadata_that_count
from gateway.store.portal.sqlite.records import read_one, write


def rely_on(
    connection: apsw.Connection, offered: BrokerMetadata, anew_from: datetime | None, now: datetime
) -> BrokerMetadata:
    """What counts from now on: these, or later ones that were kept."""
    columns = read_one(connection, "broker_metadata", "broker_metadata", {"broker": offered.broker})
    kept = None if columns is None else rows.read_broker_metadata(columns)
    found = metadata_that_count(offered, kept, anew_from, now)
    if found != kept:
        write(connection, "broker_metadata", rows.columns_of(found))
    return found

"""Which messages of the hub were told of by mail: functions over a connection, inside a transaction.

What is told is queued with the note that it was, so that nothing is told twice or never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import apsw

from gateway.store.portal import rows
from gateway.store.portal.mail import MailEvent, WatchedMessage
from gateway.store.portal.sqlite.outbox import tell_of_messages
from gateway.store.portal.sqlite.records import read_all, read_one, run, write
from gateway.store.rows import to_datetime, to_microseconds

_LOOKED_AGAIN: Final = timedelta(days=1)  # an idle hub's row is written so often, to show that somebody looks


def arrivals_seen(connection: apsw.Connection) -> int | None:
    """The number of the last message that was looked at."""
    columns = read_one(connection, "arrivals", "arrivals", {})
    return None if columns is None else int(columns["seen"])


def note_arrivals(
    connection: apsw.Connection,
    before: int | None,
    seen: int,
    arrived: Sequence[tuple[WatchedMessage, datetime]],
    now: datetime,
) -> bool:
    """Messages were looked at from the one to the other; False, and nothing is told, where somebody else did so."""
    columns = read_one(connection, "arrivals", "arrivals", {})
    if (None if columns is None else int(columns["seen"])) != before:
        return False
    if columns is None or seen != before or now - to_datetime(columns["looked_at"]) >= _LOOKED_AGAIN:
        write(connection, "arrivals", {"only_one": 1, "seen": seen, "looked_at": to_microseconds(now)})
    for message, until in arrived:
        if _find(connection, message.message_id) is None:
            write(connection, "watched_message", rows.columns_of(message))
            tell_of_messages(connection, MailEvent.NEW, message.organisation, message.unit, until, now)
    return True


def watched_due(connection: apsw.Connection, limit: int, now: datetime) -> tuple[WatchedMessage, ...]:
    """Those to be looked at now, the longest due first."""
    bindings = {"at": to_microseconds(now), "limit": limit}
    found = read_all(connection, "watched_message", "watched_messages_due", bindings)
    return tuple(rows.read_watched(each) for each in found)


def settle_watched(
    connection: apsw.Connection,
    watched: WatchedMessage,
    event: MailEvent | None,
    until: datetime,
    look_at: datetime | None,
    now: datetime,
) -> bool:
    """Tell what became of a message, and when it is looked at again; None: never. False where somebody else did so."""
    if _find(connection, watched.message_id) != watched:
        return False
    if look_at is None:
        run(connection, "delete_watched_message", {"message_id": watched.message_id})
    else:
        is_reminded = watched.reminded or event is MailEvent.REMINDER
        after = replace(watched, look_at=look_at, reminded=is_reminded)
        write(connection, "watched_message", rows.columns_of(after))
    if event is not None and not (event is MailEvent.REMINDER and watched.reminded):
        tell_of_messages(connection, event, watched.organisation, watched.unit, until, now)
    return True


def _find(connection: apsw.Connection, message_id: str) -> WatchedMessage | None:
    columns = read_one(connection, "watched_message", "watched_message", {"message_id": message_id})
    return None if columns is None else rows.read_watched(columns)

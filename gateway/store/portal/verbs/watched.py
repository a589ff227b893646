"""Which messages of the hub were told of by mail: functions inside a transaction.

What is told is queued with the note that it was, so that nothing is told twice or never.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from gateway.store.portal import rows
from gateway.store.portal.mail import MailEvent, WatchedMessage
from gateway.store.portal.verbs.outbox import tell_of_messages
from gateway.store.portal.verbs.records import PortalRows, read_all, read_one, run, write
from gateway.store.rows import to_datetime, to_microseconds

_LOOKED_AGAIN: Final = timedelta(days=1)  # an idle hub's row is written so often, to show that somebody looks


async def arrivals_seen(transaction: PortalRows) -> int | None:
    """The number of the last message that was looked at."""
    columns = await read_one(transaction, "arrivals", "arrivals", {})
    return None if columns is None else int(columns["seen"])


async def note_arrivals(
    transaction: PortalRows,
    before: int | None,
    seen: int,
    arrived: Sequence[tuple[WatchedMessage, datetime]],
    now: datetime,
) -> bool:
    """Messages were looked at from the one to the other; False, and nothing is told, where somebody else did so."""
    columns = await read_one(transaction, "arrivals", "arrivals", {})
    if (None if columns is None else int(columns["seen"])) != before:
        return False
    if columns is None or seen != before or now - to_datetime(columns["looked_at"]) >= _LOOKED_AGAIN:
        await write(transaction, "arrivals", {"only_one": 1, "seen": seen, "looked_at": to_microseconds(now)})
    for message, until in arrived:
        if await _find(transaction, message.message_id) is None:
            await write(transaction, "watched_message", rows.columns_of(message))
            await tell_of_messages(transaction, MailEvent.NEW, message.organisation, message.unit, until, now)
    return True


async def watched_due(transaction: PortalRows, limit: int, now: datetime) -> tuple[WatchedMessage, ...]:
    """Those to be looked at now, the longest due first."""
    bindings = {"at": to_microseconds(now), "limit": limit}
    found = await read_all(transaction, "watched_message", "watched_messages_due", bindings)
    return tuple(rows.read_watched(each) for each in found)


async def settle_watched(
    transaction: PortalRows,
    watched: WatchedMessage,
    event: MailEvent | None,
    until: datetime,
    look_at: datetime | None,
    now: datetime,
) -> bool:
    """Tell what became of a message, and when it is looked at again; None: never. False where somebody else did so."""
    if await _find(transaction, watched.message_id) != watched:
        return False
    if look_at is None:
        await run(transaction, "delete_watched_message", {"message_id": watched.message_id})
    else:
        is_reminded = watched.reminded or event is MailEvent.REMINDER
        after = replace(watched, look_at=look_at, reminded=is_reminded)
        await write(transaction, "watched_message", rows.columns_of(after))
    if event is not None and not (event is MailEvent.REMINDER and watched.reminded):
        await tell_of_messages(transaction, event, watched.organisation, watched.unit, until, now)
    return True


async def _find(transaction: PortalRows, message_id: str) -> WatchedMessage | None:
    columns = await read_one(transaction, "watched_message", "watched_message", {"message_id": message_id})
    return None if columns is None else rows.read_watched(columns)

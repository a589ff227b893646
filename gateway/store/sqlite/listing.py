"""What the embedded store tells about its messages: functions over a connection that only read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import apsw

from gateway.store import acceptance_rows, rows
from gateway.store.filters import bindings_of, conditions_of
from gateway.store.model import (
    Contact,
    Counts,
    MailboxRecord,
    MessageFilter,
    MessageRecord,
    Offered,
    Question,
    SealedTo,
)
from gateway.store.rules import expiry
from gateway.store.sqlite.statements import SQL, first_row


def messages(connection: apsw.Connection, which: MessageFilter, at: datetime) -> tuple[MessageRecord, ...]:
    """The rows that meet every condition of the filter, newest first."""
    statement = SQL["list_messages"].format(conditions=conditions_of(which))
    return records(connection, statement, dict(bindings_of(which)), at)


def due(
    connection: apsw.Connection, at: datetime, limit: int, after: MessageRecord | None
) -> tuple[MessageRecord, ...]:
    """Waiting messages whose term is over and whose lease, if any, ended long enough ago."""
    limits = expiry.due(at)
    bindings = {
        "after": None if after is None else after.metadata.message_id,
        "after_deadline": -(1 << 63) if after is None else rows.to_microseconds(after.metadata.expires_at),
        "term_over": rows.to_microseconds(limits.term),
        "lease_over": rows.to_microseconds(limits.lease),
        "limit": limit,
    }
    return records(connection, SQL["find_due"], bindings, at)


def records(
    connection: apsw.Connection, statement: str, bindings: dict[str, Any], at: datetime
) -> tuple[MessageRecord, ...]:
    """Whole message rows that a statement finds, as they read at that moment."""
    cursor = connection.execute(statement, bindings | {"at": rows.to_microseconds(at)})
    found = cursor.fetchall()
    if not found:
        return ()
    return tuple(rows.read_message(dict(zip(_columns(connection), row, strict=True)), at) for row in found)


def _columns(connection: apsw.Connection) -> tuple[str, ...]:
    return tuple(row[1] for row in connection.execute("PRAGMA table_info(message)"))


def find_offered(connection: apsw.Connection, message_id: str) -> Offered | None:
    """What a receipt for a message that was offered has to repeat."""
    row = first_row(connection, "find_offered", {"message_id": message_id})
    return None if row is None else rows.read_offered(row)


def find_question(
    connection: apsw.Connection, tracking_identifier: str, original_sender: str, final_recipient: str
) -> Question | None:
    """The question of that reference between those parties."""
    row = first_row(
        connection,
        "find_question",
        {
            "tracking_identifier": tracking_identifier,
            "original_sender": original_sender,
            "final_recipient": final_recipient,
        },
    )
    return None if row is None else rows.read_question(row)


def mailboxes(connection: apsw.Connection, at: datetime) -> tuple[MailboxRecord, ...]:
    """Every mailbox that ever held a message."""
    found = connection.execute(SQL["list_mailboxes"], {"at": rows.to_microseconds(at)})
    return tuple(rows.read_mailbox(row) for row in found)


def sealed_to(connection: apsw.Connection) -> tuple[SealedTo, ...]:
    """Under which certificates messages wait."""
    return tuple(rows.read_sealed_to(row) for row in connection.execute(SQL["list_sealed_to"]))


def contacts(connection: apsw.Connection) -> tuple[Contact, ...]:
    """When each party was last in touch."""
    return tuple(rows.read_contact(row) for row in connection.execute(SQL["list_contacts"]))


def evidence(connection: apsw.Connection, message_id: str) -> tuple[tuple[str, datetime, bytes], ...]:
    """Receipts of one message, oldest first."""
    found = connection.execute(SQL["list_evidence"], {"message_id": message_id})
    return tuple((row[1], rows.to_datetime(row[2]), acceptance_rows.read_evidence(row)) for row in found)


def counts(connection: apsw.Connection, at: datetime, *, free_octets: int, log_octets: int) -> Counts:
    """The store as a whole; sums come from the tally."""
    tally = connection.execute(SQL["count_states"]).fetchall()
    others = first_row(connection, "count_others", rows.counted_at(at)) or (0, 0, 0, 0, 0)
    return rows.read_counts(tally, others, free_octets=free_octets, log_octets=log_octets)

"""What the store tells about its messages: functions over a transaction that only reads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from gateway.postgres import Transaction
from gateway.postgres.statements import Statement, bound
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
from gateway.store.postgres.statements import LIST_MESSAGES, SQL
from gateway.store.rules import expiry


async def messages(tx: Transaction, which: MessageFilter) -> tuple[MessageRecord, ...]:
    """The rows that meet every condition of the filter, newest first."""
    statement = bound(LIST_MESSAGES.format(conditions=conditions_of(which)))
    return await records(tx, statement, bindings_of(which))


async def due(tx: Transaction, limit: int, after: MessageRecord | None) -> tuple[MessageRecord, ...]:
    """Waiting messages whose term is over and whose lease, if any, ended long enough ago."""
    limits = expiry.due(tx.now)
    bindings = {
        "after": None if after is None else after.metadata.message_id,
        "after_deadline": -(1 << 63) if after is None else rows.to_microseconds(after.metadata.expires_at),
        "term_over": rows.to_microseconds(limits.term),
        "lease_over": rows.to_microseconds(limits.lease),
        "limit": limit,
    }
    return await records(tx, SQL["find_due"], bindings)


async def records(tx: Transaction, statement: Statement, bindings: Mapping[str, Any]) -> tuple[MessageRecord, ...]:
    """Whole message rows that a statement finds, as they read now."""
    found = await tx.columns(statement, {**bindings, "at": rows.to_microseconds(tx.now)})
    return tuple(rows.read_message(row, tx.now) for row in found)


async def find_offered(tx: Transaction, message_id: str) -> Offered | None:
    """What a receipt for a message that was offered has to repeat."""
    row = await tx.first("find_offered", {"message_id": message_id})
    return None if row is None else rows.read_offered(row)


async def find_question(
    tx: Transaction, tracking_identifier: str, original_sender: str, final_recipient: str
) -> Question | None:
    """The question of that reference between those parties."""
    between = {
        "tracking_identifier": tracking_identifier,
        "original_sender": original_sender,
        "final_recipient": final_recipient,
    }
    row = await tx.first("find_question", between)
    return None if row is None else rows.read_question(row)


async def mailboxes(tx: Transaction) -> tuple[MailboxRecord, ...]:
    """Every mailbox that ever held a message."""
    found = await tx.rows("list_mailboxes", {"at": rows.to_microseconds(tx.now)})
    return tuple(rows.read_mailbox(row) for row in found)


async def sealed_to(tx: Transaction) -> tuple[SealedTo, ...]:
    """Under which certificates messages wait."""
    return tuple([rows.read_sealed_to(row) for row in await tx.rows("list_sealed_to")])


async def contacts(tx: Transaction) -> tuple[Contact, ...]:
    """When each party was last in touch."""
    return tuple([rows.read_contact(row) for row in await tx.rows("list_contacts")])


async def evidence(tx: Transaction, message_id: str) -> tuple[tuple[str, datetime, bytes], ...]:
    """Receipts of one message, oldest first."""
    found = await tx.rows("list_evidence", {"message_id": message_id})
    return tuple((row[1], rows.to_datetime(row[2]), acceptance_rows.read_evidence(row)) for row in found)


async def counts(tx: Transaction, *, free_octets: int) -> Counts:
    """The store as a whole; sums come from the tally. What it has deleted is in no log of its own."""
    tally = await tx.rows("count_states")
    others = await tx.first("count_others", rows.counted_at(tx.now)) or (0, 0, 0, 0, 0)
    return rows.read_counts(tally, others, free_octets=free_octets, log_octets=0)

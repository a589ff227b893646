"""Accepting in the embedded store (T3): message, receipt and what makes a second arrival known, or nothing."""

from __future__ import annotations

import json

import apsw

from gateway import failpoints
from gateway.store import rows
from gateway.store.blobs import FinishedParts
from gateway.store.model import Acceptance, Accepted, AcceptOutcome, Metadata, SealedMessage
from gateway.store.rules import desk as desk_rules
from gateway.store.rules.acceptance import counts_for_quota, why_not_accepted
from gateway.store.rules.settling import Asked, is_waived_before, settle
from gateway.store.sqlite import acceptances
from gateway.store.sqlite.statements import SQL, first_row, number
from gateway.store.sqlite.transactions import read_waiting


def accept(
    connection: apsw.Connection,
    message: SealedMessage,
    parts: FinishedParts,
    acceptance: Acceptance | None,
    quota_messages: int,
    desk_lease: str | None = None,
) -> AcceptOutcome:
    """T3: message, envelope, parts, receipt and what makes a second arrival known, or nothing."""
    metadata = message.metadata
    earlier = None
    if acceptance is not None:
        earlier = acceptances.find_earlier(connection, (acceptance.key,), acceptance.receipt.soap_sha256)
    waiting = number(connection, "count_for_quota", {"mpc": metadata.mpc}) if counts_for_quota(metadata) else 0
    in_hand = desk_lease is None or _is_in_hand(connection, metadata, desk_lease)
    refused = why_not_accepted(metadata, earlier, waiting=waiting, quota_messages=quota_messages, in_hand=in_hand)
    if refused is not None:
        return refused
    message_row = insert(connection, message, parts)
    if acceptance is not None:
        acceptances.remember(connection, message_row, metadata.message_id, acceptance)
    _settle_questions(connection, message_row, message)
    failpoints.reach("A8.before")
    return Accepted()


def _is_in_hand(connection: apsw.Connection, metadata: Metadata, desk_lease: str) -> bool:
    """Whether what a message from a desk answers has no answer yet, and was opened last under this lease or is closed
    by the receipt of who answers: whoever confirmed a question and works outside the portal answers it later.
    """
    if metadata.cross_reference is None:
        return True
    unanswered: list[rows.Row] = connection.execute(SQL["find_unanswered"], _between(metadata)).fetchall()
    return any(_is_last_or_confirmed(connection, row, metadata.sender, desk_lease) for (row,) in unanswered)


def _is_last_or_confirmed(connection: apsw.Connection, row: int, party: str, desk_lease: str) -> bool:
    if desk_rules.is_last(read_waiting(connection, row), party, desk_lease):
        return True
    return first_row(connection, "find_confirmed", {"id": row, "party": party}) is not None


def _between(metadata: Metadata) -> dict[str, str | None]:
    """What a message answers: a reference, in a conversation, between two parties."""
    return {
        "cross_reference": metadata.cross_reference,
        "conversation_id": metadata.conversation_id,
        "original_sender": metadata.original_sender,
        "final_recipient": metadata.final_recipient,
    }


def _settle_questions(connection: apsw.Connection, message_row: int, message: SealedMessage) -> None:
    """The question that this message answers, those that it makes unnecessary to answer, and itself, if it is one that
    was made so before."""
    metadata = message.metadata
    bindings = {
        **_between(metadata),
        "service": metadata.service,
        "waives": json.dumps(message.waives),
        "waived_by": json.dumps(message.waived_by),
    }

    def found(name: str) -> list[Asked]:
        return [rows.read_settled(row) for row in connection.execute(SQL[name], bindings)]

    asked = found("find_answered") if metadata.cross_reference is not None else []
    asked += found("find_waived") if message.waives else []
    settled = settle(message, asked)
    waived = settled.waived
    if metadata.question and message.waived_by and is_waived_before(message, found("find_waiver")):
        waived = (*waived, message_row)
    at = rows.to_microseconds(metadata.accepted_at)
    if settled.answered:
        connection.execute(SQL["mark_answered"], {"at": at, "rows": json.dumps(settled.answered)})
    if waived:
        connection.execute(SQL["mark_waived"], {"at": at, "rows": json.dumps(waived)})


def insert(connection: apsw.Connection, message: SealedMessage, parts: FinishedParts) -> int:
    """A message with its envelope, its parts and what a receipt has to repeat; returns its row."""
    connection.execute(SQL["insert_message"], rows.metadata_bindings(message.metadata))
    message_row = connection.last_insert_rowid()
    connection.execute(
        SQL["insert_envelope"], rows.envelope_bindings(message, message_row, parts.size_octets, parts.sha256)
    )
    connection.execute(
        SQL["insert_parts"],
        {
            "message": message_row,
            "octets": parts.octets,
            "blob": parts.blob,
            "size_octets": parts.size_octets,
            "sha256": parts.sha256,
        },
    )
    connection.execute(SQL["insert_promised"], rows.promised_bindings(message, message_row))
    return message_row

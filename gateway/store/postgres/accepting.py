"""Accepting (T3): message, receipt and what makes a second arrival known, or nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway import failpoints
from gateway.postgres import OnceMore, Transaction
from gateway.store import rows
from gateway.store.blobs import PartSpool
from gateway.store.model import Acceptance, Accepted, AcceptOutcome, Metadata, SealedMessage
from gateway.store.postgres import acceptances
from gateway.store.postgres.transactions import count_up_to, lock_row
from gateway.store.rules import desk as desk_rules
from gateway.store.rules.acceptance import counts_for_quota, why_not_accepted
from gateway.store.rules.settling import Asked, is_waived_before, settle


@dataclass(frozen=True, slots=True, kw_only=True)
class SpooledParts:
    """The parts of a message as they go into the database: octets, a spool from whose file pieces are read, or the
    object in which they lie already.
    """

    octets: bytes | None
    spool: PartSpool | None
    bind: Callable[[Transaction, int], Awaitable[None]] | None = None  # that object to the row of the message
    size_octets: int
    sha256: bytes


async def accept(
    tx: Transaction,
    message: SealedMessage,
    parts: SpooledParts,
    acceptance: Acceptance | None,
    quota_messages: int,
    desk_lease: str | None = None,
) -> AcceptOutcome:
    """T3: message, envelope, parts, receipt and what makes a second arrival known, or nothing."""
    metadata = message.metadata
    earlier = None
    if acceptance is not None:
        earlier = await acceptances.find_earlier(tx, (acceptance.key,), acceptance.receipt.soap_sha256)
    in_hand = desk_lease is None or await _is_in_hand(tx, metadata, desk_lease)
    waiting = await _waiting(tx, metadata, quota_messages)
    refused = why_not_accepted(metadata, earlier, waiting=waiting, quota_messages=quota_messages, in_hand=in_hand)
    if refused is not None:
        return refused
    message_row = await insert(tx, message, parts)
    if acceptance is not None:
        await acceptances.remember(tx, message_row, metadata.message_id, acceptance)
    await _settle_questions(tx, message_row, message)
    failpoints.reach("A8.before")
    return Accepted()


async def _waiting(tx: Transaction, metadata: Metadata, quota_messages: int) -> int:
    if not counts_for_quota(metadata):
        return 0
    return await count_up_to(tx, "count_for_quota", {"mpc": metadata.mpc}, limit=quota_messages, of=metadata.mpc)


async def _is_in_hand(tx: Transaction, metadata: Metadata, desk_lease: str) -> bool:
    """Whether what a message from a desk answers has no answer yet, and was opened last under this lease or is closed
    by the receipt of who answers: whoever confirmed a question and works outside the portal answers it later.
    """
    if metadata.cross_reference is None:
        return True
    for (row,) in await tx.rows("find_unanswered", _between(metadata)):
        if await _is_last_or_confirmed(tx, row, metadata.sender, desk_lease):
            return True
    return False


async def _is_last_or_confirmed(tx: Transaction, row: int, party: str, desk_lease: str) -> bool:
    if desk_rules.is_last(await lock_row(tx, row), party, desk_lease):
        return True
    return await tx.first("find_confirmed", {"id": row, "party": party}) is not None


def _between(metadata: Metadata) -> dict[str, str | None]:
    """What a message answers: a reference, in a conversation, between two parties."""
    return {
        "cross_reference": metadata.cross_reference,
        "conversation_id": metadata.conversation_id,
        "original_sender": metadata.original_sender,
        "final_recipient": metadata.final_recipient,
    }


async def _settle_questions(tx: Transaction, message_row: int, message: SealedMessage) -> None:
    """The question that this message answers, those that it makes unnecessary to answer, and itself, if it is one that
    was made so before. A question and what waives it, under way at once, take turns, so that one of them sees the
    other.
    """
    metadata = message.metadata
    bindings = {
        **_between(metadata),
        "service": metadata.service,
        "waives": list(message.waives),
        "waived_by": list(message.waived_by),
    }

    async def found(name: str) -> list[Asked]:
        return [rows.read_settled(row) for row in await tx.rows(name, bindings)]

    if message.waives or (metadata.question and message.waived_by):
        await tx.wait_for(f"conversation {metadata.conversation_id}")
    asked = await found("find_answered") if metadata.cross_reference is not None else []
    asked += await found("find_waived") if message.waives else []
    settled = settle(message, asked)
    waived = settled.waived
    if metadata.question and message.waived_by and is_waived_before(message, await found("find_waiver")):
        waived = (*waived, message_row)
    at = rows.to_microseconds(metadata.accepted_at)
    if settled.answered:
        await tx.change("mark_answered", {"at": at, "rows": list(settled.answered)})
    if waived:
        await tx.change("mark_waived", {"at": at, "rows": list(waived)})


async def insert(tx: Transaction, message: SealedMessage, parts: SpooledParts) -> int:
    """A message with its envelope, its parts and what a receipt has to repeat; returns its row."""
    message_row = await tx.number("insert_message", rows.metadata_bindings(message.metadata))
    if message_row == 0:  # of that MessageId one is there by now
        raise OnceMore
    await tx.change("insert_envelope", rows.envelope_bindings(message, message_row, parts.size_octets, parts.sha256))
    await tx.change(
        "insert_parts",
        {
            "message": message_row,
            "octets": parts.octets,
            "size_octets": parts.size_octets,
            "sha256": parts.sha256,
        },
    )
    if parts.bind is not None:
        await parts.bind(tx, message_row)
    elif parts.spool is not None:
        await _insert_pieces(tx, message_row, parts.spool, parts.size_octets)
    await tx.change("insert_promised", rows.promised_bindings(message, message_row))
    return message_row


async def _insert_pieces(tx: Transaction, message_row: int, spool: PartSpool, size_octets: int) -> None:
    """From the file of the spool, one piece in memory at a time; that they are whole is for their digest to say."""
    offset = number = 0
    while offset < size_octets and (octets := await spool.read_back(offset)):
        await tx.change("insert_piece", {"message": message_row, "number": number, "octets": octets})
        offset += len(octets)
        number += 1

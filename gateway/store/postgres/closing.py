"""Endings (T6, T9, T11): receipts, errors and terms that are over."""

from __future__ import annotations

from datetime import datetime

from gateway import failpoints
from gateway.postgres import Transaction
from gateway.store import acceptance_rows, rows
from gateway.store.digest import is_sound
from gateway.store.interface import DamagedRecord, NotOffered
from gateway.store.model import EvidenceKind, Expired, ReceiptOutcome, SaidError, SealedMessage, State
from gateway.store.postgres.accepting import SpooledParts, insert
from gateway.store.postgres.transactions import find_heard, is_message_sound, lock_waiting, move_lease, write_heard
from gateway.store.rules import desk as desk_rules
from gateway.store.rules import lease as lease_rules
from gateway.store.rules.expiry import ending, may_expire, may_prolong, receipt_outcome, was_offered_to
from gateway.store.rules.lease import Waiting
from gateway.store.rules.replay import counts_now, has_counted
from gateway.store.states import WAITING


async def _lock_own(tx: Transaction, message_id: str, party: str) -> Waiting:
    """A message that was offered to this party."""
    message = await lock_waiting(tx, message_id)
    if message is None:
        raise NotOffered(message_id)
    if not await is_message_sound(tx, message.row):
        raise DamagedRecord(message_id, "the record")
    if not was_offered_to(message, party):
        raise NotOffered(message_id)
    return message


def _check_in_hand(message: Waiting, message_id: str, party: str, desk_lease: str | None) -> None:
    """At a desk a message that waits is spoken of by who opened it last, and by nobody else."""
    if desk_lease is not None and message.state in WAITING and not desk_rules.is_last(message, party, desk_lease):
        raise NotOffered(message_id)


async def _has_receipt(tx: Transaction, message_row: int) -> bool:
    """Whether the owner's receipt is kept; raises `DamagedRecord` where it is not what was written."""
    row = await tx.first("find_receipt", {"id": message_row})
    if row is not None:
        acceptance_rows.read_evidence(row)
    return row is not None


async def close(tx: Transaction, message_id: str, party: str, receipt: bytes, desk_lease: str | None) -> ReceiptOutcome:
    """T6: state, evidence, and the envelope gone; nothing when the term was over first."""
    message = await _lock_own(tx, message_id, party)
    _check_in_hand(message, message_id, party, desk_lease)
    has_receipt = message.state not in WAITING and await _has_receipt(tx, message.row)
    outcome = receipt_outcome(message.state, has_receipt=has_receipt)
    if outcome is ReceiptOutcome.CLOSED:
        await _end(tx, message, State.RECEIPTED)
        await _keep_taken(tx, message, message_id, EvidenceKind.TAKEN, receipt)
        failpoints.reach("R3.before")
    return outcome


async def _end(tx: Transaction, message: Waiting, final: State) -> None:
    at = rows.to_microseconds(tx.now)
    bindings = {"id": message.row, "state": message.state.value, "final": final.value, "at": at}
    await tx.change_one("close", bindings)
    await tx.change("delete_envelope", {"id": message.row})


async def _keep_taken(tx: Transaction, message: Waiting, message_id: str, kind: EvidenceKind, receipt: bytes) -> None:
    await tx.change_one(
        "insert_evidence", acceptance_rows.evidence_bindings(message_id, message.row, kind, tx.now, receipt)
    )


async def keep_late(
    tx: Transaction,
    message_id: str,
    party: str,
    receipt: bytes,
    notice: SealedMessage | None,
    notice_parts: SpooledParts,
) -> ReceiptOutcome:
    """T11: evidence and notice, once."""
    message = await _lock_own(tx, message_id, party)
    if message.state in WAITING:
        raise NotOffered(message_id)
    outcome = receipt_outcome(message.state, has_receipt=await _has_receipt(tx, message.row))
    if outcome is ReceiptOutcome.LATE:
        await _keep_taken(tx, message, message_id, EvidenceKind.LATE, receipt)
        if notice is not None:
            await insert(tx, notice, notice_parts)
        failpoints.reach("L1.before")
    return outcome


async def record_error(tx: Transaction, message_id: str, party: str, said: SaidError, desk_lease: str | None) -> bool:
    """End the lease, and pause longer with every error; nothing for an Error that has counted."""
    message = await _lock_own(tx, message_id, party)
    _check_in_hand(message, message_id, party, desk_lease)
    heard = await find_heard(tx, party, said.error_id)
    if has_counted(heard):
        return False
    await write_heard(tx, party, said.error_id, counts_now(heard, said.said_at, tx.now), before=heard)
    await move_lease(tx, lease_rules.after_error(message, said.code, tx.now))
    return True


async def expire(
    tx: Transaction,
    message_id: str,
    notice: SealedMessage | None,
    notice_parts: SpooledParts,
    at_once: bool,
) -> Expired | None:
    """T9: state and envelope gone, notice stored; None when a receipt or a longer term came first."""
    message = await lock_waiting(tx, message_id)
    if message is None or message.state not in WAITING:
        return None
    sound = await is_message_sound(tx, message.row)
    if not at_once and not sound:
        raise DamagedRecord(message_id, "the record")
    if not may_expire(message, tx.now, at_once=at_once):
        return None
    await _end(tx, message, State.EXPIRED)
    failpoints.reach("X2.before")
    expired = ending(has_notice=notice is not None, sound=sound)
    if notice is not None and expired is Expired.NOTIFIED:
        await insert(tx, notice, notice_parts)
    failpoints.reach("X3.before")
    return expired


async def prolong_term(
    tx: Transaction,
    message_id: str,
    party: str,
    expires_at: datetime,
    *,
    added_days: int,
    instead_of: datetime | None,
) -> bool:
    """Move the deadline of one message later."""
    message = await lock_waiting(tx, message_id)
    sealed = None if message is None else await tx.first("read_sealed", {"id": message.row})
    if message is None or sealed is None:
        return False
    if not is_sound(sealed):
        raise DamagedRecord(message_id, "the record")
    if message.receiver != party or not may_prolong(message, expires_at):
        return False
    if instead_of not in (None, message.expires_at):
        return False
    bindings = {"id": message.row, "state": message.state.value, "added_days": added_days}
    await tx.change_one("prolong_term", bindings | rows.prolonged_bindings(sealed, expires_at))
    return True

"""Endings in the embedded store (T6, T9, T11): receipts, errors and terms that are over."""

from __future__ import annotations

from datetime import datetime

import apsw

from gateway import failpoints
from gateway.store import acceptance_rows, rows
from gateway.store.blobs import FinishedParts
from gateway.store.digest import is_sound
from gateway.store.interface import DamagedRecord, NotOffered
from gateway.store.model import EvidenceKind, Expired, ReceiptOutcome, SaidError, SealedMessage, State
from gateway.store.rules import desk as desk_rules
from gateway.store.rules import lease as lease_rules
from gateway.store.rules.expiry import ending, may_expire, may_prolong, receipt_outcome, was_offered_to
from gateway.store.rules.lease import Waiting
from gateway.store.rules.replay import counts_now, has_counted
from gateway.store.sqlite.accepting import insert
from gateway.store.sqlite.statements import SQL, change_one, first_row
from gateway.store.sqlite.transactions import find_heard, find_waiting, is_message_sound, move_lease, write_heard
from gateway.store.states import WAITING


def _find_own(connection: apsw.Connection, message_id: str, party: str) -> Waiting:
    """A message that was offered to this party."""
    message = find_waiting(connection, message_id)
    if message is None:
        raise NotOffered(message_id)
    if not is_message_sound(connection, message.row):
        raise DamagedRecord(message_id, "the record")
    if not was_offered_to(message, party):
        raise NotOffered(message_id)
    return message


def _check_in_hand(message: Waiting, message_id: str, party: str, desk_lease: str | None) -> None:
    """At a desk a message that waits is spoken of by who opened it last, and by nobody else."""
    if desk_lease is not None and message.state in WAITING and not desk_rules.is_last(message, party, desk_lease):
        raise NotOffered(message_id)


def _has_receipt(connection: apsw.Connection, message_row: int) -> bool:
    """Whether the owner's receipt is kept; raises `DamagedRecord` where it is not what was written."""
    row = first_row(connection, "find_receipt", {"id": message_row})
    if row is not None:
        acceptance_rows.read_evidence(row)
    return row is not None


def close(
    connection: apsw.Connection, message_id: str, party: str, receipt: bytes, desk_lease: str | None, now: datetime
) -> ReceiptOutcome:
    """T6: state, evidence, and the envelope gone; nothing when the term was over first."""
    message = _find_own(connection, message_id, party)
    _check_in_hand(message, message_id, party, desk_lease)
    has_receipt = message.state not in WAITING and _has_receipt(connection, message.row)
    outcome = receipt_outcome(message.state, has_receipt=has_receipt)
    if outcome is ReceiptOutcome.CLOSED:
        _end(connection, message, State.RECEIPTED, now)
        _keep_taken(connection, message, message_id, EvidenceKind.TAKEN, receipt, now)
        failpoints.reach("R3.before")
    return outcome


def _end(connection: apsw.Connection, message: Waiting, final: State, now: datetime) -> None:
    bindings = {"id": message.row, "state": message.state.value, "final": final.value, "at": rows.to_microseconds(now)}
    change_one(connection, "close", bindings)
    connection.execute(SQL["delete_envelope"], {"id": message.row})


def _keep_taken(
    connection: apsw.Connection, message: Waiting, message_id: str, kind: EvidenceKind, receipt: bytes, now: datetime
) -> None:
    bindings = acceptance_rows.evidence_bindings(message_id, message.row, kind, now, receipt)
    change_one(connection, "insert_evidence", bindings)


def keep_late(
    connection: apsw.Connection,
    message_id: str,
    party: str,
    receipt: bytes,
    now: datetime,
    notice: SealedMessage | None,
    notice_parts: FinishedParts,
) -> ReceiptOutcome:
    """T11: evidence and notice, once."""
    message = _find_own(connection, message_id, party)
    if message.state in WAITING:
        raise NotOffered(message_id)
    outcome = receipt_outcome(message.state, has_receipt=_has_receipt(connection, message.row))
    if outcome is ReceiptOutcome.LATE:
        _keep_taken(connection, message, message_id, EvidenceKind.LATE, receipt, now)
        if notice is not None:
            insert(connection, notice, notice_parts)
        failpoints.reach("L1.before")
    return outcome


def record_error(
    connection: apsw.Connection, message_id: str, party: str, said: SaidError, desk_lease: str | None, now: datetime
) -> bool:
    """End the lease, and pause longer with every error; nothing for an Error that has counted."""
    message = _find_own(connection, message_id, party)
    _check_in_hand(message, message_id, party, desk_lease)
    heard = find_heard(connection, party, said.error_id)
    if has_counted(heard):
        return False
    write_heard(connection, party, said.error_id, counts_now(heard, said.said_at, now))
    move_lease(connection, lease_rules.after_error(message, said.code, now))
    return True


def expire(
    connection: apsw.Connection,
    message_id: str,
    now: datetime,
    notice: SealedMessage | None,
    notice_parts: FinishedParts,
    at_once: bool,
) -> Expired | None:
    """T9: state and envelope gone, notice stored; None when a receipt or a longer term came first."""
    message = find_waiting(connection, message_id)
    if message is None or message.state not in WAITING:
        return None
    sound = is_message_sound(connection, message.row)
    if not at_once and not sound:
        raise DamagedRecord(message_id, "the record")
    if not may_expire(message, now, at_once=at_once):
        return None
    _end(connection, message, State.EXPIRED, now)
    failpoints.reach("X2.before")
    expired = ending(has_notice=notice is not None, sound=sound)
    if notice is not None and expired is Expired.NOTIFIED:
        insert(connection, notice, notice_parts)
    failpoints.reach("X3.before")
    return expired


def prolong_term(
    connection: apsw.Connection,
    message_id: str,
    party: str,
    expires_at: datetime,
    *,
    added_days: int,
    instead_of: datetime | None,
) -> bool:
    """Move the deadline of one message later."""
    message = find_waiting(connection, message_id)
    sealed = None if message is None else first_row(connection, "read_sealed", {"id": message.row})
    if message is None or sealed is None:
        return False
    if not is_sound(sealed):
        raise DamagedRecord(message_id, "the record")
    if message.receiver != party or not may_prolong(message, expires_at):
        return False
    if instead_of not in (None, message.expires_at):
        return False
    bindings = {"id": message.row, "state": message.state.value, "added_days": added_days}
    change_one(connection, "prolong_term", bindings | rows.prolonged_bindings(sealed, expires_at))
    return True

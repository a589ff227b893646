"""What happens inside one transaction of the embedded store: functions over a connection, no waiting, no files.

Each may be run again from its start when its transaction did not fit on the disk. Every change of state names the state
it leaves and has to meet exactly one row.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import apsw

from gateway import failpoints
from gateway.store.digest import digest
from gateway.store.interface import DamagedRecord, NotOffered
from gateway.store.model import (
    Acceptance,
    Accepted,
    AcceptOutcome,
    Duplicate,
    Empty,
    EvidenceKind,
    Expired,
    Heard,
    Kind,
    LeaseOutcome,
    LeaseRequest,
    Offer,
    QuotaExceeded,
    ReceiptOutcome,
    Replayed,
    SealedMessage,
    State,
)
from gateway.store.slices import Slice
from gateway.store.sqlite import acceptances, rows
from gateway.store.sqlite.statements import SQL, LostUpdate, change_one, first_row, number
from gateway.store.states import EXPIRY_GRACE, LONGEST_LEASE, WAITING, error_pause

SIGNAL_MEMORY = timedelta(days=1)  # a signal is fresh for minutes; the rest is for clocks that were set
LATEST_MEMORY = timedelta(days=90)  # how long the latest signal of a party is known, so that an older one is no news
# Of so many leases that lapsed first the oldest message is given again: all of them, except where a receiver let
# thousands lapse at once, and there nobody waits for a look at each.
LAPSED_LOOKED_AT = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedParts:
    """The parts of a message as they go into its row: octets, or the name of a durable blob."""

    octets: bytes | None
    blob: str | None
    size_octets: int
    sha256: bytes


def accept(
    connection: apsw.Connection,
    message: SealedMessage,
    parts: FinishedParts,
    acceptance: Acceptance | None,
    quota_messages: int,
) -> AcceptOutcome:
    """T3: message, envelope, parts, receipt and what makes a second arrival known, or nothing."""
    if acceptance is not None:
        earlier = acceptances.find_earlier(connection, (acceptance.key,), acceptance.receipt.soap_sha256)
        if earlier is not None:
            return Duplicate(earlier)
    metadata = message.metadata
    from_participant = metadata.kind is Kind.MESSAGE
    if from_participant and number(connection, "count_for_quota", {"mpc": metadata.mpc}) >= quota_messages:
        return QuotaExceeded()
    message_row = _insert(connection, message, parts)
    if acceptance is not None:
        acceptances.remember(connection, message_row, acceptance)
    if from_participant:
        _settle_questions(connection, message_row, message)
    failpoints.reach("A8.before")
    return Accepted()


def _settle_questions(connection: apsw.Connection, message_row: int, message: SealedMessage) -> None:
    """The question that this message answers, those that it makes unnecessary to answer, and itself, if it is one that
    was made so before."""
    metadata = message.metadata
    bindings = {
        "id": message_row,
        "at": rows.to_microseconds(metadata.accepted_at),
        "cross_reference": metadata.cross_reference,
        "conversation_id": metadata.conversation_id,
        "original_sender": metadata.original_sender,
        "final_recipient": metadata.final_recipient,
        "service": metadata.service,
        "waives": json.dumps(message.waives),
        "waived_by": json.dumps(message.waived_by),
    }
    if metadata.cross_reference is not None:
        connection.execute(SQL["mark_answered"], bindings)
    if message.waives:
        connection.execute(SQL["mark_waived"], bindings)
    if metadata.question and message.waived_by:
        connection.execute(SQL["mark_waived_before"], bindings)


def _insert(connection: apsw.Connection, message: SealedMessage, parts: FinishedParts) -> int:
    connection.execute(SQL["insert_message"], rows.metadata_bindings(message.metadata))
    message_row = connection.last_insert_rowid()
    connection.execute(
        SQL["insert_envelope"],
        {
            "message": message_row,
            "content_type": message.content_type,
            "head": message.head,
            "tail": message.tail,
            "sha256": rows.envelope_digest(
                message.metadata.message_id,
                message.content_type,
                message.head,
                message.tail,
                parts.size_octets,
                parts.sha256,
            ),
        },
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
    references = rows.write_references(message.references)
    connection.execute(
        SQL["insert_promised"],
        {
            "message": message_row,
            "part_references": references,
            "sha256": digest(message.metadata.message_id, references),
        },
    )
    return message_row


def lease(connection: apsw.Connection, request: LeaseRequest, now: datetime) -> LeaseOutcome:
    """T4: the message of this PullRequest again, or the oldest that waits, under a new lease. Whatever it was answered
    with, the PullRequest has counted.
    """
    at = rows.to_microseconds(now)
    bindings = {
        "party": request.party,
        "heard_id": request.pull_message_id,
        "said_at": rows.to_microseconds(request.said_at or now),
        "mpc": request.mpc,
        "holder": request.holder,
        "at": at,
        "terms_at": rows.to_microseconds(now - request.terms_behind),
        "open_leases": request.open_leases,
        "lapsed": LAPSED_LOOKED_AT,
    }
    heard = first_row(connection, "find_heard", bindings)
    if heard is not None:
        mpc, holder, counted_at, message, token = heard
        if (mpc, holder) != (request.mpc, request.holder) or at - counted_at > request.repeat_seconds * 1_000_000:
            return Replayed()
        if message is None:
            return Empty(repeated=True)
        found = first_row(connection, "find_repeatable", bindings | {"message": message, "lease_token": token})
        if found is None and not number(connection, "has_other", {"message": message}):
            return Replayed()
    else:
        found = None
    if found is None:
        if number(connection, "count_open_leases", bindings) < request.open_leases:
            found = first_row(connection, "find_offerable", bindings)
        if found is None and heard is not None:
            return Empty(repeated=True)  # its own message may be read again in a while
        if found is None:
            connection.execute(SQL["count_heard"], bindings | {"message": None, "lease_token": None})
            return Empty()
    bindings |= {
        "id": found[0],
        "message": found[0],
        "state": found[1],
        "lease_token": secrets.token_hex(16),
        "lease_until": rows.to_microseconds(now + timedelta(seconds=request.lease_seconds)),
    }
    change_one(connection, "lease", bindings)
    connection.execute(SQL["count_heard"], bindings)
    row = first_row(connection, "read_offer", bindings)
    if row is None:
        raise LostUpdate("read_offer")
    failpoints.reach("P3.before")
    offer = rows.read_offer(row, sound=_is_sound(connection, found[0]))
    return replace(offer, repeated=heard is not None)


def _is_sound(connection: apsw.Connection, message_row: int) -> bool:
    row = first_row(connection, "read_sealed", {"id": message_row})
    return row is not None and rows.is_sound(row)


def note_heard(connection: apsw.Connection, party: str, message_id: str, said_at: datetime, at: datetime) -> Heard:
    """Remember a message that may not count now, and tell what was known of it."""
    bindings = {
        "party": party,
        "heard_id": message_id,
        "said_at": rows.to_microseconds(said_at),
        "at": rows.to_microseconds(at),
    }
    known = first_row(connection, "is_heard", bindings)
    latest = first_row(connection, "latest_heard", bindings)
    connection.execute(SQL["note_heard"], bindings)
    return Heard(
        known=known is not None,
        counted=known == (1,),
        latest=None if latest is None or latest[0] is None else rows.to_datetime(latest[0]),
    )


def prolong_lease(connection: apsw.Connection, message_id: str, lease_token: str, until: datetime) -> None:
    """Move the end of this lease later, within the longest lease."""
    connection.execute(
        SQL["prolong_lease"],
        {
            "message_id": message_id,
            "lease_token": lease_token,
            "until": rows.to_microseconds(until),
            "longest": LONGEST_LEASE // timedelta(microseconds=1),
        },
    )


def cut_lease(connection: apsw.Connection, message_id: str, lease_token: str, until: datetime) -> None:
    """Move the end of this lease earlier."""
    bindings = {"message_id": message_id, "lease_token": lease_token, "until": rows.to_microseconds(until)}
    connection.execute(SQL["cut_lease"], bindings)


def put_off(connection: apsw.Connection, message_id: str, lease_token: str, at: datetime) -> None:
    """End this lease, and pause longer each time that the parts could not be read."""
    times = number(connection, "count_unreadable", {"message_id": message_id})
    connection.execute(
        SQL["put_off"],
        {
            "message_id": message_id,
            "lease_token": lease_token,
            "at": rows.to_microseconds(at),
            "offerable_at": rows.to_microseconds(at + error_pause(times + 1)),
        },
    )


def doubtful(connection: apsw.Connection, after: int, limit: int) -> list[tuple[int, str]]:
    """Row and MessageId of waiting messages that are marked damaged or could not be read, after this row."""
    found = connection.execute(SQL["list_doubtful"], {"after": after, "limit": limit})
    return [(int(row), str(message_id)) for row, message_id in found]


def examine(connection: apsw.Connection, message_row: int) -> Offer | None:
    """A waiting message as it would be offered, with what the rows show to be wrong; None when it has ended."""
    bindings = {"id": message_row}
    row = first_row(connection, "read_offer", bindings)
    if row is None or row[9] is None:
        return None
    offer = rows.read_offer(row, sound=_is_sound(connection, message_row))
    try:
        rows.read_offered(first_row(connection, "find_offered", {"message_id": offer.message_id}) or ())
    except DamagedRecord as damaged:
        return replace(offer, damage=damaged.what)
    return offer


def mark_whole(connection: apsw.Connection, message_row: int) -> None:
    """Offer a message again that was found whole."""
    connection.execute(SQL["mark_whole"], {"id": message_row})


def mark_damaged(connection: apsw.Connection, message_id: str) -> None:
    """Offer this message no more, until somebody finds it whole."""
    connection.execute(SQL["mark_damaged"], {"message_id": message_id})


def _find_own(connection: apsw.Connection, message_id: str, party: str) -> tuple[int, State, int]:
    """Row, state and error count of a message that was offered to this party."""
    row = first_row(connection, "find_message", {"message_id": message_id})
    if row is None:
        raise NotOffered(message_id)
    if not _is_sound(connection, row[0]):
        raise DamagedRecord(message_id, "the record")
    if row[1] != party or row[3] == 0:
        raise NotOffered(message_id)
    return row[0], State(row[2]), row[4]


def _has_receipt(connection: apsw.Connection, message_row: int) -> bool:
    """Whether the owner's receipt is kept; raises `DamagedRecord` where it is not what was written."""
    row = first_row(connection, "find_receipt", {"id": message_row})
    if row is not None:
        rows.read_evidence(row)
    return row is not None


def close(connection: apsw.Connection, message_id: str, party: str, receipt: bytes, at: datetime) -> ReceiptOutcome:
    """T6: state, evidence, and the envelope gone; nothing when the term was over first."""
    message_row, state, _ = _find_own(connection, message_id, party)
    bindings = {
        "id": message_row,
        "message": message_row,
        "at": rows.to_microseconds(at),
        "content_type": None,
        "soap_sha256": None,
    }
    if state not in WAITING:
        return ReceiptOutcome.REPEATED if _has_receipt(connection, message_row) else ReceiptOutcome.LATE
    change_one(connection, "close", bindings | {"state": state.value, "final": State.RECEIPTED.value})
    connection.execute(SQL["delete_envelope"], bindings)
    change_one(connection, "insert_evidence", bindings | {"kind": EvidenceKind.TAKEN.value, "octets": receipt})
    failpoints.reach("R3.before")
    return ReceiptOutcome.CLOSED


def keep_late(
    connection: apsw.Connection,
    message_id: str,
    party: str,
    receipt: bytes,
    at: datetime,
    notice: SealedMessage | None,
    notice_parts: FinishedParts,
) -> ReceiptOutcome:
    """T11: evidence and notice, once."""
    message_row, state, _ = _find_own(connection, message_id, party)
    if state in WAITING:
        raise NotOffered(message_id)
    bindings = {
        "id": message_row,
        "message": message_row,
        "at": rows.to_microseconds(at),
        "content_type": None,
        "soap_sha256": None,
    }
    if _has_receipt(connection, message_row):
        return ReceiptOutcome.REPEATED
    change_one(connection, "insert_evidence", bindings | {"kind": EvidenceKind.LATE.value, "octets": receipt})
    if notice is not None:
        _insert(connection, notice, notice_parts)
    failpoints.reach("L1.before")
    return ReceiptOutcome.LATE


def record_error(
    connection: apsw.Connection, message_id: str, party: str, code: str, error_id: str, said_at: datetime, at: datetime
) -> bool:
    """End the lease, and pause longer with every error; nothing for an Error that has counted."""
    message_row, state, errors = _find_own(connection, message_id, party)
    heard = {
        "party": party,
        "heard_id": error_id,
        "said_at": rows.to_microseconds(said_at),
        "at": rows.to_microseconds(at),
        "mpc": None,
        "holder": None,
        "message": None,
        "lease_token": None,
    }
    if first_row(connection, "find_heard", heard) is not None:
        return False
    connection.execute(SQL["count_heard"], heard)
    if state in WAITING:
        offerable_at = rows.to_microseconds(at + error_pause(errors + 1))
        bindings = {"id": message_row, "code": code, "at": rows.to_microseconds(at), "offerable_at": offerable_at}
        change_one(connection, "record_error", bindings)
    return True


def expire(
    connection: apsw.Connection,
    message_id: str,
    at: datetime,
    notice: SealedMessage | None,
    notice_parts: FinishedParts,
    at_once: bool,
) -> Expired | None:
    """T9: state and envelope gone, notice stored; None when a receipt or a longer term came first."""
    row = first_row(connection, "find_message", {"message_id": message_id})
    if row is None:
        return None
    message_row, _, state, _, _, expires_at, lease_until = row
    if state not in WAITING:
        return None
    sound = _is_sound(connection, message_row)
    if not at_once:
        if not sound:
            raise DamagedRecord(message_id, "the record")
        now = rows.to_microseconds(at)
        ended_before = rows.to_microseconds(at - EXPIRY_GRACE)
        if expires_at > now or (lease_until is not None and lease_until > ended_before):
            return None
    bindings = {"id": message_row, "state": state, "final": State.EXPIRED.value, "at": rows.to_microseconds(at)}
    change_one(connection, "close", bindings)
    connection.execute(SQL["delete_envelope"], bindings)
    failpoints.reach("X2.before")
    told = notice is not None and sound  # else nobody knows to whom it should go
    if notice is not None and told:
        _insert(connection, notice, notice_parts)
    failpoints.reach("X3.before")
    return Expired.NOTIFIED if told else Expired.UNNOTIFIED


def remove(connection: apsw.Connection, final: list[tuple[int, str]], at: datetime, part: Slice) -> int:
    """T7, T10: the rest of the ciphertext of these rows, whose blobs have been unlinked, as far as the slice reaches;
    returns how many.
    """
    removed = 0
    for message_row, state in final:
        if part.is_over():
            break
        bindings = {"id": message_row, "state": state, "at": rows.to_microseconds(at)}
        connection.execute(SQL["delete_parts"], bindings)
        change_one(connection, "remove", bindings)
        removed += 1
    failpoints.reach("U3.before")
    return removed


def unknown_blobs(connection: apsw.Connection, names: list[str]) -> list[str]:
    """Those of these names that no row has."""
    return [str(name) for (name,) in connection.execute(SQL["unknown_blobs"], {"names": json.dumps(names)})]


def forget(connection: apsw.Connection, at: datetime, limit: int) -> int:
    """T12: acceptances whose time is over, and signals too old to come again. Returns how many went."""
    forgotten = acceptances.forget(connection, at, limit)
    ages = {
        "before": rows.to_microseconds(at - SIGNAL_MEMORY),
        "long_before": rows.to_microseconds(at - LATEST_MEMORY),
    }
    connection.execute(SQL["forget_heard"], ages | {"limit": limit})
    return forgotten + connection.changes()


def forget_messages(connection: apsw.Connection, before: datetime, limit: int, part: Slice) -> int:
    """What was removed before this moment goes from the message log, with its evidence; returns how many went."""
    bindings = {"before": rows.to_microseconds(before), "limit": limit}
    gone = 0
    for (message_row,) in connection.execute(SQL["find_forgettable"], bindings).fetchall():
        if part.is_over():
            break
        acceptances.forget_damaged(connection, message_row)
        for name in ("delete_evidence", "delete_promised", "delete_message"):
            connection.execute(SQL[name], {"id": message_row})
        gone += 1
    return gone


def prolong_term(connection: apsw.Connection, message_id: str, party: str, expires_at: datetime) -> bool:
    """Move the deadline of one message later."""
    row = first_row(connection, "find_message", {"message_id": message_id})
    sealed = None if row is None else first_row(connection, "read_sealed", {"id": row[0]})
    if sealed is None:
        return False
    if not rows.is_sound(sealed):
        raise DamagedRecord(message_id, "the record")
    columns = dict(zip(rows.SEALED_COLUMNS, sealed[:-1], strict=True))
    columns["expires_at"] = rows.to_microseconds(expires_at)
    bindings = {
        "message_id": message_id,
        "party": party,
        "expires_at": columns["expires_at"],
        "sha256": rows.metadata_digest(columns),
    }
    connection.execute(SQL["prolong_term"], bindings)
    return connection.changes() == 1

"""Between the rows of the database and the values of `gateway.store.model`.

Times are microseconds since 1970 in UTC, exact both ways; a naive datetime is refused by the subtraction.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

from gateway.ebms.model import PartReference
from gateway.store.model import (
    Kind,
    MailboxRecord,
    MessageRecord,
    Metadata,
    Offer,
    Offered,
    Question,
    Seen,
    State,
)

Row: TypeAlias = tuple[Any, ...]

_to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_microseconds(moment: datetime) -> int:
    """A moment as the database keeps it."""
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(microseconds: int) -> datetime:
    """A moment as the database kept it."""
    return _EPOCH + timedelta(microseconds=microseconds)


def optional_microseconds(moment: datetime | None) -> int | None:
    """`to_microseconds`, or None."""
    return None if moment is None else to_microseconds(moment)


def optional_datetime(microseconds: int | None) -> datetime | None:
    """`to_datetime`, or None."""
    return None if microseconds is None else to_datetime(microseconds)


def metadata_bindings(metadata: Metadata) -> dict[str, str | int | None]:
    """The columns of a new message row."""
    return {
        "message_id": metadata.message_id,
        "received_message_id": metadata.received_message_id,
        "kind": metadata.kind.value,
        "sender": metadata.sender,
        "original_sender": metadata.original_sender,
        "receiver": metadata.receiver,
        "final_recipient": metadata.final_recipient,
        "mpc": metadata.mpc,
        "service": metadata.service,
        "action": metadata.action,
        "conversation_id": metadata.conversation_id,
        "tracking_identifier": metadata.tracking_identifier,
        "cross_reference": metadata.cross_reference,
        "question": int(metadata.question),
        "answer_due": optional_microseconds(metadata.answer_due),
        "accepted_at": to_microseconds(metadata.accepted_at),
        "expires_at": to_microseconds(metadata.expires_at),
        "sealed_to": metadata.sealed_to,
        "size_octets": metadata.size_octets,
    }


def write_references(references: tuple[PartReference, ...]) -> str:
    """References as JSON, in their order."""
    return _to_json(
        [
            {
                "uri": each.uri,
                "transforms": each.transforms,
                "digest_method": each.digest_method,
                "digest_value": base64.b64encode(each.digest_value).decode("ascii"),
                "prefix_lists": each.prefix_lists,
            }
            for each in references
        ]
    )


def read_references(text: str) -> tuple[PartReference, ...]:
    """References as `write_references` wrote them."""
    return tuple(
        PartReference(
            uri=each["uri"],
            transforms=tuple(each["transforms"]),
            digest_method=each["digest_method"],
            digest_value=base64.b64decode(each["digest_value"]),
            prefix_lists=tuple(tuple(prefixes) for prefixes in each["prefix_lists"]),
        )
        for each in json.loads(text)
    )


def read_message(row: Mapping[str, Any], at: datetime) -> MessageRecord:
    """A message row as it reads at that moment: a lapsed lease is none."""
    lease_until = optional_datetime(row["lease_until"])
    if lease_until is not None and lease_until <= at:
        lease_until = None
    state = State(row["state"])
    if state is State.OFFERED and lease_until is None:
        state = State.STORED
    return MessageRecord(
        metadata=_read_metadata(row),
        state=state,
        lease_until=lease_until,
        attempts=row["attempts"],
        offered_at=optional_datetime(row["offered_at"]),
        closed_at=optional_datetime(row["closed_at"]),
        removed_at=optional_datetime(row["removed_at"]),
        last_error=row["last_error"],
        damaged=bool(row["damaged"]),
        answered=row["answered_at"] is not None,
        waived=row["waived_at"] is not None,
    )


def _read_metadata(row: Mapping[str, Any]) -> Metadata:
    return Metadata(
        message_id=row["message_id"],
        received_message_id=row["received_message_id"],
        kind=Kind(row["kind"]),
        sender=row["sender"],
        original_sender=row["original_sender"],
        receiver=row["receiver"],
        final_recipient=row["final_recipient"],
        mpc=row["mpc"],
        service=row["service"],
        action=row["action"],
        conversation_id=row["conversation_id"],
        tracking_identifier=row["tracking_identifier"],
        cross_reference=row["cross_reference"],
        question=bool(row["question"]),
        answer_due=optional_datetime(row["answer_due"]),
        accepted_at=to_datetime(row["accepted_at"]),
        expires_at=to_datetime(row["expires_at"]),
        sealed_to=row["sealed_to"],
        size_octets=row["size_octets"],
    )


def read_seen(row: Row) -> Seen:
    """A duplicate key with the receipt that was given."""
    key, content_digest, receipt, content_type, forget_at = row
    return Seen(
        key=key,
        content_digest=content_digest,
        receipt=receipt,
        receipt_content_type=content_type,
        forget_at=to_datetime(forget_at),
    )


def read_offer(row: Row) -> Offer:
    """A leased message with its octets."""
    message_id, content_type, head, tail, parts, blob, octets, sha256, token, until, attempts = row
    return Offer(
        message_id=message_id,
        content_type=content_type,
        head=head,
        tail=tail,
        parts=parts,
        blob=blob,
        parts_octets=octets,
        parts_sha256=sha256,
        lease_token=token,
        lease_until=to_datetime(until),
        attempt=attempts,
    )


def read_offered(row: Row) -> Offered:
    """What a receipt is checked against."""
    message_id, receiver, state, references = row
    return Offered(message_id=message_id, receiver=receiver, state=State(state), references=read_references(references))


def read_question(row: Row) -> Question:
    """A question and whether it was answered."""
    *names, answer_due, answered_at = row
    sender, original_sender, receiver, final_recipient, service, action, conversation_id, tracking_identifier = names
    return Question(
        sender=sender,
        original_sender=original_sender,
        receiver=receiver,
        final_recipient=final_recipient,
        service=service,
        action=action,
        conversation_id=conversation_id,
        tracking_identifier=tracking_identifier,
        answer_due=optional_datetime(answer_due),
        answered=answered_at is not None,
    )


def read_mailbox(row: Row) -> MailboxRecord:
    """How one mailbox stands."""
    mpc, party, messages, leased, oldest_accepted_at, next_expires_at, octets = row
    return MailboxRecord(
        mpc=mpc,
        party=party,
        waiting=messages - leased,
        leased=leased,
        oldest_accepted_at=optional_datetime(oldest_accepted_at),
        next_expires_at=optional_datetime(next_expires_at),
        octets=octets,
    )

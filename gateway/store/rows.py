"""Between the rows of a database and the values of `gateway.store.model` and `gateway.store.rules`; no engine's own.

Times are microseconds since 1970 in UTC, exact both ways; a naive datetime is refused by the subtraction.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeAlias

from gateway.ebms.model import PartReference
from gateway.store.digest import (
    OF_ENVELOPE,
    OF_MESSAGE,
    OF_PROMISE,
    digest_of,
    is_sound,
)
from gateway.store.interface import DamagedRecord
from gateway.store.model import (
    Contact,
    Counts,
    Kind,
    MailboxRecord,
    MessageRecord,
    Metadata,
    Offer,
    Offered,
    Question,
    SealedMessage,
    SealedTo,
    State,
    StoredEnvelope,
)
from gateway.store.rules.lease import Waiting
from gateway.store.rules.replay import HeardSignal
from gateway.store.rules.settling import Asked
from gateway.store.states import WAITING

_OVERDUE_AFTER: Final = timedelta(minutes=10)  # the keeper ends terms each minute, so what waits longer does not end

Row: TypeAlias = tuple[Any, ...]
Bindings: TypeAlias = dict[str, str | int | bytes | None]

to_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_FIRST = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST = (datetime(9000, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND


def to_microseconds(moment: datetime) -> int:
    """A moment as the database keeps it."""
    return (moment - _EPOCH) // _MICROSECOND


def to_datetime(microseconds: int) -> datetime:
    """A moment as the database kept it.

    What a damaged row has in its place may be no moment at all. It is read as the nearest that leaves room for a span
    on either side: whether a row counts is for its digest to say, and one row stands in nobody's way.
    """
    return _EPOCH + timedelta(microseconds=max(_FIRST, min(microseconds, _LAST)))


def optional_microseconds(moment: datetime | None) -> int | None:
    """`to_microseconds`, or None."""
    return None if moment is None else to_microseconds(moment)


def optional_datetime(microseconds: int | None) -> datetime | None:
    """`to_datetime`, or None."""
    return None if microseconds is None else to_datetime(microseconds)


def metadata_bindings(metadata: Metadata) -> Bindings:
    """The columns of a new message row, with its digest."""
    columns: Bindings = {
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
    return columns | {"sha256": digest_of(OF_MESSAGE, columns)}


def prolonged_bindings(sealed: Row, expires_at: datetime) -> Bindings:
    """The columns of a message row that another deadline changes; `sealed` are those under its digest, and that."""
    deadline = to_microseconds(expires_at)
    columns = dict(zip(OF_MESSAGE, sealed, strict=False)) | {"expires_at": deadline}
    return {"expires_at": deadline, "sha256": digest_of(OF_MESSAGE, columns)}


def envelope_bindings(message: SealedMessage, message_row: int, parts_octets: int, parts_sha256: bytes) -> Bindings:
    """The columns of a new envelope row, with the digest over all that leaves on a pull."""
    columns: Bindings = {
        "message": message_row,
        "content_type": message.content_type,
        "head": message.head,
        "tail": message.tail,
    }
    sealed = columns | {
        "message_id": message.metadata.message_id,
        "parts_octets": parts_octets,
        "parts_sha256": parts_sha256,
    }
    return columns | {"sha256": digest_of(OF_ENVELOPE, sealed)}


def promised_bindings(message: SealedMessage, message_row: int) -> Bindings:
    """The columns of what a receipt has to repeat, with its digest."""
    columns: Bindings = {"message": message_row, "part_references": write_references(message.references)}
    sealed = columns | {"message_id": message.metadata.message_id}
    return columns | {"sha256": digest_of(OF_PROMISE, sealed)}


def write_references(references: tuple[PartReference, ...]) -> str:
    """References as JSON, in their order."""
    return to_json(
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
        desk_holder=None if lease_until is None else row["desk_holder"],
        prolonged_days=row["prolonged_days"],
        attempts=row["attempts"],
        offered_at=optional_datetime(row["offered_at"]),
        closed_at=optional_datetime(row["closed_at"]),
        removed_at=optional_datetime(row["removed_at"]),
        last_error=row["last_error"],
        damaged=bool(row["damaged"]) or digest_of(OF_MESSAGE, row) != row["sha256"],
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


def read_waiting(row: Row) -> Waiting:
    """What a message row says of its offers."""
    message, receiver, state, expires_at, attempts, errors, last_error, unreadable, damaged, token, *others = row
    *moments, desk_holder = others
    lease_until, offerable_at, offered_at = map(optional_datetime, moments)
    return Waiting(
        row=message,
        receiver=receiver,
        state=State(state),
        expires_at=to_datetime(expires_at),
        attempts=attempts,
        errors=errors,
        last_error=last_error,
        unreadable=unreadable,
        damaged=bool(damaged),
        lease_token=token,
        lease_until=lease_until,
        offerable_at=offerable_at,
        offered_at=offered_at,
        desk_holder=desk_holder,
    )


def lease_bindings(message: Waiting) -> Bindings:
    """The columns of a message row that its offers change."""
    return {
        "id": message.row,
        "attempts": message.attempts,
        "errors": message.errors,
        "last_error": message.last_error,
        "unreadable": message.unreadable,
        "damaged": int(message.damaged),
        "lease_token": message.lease_token,
        "lease_until": optional_microseconds(message.lease_until),
        "offerable_at": optional_microseconds(message.offerable_at),
        "offered_at": optional_microseconds(message.offered_at),
        "desk_holder": message.desk_holder,
        "desk_list": message.desk_list,
    }


def read_heard(row: Row) -> HeardSignal:
    """What is remembered of a signal or message of a party."""
    said_at, at, counted, mpc, holder, message, lease_token = row
    return HeardSignal(
        said_at=to_datetime(said_at),
        at=to_datetime(at),
        counted=bool(counted),
        mpc=mpc,
        holder=holder,
        message=message,
        lease_token=lease_token,
    )


def heard_bindings(heard: HeardSignal) -> Bindings:
    """The columns of what is remembered of a signal or message."""
    return {
        "said_at": to_microseconds(heard.said_at),
        "at": to_microseconds(heard.at),
        "counted": int(heard.counted),
        "mpc": heard.mpc,
        "holder": heard.holder,
        "message": heard.message,
        "lease_token": heard.lease_token,
    }


def read_settled(row: Row) -> Asked:
    """What a message row says of itself as a question, or as what may waive one."""
    message, kind, question, sender, recipient, service, action, conversation_id, reference, answered, waived = row
    return Asked(
        row=message,
        kind=Kind(kind),
        question=bool(question),
        original_sender=sender,
        final_recipient=recipient,
        service=service,
        action=action,
        conversation_id=conversation_id,
        tracking_identifier=reference,
        answered=answered is not None,
        waived=waived is not None,
    )


def read_offer(row: Row, *, sound: bool) -> Offer:
    """A leased message with its octets, and what is wrong with them as far as the rows show it."""
    message_id, content_type, head, tail, sealed, parts, blob, octets, sha256, token, until, attempts = row
    if None in (content_type, head, tail, octets, sha256):
        content_type, head, tail, octets, sha256 = "", b"", b"", 0, b""
        damage: str | None = "the envelope or the parts are missing"
    elif not sound:
        damage = "the record of the message has another digest"
    elif not is_sound((message_id, content_type, head, tail, octets, sha256, sealed)):
        damage = "the envelope has another digest"
    else:
        damage = None
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
        damage=damage,
    )


def read_envelope(row: Row) -> StoredEnvelope:
    """The envelope of a message; raises `DamagedRecord`."""
    message_id, content_type, head, tail, *_ = row
    if None in row or not is_sound(row):
        raise DamagedRecord(message_id, "the envelope")
    return StoredEnvelope(content_type=content_type, octets=head + tail)


def read_offered(row: Row) -> Offered:
    """What a receipt is checked against; raises `DamagedRecord`."""
    *columns, state, references, sealed = row
    message_id, receiver = columns[0], columns[5]
    if not is_sound(tuple(columns)):
        raise DamagedRecord(message_id, "the record")
    if references is None or not is_sound((message_id, references, sealed)):
        raise DamagedRecord(message_id, "what a receipt has to repeat")
    return Offered(message_id=message_id, receiver=receiver, state=State(state), references=read_references(references))


def read_question(row: Row) -> Question:
    """A question and whether it was answered; raises `DamagedRecord`."""
    *sealed, answered_at = row
    columns = dict(zip(OF_MESSAGE, sealed, strict=False))
    if not is_sound(tuple(sealed)):
        raise DamagedRecord(columns["message_id"], "the record")
    return Question(
        sender=columns["sender"],
        original_sender=columns["original_sender"],
        receiver=columns["receiver"],
        final_recipient=columns["final_recipient"],
        service=columns["service"],
        action=columns["action"],
        conversation_id=columns["conversation_id"],
        tracking_identifier=columns["tracking_identifier"],
        answer_due=optional_datetime(columns["answer_due"]),
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


def read_sealed_to(row: Row) -> SealedTo:
    """What waits under one certificate."""
    thumbprint, receiver, waiting, last_expires_at = row
    return SealedTo(
        thumbprint=thumbprint, receiver=receiver, waiting=waiting, last_expires_at=to_datetime(last_expires_at)
    )


def read_contact(row: Row) -> Contact:
    """When a party was last in touch."""
    party, test_id, laid_at, closed_at, confirmed, heard_at, pinged_at = row
    return Contact(
        party=party,
        test_id=test_id,
        test_laid_at=optional_datetime(laid_at),
        test_closed_at=optional_datetime(closed_at),
        is_confirmed=bool(confirmed),
        heard_at=optional_datetime(heard_at),
        pinged_at=optional_datetime(pinged_at),
    )


def counted_at(at: datetime) -> dict[str, int]:
    """The moments by which the store as a whole is counted."""
    return {"at": to_microseconds(at), "long_ago": to_microseconds(at - _OVERDUE_AFTER)}


def read_counts(tally: Iterable[Row], others: Row, *, free_octets: int, log_octets: int) -> Counts:
    """The store as a whole: sums by state and kind, and what they do not know. A lapsed lease counts as stored."""
    states: Counter[State] = Counter()
    notices = waiting_octets = 0
    for name, kind, number, octets in tally:
        state = State(name)
        states[state] += number
        if state in WAITING:
            waiting_octets += octets
            notices += number if kind == Kind.NOTICE else 0
    leased, damaged, overdue, open_questions, seen = others
    states[State.STORED] += states[State.OFFERED] - leased
    states[State.OFFERED] = leased
    return Counts(
        states=tuple((state, states[state]) for state in State),
        notices=notices,
        damaged=damaged,
        overdue=overdue,
        open_questions=open_questions,
        seen=seen,
        waiting_octets=waiting_octets,
        free_octets=free_octets,
        log_octets=log_octets,
    )

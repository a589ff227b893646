"""Sealed messages, pulls and receipts as the store gets them, with the details that a test does not care about."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.ebms.model import PartReference, PartyId
from gateway.store.interface import Store
from gateway.store.model import (
    Acceptance,
    AcceptOutcome,
    Earlier,
    GivenReceipt,
    Kind,
    LeaseRequest,
    Metadata,
    Offer,
    SealedMessage,
    Signer,
)

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
TERM = timedelta(days=4)
SENDER = "00000001234567890000"
RECEIVER = "00000009876543210000"
HOLDER = "a" * 64
SEALED_TO = "b" * 64


def mailbox_of(party: str) -> str:
    return f"urn:knooppunt:mpc:{party}"


def sealed_message(number: int, *, at: datetime = START, head: bytes | None = None, **changes: Any) -> SealedMessage:
    """Message `number`; `changes` are fields of its metadata."""
    receiver = changes.get("receiver", RECEIVER)
    head = head if head is not None else f"--b\r\n\r\n<Envelope number='{number}'/>".encode()
    metadata = Metadata(
        message_id=f"leg2-{number}@hub.example",
        received_message_id=f"leg1-{number}@sender.example",
        kind=Kind.MESSAGE,
        sender=SENDER,
        original_sender=SENDER,
        receiver=receiver,
        final_recipient=receiver,
        mpc=mailbox_of(receiver),
        service="urn:knooppunt:Schuldregeling:2.0",
        action="Saldoverzoek",
        conversation_id=f"conversation-{number}",
        tracking_identifier=f"tracking-{number}",
        cross_reference=None,
        question=False,
        answer_due=None,
        accepted_at=at,
        expires_at=at + TERM,
        sealed_to=SEALED_TO,
        size_octets=2000,
    )
    reference = PartReference(
        uri=f"cid:part-{number}@hub.example",
        transforms=("http://docs.oasis-open.org/wss/oasis-wss-SwAProfile-1.1#Attachment-Content-Signature-Transform",),
        digest_method="http://www.w3.org/2001/04/xmlenc#sha256",
        digest_value=hashlib.sha256(str(number).encode()).digest(),
        prefix_lists=(("S12", "eb"), ()),
    )
    return SealedMessage(
        metadata=replace(metadata, **changes),
        content_type='multipart/related; boundary="b"; type="application/soap+xml"',
        head=head,
        tail=b"\r\n--b--\r\n",
        references=(reference,),
    )


SIGNER = Signer(
    sender=SENDER,
    from_party=frozenset({PartyId(value=SENDER, type="urn:oin")}),
    certificate=b"the certificate of the sender",
    suite="as4-1.15-rsa",
    key_reference="token",
)


def acceptance_for(
    message: SealedMessage,
    *,
    content: bytes | None = None,
    soap: bytes = b"<Envelope/>",
    forget_at: datetime | None = None,
    signer: Signer = SIGNER,
) -> Acceptance:
    """What is remembered of a message under the one key of its leg 1 id and sender; `soap` is how it was signed."""
    metadata = message.metadata
    said = hashlib.sha256(content if content is not None else message.head).digest()
    return Acceptance(
        key=hashlib.sha256(f"{metadata.sender} {metadata.received_message_id}".encode()).digest(),
        signer=signer,
        said=b"\x01" + said,
        said_apart=b"\x01" + said[::-1],
        own_digests=said,
        receipt=receipt_sample(metadata.received_message_id, soap),
        at=metadata.accepted_at,
        forget_at=forget_at if forget_at is not None else metadata.accepted_at + timedelta(days=90),
    )


def receipt_sample(message_id: str, soap: bytes) -> GivenReceipt:
    """The hub's receipt for one signing of a message."""
    return GivenReceipt(
        soap_sha256=hashlib.sha256(soap).digest(),
        octets=b"<Receipt for='" + message_id.encode() + b"'/>" + soap,
        content_type="application/soap+xml",
    )


def found_again(acceptance: Acceptance, receipt: GivenReceipt | None = None) -> Earlier:
    """How that acceptance reads when the message comes again, in the same signing or in one that got `receipt`."""
    return Earlier(
        key=acceptance.key,
        said=acceptance.said,
        said_apart=acceptance.said_apart,
        own_digests=acceptance.own_digests,
        receipt=receipt,
        at=acceptance.at,
    )


def parts_of(number: int, octets: int = 500) -> bytes:
    """Octets that look like ciphertext and differ from message to message."""
    block = hashlib.shake_256(f"parts {number}".encode())
    return block.digest(octets)


async def accept(
    store: Store,
    message: SealedMessage,
    parts: bytes = b"parts",
    *,
    acceptance: Acceptance | None = None,
    quota_messages: int = 1000,
    desk_lease: str | None = None,
) -> AcceptOutcome:
    spool = await store.open_spool(len(parts))
    for start in range(0, len(parts), 100_000):
        await spool.write(parts[start : start + 100_000])
    return await store.accept(
        message,
        spool,
        acceptance or acceptance_for(message),
        quota_messages=quota_messages,
        desk_lease=desk_lease,
    )


def pull(number: int | str, **changes: Any) -> LeaseRequest:
    """PullRequest `number` of the receiver."""
    request = LeaseRequest(
        mpc=mailbox_of(changes.get("party", RECEIVER)),
        pull_message_id=f"pull-{number}@receiver.example",
        party=RECEIVER,
        holder=HOLDER,
        lease_seconds=900,
        open_leases=100,
    )
    return replace(request, **changes)


async def read_whole(store: Store, offer: Offer) -> bytes:
    """What leaves on the wire for an offer."""
    return offer.head + b"".join([chunk async for chunk in store.read_parts(offer)]) + offer.tail

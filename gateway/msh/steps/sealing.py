"""Seal: build the complete outgoing message; after this no key of the hub opens what the hub stores (decision 0002).

The parts are encrypted under a fresh content key while they arrive and lie in the spool with their MIME heads. The
envelope, with the content key wrapped to the receiver, is built and signed when all verdicts are in. A pull then is a
copy of head, spool and tail.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Self

from crypto.certificates import Certificate, thumbprint_sha256
from crypto.content_ids import content_id_uri
from crypto.keys import Signer
from gateway.ebms import names, origin
from gateway.ebms.gzip import SALT_OCTETS
from gateway.ebms.model import PartInfo, Property, UserMessage
from gateway.ebms.part_packer import PartPacker
from gateway.msh.hub import Hub
from gateway.msh.journey import Trusted, Way
from gateway.msh.later import Cause, Postponed
from gateway.msh.steps.routing import recipient_of
from gateway.store.interface import Spool
from gateway.store.model import Kind, Metadata, SealedMessage
from pmodes.model import Organisation, PMode
from pmodes.term import answer_due, expires_at
from xsd.message_type import MessageType


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """Leg 2 in the making; a context, so that whatever fails gives the spool back."""

    pmode: PMode
    hub: Hub
    packer: PartPacker
    spool: Spool  # what the packer gives

    @classmethod
    async def begin(cls, pmode: PMode, hub: Hub, *, expected_octets: int | None, frees_room: bool = False) -> Self:
        """Draw a content key and ask the store for room; raises `Postponed` where a certificate that sealing needs is
        missing or ends too soon, `StoreUnavailable` where there is no room.

        What takes the place of a larger message `frees_room`, and is not held back on a disk that is nearly full.
        """
        check_sealable(pmode, term_of(pmode.organisation, hub.clock.now(), hub), hub)
        return cls(
            pmode=pmode,
            hub=hub,
            packer=PartPacker(pmode.security.suite, boundary=f"knooppunt-{hub.random_octets(16).hex()}"),
            spool=await hub.store.open_spool(expected_octets, frees_room=frees_room),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.spool.discard()

    async def add(self, content_id: str, document: bytes) -> None:
        """A whole part of the hub's own, compressed: products digest plain XML in two ways."""
        part = self.packer.begin(content_id, salt=self.hub.random_octets(SALT_OCTETS))
        await self.spool.write(part.feed(document) + part.close())


async def seal(sealing: Sealing, trusted: Trusted, way: Way, hub: Hub) -> SealedMessage:
    """Turn a judged message of leg 1 into the finished one of leg 2, with the proof of its origin (decision 0009)."""
    at = hub.clock.now()
    received = trusted.user_message
    parts = received.parts
    if way.pmode.origin and origin.may_be_shown(trusted.messaging):
        origin_id = hub.new_id()
        await sealing.add(origin_id, origin.build_origin(trusted.verified))
        parts = (*parts, origin_part(origin_id))
    user_message = outgoing(
        way.pmode,
        message_id=hub.new_id(),
        at=at,
        conversation_id=received.conversation_id,
        properties=received.properties,
        parts=parts,
    )
    return finish(
        sealing,
        user_message,
        About(
            kind=Kind.MESSAGE,
            received_message_id=received.message_id,
            sender=trusted.pmode.organisation.party_id,
            question=way.message_type.question,
            answer_due=due_for(way.message_type, at, hub),
            accepted_at=at,
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the log of messages keeps beside the references that stand in the header of leg 2."""

    kind: Kind
    received_message_id: str
    sender: str
    question: bool
    answer_due: datetime | None
    accepted_at: datetime


def outgoing(
    pmode: PMode,
    *,
    message_id: str,
    at: datetime,
    conversation_id: str,
    properties: tuple[Property, ...],
    parts: tuple[PartInfo, ...],
) -> UserMessage:
    """The user message of leg 2: from the hub to the owner of the mailbox, under its P-Mode."""
    return UserMessage(
        message_id=message_id,
        timestamp=at,
        from_party=pmode.sender,
        to_party=pmode.receiver,
        service=pmode.business_info.service,
        action=pmode.business_info.action,
        conversation_id=conversation_id,
        mpc=pmode.business_info.mpc,
        agreement_ref=pmode.agreement,
        properties=properties,
        parts=parts,
    )


def check_sealable(pmode: PMode, expires_at: datetime, hub: Hub) -> tuple[Certificate, Signer]:
    """The certificate to seal to, and the key that signs; raises `Postponed` unless there are both and the hub's
    signature holds until then.
    """
    recipient = recipient_of(pmode, hub)
    signer = hub.signer_for(pmode.security.suite)
    if signer.certificate.not_valid_after_utc < expires_at:
        raise Postponed(
            Cause.SIGNING_CERTIFICATE, "the hub's signing certificate ends before the term of a new message would"
        )
    return recipient, signer


def finish(sealing: Sealing, user_message: UserMessage, about: About) -> SealedMessage:
    """Sign the envelope over the parts, wrap the content key, and have the whole ready to be copied.

    What had to hold when the parts began to come is asked again: they may have taken an hour. Raises `Postponed`.
    """
    pmode, hub = sealing.pmode, sealing.hub
    ends_at = term_of(pmode.organisation, about.accepted_at, hub)
    recipient, signer = check_sealable(pmode, ends_at, hub)
    packed = sealing.packer.close(
        user_message,
        key=signer,
        key_reference=pmode.security.key_reference,
        ids=hub.new_element_id,
        root_id=hub.new_id(),
        recipient=recipient,
        encryption_reference=pmode.security.encryption_key_reference,
    )
    return SealedMessage(
        metadata=Metadata(
            message_id=user_message.message_id,
            received_message_id=about.received_message_id,
            kind=about.kind,
            sender=about.sender,
            original_sender=user_message.property(names.ORIGINAL_SENDER) or about.sender,
            receiver=pmode.organisation.party_id,
            final_recipient=user_message.property(names.FINAL_RECIPIENT) or pmode.organisation.party_id,
            mpc=pmode.organisation.mpc,
            service=user_message.service.value,
            action=user_message.action,
            conversation_id=user_message.conversation_id,
            tracking_identifier=user_message.property(names.TRACKING_IDENTIFIER) or "",
            cross_reference=user_message.property(names.CROSS_REFERENCE),
            question=about.question,
            answer_due=about.answer_due,
            accepted_at=about.accepted_at,
            expires_at=ends_at,
            sealed_to=thumbprint_sha256(recipient).hex(),
            size_octets=len(packed.head) + sealing.spool.size_octets + len(packed.tail),
        ),
        content_type=packed.content_type,
        head=packed.head,
        tail=packed.tail,
        references=packed.references,
        waives=() if pmode.message_type is None else pmode.message_type.waives,
        waived_by=() if pmode.message_type is None else pmode.message_type.waived_by,
    )


def term_of(receiver: Organisation, at: datetime, hub: Hub) -> datetime:
    """When a message accepted at that moment leaves the receiver's mailbox unread (docs/explanation/terms.md); a clock
    that went back shortens no term.
    """
    return expires_at(
        max(at, hub.time.for_promises()),
        working_days=receiver.mailbox.term_working_days,
        extension_days=receiver.mailbox.extension_days,
        closing_days=hub.configuration().hub.closing_days,
    )


def due_for(message_type: MessageType, at: datetime, hub: Hub) -> datetime | None:
    """When the answer to a question accepted at that moment is late."""
    if not message_type.question:
        return None
    return answer_due(
        at,
        working_days=message_type.answer_term_working_days,
        closing_days=hub.configuration().hub.closing_days,
    )


def origin_part(content_id: str) -> PartInfo:
    """How origin.xml is declared in the header of leg 2."""
    return PartInfo(
        href=content_id_uri(content_id),
        properties=(
            Property(name=names.MIME_TYPE, value=origin.MIME_TYPE),
            Property(name=names.COMPRESSION_TYPE, value=names.GZIP),
            origin.PART_PROPERTY,
        ),
    )

"""Seal: build the complete outgoing message; after this no key of the hub opens what the hub stores (decision 0002).

The parts are encrypted under a fresh content key while they arrive and lie in the spool with their MIME heads. The
envelope, with the content key wrapped to the receiver, is built and signed when all verdicts are in. A pull then is a
copy of head, spool and tail.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import TracebackType
from typing import Final, Self

from crypto.certificates import Certificate, thumbprint_sha256
from crypto.content_ids import content_id_uri
from crypto.keys import Signer
from gateway.ebms import names, origin
from gateway.ebms.consistency import content_ids
from gateway.ebms.gzip import SALT_OCTETS
from gateway.ebms.model import PartInfo, Property, UserMessage
from gateway.ebms.part_packer import PartPacker
from gateway.limits import KIB
from gateway.msh.fresh import Fresh
from gateway.msh.in_force import InForce, OwnKeys
from gateway.msh.journey import Trusted
from gateway.msh.later import Cause, Postponed
from gateway.msh.revocation import Doubt, Revocation, compared
from gateway.msh.timekeeping import Timekeeping
from gateway.store.interface import Spool, Store
from gateway.store.model import Kind, Metadata, SealedMessage
from gateway.traced import step
from pmodes.configuration import Configuration
from pmodes.counterparts import answer_working_days
from pmodes.model import Organisation, PMode, newest_active
from pmodes.term import answer_due, expires_at
from xsd.message_type import MessageType

_STEP_OCTETS: Final = 256 * KIB


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """Leg 2 in the making; a context, so that whatever fails gives the spool back."""

    pmode: PMode
    in_force: InForce
    fresh: Fresh
    time: Timekeeping
    revocation: Revocation
    packer: PartPacker
    spool: Spool  # what the packer gives

    @classmethod
    async def begin(
        cls,
        pmode: PMode,
        in_force: InForce,
        fresh: Fresh,
        time: Timekeeping,
        store: Store,
        revocation: Revocation,
        *,
        expected_octets: int | None,
        frees_room: bool = False,
    ) -> Self:
        """Draw a content key and ask the store for room; raises `Postponed` where a certificate that sealing needs is
        missing or ends too soon, `StoreUnavailable` where there is no room.

        What takes the place of a larger message `frees_room`, and is not held back on a disk that is nearly full.
        """
        at = time.now()
        ends_at = term_of(pmode.organisation, at, in_force.configuration, time)
        check_sealable(pmode, in_force.keys, revocation, at, until=ends_at)
        return cls(
            pmode=pmode,
            in_force=in_force,
            fresh=fresh,
            time=time,
            revocation=revocation,
            packer=PartPacker(pmode.security.suite, boundary=f"knooppunt-{fresh.octets(16).hex()}"),
            spool=await store.open_spool(expected_octets, frees_room=frees_room),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.spool.discard()

    async def add(self, content_id: str, document: bytes) -> None:
        """A whole part of the hub's own, compressed: products digest plain XML in two ways. Of a large one others have
        a turn after each step.
        """
        part = self.packer.begin(content_id, salt=self.fresh.octets(SALT_OCTETS))
        last = len(document) // _STEP_OCTETS * _STEP_OCTETS
        for start in range(0, last, _STEP_OCTETS):
            await self.spool.write(part.feed(document[start : start + _STEP_OCTETS]))
            await asyncio.sleep(0)
        await self.spool.write(part.feed(document[last:]) + part.close())


@step("seal")
async def seal(sealing: Sealing, trusted: Trusted, message_type: MessageType) -> SealedMessage:
    """Turn a judged message of leg 1 into the finished one of leg 2, with the proof of its origin (decision 0009)."""
    at = sealing.time.now()
    signed, received = trusted.signed, trusted.signed.user_message
    parts = tuple(map(_with_uri, received.parts, content_ids(received)))
    if sealing.pmode.origin and origin.may_be_shown(signed.envelope.messaging):
        origin_id = sealing.fresh.id()
        await sealing.add(origin_id, origin.build_origin(signed.verified))
        parts = (*parts, origin_part(origin_id))
    user_message = outgoing(
        sealing.pmode,
        message_id=sealing.fresh.id(),
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
            question=message_type.question,
            answer_due=due_for(message_type, sealing.pmode.organisation, at, sealing.in_force.configuration),
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


def check_sealable(
    pmode: PMode, keys: OwnKeys, revocation: Revocation, at: datetime, *, until: datetime
) -> tuple[Certificate, Signer]:
    """The certificate to seal to, the receiver's newest that is active and may be used, and the key that signs; raises
    `Postponed` unless there are both and the hub's signature holds `until` then. That there is none may pass with a
    renewal, or be a fault of the hub's clock.
    """
    party, left = pmode.organisation.party_id, pmode.security.encryption_certificates
    doubted: list[Doubt] = []
    while (recipient := newest_active(left, at, pmode.security.encryption_terms)) is not None:
        doubt = revocation.doubt(recipient, at, wanted=pmode.security.revocation, party=party)
        if doubt is None:
            break
        doubted.append(doubt)
        left = tuple(each for each in left if each != recipient)
    if recipient is None:
        raise _nothing_to_seal_to(party, doubted)
    signer = keys.signer_for(pmode.security.suite, at)
    if signer.certificate.not_valid_after_utc < until:
        raise Postponed(
            Cause.SIGNING_CERTIFICATE, "the hub's signing certificate ends before the term of a new message would"
        )
    return recipient, signer


def _nothing_to_seal_to(party: str, doubted: Sequence[Doubt]) -> Postponed:
    """The sender did nothing wrong, and the receiver's next certificate, or an answer about this one, ends it."""
    waits = any(not each.revoked for each in doubted)
    cause = Cause.REVOCATION if waits else Cause.RECEIVER_CERTIFICATE
    what = "; ".join(each.detail for each in doubted) or "none is valid now"
    evidence = [compared(each) for each in doubted]
    return Postponed(cause, f"{party} has no encryption certificate to seal to: {what}", about=party, compared=evidence)


def finish(sealing: Sealing, user_message: UserMessage, about: About) -> SealedMessage:
    """Sign the envelope over the parts, wrap the content key, and have the whole ready to be copied.

    What had to hold when the parts began to come is asked again: they may have taken an hour. Raises `Postponed`.
    """
    pmode, in_force, fresh = sealing.pmode, sealing.in_force, sealing.fresh
    ends_at = term_of(pmode.organisation, about.accepted_at, in_force.configuration, sealing.time)
    recipient, signer = check_sealable(pmode, in_force.keys, sealing.revocation, sealing.time.now(), until=ends_at)
    packed = sealing.packer.close(
        user_message,
        key=signer,
        key_reference=pmode.security.key_reference,
        root_id=fresh.id(),
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


def term_of(receiver: Organisation, at: datetime, configuration: Configuration, time: Timekeeping) -> datetime:
    """When a message accepted at that moment leaves the receiver's mailbox unread (docs/explanation/terms.md); a clock
    that went back shortens no term.
    """
    return expires_at(
        max(at, time.for_promises()),
        working_days=receiver.mailbox.term_working_days,
        extension_days=receiver.days_with_acceptance,
        closing_days=configuration.hub.closing_days,
    )


def due_for(
    message_type: MessageType, receiver: Organisation, at: datetime, configuration: Configuration
) -> datetime | None:
    """When the answer to a question accepted at that moment is late: by the term that its receiver agreed on for the
    module version, else by the message type's.
    """
    return answer_due(
        at,
        working_days=answer_working_days(receiver, message_type),
        closing_days=configuration.hub.closing_days,
    )


def _with_uri(part: PartInfo, content_id: str) -> PartInfo:
    """Declared by a URI that any reader takes: a sender's href may hold its name as it stands in the part's header."""
    return replace(part, href=content_id_uri(content_id))


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

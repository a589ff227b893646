"""The status message that tells a sender what became of its message: metadata only, in the hub's own module.

It is a message like any other: sealed to the sender, laid in its mailbox, pulled and receipted. No notice is ever
written about a notice.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime

from crypto.content_ids import content_id_uri
from gateway.ebms import names
from gateway.ebms.model import PartInfo, Property
from gateway.msh.hub import Hub
from gateway.msh.steps.sealing import About, Sealing, finish, outgoing
from gateway.store.model import Kind, MessageRecord, SealedMessage
from pmodes.configuration import Configuration
from pmodes.model import Leg, PMode
from xsd.generated.common_2_0 import Stuurgegevens
from xsd.generated.knooppunt_1_0 import BezorgdBericht, Statusmelding, Toestand


def notice_pmode(record: MessageRecord, configuration: Configuration) -> PMode | None:
    """The P-Mode under which the sender of a message gets its notice; None when there is nobody to tell."""
    message_type = configuration.catalogue.message(Statusmelding.MODULE, Statusmelding.VERSION, Statusmelding.ELEMENT)
    sender = configuration.by_party.get(record.metadata.sender)
    if record.metadata.kind is Kind.NOTICE or sender is None or message_type is None:
        return None
    pmode = configuration.pmode(sender, message_type, Leg.RECEIVING)
    if pmode is None or pmode.security.revocation != "hard":
        return pmode
    # A notice cannot wait for an answer, and holds nothing of the message: of doubt about the certificate the operator
    # is told, and only one that is known to be revoked keeps a notice from being sealed.
    return replace(pmode, security=replace(pmode.security, revocation="soft"))


async def begin_notice(pmode: PMode, hub: Hub) -> Sealing:
    """A notice in the making; it takes the place of what ends, so it is not held back on a disk that is nearly full."""
    return await Sealing.begin(
        pmode, hub.in_force(), hub.fresh, hub.time, hub.store, hub.revocation, expected_octets=None, frees_room=True
    )


async def seal_notice(sealing: Sealing, record: MessageRecord, state: Toestand) -> SealedMessage:
    """The finished status message about `record`; its parts lie in `sealing.spool`. What is said is true when it is
    sealed: with `ALSNOGBEVESTIGD`, `record` expired and its receipt came now. Others have a turn before it is signed.
    """
    at = sealing.time.now()
    configuration, fresh = sealing.in_force.configuration, sealing.fresh
    reference = fresh.reference()
    document = _document(record, state, reference, at, configuration)
    content_id = fresh.id()
    await sealing.add(content_id, document)
    user_message = outgoing(
        sealing.pmode,
        message_id=fresh.id(),
        at=at,
        conversation_id=record.metadata.conversation_id,
        properties=(
            Property(name=names.ORIGINAL_SENDER, value=configuration.hub.party_id),
            Property(name=names.FINAL_RECIPIENT, value=record.metadata.original_sender),
            Property(name=names.TRACKING_IDENTIFIER, value=reference),
        ),
        parts=(
            PartInfo(
                href=content_id_uri(content_id),
                properties=(
                    Property(name=names.MIME_TYPE, value=names.APPLICATION_XML),
                    Property(name=names.CHARACTER_SET, value="UTF-8"),
                    Property(name=names.COMPRESSION_TYPE, value=names.GZIP),
                ),
            ),
        ),
    )
    await asyncio.sleep(0)
    about = About(
        kind=Kind.NOTICE,
        received_message_id=record.metadata.received_message_id,
        sender=configuration.hub.party_id,
        question=False,
        answer_due=None,
        accepted_at=at,
    )
    return finish(sealing, user_message, about)


def _document(
    record: MessageRecord, state: Toestand, reference: str, at: datetime, configuration: Configuration
) -> bytes:
    about = record.metadata
    confirmed_at = at if state is Toestand.ALSNOGBEVESTIGD else None
    subject = configuration.catalogue.find(about.service, about.action)
    notice = Statusmelding(
        stuurgegevens=Stuurgegevens(
            referentienummer=reference,
            conversatie_referentienummer=about.conversation_id,
            versie=Statusmelding.VERSION,
            afzender=configuration.hub.party_id,
            ontvanger=about.original_sender,
            berichttype=Statusmelding.ELEMENT,
            aanmaakmoment=at,
        ),
        bericht=BezorgdBericht(
            referentienummer=about.tracking_identifier,
            conversatie_referentienummer=about.conversation_id,
            module=subject.module if subject is not None else "Onbekend",
            versie=subject.version if subject is not None else "0.0",
            berichttype=about.action,
            ontvanger=about.final_recipient,
        ),
        toestand=state,
        aangenomen_op=about.accepted_at,
        aangeboden_op=record.offered_at,
        verlopen_op=record.closed_at or at,
        bevestigd_op=confirmed_at,
    )
    return notice.to_xml()

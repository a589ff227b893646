"""The status message that tells a sender what became of its message: metadata only, in the hub's own module.

It is a message like any other: sealed to the sender, laid in its mailbox, pulled and receipted. No notice is ever
written about a notice.
"""

from __future__ import annotations

from datetime import UTC, datetime

from lxml import etree

from gateway.ebms import names
from gateway.ebms.gzip import SALT_OCTETS, compress
from gateway.ebms.mime import cid_url
from gateway.ebms.model import PartInfo, Property
from gateway.msh.hub import Hub
from gateway.msh.sealing import About, Sealing, finish, outgoing
from gateway.store.model import Kind, MessageRecord, SealedMessage
from pmodes.configuration import Configuration
from pmodes.model import Leg, PMode
from xsd.catalogue import MessageType

MODULE, VERSION, TYPE = "Knooppunt", "1.0", "Statusmelding"
EXPIRED, EXPIRED_ON_REQUEST = "Verlopen", "VerlopenOpVerzoek"


def notice_pmode(record: MessageRecord, configuration: Configuration) -> PMode | None:
    """The P-Mode under which the sender of a message gets its notice; None when there is nobody to tell."""
    message_type = configuration.catalogue.message(MODULE, VERSION, TYPE)
    sender = configuration.by_party.get(record.metadata.sender)
    if record.metadata.kind is Kind.NOTICE or sender is None or message_type is None:
        return None
    return configuration.pmode(sender, message_type, Leg.RECEIVING)


async def seal_notice(sealing: Sealing, record: MessageRecord, state: str, hub: Hub) -> SealedMessage:
    """The finished status message about `record`; its parts lie in `sealing.spool`."""
    at = hub.clock.now()
    configuration = hub.configuration()
    reference = hub.new_reference()
    message_type = sealing.pmode.message_type
    if message_type is None:
        raise ValueError("a notice has a message type")
    document = _document(record, state, message_type, reference, at, configuration)
    content_id = hub.new_id()
    await sealing.add_part(content_id, names.GZIP, compress(document, salt=hub.random_octets(SALT_OCTETS)))
    user_message = outgoing(
        sealing.pmode,
        message_id=hub.new_id(),
        at=at,
        conversation_id=record.metadata.conversation_id,
        properties=(
            Property(name=names.ORIGINAL_SENDER, value=configuration.hub.party_id),
            Property(name=names.FINAL_RECIPIENT, value=record.metadata.original_sender),
            Property(name=names.TRACKING_IDENTIFIER, value=reference),
        ),
        parts=(
            PartInfo(
                href=cid_url(content_id),
                properties=(
                    Property(name=names.MIME_TYPE, value=names.APPLICATION_XML),
                    Property(name=names.CHARACTER_SET, value="UTF-8"),
                    Property(name=names.COMPRESSION_TYPE, value=names.GZIP),
                ),
            ),
        ),
    )
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
    record: MessageRecord,
    state: str,
    message_type: MessageType,
    reference: str,
    at: datetime,
    configuration: Configuration,
) -> bytes:
    about = record.metadata
    subject = configuration.catalogue.find(about.service, about.action)
    namespace = message_type.namespace
    root = etree.Element(f"{{{namespace}}}{TYPE}", nsmap={None: namespace})  # type: ignore[dict-item]  # the stubs forget the default namespace
    header = etree.SubElement(root, f"{{{namespace}}}Stuurgegevens")
    _fill(
        header,
        Referentienummer=reference,
        ConversatieReferentienummer=about.conversation_id,
        Versie=VERSION,
        Afzender=configuration.hub.party_id,
        Ontvanger=about.original_sender,
        Berichttype=TYPE,
        Aanmaakmoment=_moment(at),
    )
    message = etree.SubElement(root, f"{{{namespace}}}Bericht")
    _fill(
        message,
        Referentienummer=about.tracking_identifier,
        ConversatieReferentienummer=about.conversation_id,
        Module=subject.module if subject is not None else "Onbekend",
        Versie=subject.version if subject is not None else "0.0",
        Berichttype=about.action,
        Ontvanger=about.final_recipient,
    )
    _fill(root, Toestand=state, AangenomenOp=_moment(about.accepted_at))
    if record.offered_at is not None:
        _fill(root, AangebodenOp=_moment(record.offered_at))
    _fill(root, VerlopenOp=_moment(at))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def _fill(parent: etree._Element, **values: str) -> None:
    namespace = etree.QName(parent).namespace
    for name, value in values.items():
        etree.SubElement(parent, f"{{{namespace}}}{name}").text = value


def _moment(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

"""Answer a question for the address book: the one message that is for the hub itself.

It is taken like any other up to its document. What is sealed and stored in the place of a message for somebody else is
the answer: the issue of now, as an attachment beside the document that names it, in the mailbox of whoever asked.
Answer, acceptance and receipt of the question are one transaction, so a question that was receipted is answered, and
one that comes again is answered by its receipt alone.

Whoever takes part may ask, whatever modules its file names. The answer says nothing about who asked.
"""

from __future__ import annotations

from crypto.content_ids import content_id_uri
from gateway.directory.document import MEDIA_TYPE
from gateway.directory.model import SignedBook
from gateway.ebms import names
from gateway.ebms.errors import EbmsError, ProcessingModeMismatch
from gateway.ebms.evidence import ANOTHER, Compared
from gateway.ebms.model import PartInfo, Property, UserMessage
from gateway.msh.exchange import Answer
from gateway.msh.hub import Hub
from gateway.msh.journey import Trusted
from gateway.msh.steps.opening import open_parts
from gateway.msh.steps.own_digests import own_digests
from gateway.msh.steps.receipting import acceptance_of, receipt_for_sender
from gateway.msh.steps.sealing import About, Sealing, finish, outgoing
from gateway.msh.steps.validation import validate
from gateway.msh.storing import store
from gateway.store.model import Kind, SealedMessage
from pmodes.configuration import Configuration
from pmodes.match import check_role
from pmodes.model import Leg, PMode
from pmodes.profiles import check_payload_profile, check_properties
from pmodes.texts import TYPE_NOT_RECEIVED
from xsd.generated.knooppunt_1_1 import (
    Adresboek,
    AdresboekBijlage,
    AdresboekBijlagen,
    AdresboekMediatype,
    AdresboekSoort,
    StuurgegevensAdresboek,
)
from xsd.message_type import MessageType


async def answer_from_directory(
    trusted: Trusted, message_type: MessageType, beside: EbmsError | None, hub: Hub
) -> Answer:
    """Take a message for the hub, and lay the address book in the mailbox of its sender."""
    signed, in_force, time = trusted.signed, hub.in_force(), hub.time
    book = _asked_for(trusted, message_type, hub)
    pmode = _answering(trusted, in_force.configuration)
    async with await Sealing.begin(
        pmode, in_force, hub.fresh, time, hub.store, hub.revocation, expected_octets=len(book.octets)
    ) as sealing:
        opened = await open_parts(trusted, None, in_force.keys.decryption, hub.limits, time)
        validate(opened.document, message_type, trusted, pmode, hub.limits)
        sealed = await _seal_book(sealing, signed.user_message, book)
        receipt = receipt_for_sender(signed, in_force, hub.fresh, time.now(), beside=beside)
        acceptance = acceptance_of(signed, receipt, own_digests(signed, opened.parts), time.now())
        answer = await store(sealed, sealing, acceptance, opened.dropped, hub)
    hub.log(
        "address_book_given",
        message_id=signed.user_message.message_id,
        out_message_id=sealed.metadata.message_id,
        party=sealed.metadata.receiver,
        serial=book.book.issue.serial,
    )
    return answer


def _asked_for(trusted: Trusted, message_type: MessageType, hub: Hub) -> SignedBook:
    """The issue of now; raises EBMS:0010 or EBMS:0003 where the message is no question for it, or there is none."""
    user_message, configuration = trusted.signed.user_message, hub.configuration()
    check_role(trusted.pmode)
    check_properties(trusted.pmode, user_message)
    check_payload_profile(trusted.pmode, user_message)
    own = {each.value for each in configuration.hub.party_ids}
    asks = user_message.property(names.FINAL_RECIPIENT) in own
    book = hub.address_book()
    if asks and book is not None and message_type.answers == (Adresboek.ELEMENT,):
        return book
    version = f"{message_type.module} {message_type.version}"
    recipient = Compared(what=f"eb:Property {names.FINAL_RECIPIENT}", expected="the hub", found=ANOTHER)
    raise ProcessingModeMismatch(
        TYPE_NOT_RECEIVED(type=message_type.name, version=version),
        "finalRecipient is not the hub"
        if not asks
        else "the settings have no [directory], so there is no address book",
        compared=() if asks else [recipient],
    )


def _answering(trusted: Trusted, configuration: Configuration) -> PMode:
    """The P-Mode under which the sender gets the answer."""
    message_type = configuration.catalogue.message(Adresboek.MODULE, Adresboek.VERSION, Adresboek.ELEMENT)
    return configuration.pmode(trusted.pmode.organisation, message_type, Leg.RECEIVING)


async def _seal_book(sealing: Sealing, asked: UserMessage, book: SignedBook) -> SealedMessage:
    """The finished answer; its parts lie in `sealing.spool`."""
    at, fresh = sealing.time.now(), sealing.fresh
    hub, reference = sealing.in_force.configuration.hub.party_id, fresh.reference()
    receiver = asked.property(names.ORIGINAL_SENDER) or sealing.pmode.organisation.party_id
    question = asked.property(names.TRACKING_IDENTIFIER) or ""
    issue = book.book.issue
    document = Adresboek(
        stuurgegevens=StuurgegevensAdresboek(
            referentienummer=reference,
            conversatie_referentienummer=asked.conversation_id,
            cross_referentienummer=question,
            versie=Adresboek.VERSION,
            afzender=hub,
            ontvanger=receiver,
            berichttype=Adresboek.ELEMENT,
            aanmaakmoment=at,
            bijlagen=AdresboekBijlagen(
                bijlage=AdresboekBijlage(
                    soort=AdresboekSoort.ADRESBOEK,
                    bestandsnaam=f"adresboek-{issue.serial}.xml",
                    mediatype=AdresboekMediatype.APPLICATION_XML,
                    sha256=book.sha256,
                )
            ),
        ),
        volgnummer=issue.serial,
        uitgegeven=issue.issued_at,
        geldig_tot=issue.valid_until,
    )
    document_id, book_id = fresh.id(), fresh.id()
    await sealing.add(document_id, document.to_xml())
    await sealing.add(book_id, book.octets)
    user_message = outgoing(
        sealing.pmode,
        message_id=fresh.id(),
        at=at,
        conversation_id=asked.conversation_id,
        properties=(
            Property(name=names.ORIGINAL_SENDER, value=hub),
            Property(name=names.FINAL_RECIPIENT, value=receiver),
            Property(name=names.TRACKING_IDENTIFIER, value=reference),
            Property(name=names.CROSS_REFERENCE, value=question),
        ),
        parts=(_part(document_id, names.APPLICATION_XML), _part(book_id, MEDIA_TYPE)),
    )
    about = About(
        kind=Kind.MESSAGE,
        received_message_id=asked.message_id,
        sender=hub,
        question=False,
        answer_due=None,
        accepted_at=at,
    )
    return finish(sealing, user_message, about)


def _part(content_id: str, mime_type: str) -> PartInfo:
    return PartInfo(
        href=content_id_uri(content_id),
        properties=(
            Property(name=names.MIME_TYPE, value=mime_type),
            Property(name=names.CHARACTER_SET, value="UTF-8"),
            Property(name=names.COMPRESSION_TYPE, value=names.GZIP),
        ),
    )

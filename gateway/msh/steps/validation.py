"""Validate: the document against the schema of its module version, and its own header against the message header; and
against the rules of layer two, where a P-Mode says so.

SECURITY: a refusal names elements of the schema and fields, never a value; nothing of the document is kept after this
step.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from lxml import etree

from gateway.ebms import names, texts
from gateway.ebms.errors import SchemaRefused, ValueInconsistent
from gateway.ebms.evidence import ANOTHER, Compared
from gateway.ebms.model import UserMessage
from gateway.ebms.texts import HeaderField
from gateway.limits import PAYLOAD_LIMITS, DocumentLimits, Limits
from gateway.msh.journey import Trusted
from gateway.traced import step
from pmodes.model import PMode
from xsd.checking.attachments import attachment_violations
from xsd.checking.layers import rule_violations, violations
from xsd.checking.violations import Violation, unreadable
from xsd.document import DocumentFault, parse_document
from xsd.message_type import MessageType
from xsd.payload_header import PayloadHeader, PayloadHeaderFault, read_payload_header


@step("validate")
def validate(document: bytes, message_type: MessageType, trusted: Trusted, leg_two: PMode, limits: Limits) -> None:
    """Refuse a document that breaks its schema, or whose header disagrees with the message that carries it; where the
    P-Mode of either leg asks for it, also one that breaks the rules of layer two."""
    try:
        root = parse_document(document, limits=document_limits(limits))
    except DocumentFault as fault:
        raise SchemaRefused([unreadable(fault.code, fault.line)]) from None
    found = violations(message_type, root)
    if found:
        raise SchemaRefused(found)
    try:
        header = read_payload_header(root)
    except PayloadHeaderFault as fault:
        raise ValueInconsistent(texts.HEADERS_DISAGREE, str(fault)) from None
    differing = disagreements(header, trusted.signed.user_message, message_type)
    if differing:
        raise ValueInconsistent(
            texts.disagreement(differing[0]),
            f"the headers disagree on {', '.join(differing)}",
            compared=[Compared(what=each, expected="what the document says", found=ANOTHER) for each in differing],
        )
    if trusted.pmode.strictness.layer_two or leg_two.strictness.layer_two:
        broken = second_layer(message_type, root, sender_roles=trusted.pmode.organisation.roles)
        if broken:
            raise SchemaRefused(broken)


def document_limits(limits: Limits) -> DocumentLimits:
    """What the leading document may measure when it is parsed; one text may be as long as all of it."""
    return replace(PAYLOAD_LIMITS, octets=limits.document_octets, text_octets=limits.document_octets)


def second_layer(
    message_type: MessageType, root: etree._Element, *, sender_roles: Iterable[str]
) -> tuple[Violation, ...]:
    """What a document that passed layer one breaks of the rules that need no other document, the documents that its
    header has to name among them. Parts beside it are not compared: their octets pass by unread."""
    return rule_violations(message_type, root) + attachment_violations(message_type, root, sender_roles=sender_roles)


def disagreements(
    header: PayloadHeader, user_message: UserMessage, message_type: MessageType
) -> tuple[HeaderField, ...]:
    """The fields of the message header that do not say what the payload header says (decision 0001)."""
    pairs: tuple[tuple[HeaderField, str | None, str | None], ...] = (
        ("Service", header.versie, message_type.version),
        ("Action", header.berichttype, user_message.action),
        ("ConversationId", header.conversatie_referentienummer, user_message.conversation_id),
        ("trackingIdentifier", header.referentienummer, user_message.property(names.TRACKING_IDENTIFIER)),
        ("crossReference", header.cross_referentienummer, user_message.property(names.CROSS_REFERENCE)),
        ("originalSender", header.afzender, user_message.property(names.ORIGINAL_SENDER)),
        ("finalRecipient", header.ontvanger, user_message.property(names.FINAL_RECIPIENT)),
    )
    return tuple(field for field, inside, outside in pairs if inside != outside)

"""Message units as a SOAP 1.2 envelope, in the order of the header schema.

What comes back from `gateway.ebms.read` is what was written. Signing, and with it every id besides the two made here,
is left to `gateway.ebms.pack`. Clauses: ebMS3 Core 5.2, 6.2; AS4 5.1.8.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from lxml import etree

from crypto.elements import Element
from crypto.names import MUST_UNDERSTAND, WSSE, WSU, WSU_ID
from gateway.ebms import names
from gateway.ebms.model import ErrorEntry, Messaging, PartInfo, Party, Property, Receipt, UserMessage
from gateway.ebms.receipts import write_references
from gateway.ebms.values import write_timestamp

_NAMESPACES = {"S12": names.SOAP12, "eb": names.EB, "wsse": WSSE, "wsu": WSU}


def write_envelope(messaging: Messaging, *, ids: Callable[[str], str]) -> Element:
    """An envelope with an empty Body; `ids` makes a document-wide id from a prefix, for eb:Messaging and for the Body.

    Raises ValueError for what only others send: unknown signals and the items of a selective pull.
    """
    if messaging.unknown_signals or (messaging.pull_request and messaging.pull_request.selection):
        raise ValueError("unknown signals and selective pulls are read but not written")
    envelope = etree.Element(f"{{{names.SOAP12}}}Envelope", nsmap=_NAMESPACES)
    header = etree.SubElement(envelope, f"{{{names.SOAP12}}}Header")
    root = _child(header, "Messaging")
    root.set(MUST_UNDERSTAND, "true")
    root.set(WSU_ID, ids("messaging"))
    _write_signals(root, messaging)
    if messaging.user_message is not None:
        write_user_message(root, messaging.user_message)
    body = etree.SubElement(envelope, f"{{{names.SOAP12}}}Body")
    body.set(WSU_ID, ids("body"))
    return envelope


def write_user_message(parent: Element, message: UserMessage) -> None:
    """Append an eb:UserMessage."""
    element = _child(parent, "UserMessage", mpc=message.mpc)
    _write_info(element, message.message_id, message.timestamp, message.ref_to_message_id)
    parties = _child(element, "PartyInfo")
    _write_party(parties, "From", message.from_party)
    _write_party(parties, "To", message.to_party)
    collaboration = _child(element, "CollaborationInfo")
    if (agreement := message.agreement_ref) is not None:
        _child(collaboration, "AgreementRef", agreement.value, type=agreement.type, pmode=agreement.pmode)
    _child(collaboration, "Service", message.service.value, type=message.service.type)
    _child(collaboration, "Action", message.action)
    _child(collaboration, "ConversationId", message.conversation_id)
    _write_properties(element, "MessageProperties", message.properties)
    if message.parts:
        payload = _child(element, "PayloadInfo")
        for part in message.parts:
            _write_part(payload, part)


def _write_signals(root: Element, messaging: Messaging) -> None:
    if (pull := messaging.pull_request) is not None:
        signal = _signal(root, pull.message_id, pull.timestamp, None)
        _child(signal, "PullRequest", mpc=pull.mpc)
    if (receipt := messaging.receipt) is not None:
        signal = _signal(root, receipt.message_id, receipt.timestamp, receipt.ref_to_message_id)
        _write_receipt(signal, receipt)
    if (error := messaging.error) is not None:
        signal = _signal(root, error.message_id, error.timestamp, error.ref_to_message_id)
        for entry in error.errors:
            _write_error(signal, entry)


def _signal(root: Element, message_id: str, timestamp: datetime, reference: str | None) -> Element:
    signal = _child(root, "SignalMessage")
    _write_info(signal, message_id, timestamp, reference)
    return signal


def _write_info(parent: Element, message_id: str, timestamp: datetime, reference: str | None) -> None:
    info = _child(parent, "MessageInfo")
    _child(info, "Timestamp", write_timestamp(timestamp))
    _child(info, "MessageId", message_id)
    if reference is not None:
        _child(info, "RefToMessageId", reference)


def _write_party(parent: Element, name: str, party: Party) -> None:
    element = _child(parent, name)
    for party_id in party.party_ids:
        _child(element, "PartyId", party_id.value, type=party_id.type)
    _child(element, "Role", party.role)


def _write_properties(parent: Element, name: str, properties: Sequence[Property]) -> None:
    if not properties:
        return
    element = _child(parent, name)
    for each in properties:
        _child(element, "Property", each.value, name=each.name, type=each.type)


def _write_part(parent: Element, part: PartInfo) -> None:
    _write_properties(_child(parent, "PartInfo", href=part.href), "PartProperties", part.properties)


def _write_receipt(signal: Element, receipt: Receipt) -> None:
    element = _child(signal, "Receipt")
    if receipt.user_message is not None:
        write_user_message(element, receipt.user_message)
    if receipt.references:
        write_references(element, receipt.references)


def _write_error(signal: Element, entry: ErrorEntry) -> None:
    element = _child(
        signal,
        "Error",
        origin=entry.origin,
        category=entry.category,
        errorCode=entry.code,
        severity=entry.severity,
        shortDescription=entry.short_description,
        refToMessageInError=entry.ref_to_message_in_error,
    )
    if entry.description is not None:
        description = _child(element, "Description", entry.description)
        description.set(f"{{{names.XML}}}lang", "en" if entry.language is None else entry.language)
    if entry.detail is not None:
        _child(element, "ErrorDetail", entry.detail)


def _child(parent: Element, local: str, content: str | None = None, /, **attributes: str | None) -> Element:
    """Append an element of the ebMS namespace; attributes that are None stay away."""
    given = {key: value for key, value in attributes.items() if value is not None}
    element = etree.SubElement(parent, f"{{{names.EB}}}{local}", given)
    element.text = content
    return element

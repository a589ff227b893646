"""Message units as a SOAP 1.2 envelope, in the order of the header schema.

eb:Messaging and the Body are written in canonical form (`crypto.markup`), so what is signed is what stands there. What
comes back from `gateway.ebms.read` is what was written. Signing, and every id, is left to `gateway.ebms.pack`. Clauses:
ebMS3 Core 5.2, 6.2; AS4 5.1.8.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from crypto import names as security_names
from crypto.markup import attribute, text
from crypto.sign import write_reference
from gateway.ebms import names
from gateway.ebms.model import ErrorEntry, Messaging, PartInfo, PartReference, Party, Property, Receipt, UserMessage
from gateway.ebms.values import write_timestamp

_DS = f' xmlns:ds="{security_names.DS}"'


def write_envelope(messaging: str, body: str, *, security: str = "") -> bytes:
    """The envelope around its blocks."""
    return (
        f'<S12:Envelope xmlns:S12="{names.SOAP12}"><S12:Header>{security}{messaging}</S12:Header>{body}</S12:Envelope>'
    ).encode()


def write_body(element_id: str) -> str:
    """An empty Body."""
    return f'<S12:Body xmlns:S12="{names.SOAP12}" xmlns:wsu="{security_names.WSU}" wsu:Id="{element_id}"></S12:Body>'


def write_messaging(messaging: Messaging, element_id: str) -> str:
    """An eb:Messaging with its units, signals first.

    Raises ValueError for what only others send: unknown signals, a signal twice, an error that cannot be read and the
    items of a selective pull.
    """
    if messaging.unknown_signals or (messaging.pull_request and messaging.pull_request.selection):
        raise ValueError("unknown signals and selective pulls are read but not written")
    if messaging.surplus or messaging.unreadable_errors:
        raise ValueError("a signal twice and errors that cannot be read are read but not written")
    units = []
    if (pull := messaging.pull_request) is not None:
        mpc = _optional("mpc", pull.mpc)
        units.append(_signal(pull.message_id, pull.timestamp, None, f"<eb:PullRequest{mpc}></eb:PullRequest>"))
    if (receipt := messaging.receipt) is not None:
        units.append(_signal(receipt.message_id, receipt.timestamp, receipt.ref_to_message_id, _receipt(receipt)))
    for error in messaging.errors:
        entries = "".join(map(_error, error.errors))
        units.append(_signal(error.message_id, error.timestamp, error.ref_to_message_id, entries))
    if messaging.user_message is not None:
        units.append(_user_message(messaging.user_message))
    return (
        f'<eb:Messaging xmlns:S12="{names.SOAP12}" xmlns:eb="{names.EB}" xmlns:wsu="{security_names.WSU}"'
        f' wsu:Id="{element_id}" S12:mustUnderstand="true">{"".join(units)}</eb:Messaging>'
    )


def _user_message(message: UserMessage) -> str:
    agreement, service = "", message.service
    if (agreed := message.agreement_ref) is not None:
        kinds = _optional("pmode", agreed.pmode) + _optional("type", agreed.type)
        agreement = f"<eb:AgreementRef{kinds}>{text(agreed.value)}</eb:AgreementRef>"
    payload = f"<eb:PayloadInfo>{''.join(map(_part, message.parts))}</eb:PayloadInfo>" if message.parts else ""
    return (
        f"<eb:UserMessage{_optional('mpc', message.mpc)}>"
        f"{_info(message.message_id, message.timestamp, message.ref_to_message_id)}"
        f"<eb:PartyInfo>{_party('From', message.from_party)}{_party('To', message.to_party)}</eb:PartyInfo>"
        f"<eb:CollaborationInfo>{agreement}"
        f"<eb:Service{_optional('type', service.type)}>{text(service.value)}</eb:Service>"
        f"<eb:Action>{text(message.action)}</eb:Action>"
        f"<eb:ConversationId>{text(message.conversation_id)}</eb:ConversationId></eb:CollaborationInfo>"
        f"{_properties('MessageProperties', message.properties)}{payload}</eb:UserMessage>"
    )


def _signal(message_id: str, timestamp: datetime, reference: str | None, contents: str) -> str:
    return f"<eb:SignalMessage>{_info(message_id, timestamp, reference)}{contents}</eb:SignalMessage>"


def _info(message_id: str, timestamp: datetime, reference: str | None) -> str:
    related = "" if reference is None else f"<eb:RefToMessageId>{text(reference)}</eb:RefToMessageId>"
    return (
        f"<eb:MessageInfo><eb:Timestamp>{write_timestamp(timestamp)}</eb:Timestamp>"
        f"<eb:MessageId>{text(message_id)}</eb:MessageId>{related}</eb:MessageInfo>"
    )


def _party(name: str, party: Party) -> str:
    party_ids = "".join(
        f"<eb:PartyId{_optional('type', each.type)}>{text(each.value)}</eb:PartyId>" for each in party.party_ids
    )
    return f"<eb:{name}>{party_ids}<eb:Role>{text(party.role)}</eb:Role></eb:{name}>"


def _properties(name: str, properties: Sequence[Property]) -> str:
    if not properties:
        return ""
    written = "".join(
        f'<eb:Property name="{attribute(each.name)}"{_optional("type", each.type)}>{text(each.value)}</eb:Property>'
        for each in properties
    )
    return f"<eb:{name}>{written}</eb:{name}>"


def _part(part: PartInfo) -> str:
    return f"<eb:PartInfo{_optional('href', part.href)}>{_properties('PartProperties', part.properties)}</eb:PartInfo>"


def _receipt(receipt: Receipt) -> str:
    copy = "" if receipt.user_message is None else _user_message(receipt.user_message)
    return f"<eb:Receipt>{copy}{_non_repudiation(receipt.references)}</eb:Receipt>"


def _non_repudiation(references: Iterable[PartReference]) -> str:
    parts = "".join(
        f"<ebbp:MessagePartNRInformation>{write_reference(each, declaration=_DS)}</ebbp:MessagePartNRInformation>"
        for each in references
    )
    if not parts:
        return ""
    return f'<ebbp:NonRepudiationInformation xmlns:ebbp="{names.EBBP}">{parts}</ebbp:NonRepudiationInformation>'


def _error(entry: ErrorEntry) -> str:
    description = detail = ""
    if entry.description is not None:
        language = attribute("en" if entry.language is None else entry.language)
        description = f'<eb:Description xml:lang="{language}">{text(entry.description)}</eb:Description>'
    if entry.detail is not None:
        detail = f"<eb:ErrorDetail>{text(entry.detail)}</eb:ErrorDetail>"
    return (
        f"<eb:Error{_optional('category', entry.category)}"
        f' errorCode="{attribute(entry.code)}"'
        f"{_optional('origin', entry.origin)}"
        f"{_optional('refToMessageInError', entry.ref_to_message_in_error)}"
        f' severity="{attribute(entry.severity)}"'
        f"{_optional('shortDescription', entry.short_description)}>{description}{detail}</eb:Error>"
    )


def _optional(name: str, value: str | None) -> str:
    """An attribute with the blank before it; nothing for None."""
    return "" if value is None else f' {name}="{attribute(value)}"'

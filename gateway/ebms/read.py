"""eb:Messaging as values: which units a message holds, and what they say.

The caller has held the element against the header schema first; reading again refuses what it cannot represent, so that
no odd input ends in anything but an error of the table. Rules beyond the shape are in `gateway.ebms.consistency`.
Clauses: ebMS3 Core 5.2.1 to 5.2.4, 6.2; AS4 5.1.8.

SECURITY: the values are claims of whoever sent the octets until the signature over this element is verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from crypto.elements import Element, child_elements, local_name
from gateway.ebms import names, texts
from gateway.ebms.consistency import MOST_PARTS, is_readable_id
from gateway.ebms.errors import EbmsError, FeatureNotSupported, InvalidHeader, InvalidReceipt, MimeInconsistency
from gateway.ebms.model import (
    AgreementRef,
    ErrorEntry,
    ErrorSignal,
    Messaging,
    PartInfo,
    Party,
    PartyId,
    Property,
    PullRequest,
    Receipt,
    Service,
    UserMessage,
)
from gateway.ebms.receipts import NON_REPUDIATION, read_references
from gateway.ebms.values import (
    filled_string_of,
    optional_child,
    read_timestamp,
    required_child,
    string_of,
    token_attribute,
    token_of,
)


def _eb(local: str) -> str:
    return f"{{{names.EB}}}{local}"


_USER_MESSAGE: Final = _eb("UserMessage")
_SIGNAL_MESSAGE: Final = _eb("SignalMessage")
_PULL_REQUEST: Final = _eb("PullRequest")
_RECEIPT: Final = _eb("Receipt")
_ERROR: Final = _eb("Error")
_MESSAGING: Final = _eb("Messaging")
_MESSAGE_INFO: Final = _eb("MessageInfo")
_MESSAGE_ID: Final = _eb("MessageId")
_ACTION: Final = _eb("Action")
_AGREEMENT_REF: Final = _eb("AgreementRef")
_COLLABORATION_INFO: Final = _eb("CollaborationInfo")
_CONVERSATION_ID: Final = _eb("ConversationId")
_DESCRIPTION: Final = _eb("Description")
_ERROR_DETAIL: Final = _eb("ErrorDetail")
_FROM: Final = _eb("From")
_MESSAGE_PROPERTIES: Final = _eb("MessageProperties")
_PART_INFO: Final = _eb("PartInfo")
_PART_PROPERTIES: Final = _eb("PartProperties")
_PARTY_ID: Final = _eb("PartyId")
_PARTY_INFO: Final = _eb("PartyInfo")
_PAYLOAD_INFO: Final = _eb("PayloadInfo")
_PROPERTY: Final = _eb("Property")
_REF_TO_MESSAGE_ID: Final = _eb("RefToMessageId")
_ROLE: Final = _eb("Role")
_SERVICE: Final = _eb("Service")
_TIMESTAMP: Final = _eb("Timestamp")
_TO: Final = _eb("To")


def read_messaging(messaging: Element) -> Messaging:
    """All units of an eb:Messaging; its errors relate to the message as far as its id can be read."""
    try:
        return _read_units(messaging)
    except EbmsError as error:
        raise error.about(read_message_id(messaging)) from None


def read_message_id(messaging: Element) -> str | None:
    """The MessageId that an error about this header may refer to: that of the user message, else of the PullRequest,
    else of the first signal that carries no error, because no error answers an error.

    None when it cannot be read safely.
    """
    signals = [each for each in messaging.iterchildren(_SIGNAL_MESSAGE) if each.find(_ERROR) is None]
    signals.sort(key=lambda each: each.find(_PULL_REQUEST) is None)
    units = [*messaging.iterchildren(_USER_MESSAGE), *signals]
    if not units:
        return None
    found = units[0].findall(f"{_MESSAGE_INFO}/{_MESSAGE_ID}")
    if len(found) != 1 or len(found[0]) or not is_readable_id(found[0].text or ""):
        return None
    return found[0].text


def read_receipt_id(messaging: Element) -> str | None:
    """The MessageId of the first receipt, for an error about it; None when it cannot be read safely."""
    for signal in messaging.iterchildren(_SIGNAL_MESSAGE):
        if signal.find(_RECEIPT) is not None:
            found = signal.findall(f"{_MESSAGE_INFO}/{_MESSAGE_ID}")
            if len(found) == 1 and not len(found[0]) and is_readable_id(found[0].text or ""):
                return found[0].text
            return None
    return None


def carries_only_errors(messaging: Element) -> bool:
    """Whether all units are signals with errors, in whatever form: no error may answer them (X05)."""
    signals = list(messaging.iterchildren(_SIGNAL_MESSAGE))
    others = (messaging.find(_USER_MESSAGE), *(each.find(_PULL_REQUEST) for each in signals))
    if any(each is not None for each in (*others, *(each.find(_RECEIPT) for each in signals))):
        return False
    return bool(signals) and all(each.find(_ERROR) is not None for each in signals)


def holds_only_errors(envelope: Element) -> bool:
    """The same of every eb:Messaging of an envelope that may stand otherwise than it should."""
    headers = [each for each in child_elements(envelope) if local_name(each) == "Header"]
    found = [each for header in headers for each in header.iterchildren(_MESSAGING)]
    return bool(found) and all(map(carries_only_errors, found))


def read_bent_errors(messaging: Element) -> Messaging:
    """What can be read of errors that are not all as they should be: the id, time and reference of each.

    Raises InvalidHeader where none can be read so far.
    """
    signals = list(messaging.iterchildren(_SIGNAL_MESSAGE))
    errors = tuple(each for each in map(_bent_error, signals) if each is not None)
    unreadable = len(signals) - len(errors)
    if not errors:
        raise InvalidHeader(detail=f"{unreadable} Errors that say neither what they are nor what they are about")
    return Messaging(error=errors[0], further_errors=errors[1:], unreadable_errors=unreadable)


def _bent_error(signal: Element) -> ErrorSignal | None:
    info, error = signal.find(_MESSAGE_INFO), signal.find(_ERROR)
    if info is None or error is None:
        return None
    about = info.findtext(_REF_TO_MESSAGE_ID) or token_attribute(error, "refToMessageInError")
    message_id = info.findtext(_MESSAGE_ID) or ""
    if about is None or not is_readable_id(message_id) or not is_readable_id(about):
        return None
    try:
        moment = read_timestamp(info.findtext(_TIMESTAMP) or "")
    except InvalidHeader:
        return None
    code = token_attribute(error, "errorCode") or "EBMS:0004"
    entry = ErrorEntry(code=code, severity=token_attribute(error, "severity") or "failure")
    return ErrorSignal(message_id=message_id, timestamp=moment, ref_to_message_id=about, errors=(entry,))


def _read_units(messaging: Element) -> Messaging:
    if any(_in_eb(each) and each.tag not in (_USER_MESSAGE, _SIGNAL_MESSAGE) for each in child_elements(messaging)):
        raise InvalidHeader(detail="eb:Messaging holds an unknown unit")
    user_messages = list(messaging.iterchildren(_USER_MESSAGE))
    if len(user_messages) > 1:
        raise FeatureNotSupported(texts.SEVERAL_USER_MESSAGES, f"{len(user_messages)} user messages")
    pulls: list[PullRequest] = []
    receipts: list[Receipt] = []
    errors: list[ErrorSignal] = []
    unknown: list[str] = []
    for signal in messaging.iterchildren(_SIGNAL_MESSAGE):
        info, *contents = child_elements(signal) or [signal]
        known = [each for each in contents if _in_eb(each)]
        kinds = {each.tag for each in known}
        if info.tag != _MESSAGE_INFO or not contents:
            raise InvalidHeader(texts.NO_UNIT, "a SignalMessage lacks its MessageInfo or its signal")
        if kinds == {_PULL_REQUEST} and len(known) == 1:
            pulls.append(_pull_request(info, known[0]))
        elif kinds == {_RECEIPT} and len(known) == 1:
            receipts.append(_receipt(info, known[0]))
        elif kinds == {_ERROR}:
            errors.append(_error_signal(info, known))
        elif not kinds:
            unknown.extend(local_name(each) for each in contents)
        else:
            raise InvalidHeader(texts.SIGNAL_TWICE, "a SignalMessage holds more than one signal or an unknown one")
    return Messaging(
        user_message=read_user_message(user_messages[0]) if user_messages else None,
        pull_request=pulls[0] if pulls else None,
        receipt=receipts[0] if receipts else None,
        surplus=(*pulls[1:], *receipts[1:]),
        error=errors[0] if errors else None,
        further_errors=tuple(errors[1:]),
        unknown_signals=tuple(unknown),
    )


def read_user_message(element: Element) -> UserMessage:
    """One eb:UserMessage, standing in eb:Messaging or copied into a reception-awareness receipt."""
    message_id, timestamp, ref_to_message_id = _message_info(required_child(element, _MESSAGE_INFO))
    parties = required_child(element, _PARTY_INFO)
    collaboration = required_child(element, _COLLABORATION_INFO)
    agreement = optional_child(collaboration, _AGREEMENT_REF)
    service = required_child(collaboration, _SERVICE)
    payload = optional_child(element, _PAYLOAD_INFO)
    if payload is not None and len(payload) > MOST_PARTS:
        raise MimeInconsistency(texts.TOO_MANY_PARTS, f"{len(payload)} parts are declared")
    return UserMessage(
        message_id=message_id,
        timestamp=timestamp,
        ref_to_message_id=ref_to_message_id,
        mpc=token_attribute(element, "mpc"),
        from_party=_party(required_child(parties, _FROM)),
        to_party=_party(required_child(parties, _TO)),
        agreement_ref=None
        if agreement is None
        else AgreementRef(value=filled_string_of(agreement), type=agreement.get("type"), pmode=agreement.get("pmode")),
        service=Service(value=filled_string_of(service), type=service.get("type")),
        action=token_of(required_child(collaboration, _ACTION)),
        conversation_id=token_of(required_child(collaboration, _CONVERSATION_ID)),
        properties=_properties(optional_child(element, _MESSAGE_PROPERTIES)),
        parts=() if payload is None else tuple(map(_part, payload.iterchildren(_PART_INFO))),
    )


def _message_info(info: Element) -> tuple[str, datetime, str | None]:
    reference = optional_child(info, _REF_TO_MESSAGE_ID)
    return (
        filled_string_of(required_child(info, _MESSAGE_ID)),
        read_timestamp(string_of(required_child(info, _TIMESTAMP))),
        None if reference is None else filled_string_of(reference),
    )


def _party(element: Element) -> Party:
    party_ids = tuple(
        PartyId(value=filled_string_of(each), type=each.get("type")) for each in element.iterchildren(_PARTY_ID)
    )
    if not party_ids:
        raise InvalidHeader(detail=f"{local_name(element)} has no PartyId")
    return Party(party_ids=party_ids, role=filled_string_of(required_child(element, _ROLE)))


def _properties(parent: Element | None) -> tuple[Property, ...]:
    return () if parent is None else tuple(map(_property, parent.iterchildren(_PROPERTY)))


def _property(element: Element) -> Property:
    name = element.get("name")
    if not name:
        raise InvalidHeader(detail="a Property has no name")
    return Property(name=name, value=filled_string_of(element), type=element.get("type"))


def _part(element: Element) -> PartInfo:
    return PartInfo(
        href=token_attribute(element, "href"),
        properties=_properties(optional_child(element, _PART_PROPERTIES)),
    )


def _pull_request(info: Element, element: Element) -> PullRequest:
    message_id, timestamp, _ = _message_info(info)
    return PullRequest(
        message_id=message_id,
        timestamp=timestamp,
        mpc=token_attribute(element, "mpc"),
        selection=tuple(local_name(each) for each in child_elements(element) if _in_eb(each)),
    )


def _receipt(info: Element, element: Element) -> Receipt:
    message_id, timestamp, ref_to_message_id = _message_info(info)
    copy = optional_child(element, _USER_MESSAGE)
    try:
        if copy is not None and element.find(NON_REPUDIATION) is not None:
            raise InvalidReceipt(detail="the receipt is of two kinds")
        references = read_references(element)
    except InvalidReceipt as error:
        raise error.about(message_id if is_readable_id(message_id) else None) from None
    return Receipt(
        message_id=message_id,
        timestamp=timestamp,
        ref_to_message_id=ref_to_message_id,
        references=references,
        user_message=None if copy is None else read_user_message(copy),
    )


def _error_signal(info: Element, elements: Sequence[Element]) -> ErrorSignal:
    message_id, timestamp, ref_to_message_id = _message_info(info)
    return ErrorSignal(
        message_id=message_id,
        timestamp=timestamp,
        ref_to_message_id=ref_to_message_id,
        errors=tuple(map(_error_entry, elements)),
    )


def _error_entry(element: Element) -> ErrorEntry:
    code, severity = token_attribute(element, "errorCode"), token_attribute(element, "severity")
    if not code or not severity:
        raise InvalidHeader(detail="an Error lacks its code or its severity")
    description = optional_child(element, _DESCRIPTION)
    detail = optional_child(element, _ERROR_DETAIL)
    return ErrorEntry(
        code=code,
        severity=severity,
        short_description=token_attribute(element, "shortDescription"),
        category=token_attribute(element, "category"),
        origin=token_attribute(element, "origin"),
        ref_to_message_in_error=token_attribute(element, "refToMessageInError"),
        description=None if description is None else string_of(description),
        language=None if description is None else description.get(f"{{{names.XML}}}lang"),
        detail=None if detail is None else token_of(detail),
    )


def _in_eb(element: Element) -> bool:
    return element.tag.startswith(f"{{{names.EB}}}")

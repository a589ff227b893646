"""eb:Messaging as values: which units a message holds, and what they say.

The caller has held the element against the header schema first; reading again refuses what it cannot represent, so that
no odd input ends in anything but an error of the table. Rules beyond the shape are in `gateway.ebms.consistency`.
Clauses: ebMS3 Core 5.2.1 to 5.2.4, 6.2; AS4 5.1.8.

SECURITY: the values are claims of whoever sent the octets until the signature over this element is verified.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Final

from crypto.blanks import trimmed
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

# In what of a header a violation of its schema lies (`xsd.checking.header_schema`): the signal, by its place.
_OF_SIGNAL: Final = re.compile(r"Messaging/SignalMessage(?:\[([0-9]+)\])?(?=[/ ])", re.ASCII)


def read_messaging(messaging: Element) -> Messaging:
    """All units of an eb:Messaging; its errors relate to the message as far as its id can be read, and those of a
    receipt to that receipt.
    """
    try:
        return _read_units(messaging)
    except InvalidReceipt:
        raise
    except EbmsError as error:
        raise error.about(read_message_id(messaging)) from None


def read_message_id(messaging: Element) -> str | None:
    """The MessageId that an error about this header may refer to: that of the user message, else of the PullRequest,
    else of the first signal that is not an error alone, because no error answers an error.

    None when it cannot be read safely.
    """
    signals = [each for each in messaging.iterchildren(_SIGNAL_MESSAGE) if not _holds_only_error(each)]
    signals.sort(key=lambda each: each.find(_PULL_REQUEST) is None)
    units = [*messaging.iterchildren(_USER_MESSAGE), *signals]
    if not units:
        return None
    return _id_of(units[0])


def receipt_refused(messaging: Element, violations: Sequence[str]) -> InvalidReceipt | None:
    """What refuses a receipt where nothing but signals that hold one breaks the schema, about the first of them."""
    signals = list(messaging.iterchildren(_SIGNAL_MESSAGE))
    places = [_OF_SIGNAL.match(each) for each in violations]
    broken = sorted({int(place[1] or 1) - 1 for place in places if place is not None})
    if None in places or not broken or any(signals[each].find(_RECEIPT) is None for each in broken):
        return None
    return InvalidReceipt(detail="; ".join(violations)).about(_id_of(signals[broken[0]]))


def _id_of(unit: Element) -> str | None:
    """Its MessageId, for an error about it; None when it cannot be read safely."""
    found = unit.findall(f"{_MESSAGE_INFO}/{_MESSAGE_ID}")
    if len(found) != 1 or len(found[0]) or not is_readable_id(found[0].text or ""):
        return None
    return found[0].text


def _holds_only_error(signal: Element) -> bool:
    return signal.find(_ERROR) is not None and signal.find(_RECEIPT) is None and signal.find(_PULL_REQUEST) is None


def carries_only_errors(messaging: Element) -> bool:
    """Whether all units are signals with errors, in whatever form: no error may answer them (X05)."""
    signals = list(messaging.iterchildren(_SIGNAL_MESSAGE))
    return not _asks(messaging) and bool(signals) and all(each.find(_ERROR) is not None for each in signals)


def holds_only_errors(envelope: Element) -> bool:
    """The same of an envelope that may stand otherwise than it should: one eb:Messaging carries errors, and what stands
    in another asks for nothing.
    """
    headers = [each for each in child_elements(envelope) if local_name(each) == "Header"]
    found = [each for header in headers for each in header.iterchildren(_MESSAGING)]
    return any(map(carries_only_errors, found)) and not any(map(_asks, found))


def _asks(messaging: Element) -> bool:
    """Whether anything in it is owed an answer: a user message, a PullRequest, a receipt."""
    signals = list(messaging.iterchildren(_SIGNAL_MESSAGE))
    asking = (each.find(tag) for each in signals for tag in (_PULL_REQUEST, _RECEIPT))
    return messaging.find(_USER_MESSAGE) is not None or any(each is not None for each in asking)


def read_bent_errors(messaging: Element) -> Messaging:
    """What can be read of errors that are not all as they should be: what each is called, when it was made and what it
    is about. Of one that lacks one of the first two, which it takes to count once and while it is fresh, only the last.
    """
    errors: list[ErrorSignal] = []
    unreadable: list[str | None] = []
    for signal in messaging.iterchildren(_SIGNAL_MESSAGE):
        found = _bent_error(signal)
        if isinstance(found, ErrorSignal):
            errors.append(found)
        else:
            unreadable.append(found)
    return Messaging(
        error=errors[0] if errors else None, further_errors=tuple(errors[1:]), unreadable_errors=tuple(unreadable)
    )


def _bent_error(signal: Element) -> ErrorSignal | str | None:
    """An error as far as it can be read; where that is not enough for it to count, what it is about."""
    info, error = signal.find(_MESSAGE_INFO), signal.find(_ERROR)
    if error is None:
        return None
    named = [None if info is None else _signed_text(info, _REF_TO_MESSAGE_ID)]
    named += [token_attribute(each, "refToMessageInError") for each in signal.iterchildren(_ERROR)]
    about = next((each for each in named if each is not None and is_readable_id(each)), None)
    message_id = None if info is None else _signed_text(info, _MESSAGE_ID)
    moment = None if info is None else _moment(_signed_text(info, _TIMESTAMP))
    if about is None or message_id is None or not trimmed(message_id) or moment is None:
        return about
    if not is_readable_id(message_id):  # whatever it is called, it is known again by that
        message_id = sha256(message_id.encode()).hexdigest()
    code = token_attribute(error, "errorCode") or "EBMS:0004"
    entry = ErrorEntry(code=code, severity=token_attribute(error, "severity") or "failure")
    return ErrorSignal(message_id=message_id, timestamp=moment, ref_to_message_id=about, errors=(entry,))


def _signed_text(parent: Element, tag: str) -> str | None:
    """The text of the one child of that name, as its signature covers it: without the comments in it.

    Who captured an error could put comments in it and have it read as another each time, under a signature that holds.
    """
    found = list(parent.iterchildren(tag))
    if len(found) != 1 or child_elements(found[0]):
        return None
    return "".join((found[0].text or "", *(each.tail or "" for each in found[0])))


def _moment(text: str | None) -> datetime | None:
    try:
        return None if text is None else read_timestamp(text)
    except InvalidHeader:
        return None


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
        try:
            found = _read_signal(signal)
        except EbmsError as fault:
            if signal.find(_RECEIPT) is None:
                raise
            # Whatever is wrong with a receipt, and wherever in its signal, is told by one code (decision 0010).
            raise InvalidReceipt(detail=fault.detail, compared=fault.compared).about(_id_of(signal)) from None
        match found:
            case PullRequest():
                pulls.append(found)
            case Receipt():
                receipts.append(found)
            case ErrorSignal():
                errors.append(found)
            case _:
                unknown.extend(found)
    return Messaging(
        user_message=read_user_message(user_messages[0]) if user_messages else None,
        pull_request=pulls[0] if pulls else None,
        receipt=receipts[0] if receipts else None,
        surplus=(*pulls[1:], *receipts[1:]),
        error=errors[0] if errors else None,
        further_errors=tuple(errors[1:]),
        unknown_signals=tuple(unknown),
    )


def _read_signal(signal: Element) -> PullRequest | Receipt | ErrorSignal | list[str]:
    """What a SignalMessage holds; of one that nobody here knows, the names of what is in it."""
    info, *contents = child_elements(signal) or [signal]
    known = [each for each in contents if _in_eb(each)]
    kinds = {each.tag for each in known}
    if info.tag != _MESSAGE_INFO or not contents:
        raise InvalidHeader(texts.NO_UNIT, "a SignalMessage lacks its MessageInfo or its signal")
    if kinds == {_PULL_REQUEST} and len(known) == 1:
        return _pull_request(info, known[0])
    if kinds == {_RECEIPT} and len(known) == 1:
        return _receipt(info, known[0])
    if kinds == {_ERROR}:
        return _error_signal(info, known)
    if not kinds:
        return [local_name(each) for each in contents]
    raise InvalidHeader(texts.SIGNAL_TWICE, "a SignalMessage holds more than one signal or an unknown one")


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
    if copy is not None and element.find(NON_REPUDIATION) is not None:
        raise InvalidReceipt(detail="the receipt is of two kinds")
    references = read_references(element)
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

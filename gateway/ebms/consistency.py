"""Rules of the ebMS header that its schema cannot say and that hold for every P-Mode.

Clauses: ebMS3 Core 5.1.5, 5.2.2 to 5.2.4; AS4 3.1; RFC 2392; RFC 2822 3.6.4. What a P-Mode decides (who may send what
to whom, properties, payload profile) is left to `pmodes.match`. Every refusal carries one sentence for all its causes.

SECURITY: runs on values that no signature vouches for yet, before any key is used; everything is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Set
from typing import Final

from crypto.content_ids import content_id_of, without_case
from gateway.ebms import names, texts
from gateway.ebms.errors import (
    DecompressionFailure,
    EbmsError,
    ExternalPayloadError,
    FeatureIgnored,
    FeatureNotSupported,
    InvalidHeader,
    InvalidReceipt,
    MimeInconsistency,
    ProcessingModeMismatch,
    ValueInconsistent,
)
from gateway.ebms.mime import WRITABLE_ID
from gateway.ebms.model import ErrorSignal, Messaging, PartInfo, Party, Property, PullRequest, Receipt, UserMessage
from gateway.ebms.values import is_uri

MOST_PARTS: Final = 64
MOST_MESSAGE_ID_CHARACTERS: Final = 255
MOST_VALUE_CHARACTERS: Final = 1024

# RFC 2822 atext and dots, and the ":" and "[]" that products write in the right half.
_MESSAGE_ID: Final = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.:-]+@[A-Za-z0-9!#$%&'*+/=?^_`{|}~.:\[\]-]+", re.ASCII)
_READABLE_ID: Final = re.compile(r"[!-;=?-~]{1,255}", re.ASCII)  # visible, without angle brackets
_CONTROL_CHARACTER: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ENCODING_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*", re.ASCII)  # XML 1.0 4.3.3


def is_message_id(value: str) -> bool:
    """Whether a MessageId has the form of RFC 2822 without angle brackets and blanks, 255 characters at most."""
    return len(value) <= MOST_MESSAGE_ID_CHARACTERS and _MESSAGE_ID.fullmatch(value) is not None


def is_readable_id(value: str) -> bool:
    """Whether an id can be repeated and stored safely: visible characters but angle brackets, 255 of them at most.

    Signals of several products have ids without an @; refusing a receipt for that would undo a delivery.
    """
    return _READABLE_ID.fullmatch(value) is not None


def content_id(part: PartInfo) -> str | None:
    """The Content-ID that a part names, percent-decoded, without brackets; None for the SOAP Body and for a fragment.

    Raises ExternalPayloadError for every href that is no `cid:` URI with a name in it, and for a name
    that the next part header could not carry: a percent sign, a quote, a blank, or what is not ASCII.
    """
    if part.href is None or kind_of_href(part.href) == "#":
        return None
    found = content_id_of(part.href)
    if found is None and kind_of_href(part.href) == "cid":
        raise ExternalPayloadError(texts.PART_ABSENT, "an href names nothing")
    if found is None:
        raise ExternalPayloadError(texts.PART_EXTERNAL, "an href is no cid: URI")
    if not WRITABLE_ID.fullmatch(found):
        raise ExternalPayloadError(texts.PART_NAME, "a Content-ID that cannot be written in a part header")
    return found


def kind_of_href(href: str) -> str:
    """What an href, its blanks collapsed, points at: "#" in the envelope, else its scheme in lower case (RFC 3986 3.1).

    What has no scheme is of the kind "".
    """
    if href.startswith("#"):
        return "#"
    scheme, colon, _ = href.partition(":")
    return scheme.lower() if colon else ""


def declares_body(user_message: UserMessage) -> bool:
    """Whether a part of the header is the SOAP Body."""
    return any(part.href is None or kind_of_href(part.href) == "#" for part in user_message.parts)


def content_ids(user_message: UserMessage) -> tuple[str, ...]:
    """The Content-IDs of the declared MIME parts, in the order of the header."""
    return tuple(each for each in map(content_id, user_message.parts) if each is not None)


def mpc_of(mpc: str | None) -> str:
    """The message partition channel: an absent one is the default MPC (ebMS3 Core 3.4.3)."""
    return names.DEFAULT_MPC if mpc is None else mpc


def check_units(messaging: Messaging, *, answer: bool = False) -> None:
    """Hold the units of a message against ebMS3 Core 5.2.4 and what is supported; `answer` for what came on a response.

    Any signals may be bundled with each other and with a user message, but for two of a kind and a PullRequest in an
    answer. An unknown signal is refused when it came alone, and ignored beside anything known. What a user message may
    not have beside it is for `check_bundle`, because one that comes again earns its receipt all the same.
    """
    units = [
        unit
        for unit in (messaging.user_message, messaging.pull_request, messaging.receipt, messaging.error)
        if unit is not None
    ]
    if messaging.unknown_signals and not units:
        raise FeatureIgnored(texts.UNKNOWN_SIGNAL, f"{len(messaging.unknown_signals)} unknown signals")
    if not units:
        raise InvalidHeader(texts.NO_UNIT, "eb:Messaging has no unit")
    if answer and messaging.further_errors:
        raise InvalidHeader(texts.SIGNAL_TWICE, f"{len(messaging.errors)} Errors in one answer")
    for signal in (messaging.pull_request, messaging.receipt, *messaging.surplus, *messaging.errors):
        if signal is not None:
            _check_signal_ids(signal)
    if messaging.surplus and (answer or messaging.user_message is None):
        raise InvalidHeader(texts.SIGNAL_TWICE, f"{len(messaging.surplus)} signals more than one of each kind")
    if len(units) == 1 and messaging.receipt is not None and messaging.receipt.ref_to_message_id is None:
        raise InvalidReceipt(detail="a receipt for no message", ref_to_message_id=messaging.receipt.message_id)
    if messaging.pull_request is None:
        return
    message_id = messaging.pull_request.message_id
    if answer:
        raise InvalidHeader(texts.PULL_IN_ANSWER, "a PullRequest came as an answer", ref_to_message_id=message_id)
    if messaging.pull_request.selection and messaging.user_message is None:
        raise FeatureNotSupported(texts.SELECTIVE_PULL, "a selective pull", ref_to_message_id=message_id)


def check_bundle(messaging: Messaging) -> None:
    """Refuse a user message for what it has beside it; `refusal_beside` refuses that."""
    user_message = messaging.user_message
    if user_message is not None and refusal_beside(messaging) is not None:
        raise FeatureNotSupported(texts.BUNDLE, "a user message with what cannot be beside it").about(
            user_message.message_id
        )


def refusal_beside(messaging: Messaging) -> EbmsError | None:
    """What refuses each signal that cannot stand beside a user message: a PullRequest, and the second of a kind."""
    pulls = () if messaging.pull_request is None else (messaging.pull_request,)
    refused: EbmsError | None = None
    for signal in reversed((*pulls, *messaging.surplus)):
        error: EbmsError
        if isinstance(signal, Receipt):
            error = InvalidReceipt(detail="the second receipt of one envelope")
        else:
            error = FeatureNotSupported(texts.BUNDLE, "a user message with a PullRequest")
        refused = error.about(signal.message_id).with_beside(refused)
    return refused


def check_user_message(
    message: UserMessage,
    *,
    body_has_content: bool = False,
    mpc: str | None = None,
) -> None:
    """Hold a user message against the rules that need nothing but itself.

    `mpc` is the channel the message has to name, None for any. The errors relate to the message when its id has the
    right form.
    """
    try:
        for value in filter(None, (message.message_id, message.ref_to_message_id)):
            _check_message_id(value)
        _check_lengths(message)
        _check_parties(message)
        _check_collaboration(message)
        _check_mpc(message, mpc)
        _check_properties(message.properties)
        _check_parts(message.parts, body_has_content)
    except EbmsError as error:
        raise error.about(message.message_id if is_readable_id(message.message_id) else None) from None


def check_parts_present(message: UserMessage, present: Set[str]) -> None:
    """Hold the declared parts against the Content-IDs of the MIME parts that came, the SOAP part not among them.

    A declared part that did not come is EBMS:0011; one that no PartInfo declares is EBMS:0007.
    """
    declared = frozenset(content_ids(message))
    if absent := len(declared - present):
        raise ExternalPayloadError(
            texts.PART_ABSENT, f"{absent} declared parts did not come", ref_to_message_id=message.message_id
        )
    if extra := len(present - declared):
        raise MimeInconsistency(
            texts.PART_UNDECLARED, f"{extra} parts are not declared", ref_to_message_id=message.message_id
        )


def check_body_declared(message: UserMessage, *, body_has_content: bool) -> None:
    """Refuse content of the SOAP Body that no part declares (ebMS3 Core 5.2.2.12)."""
    if body_has_content and not declares_body(message):
        raise ValueInconsistent(texts.BODY_UNDECLARED, "the Body has content").about(message.message_id)


def _check_signal_ids(signal: PullRequest | Receipt | ErrorSignal) -> None:
    reference = None if isinstance(signal, PullRequest) else signal.ref_to_message_id
    for value in (signal.message_id, signal.message_id if reference is None else reference):
        if not is_readable_id(value):
            raise InvalidHeader(texts.MESSAGE_ID_FORM, f"an id of {len(value)} characters of a signal")


def _check_message_id(value: str) -> None:
    if not is_message_id(value):
        raise InvalidHeader(texts.MESSAGE_ID_FORM, f"an id of {len(value)} characters does not have the form")


def _check_lengths(message: UserMessage) -> None:
    values = list(_values(message))
    longest = max(map(len, values))
    if longest > MOST_VALUE_CHARACTERS or _CONTROL_CHARACTER.search("".join(values)):
        raise ValueInconsistent(texts.VALUE_LENGTH, f"the longest value has {longest} characters")


def _values(message: UserMessage) -> Iterable[str]:
    """Every string of a user message."""
    for party in (message.from_party, message.to_party):
        yield party.role
        for party_id in party.party_ids:
            yield party_id.value
            yield party_id.type or ""
    if message.agreement_ref is not None:
        yield message.agreement_ref.value
        yield message.agreement_ref.type or ""
        yield message.agreement_ref.pmode or ""
    yield message.service.value
    yield message.service.type or ""
    yield message.action
    yield message.conversation_id
    yield message.mpc or ""
    for part in message.parts:
        yield part.href or ""
    for each in (*message.properties, *(each for part in message.parts for each in part.properties)):
        yield each.name
        yield each.value
        yield each.type or ""


def _check_parties(message: UserMessage) -> None:
    for party in (message.from_party, message.to_party):
        _check_party_ids(party)


def _check_party_ids(party: Party) -> None:
    if len({each.type for each in party.party_ids}) != len(party.party_ids):
        raise ValueInconsistent(texts.PARTY_ID_TYPE_TWICE, "a PartyId type occurs twice")
    for each in party.party_ids:
        _check_uri_or_type(each.value, each.type, "PartyId")


def _check_collaboration(message: UserMessage) -> None:
    agreement, service = message.agreement_ref, message.service
    if agreement is not None:
        _check_uri_or_type(agreement.value, agreement.type, "AgreementRef")
    _check_uri_or_type(service.value, service.type, "Service")
    if message.action == names.TEST_ACTION and service.value != names.TEST_SERVICE:
        raise ValueInconsistent(texts.TEST_ACTION_SERVICE, "the test action with another service")


def _check_uri_or_type(value: str, kind: str | None, element: str) -> None:
    if kind is None and not is_uri(value):
        raise ValueInconsistent(texts.NOT_A_URI, f"{element} has no type and is no URI")


def _check_mpc(message: UserMessage, mpc: str | None) -> None:
    if mpc is not None and mpc_of(message.mpc) != mpc:
        raise ValueInconsistent(texts.UNEXPECTED_MPC, "another channel than expected")


def _check_properties(properties: tuple[Property, ...]) -> None:
    if len({each.name for each in properties}) != len(properties):
        raise ProcessingModeMismatch(texts.PROPERTY_TWICE, "a property occurs twice")


def _check_parts(parts: tuple[PartInfo, ...], body_has_content: bool) -> None:
    if len(parts) > MOST_PARTS:
        raise MimeInconsistency(texts.TOO_MANY_PARTS, f"{len(parts)} parts are declared")
    named = [content_id(part) for part in parts]
    in_body = [part for part, name in zip(parts, named, strict=True) if name is None]
    attached = [name for name in named if name is not None]
    if len(in_body) > 1 or len(set(map(without_case, attached))) != len(attached):
        raise ValueInconsistent(texts.PART_TWICE, "a part is declared twice")
    if in_body and not body_has_content:
        raise ValueInconsistent(texts.BODY_EMPTY, "a part is the Body, which is empty")
    if in_body:
        raise FeatureNotSupported(texts.BODY_PART, "a part is the Body")
    if body_has_content:
        raise ValueInconsistent(texts.BODY_UNDECLARED, "the Body has content")
    for part in parts:
        _check_part_properties(part)


def _check_part_properties(part: PartInfo) -> None:
    _check_properties(part.properties)
    compression, encoding = part.property(names.COMPRESSION_TYPE), part.property(names.CHARACTER_SET)
    if compression is not None and compression != names.GZIP:
        raise ValueInconsistent(texts.COMPRESSION_TYPE, "an unknown CompressionType")
    if compression is not None and part.property(names.MIME_TYPE) is None:
        raise DecompressionFailure(texts.MIME_TYPE_MISSING, "a compressed part has no MimeType")
    if encoding is not None and _ENCODING_NAME.fullmatch(encoding) is None:
        raise ValueInconsistent(texts.CHARACTER_SET, "an impossible CharacterSet")

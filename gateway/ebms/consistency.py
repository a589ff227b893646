"""Which units may stand together in a message, what they may be called, and whether its parts are the declared ones.

Clauses: ebMS3 Core 5.1.5, 5.2.2.12, 5.2.4; RFC 2392. What a user message says is for
`gateway.ebms.header_rules`. Every refusal carries one sentence for all its causes.

SECURITY: runs on values that no signature vouches for yet, before any key is used; everything is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Set
from typing import Final

from crypto.content_ids import content_id_of
from gateway.ebms import names, texts
from gateway.ebms.errors import (
    EbmsError,
    ExternalPayloadError,
    FeatureIgnored,
    FeatureNotSupported,
    InvalidHeader,
    InvalidReceipt,
    MimeInconsistency,
    ValueInconsistent,
)
from gateway.ebms.evidence import ABSENT, ANOTHER, Compared
from gateway.ebms.mime import WRITABLE_ID
from gateway.ebms.model import ErrorSignal, Messaging, PartInfo, PullRequest, Receipt, UserMessage
from gateway.ebms.text import Text

MOST_PARTS: Final = 64
MOST_MESSAGE_ID_CHARACTERS: Final = 255

# Visible, without angle brackets.
_READABLE_ID: Final = re.compile(rf"[!-;=?-~]{{1,{MOST_MESSAGE_ID_CHARACTERS}}}", re.ASCII)
_FORM_OF_ID: Final = f"visible ASCII without angle brackets, {MOST_MESSAGE_ID_CHARACTERS} characters at most"


def is_readable_id(value: str) -> bool:
    """Whether an id can be repeated and stored safely: visible characters but angle brackets, 255 of them at most.

    ebMS3 Core 5.2.2.1 has the form of RFC 2822, and the hub asks no more of that than this: products write ids without
    an @, with a ":" behind it or a quoted half before it, and an id is compared with others and never taken apart.
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
        raise _bad_href(texts.PART_ABSENT, "an href names nothing", "a name after cid:", ABSENT)
    if found is None:
        raise _bad_href(texts.PART_EXTERNAL, "an href is no cid: URI", "a cid: URI", ANOTHER)
    if not WRITABLE_ID.fullmatch(found):
        why = "a name with a percent sign, a quote, a blank or what is not ASCII, which no part header can carry here"
        raise _bad_href(texts.PART_NAME, why, "a name that a part header can carry", ANOTHER)
    return found


def _bad_href(public: Text, detail: str, expected: str, found: str) -> ExternalPayloadError:
    compared = Compared(what="eb:PartInfo/@href", expected=expected, found=found)
    return ExternalPayloadError(public, detail, compared=[compared])


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


def check_parts_present(message: UserMessage, present: Set[str]) -> None:
    """Hold the declared parts against the Content-IDs of the MIME parts that came, the SOAP part not among them.

    A declared part that did not come is EBMS:0011; one that no PartInfo declares is EBMS:0007.
    """
    declared = frozenset(content_ids(message))
    if absent := len(declared - present):
        raise ExternalPayloadError(
            texts.PART_ABSENT,
            f"{absent} declared parts did not come",
            compared=[Compared(what="MIME parts", expected=f"{len(declared)} declared", found=f"{absent} {ABSENT}")],
            ref_to_message_id=message.message_id,
        )
    if extra := len(present - declared):
        raise MimeInconsistency(
            texts.PART_UNDECLARED,
            f"{extra} parts are not declared",
            compared=[Compared(what="MIME parts", expected=f"{len(declared)} declared", found=f"{extra} more")],
            ref_to_message_id=message.message_id,
        )


def check_body_declared(message: UserMessage, *, body_has_content: bool) -> None:
    """Refuse content of the SOAP Body that no part declares (ebMS3 Core 5.2.2.12)."""
    if body_has_content and not declares_body(message):
        compared = Compared(what="eb:PartInfo", expected="one for the Body, which has content", found=ABSENT)
        raise ValueInconsistent(
            texts.BODY_UNDECLARED, "the Body has content", compared=[compared], ref_to_message_id=message.message_id
        )


def _check_signal_ids(signal: PullRequest | Receipt | ErrorSignal) -> None:
    reference = None if isinstance(signal, PullRequest) else signal.ref_to_message_id
    try:
        check_ids(signal.message_id, reference)
    except InvalidHeader as fault:
        about = signal.message_id if is_readable_id(signal.message_id) else None
        if isinstance(signal, Receipt):
            raise InvalidReceipt(detail=fault.detail, compared=fault.compared).about(about) from None
        raise


def check_ids(message_id: str, ref_to_message_id: str | None) -> None:
    """Hold the ids of a MessageInfo against the one form that every unit has to keep to."""
    for name, value in (("eb:MessageId", message_id), ("eb:RefToMessageId", ref_to_message_id)):
        if value is not None and not is_readable_id(value):
            found = Compared(what=name, expected=_FORM_OF_ID, found=f"{len(value)} characters")
            raise InvalidHeader(texts.MESSAGE_ID_FORM, f"{name} does not have the form", compared=[found])

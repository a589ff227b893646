"""What every eb:UserMessage has to keep to, whatever its P-Mode says and its schema cannot say.

Clauses: ebMS3 Core 5.2.2; AS4 3.1; eDelivery AS4 1.4.3; RFC 2392; XML 1.0 4.3.3. What a P-Mode decides
(who may send what to whom, properties, payload profile) is left to `pmodes.match` and `pmodes.profiles`, which come
after. Every refusal carries one sentence for all its causes, and what was compared for the log.

SECURITY: runs on values that no signature vouches for yet, before any key is used; everything is bounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from crypto.content_ids import without_case
from gateway.ebms import names, texts
from gateway.ebms.consistency import MOST_PARTS, check_ids, content_id, is_readable_id, mpc_of
from gateway.ebms.errors import (
    DecompressionFailure,
    EbmsError,
    FeatureNotSupported,
    MimeInconsistency,
    ProcessingModeMismatch,
    ValueInconsistent,
)
from gateway.ebms.evidence import ABSENT, ANOTHER, Compared, kind_of
from gateway.ebms.model import PartInfo, Party, Property, UserMessage
from gateway.ebms.values import is_uri

MOST_VALUE_CHARACTERS: Final = 1024

_CONTROL_CHARACTER: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_ENCODING_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9._-]*", re.ASCII)  # XML 1.0 4.3.3


def check_user_message(message: UserMessage, *, body_has_content: bool = False, mpc: str | None = None) -> None:
    """Hold a user message against the rules that need nothing but itself.

    `mpc` is the channel the message has to name, None for any. The errors relate to the message when its id can be
    repeated safely, one of the wrong form too: who gets an error about nothing would send the message again.
    """
    try:
        check_ids(message.message_id, message.ref_to_message_id)
        _check_lengths(message)
        _check_party_ids("eb:From/eb:PartyId", message.from_party)
        _check_party_ids("eb:To/eb:PartyId", message.to_party)
        _check_collaboration(message)
        _check_mpc(message, mpc)
        _check_properties("eb:MessageProperties", message.properties)
        _check_parts(message.parts, body_has_content)
    except EbmsError as error:
        raise error.about(message.message_id if is_readable_id(message.message_id) else None) from None


def _check_lengths(message: UserMessage) -> None:
    named = list(_named_values(message))
    values = [value for _, value in named]
    longest = max(map(len, values))
    if longest > MOST_VALUE_CHARACTERS:
        name = next(name for name, value in named if len(value) == longest)
        found = Compared(what=name, expected=f"{MOST_VALUE_CHARACTERS} characters at most", found=str(longest))
        raise ValueInconsistent(texts.VALUE_LENGTH, f"{name} is too long", compared=[found])
    if _CONTROL_CHARACTER.search("".join(values)):
        name = next(name for name, value in named if _CONTROL_CHARACTER.search(value))
        found = Compared(what=name, expected="no control characters", found="some")
        raise ValueInconsistent(texts.VALUE_LENGTH, f"{name} holds control characters", compared=[found])


def _named_values(message: UserMessage) -> Iterator[tuple[str, str]]:
    """Every string of a user message, with the name of where it stands."""
    for element, party in (("eb:From", message.from_party), ("eb:To", message.to_party)):
        yield f"{element}/eb:Role", party.role
        for party_id in party.party_ids:
            yield f"{element}/eb:PartyId", party_id.value
            yield f"{element}/eb:PartyId/@type", party_id.type or ""
    if message.agreement_ref is not None:
        yield "eb:AgreementRef", message.agreement_ref.value
        yield "eb:AgreementRef/@type", message.agreement_ref.type or ""
        yield "eb:AgreementRef/@pmode", message.agreement_ref.pmode or ""
    yield "eb:Service", message.service.value
    yield "eb:Service/@type", message.service.type or ""
    yield "eb:Action", message.action
    yield "eb:ConversationId", message.conversation_id
    yield "eb:UserMessage/@mpc", message.mpc or ""
    for part in message.parts:
        yield "eb:PartInfo/@href", part.href or ""
    yield from _of_properties("eb:MessageProperties/eb:Property", message.properties)
    for part in message.parts:
        yield from _of_properties("eb:PartProperties/eb:Property", part.properties)


def _of_properties(element: str, properties: tuple[Property, ...]) -> Iterator[tuple[str, str]]:
    for each in properties:
        yield element, each.name
        yield element, each.value
        yield element, each.type or ""


def _check_party_ids(element: str, party: Party) -> None:
    if len({each.type for each in party.party_ids}) != len(party.party_ids):
        raise ValueInconsistent(
            texts.PARTY_ID_TYPE_TWICE,
            "a PartyId type occurs twice",
            compared=[Compared(what=f"{element}/@type", expected="another for each", found="one twice")],
        )
    for each in party.party_ids:
        _check_uri_or_type(each.value, each.type, element)


def _check_collaboration(message: UserMessage) -> None:
    agreement, service = message.agreement_ref, message.service
    if agreement is not None:
        _check_uri_or_type(agreement.value, agreement.type, "eb:AgreementRef")
    _check_uri_or_type(service.value, service.type, "eb:Service")
    if message.action == names.TEST_ACTION and service.value != names.TEST_SERVICE:
        raise ValueInconsistent(
            texts.TEST_ACTION_SERVICE,
            "the test action with another service",
            compared=[Compared(what="eb:Service", expected=names.TEST_SERVICE, found=ANOTHER)],
        )


def _check_uri_or_type(value: str, kind: str | None, element: str) -> None:
    if kind is None and not is_uri(value):
        raise ValueInconsistent(
            texts.NOT_A_URI,
            f"{element} has no type and is no URI",
            compared=[Compared(what=element, expected="a URI, or a type", found="neither")],
        )


def _check_mpc(message: UserMessage, mpc: str | None) -> None:
    if mpc is not None and mpc_of(message.mpc) != mpc:
        raise ValueInconsistent(
            texts.UNEXPECTED_MPC,
            "another channel than expected",
            compared=[Compared(what="eb:UserMessage/@mpc", expected=mpc, found=kind_of(message.mpc))],
        )


def _check_properties(element: str, properties: tuple[Property, ...]) -> None:
    if len({each.name for each in properties}) != len(properties):
        raise ProcessingModeMismatch(
            texts.PROPERTY_TWICE,
            "a property occurs twice",
            compared=[Compared(what=f"{element}/eb:Property/@name", expected="another for each", found="one twice")],
        )


def _check_parts(parts: tuple[PartInfo, ...], body_has_content: bool) -> None:
    if len(parts) > MOST_PARTS:
        raise MimeInconsistency(
            texts.TOO_MANY_PARTS,
            f"{len(parts)} parts are declared",
            compared=[Compared(what="eb:PartInfo", expected=f"{MOST_PARTS} at most", found=str(len(parts)))],
        )
    named = [content_id(part) for part in parts]
    in_body = [part for part, name in zip(parts, named, strict=True) if name is None]
    attached = [name for name in named if name is not None]
    if len(in_body) > 1 or len(set(map(without_case, attached))) != len(attached):
        raise ValueInconsistent(
            texts.PART_TWICE,
            "a part is declared twice",
            compared=[Compared(what="eb:PartInfo/@href", expected="another for each", found="one twice")],
        )
    if in_body and not body_has_content:
        raise ValueInconsistent(
            texts.BODY_EMPTY,
            "a part is the Body, which is empty",
            compared=[Compared(what="S12:Body", expected="content, for a part without href", found=ABSENT)],
        )
    if in_body:
        raise FeatureNotSupported(
            texts.BODY_PART,
            "a part is the Body",
            compared=[Compared(what="eb:PartInfo/@href", expected="a cid: URI", found=kind_of(in_body[0].href))],
        )
    if body_has_content:
        raise ValueInconsistent(
            texts.BODY_UNDECLARED,
            "the Body has content",
            compared=[Compared(what="eb:PartInfo", expected="one for the Body, which has content", found=ABSENT)],
        )
    for number, part in enumerate(parts, 1):
        _check_part_properties(number, part)


def _check_part_properties(number: int, part: PartInfo) -> None:
    element = f"eb:PartInfo[{number}]/eb:PartProperties"
    _check_properties(element, part.properties)
    compression, encoding = part.property(names.COMPRESSION_TYPE), part.property(names.CHARACTER_SET)
    if compression is not None and compression != names.GZIP:
        found = Compared(what=f"{element} {names.COMPRESSION_TYPE}", expected=names.GZIP, found=ANOTHER)
        raise ValueInconsistent(texts.COMPRESSION_TYPE, "an unknown CompressionType", compared=[found])
    if compression is not None and part.property(names.MIME_TYPE) is None:
        found = Compared(what=f"{element} {names.MIME_TYPE}", expected="present, beside CompressionType", found=ABSENT)
        raise DecompressionFailure(texts.MIME_TYPE_MISSING, "a compressed part has no MimeType", compared=[found])
    if encoding is not None and _ENCODING_NAME.fullmatch(encoding) is None:
        found = Compared(what=f"{element} {names.CHARACTER_SET}", expected="the name of an encoding", found=ANOTHER)
        raise ValueInconsistent(texts.CHARACTER_SET, "an impossible CharacterSet", compared=[found])

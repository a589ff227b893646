"""What a P-Mode says of message properties and parts, held against a verified message (ebMS3 Core D.3.3).

That no property stands twice and none holds control characters is said of every message already
(`gateway.ebms.header_rules`). A test message may have what any message may have, and needs nothing.

SECURITY: nothing about a person may stand in a header, which is kept in the clear. So what a sender can write there was
agreed, or is one of a closed list: names of properties, their types, encodings, parameters of a media type. And
originalSender decides in whose name a message is delivered, so it is held here against the parties that the
organisation behind the signature may speak for.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from crypto.media_types import essence_of
from gateway.ebms.errors import EbmsError, ProcessingModeMismatch, ValueInconsistent
from gateway.ebms.evidence import ABSENT, ANOTHER, Compared, kind_of
from gateway.ebms.media_type import MimeFault, parse_content_type
from gateway.ebms.model import UserMessage
from gateway.ebms.names import (
    CHARACTER_SET,
    COMPRESSION_TYPE,
    MIME_TYPE,
    ORIGINAL_SENDER,
    PART_PROPERTIES,
    PROPERTY_TYPES,
)
from gateway.ebms.text import Text
from gateway.ebms.texts import CHARACTER_SET as CHARACTER_SET_UNKNOWN
from gateway.ebms.values import is_encoding, is_uri
from pmodes import texts
from pmodes.legal_basis import required_documents
from pmodes.model import PMode, PropertyProfile

_PROPERTIES: Final = "PMode[1].BusinessInfo.Properties"
_PART: Final = "Knooppunt.PartProperties"
_PAYLOAD: Final = "PMode[1].BusinessInfo.PayloadProfile"
_COMPRESSION: Final = "PMode[1].PayloadService.CompressionType"


def check_properties(pmode: PMode, message: UserMessage) -> None:
    """Refuse the first property of the message, or of a part, that the P-Mode does not allow, or that it asks for in
    vain: EBMS:0010, or EBMS:0003 for what a value says."""
    _check_types(pmode, message)
    profiles = {each.name: each for each in pmode.business_info.properties}
    for header in message.properties:
        profile = profiles.get(header.name)
        if profile is None:
            raise _mismatch(pmode, texts.PROPERTY_NOT_LISTED, _PROPERTIES, ", ".join(profiles), ANOTHER)
        _check_value(pmode, profile, header.value)
    for profile in profiles.values():
        if profile.required and message.property(profile.name) is None:
            raise _mismatch(pmode, texts.PROPERTY_MISSING(name=profile.name), _PROPERTIES, profile.name, ABSENT)
    if pmode.message_type is not None or message.property(ORIGINAL_SENDER) is not None:
        _check_original_sender(pmode, message)
    _check_part_properties(pmode, message)


def check_payload_profile(pmode: PMode, message: UserMessage) -> None:
    """Raise EBMS:0010 unless the declared parts are those of the P-Mode's payload profile; a part is of the type that
    its property MimeType says.

    Sizes are not known yet: `part_limit` says where reading has to stop.
    """
    profile = pmode.business_info.payload_profile
    counts = dict.fromkeys(profile.parts, 0)
    may_be_compressed = pmode.compression_type != "" or pmode.strictness.compressed_when_off
    for index, info in enumerate(message.parts):
        part = profile.part(index)
        if part is None or counts[part] == part.max_count:
            most = sum(each.max_count for each in profile.parts)
            number = str(len(message.parts))
            raise _mismatch(pmode, texts.PARTS_TOO_MANY, _PAYLOAD, f"{most} parts at most", number)
        counts[part] += 1
        mime_type = info.property(MIME_TYPE)
        if mime_type is None or essence_of(mime_type) not in part.mime_types:
            expected = f"{part.name} of {' or '.join(sorted(part.mime_types))}"
            raise _mismatch(pmode, texts.PART_OF_OTHER_TYPE(number=index + 1), _PAYLOAD, expected, kind_of(mime_type))
        if not may_be_compressed and info.property(COMPRESSION_TYPE) is not None:
            raise _mismatch(pmode, texts.PART_COMPRESSED(number=index + 1), _COMPRESSION, ABSENT, "present")
    for part in profile.parts:
        if part.required and counts[part] == 0:
            raise _mismatch(pmode, texts.PART_MISSING, _PAYLOAD, part.name, ABSENT)
    if lacking := _lacking_attachments(pmode, message):
        raise _mismatch(pmode, texts.PART_MISSING, _PAYLOAD, lacking, ABSENT)


def part_limit(pmode: PMode, index: int) -> int | None:
    """How many octets the part at that place in eb:PayloadInfo may have after decompression; None: no limit here."""
    part = pmode.business_info.payload_profile.part(index)
    return None if part is None else part.max_octets


def too_large(pmode: PMode, index: int) -> EbmsError:
    """What to raise when a part goes past its limit."""
    limit = f"{part_limit(pmode, index)} octets at most"
    return _mismatch(pmode, texts.PART_TOO_LARGE(number=index + 1), _PAYLOAD, limit, "more")


def _check_part_properties(pmode: PMode, message: UserMessage) -> None:
    """A part that the hub itself adds is known by a property of its own, so a sender's part never has it."""
    profiles = {each.name: each for each in pmode.business_info.part_properties}
    allowed = ", ".join((*sorted(PART_PROPERTIES), *profiles))
    for number, part in enumerate(message.parts, 1):
        for each in part.properties:
            profile = profiles.get(each.name)
            if profile is None and each.name not in PART_PROPERTIES:
                raise _mismatch(pmode, texts.PART_PROPERTY_NOT_LISTED(number=number), _PART, allowed, ANOTHER)
            if profile is not None and not (
                len(each.value) <= profile.max_length and _DATA_TYPES[profile.data_type](each.value)
            ):
                expected = f"{profile.name}: {profile.data_type}, {profile.max_length} characters at most"
                raise _mismatch(pmode, texts.PART_PROPERTY_VALUE(number=number), _PART, expected, ANOTHER)
        character_set = part.property(CHARACTER_SET)
        if character_set is not None and not is_encoding(character_set):
            raise _inconsistent(pmode, CHARACTER_SET_UNKNOWN, CHARACTER_SET, "the name of an encoding", ANOTHER)
        _check_parameters(pmode, number, part.property(MIME_TYPE))


def _check_types(pmode: PMode, message: UserMessage) -> None:
    listed = (*sorted(PROPERTY_TYPES), *pmode.business_info.property_types)
    for each in (*message.properties, *(found for part in message.parts for found in part.properties)):
        if each.type is not None and each.type not in listed:
            raise _mismatch(
                pmode, texts.PROPERTY_TYPE_NOT_LISTED, "eb:Property/@type", f"none, or {' or '.join(listed)}", ANOTHER
            )


def _check_parameters(pmode: PMode, number: int, mime_type: str | None) -> None:
    """A charset is known; what else a media type may say, its owner decides."""
    if mime_type is None or ";" not in mime_type:
        return
    try:
        parameters = parse_content_type(mime_type).parameters
    except MimeFault:
        parameters = {"": ""}
    if not all(name == "charset" and is_encoding(value) for name, value in parameters.items()):
        public = texts.PART_TYPE_PARAMETER(number=number)
        raise _mismatch(pmode, public, f"eb:Property {MIME_TYPE}", "a charset, or no parameter", ANOTHER)


def _lacking_attachments(pmode: PMode, message: UserMessage) -> str:
    if pmode.message_type is None:
        return ""
    sender = pmode.organisation
    needed = required_documents(pmode.message_type, sender.roles, sender.legal_basis)
    return ", ".join(needed) if len(message.parts) - 1 < len(needed) else ""


def _check_original_sender(pmode: PMode, message: UserMessage) -> None:
    if message.property(ORIGINAL_SENDER) not in pmode.organisation.speaks_for:
        raise _inconsistent(
            pmode,
            texts.NOT_SPOKEN_FOR,
            ORIGINAL_SENDER,
            ", ".join(sorted(pmode.organisation.speaks_for)),
            ANOTHER,
        )


def _check_value(pmode: PMode, profile: PropertyProfile, value: str) -> None:
    name = profile.name
    if len(value) > profile.max_length:
        limit = f"{profile.max_length} characters at most"
        raise _inconsistent(pmode, texts.PROPERTY_TOO_LONG(name=name), name, limit, str(len(value)))
    if not _DATA_TYPES[profile.data_type](value):
        raise _mismatch(
            pmode, texts.PROPERTY_OF_OTHER_TYPE(name=name), f"{_PROPERTIES} {name}", profile.data_type, ANOTHER
        )


def _is_date(value: str) -> bool:
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


_DATA_TYPES: Final[Mapping[str, Callable[[str], bool]]] = {
    "string": lambda value: True,
    "int": lambda value: re.fullmatch(r"[+-]?[0-9]{1,18}", value) is not None,
    "boolean": lambda value: value in ("true", "false", "1", "0"),
    "date": _is_date,
    "uri": is_uri,
}


def _mismatch(pmode: PMode, public: Text, parameter: str, expected: str, found: str) -> EbmsError:
    compared = Compared(pmode=pmode.id, what=parameter, expected=expected, found=found)
    return ProcessingModeMismatch(public, f"{pmode.id}: {public.en}", compared=[compared])


def _inconsistent(pmode: PMode, public: Text, name: str, expected: str, found: str) -> EbmsError:
    compared = Compared(pmode=pmode.id, what=f"eb:Property {name}", expected=expected, found=found)
    return ValueInconsistent(public, f"{pmode.id}: {public.en}", compared=[compared])

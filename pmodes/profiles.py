"""What a P-Mode says of message properties and parts, held against a verified message (ebMS3 Core D.3.3).

SECURITY: originalSender decides in whose name a message is delivered, so it is held here against the parties that the
organisation behind the signature may speak for. A property that stands twice is refused, since two readers might
believe different ones.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from crypto.media_types import essence_of
from pmodes.headers import MessageHeader, PartHeader
from pmodes.match import PROCESSING_MODE_MISMATCH, VALUE_INCONSISTENT, Mismatch
from pmodes.model import PMode, PropertyProfile
from pmodes.names import ORIGINAL_SENDER
from pmodes.sentences import (
    PART_COMPRESSED,
    PART_MISSING,
    PART_OF_OTHER_TYPE,
    PART_TOO_LARGE,
    PARTS_TOO_MANY,
    Sentence,
)

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f]")
_TEST_MAX_LENGTH: Final = 255


def check_properties(pmode: PMode, message: MessageHeader) -> None:
    """Raise Mismatch for the first message property that the P-Mode does not allow, or that it asks for in vain."""
    names = [each.name for each in message.properties]
    if len(names) != len(set(names)):
        raise _mismatch(
            pmode, Sentence("A message property stands twice.", "Een eigenschap van het bericht staat er twee keer.")
        )
    profiles = {each.name: each for each in pmode.business_info.properties}
    for header in message.properties:
        profile = profiles.get(header.name)
        if profile is None and not pmode.business_info.properties_open:
            raise _mismatch(
                pmode,
                Sentence(
                    "There is a message property that the processing mode does not list.",
                    "Er is een eigenschap die de processing mode niet noemt.",
                ),
            )
        _check_value(pmode, profile or PropertyProfile(name="", max_length=_TEST_MAX_LENGTH), header.value)
    for profile in profiles.values():
        if profile.required and profile.name not in names:
            raise _mismatch(
                pmode,
                Sentence(
                    f"The message property {profile.name} is missing.", f"De eigenschap {profile.name} ontbreekt."
                ),
            )
    _check_original_sender(pmode, message)


def check_payload_profile(pmode: PMode, message: MessageHeader) -> None:
    """Raise Mismatch unless the declared parts are those of the P-Mode's payload profile.

    The type of a part is what its property MimeType says. Sizes are not known yet: `part_limit` says where reading has
    to stop.
    """
    profile = pmode.business_info.payload_profile
    if profile.open:
        return
    counts = dict.fromkeys(profile.parts, 0)
    may_be_compressed = pmode.compression_type != "" or pmode.strictness.compressed_when_off
    for index, header in enumerate(message.parts):
        part = profile.part(index)
        if part is None or counts[part] == part.max_count:
            raise _mismatch(pmode, PARTS_TOO_MANY())
        counts[part] += 1
        mime_type = _mime_type(header)
        if mime_type not in part.mime_types:
            raise _mismatch(pmode, PART_OF_OTHER_TYPE(number=index + 1))
        if not may_be_compressed and any(each.name == "CompressionType" for each in header.properties):
            raise _mismatch(pmode, PART_COMPRESSED(number=index + 1))
    if any(part.required and counts[part] == 0 for part in profile.parts) or _lacks_attachments(pmode, message):
        raise _mismatch(pmode, PART_MISSING())


def part_limit(pmode: PMode, index: int) -> int | None:
    """How many octets the part at that place in eb:PayloadInfo may have after decompression; None: no limit here."""
    part = pmode.business_info.payload_profile.part(index)
    return None if part is None else part.max_octets


def too_large(pmode: PMode, index: int) -> Mismatch:
    """What to raise when a part goes past its limit."""
    return _mismatch(pmode, PART_TOO_LARGE(number=index + 1))


def _lacks_attachments(pmode: PMode, message: MessageHeader) -> bool:
    if pmode.message_type is None:
        return False
    needed = pmode.message_type.required_attachments(sorted(pmode.organisation.roles))
    return len(message.parts) - 1 < len(needed)


def _check_original_sender(pmode: PMode, message: MessageHeader) -> None:
    if not any(each.name == ORIGINAL_SENDER for each in pmode.business_info.properties):
        return
    named = next(each.value for each in message.properties if each.name == ORIGINAL_SENDER)
    if named not in pmode.organisation.speaks_for:
        raise Mismatch(
            VALUE_INCONSISTENT,
            Sentence(
                "The message property originalSender names a party for which this sender does not act.",
                "De eigenschap originalSender noemt een partij voor wie deze afzender niet optreedt.",
            ),
            f"{pmode.id}: originalSender is not among the organisation's parties",
        )


def _check_value(pmode: PMode, profile: PropertyProfile, value: str) -> None:
    name = profile.name or "of a test message"
    if len(value) > profile.max_length:
        raise _inconsistent(
            pmode,
            Sentence(
                f"The message property {name} is longer than the processing mode allows.",
                f"De eigenschap {name} is langer dan de processing mode toestaat.",
            ),
        )
    if _CONTROL.search(value):
        raise _inconsistent(
            pmode,
            Sentence(
                f"The message property {name} has control characters.", f"De eigenschap {name} bevat stuurtekens."
            ),
        )
    if not _DATA_TYPES[profile.data_type](value):
        raise _mismatch(
            pmode,
            Sentence(
                f"The message property {name} is not of its data type.",
                f"De eigenschap {name} heeft niet haar gegevenstype.",
            ),
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
    "uri": lambda value: re.fullmatch(r"[A-Za-z][A-Za-z0-9+.\-]*:\S+", value) is not None,
}


def _mime_type(part: PartHeader) -> str | None:
    declared = next((each.value for each in part.properties if each.name == "MimeType"), None)
    return None if declared is None else essence_of(declared)


def _mismatch(pmode: PMode, public: Sentence) -> Mismatch:
    return Mismatch(PROCESSING_MODE_MISMATCH, public, f"{pmode.id}: {public}")


def _inconsistent(pmode: PMode, public: Sentence) -> Mismatch:
    return Mismatch(VALUE_INCONSISTENT, public, f"{pmode.id}: {public}")

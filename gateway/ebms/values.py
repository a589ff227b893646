"""Single values of the header, from and to XML: strings, tokens, URIs, timestamps.

Every reader of the header takes its values from here, so that all read the same. Times leave as aware UTC datetimes and
are written with a Z (ebMS3 Core 5.2.2.1); an absent zone is UTC, offsets are converted, digits below a microsecond
dropped.

SECURITY: a value with a comment or an element inside is refused: readers disagree on what such a value is, and
canonicalization without comments hides the difference from the signature.
"""

from __future__ import annotations

import re
from collections.abc import Set
from datetime import UTC, datetime
from encodings.aliases import aliases
from typing import Final

from crypto.blanks import collapsed
from crypto.elements import Element, local_name
from crypto.moments import read_date_time
from gateway.ebms import texts
from gateway.ebms.errors import InvalidHeader

_URI: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+", re.ASCII)

# What Python lists beside the encodings of text: changes of octets, what one platform has, and a name without a codec.
_NO_ENCODINGS: Final = frozenset(
    {"base64_codec", "bz2_codec", "hex_codec", "mbcs", "quopri_codec", "rot_13", "tactis", "uu_codec", "zlib_codec"}
)
_ENCODINGS: Final[Set[str]] = {
    name for alias, codec in aliases.items() if codec not in _NO_ENCODINGS for name in (alias, codec)
}


def string_of(element: Element) -> str:
    """The text of an element that holds text alone, as it stands (xs:string)."""
    if len(element):
        raise InvalidHeader(detail=f"{local_name(element)} holds more than text")
    return element.text or ""


def token_of(element: Element) -> str:
    """The text of an element of type xs:token."""
    return collapsed(string_of(element))


def filled_string_of(element: Element) -> str:
    """The text of an element that may not be empty."""
    text = string_of(element)
    if not text:
        raise InvalidHeader(detail=f"{local_name(element)} is empty")
    return text


def token_attribute(element: Element, name: str) -> str | None:
    """An attribute of type xs:token or xs:anyURI; None when it is absent."""
    value = element.get(name)
    return None if value is None else collapsed(value)


def required_child(parent: Element, tag: str) -> Element:
    """The one child of that name."""
    found = list(parent.iterchildren(tag))
    if len(found) != 1:
        raise InvalidHeader(detail=f"{local_name(parent)} holds {len(found)} {tag.rpartition('}')[2]}")
    return found[0]


def optional_child(parent: Element, tag: str) -> Element | None:
    """The child of that name, of which there is one at most."""
    found = list(parent.iterchildren(tag))
    if len(found) > 1:
        raise InvalidHeader(detail=f"{local_name(parent)} holds {len(found)} {tag.rpartition('}')[2]}")
    return found[0] if found else None


def is_uri(value: str) -> bool:
    """Whether a value is an absolute URI (RFC 3986)."""
    return _URI.fullmatch(value) is not None


def is_encoding(name: str) -> bool:
    """Whether a value names an encoding that there is, in any spelling that programs know (IANA charset names)."""
    return name.lower().replace("-", "_").replace(".", "_") in _ENCODINGS


def read_timestamp(text: str) -> datetime:
    """An xs:dateTime as aware UTC; InvalidHeader when no such moment exists or it is outside the years 1 to 9999."""
    moment = read_date_time(text)
    if moment is None:
        raise InvalidHeader(texts.TIMESTAMP_INVALID, "a Timestamp is not an xs:dateTime that exists")
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise InvalidHeader(texts.TIMESTAMP_INVALID, "a Timestamp is outside the years 1 to 9999") from None


def write_timestamp(moment: datetime) -> str:
    """An aware datetime as xs:dateTime in UTC, always with milliseconds; what is below them is dropped."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"

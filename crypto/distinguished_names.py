"""Distinguished names written as text, compared with those in certificates by structure.

Products write the same issuer in different ways (order of the parts, blanks, quotes, escapes, names or numbers for
the attribute types), so the text is taken apart (RFC 4514 3, with the older forms of RFC 1779) and its parts are
compared.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from cryptography import x509

from crypto.blanks import BLANKS, collapsed, trimmed
from crypto.forms import form_fault

# One RelativeDistinguishedName: its (attribute type as dotted number, value made comparable) pairs.
Rdn: TypeAlias = frozenset[tuple[str, str]]

_TYPES = {
    "cn": "2.5.4.3",
    "sn": "2.5.4.4",
    "surname": "2.5.4.4",
    "serialnumber": "2.5.4.5",
    "c": "2.5.4.6",
    "l": "2.5.4.7",
    "st": "2.5.4.8",
    "s": "2.5.4.8",
    "street": "2.5.4.9",
    "o": "2.5.4.10",
    "ou": "2.5.4.11",
    "t": "2.5.4.12",
    "title": "2.5.4.12",
    "description": "2.5.4.13",
    "businesscategory": "2.5.4.15",
    "postalcode": "2.5.4.17",
    "givenname": "2.5.4.42",
    "gn": "2.5.4.42",
    "g": "2.5.4.42",
    "initials": "2.5.4.43",
    "dnq": "2.5.4.46",
    "dnqualifier": "2.5.4.46",
    "pseudonym": "2.5.4.65",
    "organizationidentifier": "2.5.4.97",
    "oid.organizationidentifier": "2.5.4.97",
    "e": "1.2.840.113549.1.9.1",
    "email": "1.2.840.113549.1.9.1",
    "emailaddress": "1.2.840.113549.1.9.1",
    "dc": "0.9.2342.19200300.100.1.25",
    "uid": "0.9.2342.19200300.100.1.1",
}
_STRING_TAGS = {0x0C: "utf-8", 0x13: "ascii", 0x14: "latin-1", 0x16: "ascii", 0x1E: "utf-16-be"}
_DOTTED = re.compile(r"[0-9]+(\.[0-9]+)+")
_ESCAPED_OCTETS = re.compile(r"(?:\\[0-9A-Fa-f]{2})+")
_ESCAPED_CHARACTER = re.compile(r"\\(.)", re.DOTALL)


def parse_name(text: str) -> tuple[Rdn, ...]:
    """The parts of a distinguished name in the order of the text; PolicyNoncompliance when it is none."""
    return tuple(
        frozenset(_attribute(attribute) for attribute in _split(rdn, "+")) for rdn in _split(text, ",;") if trimmed(rdn)
    )


def names_same(parsed: tuple[Rdn, ...], name: x509.Name) -> bool:
    """Whether the parsed text names the same as `name`; either order of the parts counts (RFC 4514 reverses it)."""
    parts = tuple(frozenset((each.oid.dotted_string, _comparable(each.value)) for each in rdn) for rdn in name.rdns)
    return parsed in (parts, parts[::-1])


def _split(text: str, separators: str) -> list[str]:
    """The text cut at separators that are neither escaped nor inside quotes."""
    pieces = [""]
    quoted = escaped = False
    for character in text:
        if not escaped and not quoted and character in separators:
            pieces.append("")
            continue
        if character == '"' and not escaped:
            quoted = not quoted
        escaped = character == "\\" and not escaped
        pieces[-1] += character
    return pieces


def _attribute(text: str) -> tuple[str, str]:
    kind, equals, value = text.partition("=")
    kind = trimmed(kind).lower()
    if not equals:
        raise form_fault("the issuer is not a distinguished name")
    number = _TYPES.get(kind) or kind.removeprefix("oid.")
    if not _DOTTED.fullmatch(number):
        raise form_fault("the issuer has an attribute of unknown type")
    return number, _comparable(_value(value))


def _value(text: str) -> str:
    text = trimmed(text) if not text.rstrip(BLANKS).endswith("\\") else text.lstrip(BLANKS)
    if text.startswith("#"):
        return _hex_value(text[1:])
    if len(text) > 1 and text.startswith('"') and text.endswith('"'):
        text = text[1:-1]
    text = _ESCAPED_OCTETS.sub(lambda found: _decoded(bytes.fromhex(found[0].replace("\\", "")), "utf-8"), text)
    return _ESCAPED_CHARACTER.sub(r"\1", text)


def _hex_value(text: str) -> str:
    """A value given as the hexadecimal BER of a string shorter than 128 octets (RFC 4514 2.4)."""
    try:
        octets = bytes.fromhex(text)
    except ValueError:
        octets = b""
    if len(octets) < 2 or octets[0] not in _STRING_TAGS or octets[1] != len(octets) - 2 or octets[1] > 127:
        raise form_fault("the issuer has a value that is no string")
    return _decoded(octets[2:], _STRING_TAGS[octets[0]])


def _decoded(octets: bytes, encoding: str) -> str:
    try:
        return octets.decode(encoding)
    except UnicodeDecodeError:
        raise form_fault("the issuer has a value that is no text") from None


def _comparable(value: str | bytes) -> str:
    if isinstance(value, bytes):
        return "#" + value.hex()
    return collapsed(value).casefold()

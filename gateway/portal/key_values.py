"""What browsers say of keys, read: octets as base64, copies, signed documents.

SECURITY: nothing of it is a key that opens anything. It is bounded and held against its form here, so that a browser
finds again what another one wrote; what it is worth is decided by signatures that browsers verify.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from binascii import Error
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from crypto.certificates import Certificate, load_der
from crypto.faults import UnusableCredential
from gateway.portal.faults import Unusable
from gateway.portal.visit import Visit
from gateway.store.portal.terms import OCTETS_OF_A_COPY, OCTETS_OF_A_DOCUMENT

MOST_KEY_OCTETS: Final = 8 * 1024
MOST_COPIES: Final = 500  # locks of a unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a browser said is kept."""

    done: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedText:
    """A document of a desk as it was signed, and what it says."""

    octets: bytes
    signature: bytes
    says: Mapping[str, Any]

    @property
    def counter(self) -> int:
        """Which version it is."""
        found = self.says.get("counter")
        if not isinstance(found, int) or isinstance(found, bool) or found < 1:
            raise Unusable("a document without a counter")
        return found

    @property
    def previous(self) -> bytes:
        """The hash of the version before; empty for the first."""
        found = self.says.get("previous")
        try:
            return bytes.fromhex(found if isinstance(found, str) else "-")
        except ValueError:
            raise Unusable("a document that names none before it") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidCopy:
    """A set, sealed to a lock."""

    set: str
    lock: str
    says: Mapping[str, Any]

    def with_pins(self, pins: object) -> bytes:
        """Its octets; pins that lay beside an earlier copy stay where this one brings none."""
        whole = dict(self.says) if self.says["pins"] is not None else {**self.says, "pins": pins}
        return json.dumps(whole, separators=(",", ":")).encode("utf-8")


def base64_text(octets: bytes) -> str:
    """Octets as browsers get them."""
    return b64encode(octets).decode("ascii")


def octets_said(visit: Visit, name: str, *, most: int = MOST_KEY_OCTETS) -> bytes:
    """What a call says under that name, in base64."""
    return _octets(visit.json.get(name) if isinstance(visit.json, dict) else None, name, most)


def certificate_said(visit: Visit, name: str) -> Certificate:
    """A certificate that a call brings, in DER."""
    try:
        return load_der(octets_said(visit, name))
    except UnusableCredential as fault:
        raise Unusable(f"field {name}: {fault}") from None


def signed_said(visit: Visit, name: str) -> SignedText:
    """A signed document that a call brings: its text and the signature."""
    return signed_in(visit.json, name)


def signed_in(document: object, name: str) -> SignedText:
    """The same of a part of what a call brings."""
    found = document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, dict) or not isinstance(found.get("text"), str):
        raise Unusable(f"field {name}: no signed document")
    octets = found["text"].encode("utf-8", "replace")
    if len(octets) > OCTETS_OF_A_DOCUMENT:
        raise Unusable(f"field {name}: too long")
    return SignedText(octets=octets, signature=_octets(found.get("signature"), name, 1024), says=_object(octets, name))


def copies_said(visit: Visit) -> tuple[SaidCopy, ...]:
    """The copies that a call brings."""
    return copies_in(visit.json)


def copies_in(document: object) -> tuple[SaidCopy, ...]:
    """The same of a part of what a call brings."""
    found = document.get("copies") if isinstance(document, dict) else None
    if not isinstance(found, list) or len(found) > MOST_COPIES:
        raise Unusable("field copies: no list, or too many")
    return tuple(_copies(found))


def _copies(found: list[Any]) -> Iterator[SaidCopy]:
    for each in found:
        if not isinstance(each, dict) or not all(isinstance(each.get(name), str) for name in ("set", "lock", "copy")):
            raise Unusable("field copies: no copy")
        octets = each["copy"].encode("utf-8", "replace")
        says = _object(octets, "copies") if len(octets) <= OCTETS_OF_A_COPY else {}
        if says.keys() != {"oneOff", "keys", "pins"} or not isinstance(says["pins"], str | None):
            raise Unusable("field copies: a copy of another form")
        yield SaidCopy(set=each["set"], lock=each["lock"], says=says)


def _object(octets: bytes, name: str) -> Mapping[str, Any]:
    try:
        found = json.loads(octets)
    except (ValueError, RecursionError):
        raise Unusable(f"field {name}: no JSON") from None
    if not isinstance(found, dict):
        raise Unusable(f"field {name}: no object")
    return found


def _octets(value: object, name: str, most: int) -> bytes:
    try:
        found = b64decode(value if isinstance(value, str) else "-", validate=True)
    except (Error, ValueError):
        raise Unusable(f"field {name}: no base64") from None
    if not found or len(found) > most:
        raise Unusable(f"field {name}: empty or too long")
    return found

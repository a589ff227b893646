"""JSON and base64url as JOSE writes and reads them (RFC 7515 2, RFC 8259).

SECURITY: what two readers could understand in two ways is refused: a name that comes twice, a number that is none,
base64url that is padded or not the shortest.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from typing import Any

from gateway.identity.login import LoginCheck, LoginRefused


def base64url(octets: bytes) -> str:
    """Without padding."""
    return urlsafe_b64encode(octets).rstrip(b"=").decode("ascii")


def from_base64url(text: str, what: str) -> bytes:
    """What is written there; LoginRefused (`document`) where it is not written in the one way."""
    try:
        octets = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (Error, ValueError):
        octets = None
    if octets is None or base64url(octets) != text:
        raise LoginRefused("document", f"{what} is not in base64url")
    return octets


def written(value: Mapping[str, Any]) -> bytes:
    """An object as octets, without blanks."""
    return json.dumps(value, separators=(",", ":")).encode("utf-8")


def read_object(octets: bytes, what: str, *, check: LoginCheck = "document") -> Mapping[str, Any]:
    """An object of JSON in UTF-8; LoginRefused where it is none."""
    try:
        found = json.loads(octets.decode("utf-8"), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise LoginRefused(check, f"{what} is no object of JSON")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name comes twice")
    return found


def _no_number(name: str) -> None:
    raise ValueError(name)

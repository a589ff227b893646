"""The digest under which every stored octet stands that leaves the hub or decides something.

It is made before the commit that stores the octets and held against them each time they are read. Each field is
tagged and has its length before it, so that no two lists of fields give the same octets.
"""

from __future__ import annotations

import hashlib
from typing import TypeAlias

Field: TypeAlias = bytes | str | int | None


def digest(*fields: Field) -> bytes:
    """SHA-256 over these fields, in their order."""
    whole = hashlib.sha256()
    for each in fields:
        tag, octets = _octets(each)
        whole.update(tag + len(octets).to_bytes(8, "big"))
        whole.update(octets)
    return whole.digest()


def _octets(field: Field) -> tuple[bytes, bytes]:
    if field is None:
        return b"n", b""
    if isinstance(field, bytes):
        return b"b", field
    if isinstance(field, str):
        return b"t", field.encode()
    return b"i", str(field).encode("ascii")

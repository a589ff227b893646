"""A digest over fields, under which stored octets stand that leave or decide something.

Each field is tagged and has its length before it, so that no two lists of fields give the same octets. It is part of
the format of a hub's store and of a participant's outbox and inbox: stored digests were made so.
"""

from __future__ import annotations

import hashlib
from typing import TypeAlias

Field: TypeAlias = bytes | str | int | None


def digest(*fields: Field) -> bytes:
    """SHA-256 over these fields, in their order."""
    whole = bytearray()
    for each in fields:  # a dozen digests of a dozen fields each in every transaction: no call for a field
        if isinstance(each, str):
            tag, octets = b"t", each.encode()
        elif each is None:
            tag, octets = b"n", b""
        elif isinstance(each, bytes):
            tag, octets = b"b", each
        else:
            tag, octets = b"i", str(each).encode("ascii")
        whole += tag
        whole += len(octets).to_bytes(8, "big")
        whole += octets
    return hashlib.sha256(whole).digest()

"""PROXY headers of version 2, written as a proxy writes them and as none should."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Final

SIGNATURE: Final = b"\x0d\x0a\x0d\x0a\x00\x0d\x0a\x51\x55\x49\x54\x0a"
LOCAL: Final = 0x20
PROXY: Final = 0x21


def header_of(origin: str, *, extensions: bytes = b"", to: str | None = None) -> bytes:
    """A connection over TCP from that address."""
    address = ip_address(origin)
    other = ip_address(to or ("192.0.2.1" if address.version == 4 else "2001:db8::1"))
    family = 0x11 if address.version == 4 else 0x21
    ports = (41_000).to_bytes(2) + (443).to_bytes(2)
    return block(PROXY, family, address.packed + other.packed + ports + extensions)


def block(command: int, family: int, content: bytes, *, octets: int | None = None) -> bytes:
    """A header of these fields, which may say that its content has another length."""
    length = len(content) if octets is None else octets
    return SIGNATURE + bytes([command, family]) + length.to_bytes(2) + content


def extension(kind: int, value: bytes) -> bytes:
    """A TLV."""
    return bytes([kind]) + len(value).to_bytes(2) + value

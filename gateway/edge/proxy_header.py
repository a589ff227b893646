"""The PROXY header, version 2, in its octets: for whom a proxy opened a connection.

https://www.haproxy.org/download/2.9/doc/proxy-protocol.txt, section 2.2. Of its extensions only the form is looked at:
a TLV says nothing that counts here, its checksum neither, for TCP has one. Version 1, UDP and UNIX sockets are refused.

SECURITY: what begins otherwise is refused at its first octet that is wrong, and what announces more than any proxy has
to say, before it has come. Who may write such a header is not judged here (`gateway.edge.server`).
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from typing import Final

from gateway.edge.peer_addresses import Address, parse_address

SIGNATURE: Final = b"\r\n\r\n\0\r\nQUIT\n"
FIXED_OCTETS: Final = len(SIGNATURE) + 4  # version and command, family, length
MOST_OCTETS: Final = 2048  # addresses take 52 of them; a proxy adds some TLVs
_LOCAL: Final = 0x20
_PROXY: Final = 0x21
_TCP: Final = {0x11: 4, 0x21: 16}  # octets of an address; two of them and two ports are given


class ProxyHeaderFault(ValueError):
    """What came is no PROXY header of version 2 for a TCP connection."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProxyHeader:
    """What a header says, and how many octets it has."""

    origin: Address | None  # None: the proxy speaks for itself, as to see whether somebody listens
    octets: int


def read_proxy_header(came: bytes) -> ProxyHeader | None:
    """The header at the beginning of what came; None where it is not whole yet. Raises ProxyHeaderFault."""
    if not came.startswith(SIGNATURE[: len(came)]):
        raise ProxyHeaderFault("no PROXY header of version 2")
    if len(came) < FIXED_OCTETS:
        return None
    command, family = came[len(SIGNATURE)], came[len(SIGNATURE) + 1]
    end = FIXED_OCTETS + int.from_bytes(came[FIXED_OCTETS - 2 : FIXED_OCTETS])
    if command not in (_LOCAL, _PROXY):
        raise ProxyHeaderFault("another version or command than is known")
    if end > MOST_OCTETS:
        raise ProxyHeaderFault("it is too long")
    if len(came) < end:
        return None
    origin = _origin(family, came[FIXED_OCTETS:end]) if command == _PROXY else None
    return ProxyHeader(origin=origin, octets=end)


def _origin(family: int, said: bytes) -> Address:
    size = _TCP.get(family)
    if size is None:
        raise ProxyHeaderFault("it is for something else than TCP over IPv4 or IPv6")
    addresses = 2 * size + 4
    if len(said) < addresses:
        raise ProxyHeaderFault("it is too short for its addresses")
    _check_extensions(said[addresses:])
    found = parse_address(str(ip_address(said[:size])))
    if found is None:
        raise RuntimeError("an address in octets is none in text")
    return found


def _check_extensions(rest: bytes) -> None:
    """Each has a type, a length in two octets, and so many octets."""
    at = 0
    while at < len(rest):
        at += 3 + int.from_bytes(rest[at + 1 : at + 3])
        if at > len(rest):
            raise ProxyHeaderFault("an extension is longer than the header")

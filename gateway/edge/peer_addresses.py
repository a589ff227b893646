"""Addresses of peers: reading them however they are written, whom a proxy speaks for, and which of them count together.

SECURITY: whoever has one IPv6 address has at least 2^64 of them, so an address counts with its neighbours: IPv6 by /64,
/56 and /48, IPv4 by itself, its /24 and its /16. IPv4 within IPv6 (mapped, or by NAT64 under 64:ff9b::/96) counts as
that IPv4 address. What a proxy says is believed from its end only: everything before the first address that is no
proxy of ours may have been written by the client.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network
AddressGroup: TypeAlias = tuple[int, int, int]  # IP version, prefix length, the bits of the prefix

_NAT64: Final = IPv6Network("64:ff9b::/96")  # RFC 6052
_PREFIXES: Final = {4: (16, 24, 32), 6: (48, 56, 64)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Whose a request is, as far as addresses tell."""

    address: Address | None  # None when the socket has none
    unsaid: bool  # the address is a proxy's that we trust and that did not say for whom it speaks


def parse_address(text: str) -> Address | None:
    """An address as sockets, people and proxies write it: with or without port, brackets, zone; None when it is none.

    IPv4 mapped into IPv6 (::ffff:192.0.2.1) is IPv4.
    """
    text = text.strip()
    if text.startswith("["):
        inside, closed, port = text[1:].partition("]")
        if not closed or ":" not in inside or (port and not _is_port(port)):
            return None
        text = inside
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not _is_port(f":{port}"):
            return None
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


@lru_cache(maxsize=4096)  # asked some dozens of times in each request
def groups_of(address: Address) -> tuple[AddressGroup, AddressGroup, AddressGroup]:
    """What an address counts in, from the widest to the narrowest."""
    if isinstance(address, IPv6Address) and address in _NAT64:
        address = IPv4Address(int(address) & 0xFFFF_FFFF)
    wide, middle, narrow = (
        (address.version, prefix, int(address) >> (address.max_prefixlen - prefix))
        for prefix in _PREFIXES[address.version]
    )
    return wide, middle, narrow


def within(address: Address | None, networks: Iterable[Network]) -> bool:
    """Whether the address lies in one of them."""
    return address is not None and any(address in network for network in networks)


def origin_of(peer: Address | None, forwarded: Iterable[str], trusts: Callable[[Address | None], bool]) -> Caller:
    """Walk X-Forwarded-For from its right end to the first address that is no proxy of ours.

    Where an entry cannot be read, the proxy that wrote it answers for it. An empty entry is nothing (RFC 9110 5.6.1).
    """
    if not trusts(peer):
        return Caller(address=peer, unsaid=False)
    said = [each.strip() for line in forwarded for each in line.split(",") if each.strip()]
    nearest = peer
    for text in reversed(said):
        address = parse_address(text)
        if address is None:
            break
        nearest = address
        if not trusts(address):
            break
    return Caller(address=nearest, unsaid=trusts(nearest))


def _is_port(text: str) -> bool:
    digits = text[1:]
    return text[0] == ":" and digits.isascii() and digits.isdigit() and int(digits[:6]) <= 0xFFFF

"""Where the hub may connect to: the hosts that the settings list, and of their addresses those of the public internet.

SECURITY: a URL comes from settings and P-Mode files, and what its name resolves to from somebody else's DNS, which may
name a machine that only the hub can reach. So an address inside (loopback, private, link-local, whatever is no unicast
address of the internet) is refused, in each form in which it can be written: an IPv4 address within an IPv6 one too
(mapped, NAT64, 6to4, Teredo), for where those lead is decided elsewhere. The settings may list networks that are meant.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

from gateway.addresses import UrlParts, read_url

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_UNICAST: Final = IPv6Network("2000::/3")  # all that was given out for the internet
_TUNNELS: Final = (IPv6Network("2001::/32"), IPv6Network("2002::/16"), IPv4Network("192.88.99.0/24"))
_OTHER_FORMS: Final = (
    (IPv6Network("::ffff:0:0/96"), "an IPv4 address in IPv6 form"),
    (IPv6Network("::/96"), "an IPv4 address in IPv6 form"),
    (IPv6Network("64:ff9b::/96"), "an IPv4 address behind NAT64"),
    (IPv6Network("64:ff9b:1::/48"), "an IPv4 address behind NAT64"),
)


class Forbidden(Exception):
    """The hub does not connect to that; the text says why, and what would let it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destinations:
    """The closed list: names of hosts, and networks of addresses that are called although they lie inside."""

    hosts: frozenset[str] = frozenset()
    networks: tuple[Network, ...] = ()

    def check_url(self, url: str) -> UrlParts:
        """The parts of a URL of a listed host; raises `Forbidden`."""
        try:
            parts = read_url(url)
        except ValueError as fault:
            raise Forbidden(f"the URL {fault}") from None
        if host_key(parts.host) not in self.hosts:
            raise Forbidden(f"{parts.host} is not listed; add it to outbound.hosts in the settings if it is meant")
        return parts

    def check_addresses(self, host: str, addresses: Sequence[str]) -> tuple[str, ...]:
        """All that one resolution of a host gave, in its order; raises `Forbidden` if one of them may not be called:
        then whoever answered for that name is not to be followed at all.
        """
        if not addresses:
            raise Forbidden(f"{host} has no address")
        for each in addresses:
            kind = self.objection(ip_address(each))
            if kind is not None:
                raise Forbidden(
                    f"{host} is at {each}, {kind}; list that network in outbound.networks of the settings if it is"
                    " meant"
                )
        return tuple(addresses)

    def objection(self, address: Address) -> str | None:
        """What kind of address it is that may not be called; None for one that may."""
        plain = IPv6Address(int(address)) if isinstance(address, IPv6Address) else address  # without a zone
        if any(plain in each for each in self.networks):
            return None
        return kind_of(plain)


def host_key(host: str) -> str:
    """A host as names are compared: in small letters, without the dot at the end."""
    return host.lower().removesuffix(".")


def kind_of(address: Address) -> str | None:
    """What an address is that is no unicast address of the internet; None for one that is."""
    kinds = (
        (address.is_unspecified, "which is no address of a machine"),
        (address.is_loopback, "which is this machine"),
        (address.is_link_local, "a link-local address"),
        (address.is_multicast, "a multicast address"),
        *((address in network, form) for network, form in _OTHER_FORMS),
        (any(address in each for each in _TUNNELS), "the entry of a tunnel"),
        (address.is_private, "a private address"),
        (not address.is_global, "no address of the internet"),
        (isinstance(address, IPv6Address) and address not in _UNICAST, "no unicast address of the internet"),
    )
    return next((said for holds, said in kinds if holds), None)

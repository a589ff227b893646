"""The limits of a hub, one dataclass a subject, with the defaults that are in force where nobody says otherwise.

Settings take their defaults from here, and the reference page takes them from the settings: a number stands once. This
module imports nothing of ours.

"A stranger" is an address that has proved nothing in the last day: no signature of a participant held that came from
it. Limits of one address hold for an IPv6 /64; a /56 or an IPv4 /24 has twice as much, a /48 or /16 four times
(`gateway.edge.peer_addresses`), and all strangers together have half of everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

KIB: Final = 1024
MIB: Final = 1024 * KIB

DEFAULT_RATIO: Final = 100  # how many times its size a part may grow; `gateway.ebms.gzip` says from where it counts
RETRY_AFTER_SECONDS: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one message may measure, in octets and counts."""

    soap_octets: int = 256 * KIB
    document_octets: int = 4 * MIB
    message_octets: int = 2048 * MIB
    inflated_octets: int = 4096 * MIB
    inflation_ratio: int = DEFAULT_RATIO
    parts: int = 64
    retry_after_seconds: int = RETRY_AFTER_SECONDS  # what a peer is told when the store takes nothing now
    in_flight_seconds: float = 10.0  # how long a message waits for another arrival of it
    receipts_again: int = 8  # how many signings of one message get a receipt of their own beside the first
    early_octets: int = MIB  # parts that stand before the root part and have to be held in memory


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLimits:
    """Times in seconds, rates per second and address."""

    handshake_seconds: float = 5.0  # an honest handshake is two or three round trips
    header_seconds: float = 10.0
    envelope_seconds: float = 20.0  # 256 KiB at 13 KiB a second
    idle_seconds: float = 30.0
    total_seconds: float = 3600.0
    keepalive_seconds: float = 75.0
    connection_seconds: float = 3600.0  # then a connection is made anew, and its certificates are verified anew
    slow_octets_per_second: float = 1024.0
    slow_window_seconds: float = 30.0  # how far a body may be behind that rate
    requests_per_second: float = 50.0
    unreadable_per_second: float = 20.0
    unreadable_in_all_per_second: float = 100.0  # a signature costs a millisecond or more
    stranger_cpu_seconds_per_second: float = 0.05  # some ten refusals, each with a signed answer
    stranger_octets_per_second: float = 1.0 * MIB
    stranger_burst_seconds: float = 2.0  # how long a stranger may save up CPU time; all of them twice what one may
    requests_in_progress: int = 256
    arriving_octets: int = 64 * MIB  # of all envelopes that are not whole yet
    connections: int = 1024
    connections_per_address: int = 64
    log_lines_per_second: float = 5.0  # of each kind of refusal before AS4
    retry_after_seconds: int = RETRY_AFTER_SECONDS
    stop_seconds: float = 30.0
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...] = ()

    def trusts(self, address: IPv4Address | IPv6Address | None) -> bool:
        """Whether that peer is a proxy whose word on the client's address is taken."""
        return address is not None and any(address in each for each in self.trusted_proxies)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoreLimits:
    """What a store keeps, how long, and what it leaves of the disk."""

    log_days: int = 396  # thirteen months
    ballast_octets: int = 256 * MIB  # given back when the disk is full
    large_message_free_fraction: float = 0.10
    any_message_free_fraction: float = 0.05

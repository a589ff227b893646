"""Limits of the listener: how long a peer may take, how often it may come, and how much it may cost.

"A stranger" is an address that has proved nothing in the last day: no signature of a participant held that came from
it. Limits of one address hold for an IPv6 /64; a /56 or an IPv4 /24 has twice as much, a /48 or /16 four times
(`gateway.edge.peer_addresses`), and all strangers together have half of everything.
"""

from __future__ import annotations

from dataclasses import dataclass

from gateway.edge.peer_addresses import Address, Network, within

KIB = 1024
MIB = 1024 * KIB


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
    retry_after_seconds: int = 60
    stop_seconds: float = 30.0
    trusted_proxies: tuple[Network, ...] = ()

    def trusts(self, address: Address | None) -> bool:
        """Whether that peer is a proxy whose word on the client's address is taken."""
        return within(address, self.trusted_proxies)

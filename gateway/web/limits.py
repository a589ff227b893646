"""Limits of the HTTP edge: how long a peer may take, and how often it may come."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLimits:
    """Times in seconds, rates per second and address."""

    header_seconds: float = 10.0
    idle_seconds: float = 30.0
    total_seconds: float = 3600.0
    keepalive_seconds: float = 75.0
    slow_octets_per_second: float = 1024.0
    slow_window_seconds: float = 60.0
    requests_per_second: float = 50.0
    unreadable_per_second: float = 20.0
    requests_in_progress: int = 256
    connections: int = 1024
    connections_per_address: int = 64
    retry_after_seconds: int = 60
    stop_seconds: float = 30.0
    trusted_proxies: tuple[Network, ...] = ()

    def trusts(self, address: str) -> bool:
        """Whether that peer is a proxy whose word on the client's address is taken."""
        if not self.trusted_proxies:
            return False
        try:
            peer = ip_address(address)
        except ValueError:
            return False
        return any(peer in network for network in self.trusted_proxies)


class Rate:
    """A token bucket per address: `rate` a second, with a burst of one second's worth and of one request at least;
    remembers the latest addresses only.
    """

    def __init__(self, rate: float, *, addresses: int = 10_000) -> None:
        self._rate = rate
        self._burst = max(rate, 1.0)
        self._addresses = addresses
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def allows(self, address: str, now: float) -> bool:
        """Take one token at monotonic time `now`; False when there is none."""
        level, then = self._buckets.pop(address, (self._burst, now))
        level = min(self._burst, level + (now - then) * self._rate)
        allowed = level >= 1.0
        self._buckets[address] = (level - 1.0 if allowed else level, now)
        if len(self._buckets) > self._addresses:
            self._buckets.popitem(last=False)
        return allowed

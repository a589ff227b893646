"""Admission: what an address may still have, and what it has proved.

One object for the listener and for whatever it serves: shares of what is fixed (connections, octets of arriving
envelopes, requests worked on) and budgets of what comes back with time (requests, CPU, octets, signed refusals).

SECURITY: an address is known for a day after a participant's signature held that came from it; until then it is a
stranger, and strangers share half of everything. What was learned is gone after a restart: then everybody is a stranger
until its first message, and pays from the same budgets.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from gateway.edge.budgets import Budget, Keys
from gateway.edge.known import KnownAddresses
from gateway.edge.peer_addresses import Address, AddressGroup, groups_of
from gateway.edge.shares import Leaf, Shares
from gateway.limits import EdgeLimits

KNOWN_SECONDS = 86_400.0
MOST_KNOWN_EACH = 64  # addresses of one participant: more than the /64s or IPv4 addresses that any sends from
SHARE = 4  # the part of what is worked on, or arrives, that one address may have: a quarter
HEAD_CPU_SECONDS = 0.0002  # what a request costs around the work on it, which is measured
SAVED = (2.0, 1.5, 1.2, 1.0)  # what all strangers, a /48, a /56 and an address may save up of CPU time
OCTETS_SECONDS = 8.0  # how long an address may save up traffic: a stranger's first message may be large
EVERY_STRANGER = "strangers"
NOWHERE = Leaf(None, known=False)


class Admission:
    """What everybody holds, and has left, of one hub; `now` is a monotonic clock in seconds."""

    def __init__(self, limits: EdgeLimits, now: Callable[[], float]) -> None:
        self.now = now
        self._limits = limits
        self._leaves = lru_cache(maxsize=4096)(self._leaves_of)
        self._known = KnownAddresses(MOST_KNOWN_EACH)
        self.connections = Shares(limits.connections, each=limits.connections_per_address, now=now)
        self.arriving = Shares(limits.arriving_octets, each=limits.arriving_octets / SHARE, now=now)
        each = max(1, limits.requests_in_progress // SHARE)
        self.working = Shares(limits.requests_in_progress, each=each, now=now)
        self.requests = _counted(limits.requests_per_second)
        # While strangers use up what they saved, everybody waits: so all together save little more than one.
        cpu, octets = limits.stranger_cpu_seconds_per_second, limits.stranger_octets_per_second
        self._cpu = Budget(cpu, burst=cpu * limits.stranger_burst_seconds, burst_factors=SAVED)
        self._octets = Budget(octets, burst=octets * OCTETS_SECONDS)
        in_all = limits.unreadable_in_all_per_second / limits.unreadable_per_second
        self._signed = _counted(limits.unreadable_per_second, factors=(in_all, 4.0, 2.0, 1.0))

    def leaf_of(self, address: Address | None) -> Leaf:
        """Where that address stands now."""
        if address is None:
            return NOWHERE
        narrow, stranger, known = self._leaves(address)
        return known if known.unlimited or self._known.until(narrow) > self.now() else stranger

    def _leaves_of(self, address: Address) -> tuple[AddressGroup, Leaf, Leaf]:
        """What it counts in most narrowly; where it stands as a stranger, and as one who proved something."""
        groups = groups_of(address)
        known = Leaf(groups, known=True, unlimited=self._limits.trusts(address))
        return groups[-1], Leaf(groups, known=False), known

    def prove(self, leaf: Leaf, participant: str) -> None:
        """That participant's signature held on something new that came from there."""
        if leaf.groups is None or leaf.unlimited:
            return
        address, now = leaf.groups[-1], self.now()
        first = self._known.until(address) <= now
        self._known.note(address, participant, now + KNOWN_SECONDS)
        if first:
            for each in (self.connections, self.arriving, self.working):
                each.prove(Leaf(leaf.groups, known=True))

    def solvent(self, leaf: Leaf) -> bool:
        """Whether there is CPU time and traffic left for that address; a known one has no such budget."""
        if leaf.known:
            return True
        keys, now = _keys_of(leaf), self.now()
        return self._cpu.has(keys, now) and self._octets.has(keys, now)

    def overdrawn_seconds(self, leaf: Leaf) -> float:
        """How long until that address, and those around it, have paid for the octets that came from there."""
        if leaf.known:
            return 0.0
        return self._octets.seconds_until((None, *_keys_of(leaf)[1:]), self.now())

    def spend(self, leaf: Leaf, *, cpu_seconds: float = 0.0, octets: int = 0) -> None:
        """What a stranger cost."""
        if leaf.known:
            return
        keys, now = _keys_of(leaf), self.now()
        if cpu_seconds:
            self._cpu.charge(keys, cpu_seconds, now)
        if octets:
            self._octets.charge(keys, octets, now)

    def may_ask(self, leaf: Leaf, amount: float = 1.0) -> bool:
        """Take one request, or that part of one, from the rate of that address."""
        return self.requests.allows(_keys_of(leaf), self.now(), amount)

    def keys_of(self, leaf: Leaf) -> Keys:
        """What it counts in, for a budget of one's own."""
        return _keys_of(leaf)

    def may_be_told(self, leaf: Leaf) -> bool:
        """Take one signed answer to what cannot be read; strangers have so many in all."""
        return self._signed.allows(_keys_of(leaf), self.now())


def _counted(rate: float, *, factors: tuple[float, ...] | None = None) -> Budget:
    """A budget of whole things: a burst of one second's worth, and of one at least."""
    burst = max(rate, 1.0)
    return Budget(rate, burst=burst) if factors is None else Budget(rate, burst=burst, factors=factors)


def _keys_of(leaf: Leaf) -> Keys:
    if leaf.groups is None:
        return (EVERY_STRANGER, None, None, None)
    wide, middle, narrow = leaf.groups
    return (None, None, None, narrow) if leaf.known else (EVERY_STRANGER, wide, middle, narrow)

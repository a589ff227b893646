"""Budgets: so much a second, saved up to a burst, for an address and for every group that it counts in.

SECURITY: a bucket is forgotten only when it is full, so coming from ten thousand addresses in turn refills none. A
bucket is made only below one that is not empty, so there are never more of them than the widest budget pays for.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Final, TypeAlias

Keys: TypeAlias = tuple[Hashable | None, ...]  # one for each level, the widest first; None: that one does not count

DEBT: Final = 5.0  # what was begun before a bucket was empty is paid off, but nobody is shut out for long
LOW: Final = 0.5  # part of a bucket below which it is kept for those who used least of it
FACTORS: Final = (8.0, 4.0, 2.0, 1.0)  # all strangers, a /48 or /16, a /56 or /24, an address


class Buckets:
    """Token buckets of one size, by key; each begins full."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()  # level and its moment, oldest first

    def __len__(self) -> int:
        return len(self._buckets)

    def level(self, key: Hashable, now: float) -> float:
        """What is in the bucket at monotonic time `now`; below nothing when more was charged than there was."""
        found = self._buckets.get(key)
        return self.burst if found is None else self._filled(found, now)

    def take(self, key: Hashable, amount: float, now: float) -> None:
        """Take that amount, whether it is there or not; a debt is never more than `DEBT` whole buckets."""
        level = self.level(key, now)
        self._buckets[key] = (max(level - amount, -DEBT * self.burst), now)
        self._buckets.move_to_end(key)
        self._forget_full(now)

    def _filled(self, found: tuple[float, float], now: float) -> float:
        level, then = found
        return min(self.burst, level + (now - then) * self.rate)

    def _forget_full(self, now: float) -> None:
        """Drop what was used longest ago, as long as it is full again."""
        while self._buckets:
            key = next(iter(self._buckets))
            if self._filled(self._buckets[key], now) < self.burst:
                return
            del self._buckets[key]


class Budget:
    """One thing of which every address has `rate` a second, and the groups around it a multiple (`factors`)."""

    def __init__(
        self,
        rate: float,
        *,
        burst: float,
        factors: tuple[float, ...] = FACTORS,
        burst_factors: tuple[float, ...] | None = None,
    ) -> None:
        bursts = factors if burst_factors is None else burst_factors
        self._levels = tuple(Buckets(rate * f, burst * b) for f, b in zip(factors, bursts, strict=True))

    @property
    def size(self) -> int:
        """How many buckets are remembered."""
        return sum(len(each) for each in self._levels)

    def has(self, keys: Keys, now: float, amount: float = 0.0) -> bool:
        """Whether every bucket of these keys holds that amount, and something at all; where the widest is less than
        half full, those within it have to be half full: whoever used most of it loses first.
        """
        least = 0.0
        for buckets, key in zip(self._levels, keys, strict=True):
            if key is not None:
                level = buckets.level(key, now)
                if level < amount or level <= 0.0 or level < least * buckets.burst:
                    return False
                if buckets is self._levels[0] and level < LOW * buckets.burst:
                    least = LOW
        return True

    def is_low(self, keys: Keys, now: float) -> bool:
        """Whether less than half is left of the widest of these buckets that counts."""
        for buckets, key in zip(self._levels, keys, strict=True):
            if key is not None:
                return buckets.level(key, now) < LOW * buckets.burst
        return False

    def seconds_until(self, keys: Keys, now: float) -> float:
        """How long until no bucket of these keys is in debt."""
        levels = zip(self._levels, keys, strict=True)
        return max([0.0, *(-each.level(key, now) / each.rate for each, key in levels if key is not None)])

    def charge(self, keys: Keys, amount: float, now: float) -> None:
        """Take the amount from every bucket of these keys, there or not: the work was done."""
        for buckets, key in zip(self._levels, keys, strict=True):
            if key is not None:
                buckets.take(key, amount, now)

    def allows(self, keys: Keys, now: float, amount: float = 1.0) -> bool:
        """Take that from every bucket of these keys; nothing is taken, and False, when one of them has it not."""
        if not self.has(keys, now, amount):
            return False
        self.charge(keys, amount, now)
        return True

"""Shares of what there is a fixed amount of: connections, octets of envelopes that arrive, requests that are worked on.

Everybody who takes a share is a leaf of a tree: all, strangers or known, /48, /56, /64. Each branch has a limit of its
own. When one is full, the largest of its parts that has a share which is not at work gives up one of these, as long as
that part is larger than the newcomer's own; otherwise the newcomer's own address gives up one that did nothing in the
second since it came, so that silent shares never keep out the next for long. Among equals a share goes first that did
nothing since it came, or a part with such a share, the older before the younger; and then the one whose last step lies
furthest back.

SECURITY: strangers have half of all; a share of a known address is never given up for a stranger's. As the largest part
loses first, fifty addresses with many shares each cannot keep out a fifty-first that wants one. As a share has a second
to do something before the next of its own address takes its place, an address that comes anew all the time makes the
hub begin no more handshakes in a second than it has places.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import count
from typing import Final

from gateway.edge.peer_addresses import AddressGroup

ALONE: Final = float("inf")
SETTLE_SECONDS: Final = 1.0  # a handshake and a head are a few round trips
_STEPS: Final = count(1)  # tells which of two steps was the later


@dataclass(frozen=True, slots=True)
class Leaf:
    """Where an address stands in the tree."""

    groups: tuple[AddressGroup, AddressGroup, AddressGroup] | None  # from wide to narrow; None: it has no address
    known: bool  # it proved something in the last day, or it is a proxy of ours
    unlimited: bool = False  # a proxy of ours: many clients come through one address


@dataclass(slots=True, eq=False)
class _Branch:
    limit: float
    above: _Branch | None
    key: Hashable
    weight: float = 0.0
    idle: int = 0  # how many shares here did nothing since they came
    last_step: int = 0
    below: dict[Hashable, _Branch] = field(default_factory=dict)
    shares: dict[Share, None] = field(default_factory=dict)  # of the narrowest branches; the oldest first

    def part(self, key: Hashable, limit: float) -> _Branch:
        """The branch below of that key."""
        found = self.below.get(key)
        if found is None:
            found = self.below[key] = _Branch(limit, self, key)
        return found

    def way_up(self) -> list[_Branch]:
        """From here to the trunk."""
        way = [self]
        while way[-1].above is not None:
            way.append(way[-1].above)
        return way

    def prune(self) -> None:
        """Forget this branch and those above it that hold nothing; the two great ones stay."""
        for each in self.way_up()[:-2]:
            if each.shares or each.below or each.above is None or each.above.below.get(each.key) is not each:
                return
            del each.above.below[each.key]


class Share:
    """What one peer holds until it leaves, or until `cut` is called because others have less."""

    __slots__ = ("_branch", "at_work", "came_at", "cut", "last_step", "now", "weight")

    def __init__(self, branch: _Branch, cut: Callable[[], None], now: Callable[[], float]) -> None:
        self._branch: _Branch | None = None
        self.cut = cut
        self.now = now
        self.came_at = now()
        self.weight = 0.0
        self.last_step = 0  # 0: it did nothing since it came
        self.at_work = False  # it is in use, ends by itself and is not given up
        self._stand(branch)

    @property
    def held(self) -> bool:
        """Whether it was neither given back nor given up."""
        return self._branch is not None

    def grow(self, by: float) -> bool:
        """Hold so much more; False when this share belongs to the largest part of what is full, and every other of
        its address did something since it came."""
        branch = self._branch
        if branch is None:
            return False
        way = branch.way_up()
        for each in way:
            while each.weight + by > each.limit:
                victim = _victim(each, way, by, self)
                if victim is None:
                    return False
                victim.leave()
                victim.cut()
        for each in way:
            each.weight += by
        self.weight += by
        return True

    def step(self) -> None:
        """It has come further, so that those who did not go before it."""
        if self._branch is None:
            return
        idle, self.last_step = not self.last_step, next(_STEPS)
        for each in self._branch.way_up():
            each.last_step = self.last_step
            each.idle -= idle

    def leave(self) -> None:
        """Give everything back; may be said again."""
        branch, self._branch = self._branch, None
        if branch is None:
            return
        del branch.shares[self]
        self._count(branch, -1)
        branch.prune()

    def move(self, to: _Branch) -> None:
        """Hold the same from another branch, whatever its limit."""
        self.leave()
        self._stand(to)

    def _stand(self, branch: _Branch) -> None:
        self._branch = branch
        branch.shares[self] = None
        self._count(branch, +1)

    def _count(self, branch: _Branch, sign: int) -> None:
        """Add what this share is to everything above it, or take it away."""
        for each in branch.way_up():
            each.weight += sign * self.weight
            each.idle += sign * (not self.last_step)
            each.last_step = max(each.last_step, self.last_step)


class Shares:
    """So much of one thing; `each` is what one address may have of it, `now` a monotonic clock in seconds."""

    def __init__(self, capacity: float, *, each: float, now: Callable[[], float]) -> None:
        self._each = each
        self._now = now
        self._all = _Branch(capacity, None, "all")
        self._strangers = self._all.part("strangers", capacity / 2)
        self._known = self._all.part("known", capacity)

    @property
    def weight(self) -> float:
        """What is held in all."""
        return self._all.weight

    def enter(self, leaf: Leaf, cut: Callable[[], None], weight: float = 1.0) -> Share | None:
        """Take a share; None when there is none for this address now."""
        share = Share(self._branch(leaf), cut, self._now)
        if share.grow(weight):
            return share
        share.leave()
        return None

    def prove(self, leaf: Leaf) -> None:
        """What that address holds as a stranger, it holds from now on as a known one."""
        stranger = self._branch(Leaf(leaf.groups, known=False))
        for share in list(stranger.shares):
            share.move(self._branch(leaf))
        stranger.prune()

    def _branch(self, leaf: Leaf) -> _Branch:
        narrow: Hashable = None if leaf.groups is None else leaf.groups[-1]
        if leaf.unlimited:
            return self._known.part(("proxy", narrow), ALONE)
        if leaf.known or leaf.groups is None:
            return (self._known if leaf.known else self._strangers).part(narrow, self._each)
        wide, middle, _ = leaf.groups
        return self._strangers.part(wide, 4 * self._each).part(middle, 2 * self._each).part(narrow, self._each)


def _victim(full: _Branch, way: list[_Branch], by: float, newcomer: Share) -> Share | None:
    """A share of the largest part that can give one up, or one of the newcomer's own address that did nothing."""
    if full is way[0]:
        return _silent(full, newcomer)
    if not full.below:
        return min((share for share in full.shares if not share.at_work), key=_last_step, default=None)
    if full.above is None:  # strangers give way to known ones, and not the other way round
        parts = [full.below["strangers"], full.below["known"]] if way[-2].key == "known" else [way[-2]]
    else:
        own = next((each for each in way if each.above is full), None)
        least = 0.0 if own is None else own.weight + by
        parts = sorted((each for each in full.below.values() if each.weight > least), key=_order)
        if own is not None:
            parts.append(own)
    return next((found for part in parts if (found := _victim(part, way, by, newcomer)) is not None), None)


def _silent(own: _Branch, newcomer: Share) -> Share | None:
    """The oldest share of the newcomer's address that did nothing since it came, and had its second for it."""
    if own.idle <= (not newcomer.last_step):
        return None
    latest = newcomer.now() - SETTLE_SECONDS
    silent = (each for each in own.shares if each is not newcomer and not each.last_step and not each.at_work)
    return next((each for each in silent if each.came_at <= latest), None)


def _order(part: _Branch) -> tuple[float, bool, int]:
    return -part.weight, not part.idle, part.last_step


def _last_step(share: Share) -> int:
    return share.last_step

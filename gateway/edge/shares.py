"""Shares of what there is a fixed amount of: connections, octets of envelopes that arrive, requests that are worked on.

Everybody who takes a share is a leaf of a tree: all, strangers or known, /48, /56, /64. Each branch has a limit of its
own. When one is full, the largest of its parts that has a share which is not at work gives up the oldest of these, as
long as that part is larger than the newcomer's own.

SECURITY: strangers have half of all; a share of a known address is never given up for a stranger's. As the largest part
loses first, fifty addresses with many shares each cannot keep out a fifty-first that wants one.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Final

from gateway.edge.addresses import Group

ALONE: Final = float("inf")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an address stands in the tree."""

    groups: tuple[Group, Group, Group] | None  # from wide to narrow; None for a peer without an address
    known: bool  # it proved something in the last day, or it is a proxy of ours
    unlimited: bool = False  # a proxy of ours: many clients come through one address


@dataclass(slots=True, eq=False)
class _Branch:
    limit: float
    above: _Branch | None
    key: Hashable
    weight: float = 0.0
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

    __slots__ = ("_branch", "at_work", "cut", "weight")

    def __init__(self, branch: _Branch, cut: Callable[[], None]) -> None:
        self._branch: _Branch | None = branch
        self.cut = cut
        self.weight = 0.0
        self.at_work = False  # it is in use, ends by itself and is not given up

    @property
    def held(self) -> bool:
        """Whether it was neither given back nor given up."""
        return self._branch is not None

    def grow(self, by: float) -> bool:
        """Hold so much more; False when this share belongs to the largest part of what is full."""
        branch = self._branch
        if branch is None:
            return False
        way = branch.way_up()
        for each in way:
            while each.weight + by > each.limit:
                victim = _victim(each, way, by)
                if victim is None:
                    return False
                victim.leave()
                victim.cut()
        for each in way:
            each.weight += by
        self.weight += by
        return True

    def leave(self) -> None:
        """Give everything back; may be said again."""
        branch, self._branch = self._branch, None
        if branch is None:
            return
        del branch.shares[self]
        for each in branch.way_up():
            each.weight -= self.weight
        branch.prune()

    def move(self, to: _Branch) -> None:
        """Hold the same from another branch, whatever its limit."""
        weight = self.weight
        self.leave()
        self._branch = to
        to.shares[self] = None
        for each in to.way_up():
            each.weight += weight


class Shares:
    """So much of one thing; `each` is what one address may have of it."""

    def __init__(self, capacity: float, *, each: float) -> None:
        self._each = each
        self._all = _Branch(capacity, None, "all")
        self._strangers = self._all.part("strangers", capacity / 2)
        self._known = self._all.part("known", capacity)

    @property
    def weight(self) -> float:
        """What is held in all."""
        return self._all.weight

    def enter(self, place: Place, cut: Callable[[], None], weight: float = 1.0) -> Share | None:
        """Take a share; None when there is none for this address now."""
        branch = self._branch(place)
        share = Share(branch, cut)
        branch.shares[share] = None
        if share.grow(weight):
            return share
        share.leave()
        return None

    def prove(self, place: Place) -> None:
        """What that address holds as a stranger, it holds from now on as a known one."""
        stranger = self._branch(Place(place.groups, known=False))
        for share in list(stranger.shares):
            share.move(self._branch(place))
        stranger.prune()

    def _branch(self, place: Place) -> _Branch:
        narrow: Hashable = None if place.groups is None else place.groups[-1]
        if place.unlimited:
            return self._known.part(("proxy", narrow), ALONE)
        if place.known or place.groups is None:
            return (self._known if place.known else self._strangers).part(narrow, self._each)
        wide, middle, _ = place.groups
        return self._strangers.part(wide, 4 * self._each).part(middle, 2 * self._each).part(narrow, self._each)


def _victim(full: _Branch, way: list[_Branch], by: float) -> Share | None:
    """A share of the largest part that can give one up; None when no part is larger than the newcomer's own."""
    if full is way[0]:
        return None
    if not full.below:
        return next((share for share in full.shares if not share.at_work), None)
    if full.above is None:  # strangers give way to known ones, and not the other way round
        parts = [full.below["strangers"], full.below["known"]] if way[-2].key == "known" else [way[-2]]
    else:
        own = next((each for each in way if each.above is full), None)
        least = 0.0 if own is None else own.weight + by
        parts = sorted((each for each in full.below.values() if each.weight > least), key=_weight, reverse=True)
        if own is not None:
            parts.append(own)
    return next((found for part in parts if (found := _victim(part, way, by)) is not None), None)


def _weight(branch: _Branch) -> float:
    return branch.weight

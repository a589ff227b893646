"""Which nodes serve one store: what each tells the others of itself, and what there is to say of them all.

A node is a hub process with a data directory of its own. It tells of itself every half minute; of one that was not
heard of for two minutes nobody speaks any more. A store that one process holds knows that process alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol, TypeAlias

TELL_SECONDS: Final = 30.0
FORGOTTEN_AFTER: Final = timedelta(minutes=2)  # four times not heard of
NO_TIME: Final = timedelta()
Now: TypeAlias = Callable[[], datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What a node tells of itself: its name, which no other has, the version of its program, and a digest (hexadecimal)
    over what it works with and has to agree on with the others.
    """

    name: str
    version: str
    configuration: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenNode:
    """A node as the store knows it: since when it works with its configuration, how far its clock is ahead of the
    store's, behind it where that is less than zero, and when it told of itself last, by the time of the store.
    """

    node: Node
    since: datetime
    clock_ahead: timedelta
    seen_at: datetime


class Nodes(Protocol):
    """The nodes of one store; each verb raises what those of the store raise."""

    async def tell(self, node: Node, now: Now) -> tuple[SeenNode, ...]:
        """Tell of this node, whose clock says `now`; answers all that were heard of lately, by their names."""

    async def seen(self) -> tuple[SeenNode, ...]:
        """All that were heard of lately, by their names."""

    async def leave(self, name: str) -> None:
        """That node serves no more."""


class OneNode:
    """The node of a store that no other can serve: the time of that store is its own."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._seen: SeenNode | None = None

    async def tell(self, node: Node, now: Now) -> tuple[SeenNode, ...]:
        """Nothing differs between a node and itself."""
        at, before = self._now(), self._seen
        as_before = before is not None and before.node.configuration == node.configuration
        since = before.since if before is not None and as_before else at
        self._seen = SeenNode(node=node, since=since, clock_ahead=NO_TIME, seen_at=at)
        return await self.seen()

    async def seen(self) -> tuple[SeenNode, ...]:
        """That node, if it told of itself lately."""
        lately = self._now() - FORGOTTEN_AFTER
        return () if self._seen is None or self._seen.seen_at <= lately else (self._seen,)

    async def leave(self, name: str) -> None:
        """There is none any more."""
        if self._seen is not None and self._seen.node.name == name:
            self._seen = None


def clock_ahead(before: datetime, told: datetime, after: datetime) -> timedelta:
    """How far at least a clock is ahead of another, or behind it, that told the time between two looks at the first:
    a slow network or a busy process between them puts no clock in the wrong.
    """
    if after < told:
        return after - told
    return max(before - told, NO_TIME)


def prevailing(seen: Iterable[SeenNode]) -> str | None:
    """The configuration that most of them work with, and of those that equally many do, the one that was new last.
    The version of the program does not count, for nodes are exchanged one after the other. None without a node.
    """
    found: dict[str, list[datetime]] = {}
    for each in seen:
        found.setdefault(each.node.configuration, []).append(each.since)
    return max(found, key=lambda one: (len(found[one]), min(found[one]), one), default=None)

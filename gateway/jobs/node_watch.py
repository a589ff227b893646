"""Tells the store that this node serves it, and looks whether it may: whether the others work with the same files, and
whether its clock is the store's.

A node that may not leaves the pool by itself: it says that it is not ready, and takes and gives messages all the same
until nobody sends it any. Of nodes that disagree those leave that are in the minority, never all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from gateway.clock import Clock
from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.store.nodes import Node, Nodes, SeenNode, prevailing

LASTING: Final = timedelta(seconds=60)  # a reload on all nodes takes seconds, and until all told of it half a minute
CLOCK_BOUND: Final = timedelta(seconds=10)  # terms and certificates end by the second, for all nodes alike


class NodeWatch:
    """What one node tells and found last; `itself` says what it works with now."""

    def __init__(self, nodes: Nodes, itself: Callable[[], Node], clock: Clock) -> None:
        self.seen: tuple[SeenNode, ...] = ()
        self._nodes = nodes
        self._itself = itself
        self._clock = clock
        self._name = itself().name
        self._differs_since: datetime | None = None

    async def look(self) -> None:
        """Tell of this node, and see how the others stand."""
        self.seen = await self._nodes.tell(self._itself(), self._clock.now)
        own = self._own()
        if own is None or own.node.configuration == prevailing(self.seen):
            self._differs_since = None
        elif self._differs_since is None:
            self._differs_since = own.seen_at

    async def leave(self) -> None:
        """This node ends; where the store cannot be told, the others forget it."""
        with suppress(StoreUnavailable, OutcomeUnknown):
            await self._nodes.leave(self._name)

    @property
    def differs(self) -> bool:
        """Whether most of the others have worked with other files for longer than a reload takes."""
        own, since = self._own(), self._differs_since
        return own is not None and since is not None and own.seen_at - since >= LASTING

    @property
    def clock_is_off(self) -> bool:
        """Whether the clock of this node is not the store's."""
        own = self._own()
        return own is not None and is_off(own)

    def _own(self) -> SeenNode | None:
        return next((each for each in self.seen if each.node.name == self._name), None)


def is_off(seen: SeenNode) -> bool:
    """Whether that node's clock is off by more than the bound."""
    return abs(seen.clock_ahead) > CLOCK_BOUND

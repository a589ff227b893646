"""The nodes that serve one database, a row for each."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from gateway.postgres import Transaction
from gateway.store.nodes import FORGOTTEN_AFTER, Node, Now, SeenNode, clock_ahead
from gateway.store.rows import to_datetime, to_microseconds

if TYPE_CHECKING:
    from gateway.store.postgres.store import PostgresStore


class PostgresNodes:
    """Those of this store."""

    def __init__(self, store: PostgresStore) -> None:
        self._store = store

    async def tell(self, node: Node, now: Now) -> tuple[SeenNode, ...]:
        """Write the row of this node, and forget those that nobody heard of for long."""
        before = now()

        async def tell(tx: Transaction) -> tuple[SeenNode, ...]:
            ahead = clock_ahead(before, tx.now, now())
            told = {"name": node.name, "version": node.version, "configuration": node.configuration}
            told_at = {"ahead": ahead // timedelta(microseconds=1), "now": to_microseconds(tx.now)}
            await tx.change("tell_node", told | told_at)
            await tx.change("forget_nodes", {"before": to_microseconds(tx.now - FORGOTTEN_AFTER)})
            return await _seen(tx)

        return await self._store.commit(tell)

    async def seen(self) -> tuple[SeenNode, ...]:
        """The rows of those that were heard of lately."""
        return await self._store.read(_seen)

    async def leave(self, name: str) -> None:
        """Remove the row of this node."""

        async def leave(tx: Transaction) -> None:
            await tx.change("remove_node", {"name": name})

        await self._store.commit(leave)


async def _seen(tx: Transaction) -> tuple[SeenNode, ...]:
    found = await tx.rows("list_nodes", {"before": to_microseconds(tx.now - FORGOTTEN_AFTER)})
    return tuple(
        SeenNode(
            node=Node(name=name, version=version, configuration=configuration),
            since=to_datetime(since),
            clock_ahead=timedelta(microseconds=ahead),
            seen_at=to_datetime(seen_at),
        )
        for name, version, configuration, since, ahead, seen_at in found
    )

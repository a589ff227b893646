"""How work reaches the portal's tables in PostgreSQL: a pool of connections, and a turn for whoever writes.

The verbs read, decide by what they read, and write. So that nobody writes in between, each that writes has a turn: one
lock in the database, held until its commit, that all nodes wait for. What these tables hold is written by people who
decide something, which leaves a turn free most of the time. That a session was used is written with every click, and
waits for nobody but who has the same row; reads wait for nobody at all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

from gateway.postgres import Database, DatabaseAway, Rejected, Transaction
from gateway.storage import CommitUnknown
from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.store.portal.verbs.access import Work

T = TypeVar("T")

_TURN: Final = "the portal's tables"


@dataclass(frozen=True, slots=True)
class PostgresPortalRows:
    """The statements of a transaction that is under way."""

    transaction: Transaction

    async def select(self, statement: str, bindings: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows that a statement finds."""
        if any(isinstance(each, str) and "\0" in each for each in bindings.values()):
            return ()  # PostgreSQL keeps no such text, and refuses to look for it
        return await self.transaction.rows(statement, bindings)

    async def run(self, statement: str, bindings: Mapping[str, Any]) -> int:
        """How many rows a statement changed."""
        return await self.transaction.change(statement, bindings)


class PostgresAccess:
    """An open database, until `aclose`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting = (
            asyncio.Lock()
        )  # of this node one waits for the turn, so that the others' reads find connections

    async def aclose(self) -> None:
        """Finish what is asked and close; harmless when repeated."""
        await self._database.aclose()

    async def now(self) -> datetime:
        """By the clock of the database."""
        return await self.read(_told)

    async def read(self, work: Work[T]) -> T:
        """What this work reads, all of it as of one moment."""

        async def reading(transaction: Transaction) -> T:
            return await work(PostgresPortalRows(transaction), transaction.now)

        return await _translated(self._database.read, reading)

    async def write(self, work: Work[T]) -> T:
        """The result of this work, after its turn and its commit."""

        async def writing(transaction: Transaction) -> T:
            await transaction.wait_for(_TURN)
            return await work(PostgresPortalRows(transaction), transaction.now)

        async with self._waiting:
            return await _translated(self._database.commit, writing)

    async def touch(self, work: Work[T]) -> T:
        """The result of this work after its commit, without a turn: the row that it read first waits for it."""

        async def touching(transaction: Transaction) -> T:
            return await work(PostgresPortalRows(transaction), transaction.now)

        return await _translated(self._database.commit, touching)


async def _told(_rows: object, now: datetime) -> datetime:
    return now


async def _translated(
    run: Callable[[Callable[[Transaction], Awaitable[T]]], Awaitable[T]], work: Callable[[Transaction], Awaitable[T]]
) -> T:
    """No word of the engine leaves the store."""
    try:
        return await run(work)
    except CommitUnknown as error:
        raise OutcomeUnknown(str(error)) from error
    except (DatabaseAway, Rejected) as error:
        raise StoreUnavailable(str(error)) from error

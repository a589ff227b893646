"""One transaction: the moment it counts as, and its named statements with rows as plain tuples."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, TypeAlias

import asyncpg

from gateway.postgres.statements import Statement, Statements
from gateway.storage import LostUpdate

Row: TypeAlias = tuple[Any, ...]
Bindings: TypeAlias = Mapping[str, Any]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# The database says what time it is; a moment that is given instead stands for a clock that a test holds still.
_MOMENT = "SELECT coalesce($1::bigint, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint)"


class OnceMore(Exception):
    """Another transaction was faster, and what this one read is old: undo it, and begin it once more."""


class Transaction:
    """A transaction that is under way, on a connection of its own; not to be kept after it."""

    def __init__(self, connection: asyncpg.Connection, statements: Statements) -> None:
        self._connection = connection
        self._statements = statements
        self.now = _EPOCH

    async def tell_time(self, given: datetime | None) -> None:
        """What time it is from here on: by the database's clock, unless a moment is given."""
        moment = None if given is None else (given - _EPOCH) // timedelta(microseconds=1)
        microseconds = await self._connection.fetchval(_MOMENT, moment)
        self.now = _EPOCH + timedelta(microseconds=microseconds)

    async def rows(self, name: str, bindings: Bindings = {}) -> list[Row]:  # noqa: B006 - never changed
        """All rows of a named statement."""
        statement = self._statements[name]
        return [tuple(row) for row in await self._connection.fetch(statement.text, *statement.arguments(bindings))]

    async def columns(self, statement: Statement, bindings: Bindings) -> list[Mapping[str, Any]]:
        """All rows of a statement, by the names of their columns."""
        return [dict(row) for row in await self._connection.fetch(statement.text, *statement.arguments(bindings))]

    async def first(self, name: str, bindings: Bindings = {}) -> Row | None:  # noqa: B006 - never changed
        """The first row of a named statement."""
        statement = self._statements[name]
        row = await self._connection.fetchrow(statement.text, *statement.arguments(bindings))
        return None if row is None else tuple(row)

    async def number(self, name: str, bindings: Bindings = {}) -> int:  # noqa: B006 - never changed
        """The first value of the first row; 0 without one."""
        row = await self.first(name, bindings)
        return 0 if row is None else int(row[0])

    async def change(self, name: str, bindings: Bindings = {}) -> int:  # noqa: B006 - never changed
        """Run a statement that gives no rows; how many it changed."""
        statement = self._statements[name]
        tag = await self._connection.execute(statement.text, *statement.arguments(bindings))
        *_, changed = tag.split(" ")
        return int(changed) if changed.isdecimal() else 0

    async def change_one(self, name: str, bindings: Bindings) -> None:
        """Run a statement that has to change exactly one row."""
        if await self.change(name, bindings) != 1:
            raise LostUpdate(name)

    async def change_each(self, name: str, many: list[Bindings]) -> None:
        """Run a statement once for each of these bindings, in one go."""
        statement = self._statements[name]
        await self._connection.executemany(statement.text, [statement.arguments(each) for each in many])

    async def walk(self, name: str, bindings: Bindings, *, at_once: int) -> AsyncGenerator[Row, None]:
        """The rows of a named statement, so many at once in memory."""
        statement = self._statements[name]
        async for row in self._connection.cursor(statement.text, *statement.arguments(bindings), prefetch=at_once):
            yield tuple(row)

    async def wait_for(self, what: str) -> None:
        """Wait until no other transaction has this, and have it until the end of this one."""
        await self._connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", what)

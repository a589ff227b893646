"""The named statements of the portal's store, run on a connection to its SQLite database."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Final, TypeVar, cast

import apsw

from gateway.sqlite import read_statements

T = TypeVar("T")

SQL: Final = read_statements(files("gateway.store.portal.sqlite.sql"))


@dataclass(frozen=True, slots=True)
class SqliteTransaction:
    """A connection inside a transaction. What it is asked is answered without waiting."""

    connection: apsw.Connection

    async def select(self, statement: str, bindings: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        """The rows that a statement finds."""
        return self.connection.execute(SQL[statement], bindings).fetchall()

    async def run(self, statement: str, bindings: Mapping[str, Any]) -> int:
        """How many rows a statement changed."""
        self.connection.execute(SQL[statement], bindings)
        return self.connection.changes()


def at_once(work: Awaitable[T]) -> T:
    """The result of work that waits for a `SqliteTransaction` alone, and so for nothing: the verbs are written for
    engines that wait, and a turn of this one's writer is a plain function.
    """
    try:
        next(work.__await__())
    except StopIteration as ended:
        return cast(T, ended.value)
    raise RuntimeError("a transaction waited for something besides its statements")

"""What a test does inside an open embedded store, where no verb goes: the one place that knows how it is made."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import apsw

from gateway.sqlite import Writer
from gateway.store import blobs
from gateway.store.interface import Store


def writer_of(store: Store) -> Writer:
    """What writes to its database."""
    return _connections(store).writer


def writing_connection(store: Store) -> apsw.Connection:
    """The connection of that."""
    return writer_of(store)._connection


def reading_connection(store: Store) -> apsw.Connection:
    """The connection of the event loop."""
    return _connections(store).reader


async def change_inside(store: Store, statement: str, *values: object) -> None:
    """Change rows in a transaction of its own, as no verb does."""
    await writer_of(store).run(lambda connection: connection.execute(statement, values))


def count_of(store: Store, table: str) -> int:
    """How many rows a table has."""
    return int(reading_connection(store).execute(f"SELECT count(*) FROM {table}").get)


async def mark_now(store: Store) -> None:
    """Let the mark know of everything that is committed."""
    await _connections(store).mark_now()


async def checkpoint(store: Store) -> None:
    """Bring the log into the database and cut it, without a purge around it."""
    await writer_of(store).truncate_log()


def asked(store: Store) -> int:
    """How many pieces of work have begun or wait for their turn."""
    return writer_of(store)._inside


def break_pages(store: Store, error: apsw.Error) -> None:
    """From now on every statement of every connection fails so."""
    connections = _connections(store)
    for name in ("reader", "lister"):
        setattr(connections, name, _Broken(getattr(connections, name), error))
    connections.writer._connection = _Broken(connections.writer._connection, error)


def end_with(store: Store, error: BaseException) -> None:
    """The store ended by this, and nobody was told."""
    _connections(store).failed = error


def flush_nothing(store: Store) -> None:
    """From now on neither rows nor files are flushed; for a process of its own."""
    blobs.os.fsync = blobs.os.fdatasync = lambda _descriptor: None


def flush_names_by(store: Store, flush: Callable[[int], None]) -> None:
    """A blob that gets its name is flushed so."""
    _connections(store).blobs._unnamed._flush = flush


def is_naming(store: Store) -> bool:
    """Whether a blob has its name and no row yet."""
    return bool(_connections(store).blobs._linked)


class _Broken:
    """A connection of which every statement fails in one way."""

    def __init__(self, connection: apsw.Connection, error: apsw.Error) -> None:
        self._connection = connection
        self._error = error

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def execute(self, sql: str, *_arguments: object) -> object:
        if sql.startswith(("BEGIN", "ROLLBACK", "SAVEPOINT")):
            return self._connection.execute(sql)
        raise self._error


def _connections(store: Any) -> Any:
    return store._connections

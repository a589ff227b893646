"""The engines that a store can stand on, each as a test opens it: with a clock that stands where the test puts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar
from weakref import WeakKeyDictionary

import apsw
from support.clocks import StandingClock
from support.store import databases, inside, objects
from support.store.faulty_storage import change
from support.store.store_samples import START

from gateway.objects.s3 import S3Bucket
from gateway.postgres import read_address
from gateway.store.interface import Store
from gateway.store.postgres.store import PostgresStore
from gateway.store.sqlite.store import DATABASE_NAME, SqliteStore

AnyStore = TypeVar("AnyStore", bound=Store)

_CLOCKS: WeakKeyDictionary[Store, StandingClock] = WeakKeyDictionary()


class Opening(Protocol):
    """Opens the store in this folder, with the engine's own options, as of this moment."""

    def __call__(self, path: Path, *, at: datetime = START, **options: Any) -> Awaitable[Any]: ...


class Changing(Protocol):
    """Changes rows of the store in this folder, with values for the `?` of the statement."""

    def __call__(self, path: Path, statement: str, *values: object) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TestedEngine:
    """What the contract suite, the state machine and the kill tests ask of an engine."""

    __test__ = False

    open: Opening
    forget_where_it_was: Callable[[Path], None]  # so that a closed store is in doubt when it opens again
    flush_nothing: Callable[[Any], None]  # from now on, in this process
    change: Changing  # rows of a closed store behind its back, by a statement as SQLite has it
    do: Callable[[Path, str], None]  # a statement of anybody, with whatever its database holds against it
    look: Callable[[Path, str], list[tuple[Any, ...]]]  # what a statement finds in the store of this folder
    place: Callable[[Path], None]  # make what a store in this folder stands on beside it; harmless when repeated
    hide_large_parts: Callable[[Path, Path, str, bytes], None]  # of a message, by its id and octets, to beside `aside`
    show_large_parts: Callable[[Path, Path], None]  # put them back
    count_large_parts: Callable[[Path], int]
    tables: str  # a statement that names them
    terms: Mapping[str, str]  # of the tables that it has beside those of every engine
    passes: frozenset[str] = frozenset()  # failpoints that are in no step of its


def _opening(kind: Any) -> Opening:
    async def opened(path: Path, *, at: datetime = START, **options: Any) -> Any:
        clock = StandingClock(at)
        store = await kind.open(path, clock=clock, **options)
        _CLOCKS[store] = clock
        return store

    return opened


def embedded(kind: Any) -> TestedEngine:
    """An embedded store of this class: one folder, with a mark in it."""
    return TestedEngine(
        open=_opening(kind),
        forget_where_it_was=lambda path: (path / "store.mark").unlink(),
        flush_nothing=inside.flush_nothing,
        change=change,
        do=_do_in,
        look=_look_into,
        tables="SELECT name FROM sqlite_schema WHERE type = 'table'",
        terms={},
        place=lambda _path: None,
        hide_large_parts=_hide_blob,
        show_large_parts=_show_blob,
        count_large_parts=lambda path: len(list((path / "blobs").iterdir())),
        passes=frozenset({"O1.before", "O1.after", "O2.before", "O2.after"}),  # they have no object storage
    )


def _do_in(path: Path, statement: str) -> None:
    connection = apsw.Connection(str(path / DATABASE_NAME))
    connection.pragma("foreign_keys", True)
    try:
        connection.execute(statement)
    finally:
        connection.close()


def _look_into(path: Path, statement: str) -> list[tuple[Any, ...]]:
    connection = apsw.Connection(str(path / DATABASE_NAME))
    found = connection.execute(statement).fetchall()
    connection.close()
    return found


def _hide_blob(path: Path, aside: Path, _message_id: str, parts: bytes) -> None:
    (blob,) = (each for each in (path / "blobs").iterdir() if each.read_bytes() == parts)
    aside.with_suffix(".name").write_text(blob.name)
    blob.rename(aside)


def _show_blob(path: Path, aside: Path) -> None:
    aside.rename(path / "blobs" / aside.with_suffix(".name").read_text())


async def _open_postgres(path: Path, *, at: datetime = START, **options: Any) -> PostgresStore:
    databases.place(path)
    clock = StandingClock(at)
    address = read_address(databases.url_of(path))
    store = await PostgresStore.open(path, address=address, moment=clock.now, **options)
    _CLOCKS[store] = clock
    return store


async def _open_with_objects(path: Path, *, at: datetime = START, **options: Any) -> PostgresStore:
    objects.place_objects(path)
    bucket = S3Bucket(objects.place_of(path, **options.pop("reached", {})))
    return await _open_postgres(path, at=at, bucket=bucket, **options)


def _place_with_objects(path: Path) -> None:
    databases.place(path)
    objects.place_objects(path)


def _flush_nothing(_store: Store) -> None:
    raise NotImplementedError("the server flushes, and is asked for that when the store opens")


ENGINES: Mapping[str, TestedEngine] = {
    "sqlite": embedded(SqliteStore),
    "postgres": TestedEngine(
        open=_open_postgres,
        forget_where_it_was=databases.pretend_more_was_seen,
        flush_nothing=_flush_nothing,
        change=databases.change,
        do=databases.do,
        look=databases.look,
        tables="SELECT tablename FROM pg_tables WHERE schemaname = 'knooppunt'",
        terms={
            "object": "until the purge after its message ended, or a day after none got it",
            "piece": "until the purge after its message ended",
            "unnumbered": "until somebody asks for arrivals, and as long as its message",
            "arrival": "as long as its message",
            "node": "two minutes after the hub was heard of last",
            "made_by": "one row",
        },
        place=databases.place,
        hide_large_parts=databases.hide_pieces,
        show_large_parts=databases.show_pieces,
        count_large_parts=databases.count_in_pieces,
        passes=frozenset({"A7.before", "A7.after"}),  # parts get no file of their own
    ),
}


# Every kind of place for large parts: those of the engines, and object storage beside the second one.
PLACES: Mapping[str, TestedEngine] = ENGINES | {
    "objects": replace(
        ENGINES["postgres"],
        open=_open_with_objects,
        place=_place_with_objects,
        hide_large_parts=objects.hide_objects,
        show_large_parts=objects.show_objects,
        count_large_parts=objects.count_objects,
    )
}


async def open_sqlite(path: Path, *, at: datetime = START, **options: Any) -> SqliteStore:
    """The embedded store in this folder, for what only such a store does."""
    store: SqliteStore = await ENGINES["sqlite"].open(path, at=at, **options)
    return store


def as_of(moment: datetime, store: AnyStore) -> AnyStore:
    """The same store, which from now on says that it is that moment."""
    _CLOCKS[store].at = moment
    return store

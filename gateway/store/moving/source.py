"""The embedded store that is copied: held, so that no hub serves it, and read as it lies. Nothing in it is changed."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Final, TypeAlias

import apsw

from gateway import sqlite
from gateway.storage import DatabaseOlder, DatabaseRefused
from gateway.store.data_directory import DataDirectory, FreeSpaceMarks
from gateway.store.moving.tables import Table
from gateway.store.portal.sqlite import database as portal
from gateway.store.sqlite.lost import DATABASE_NAME, refuse_lost
from gateway.store.sqlite.mark import Watch
from gateway.store.sqlite.moved import NOTE_NAME, MovedNote, read_note, write_note
from gateway.store.sqlite.store import APPLICATION_ID, MIGRATIONS

Row: TypeAlias = tuple[Any, ...]

PIECE_OCTETS: Final = 256 << 10  # as the engine on PostgreSQL cuts them
_PORTAL_NOTE: Final = "portal.moved"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """Large parts that lie in a file of their own."""

    message: int
    message_id: str
    blob: str
    size_octets: int
    sha256: bytes


@dataclass(slots=True)
class SourceStore:
    """A store that this process holds; `portal` is None where the hub never had one. `read` are the digests of the
    large parts that were read, by the rows of their messages; `damaged` the messages whose parts are not what was
    stored.
    """

    directory: Path
    store: apsw.Connection
    portal: apsw.Connection | None
    read: dict[int, bytes] = field(default_factory=dict)
    damaged: list[str] = field(default_factory=list)

    @property
    def id(self) -> str:
        """Which store it is."""
        return str(self.store.execute("SELECT id FROM store").get)

    @property
    def generation(self) -> int:
        """How many confirmed restorations, and moves, made it."""
        return int(self.store.execute("SELECT generation FROM store").get)

    def note(self) -> MovedNote | None:
        """What an earlier copying left here."""
        return read_note(self.directory / NOTE_NAME)

    def leave_note(self, moved: MovedNote) -> None:
        """From now on neither the store nor the portal's database beside it is served. The store's note is first: where
        this ends between the two, whoever copies again finds it, and goes on.
        """
        write_note(self.directory / NOTE_NAME, moved)
        if self.portal is not None:
            write_note(self.directory / _PORTAL_NOTE, moved)

    def stored(self) -> Iterator[StoredFile]:
        """The large parts, message by message."""
        found = self.store.execute(
            "SELECT message, message_id, blob, parts.size_octets, parts.sha256 FROM parts"
            " JOIN message ON message.id = parts.message WHERE blob IS NOT NULL ORDER BY message"
        )
        return (StoredFile(*row) for row in found)

    def pieces(self) -> Iterator[Row]:
        """Rows of their octets: message, number, octets. What is missing of them is told in `damaged`."""
        for stored in self.stored():
            digest, size_octets = hashlib.sha256(), 0
            for number, octets in enumerate(self._octets(stored)):
                digest.update(octets)
                size_octets += len(octets)
                yield stored.message, number, octets
            self.read[stored.message] = digest.digest()
            if (size_octets, digest.digest()) != (stored.size_octets, stored.sha256):
                self.damaged.append(stored.message_id)

    def _octets(self, stored: StoredFile) -> Iterator[bytes]:
        try:
            blob = os.open(self.directory / "blobs" / stored.blob, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            return  # the database says so of one message, and all others go on
        with os.fdopen(blob, "rb") as file:
            while octets := file.read(PIECE_OCTETS):
                yield octets


def columns_of(connection: apsw.Connection, table: Table) -> tuple[str, ...]:
    """The columns of a table that are copied, in their order."""
    found = connection.execute(f'PRAGMA table_info("{table.name}")')
    return tuple(row[1] for row in found if row[1] not in table.without)


def rows_of(connection: apsw.Connection, table: Table) -> Iterator[Row]:
    """All rows of a table, by its key."""
    columns, key = (", ".join(f'"{each}"' for each in some) for some in (columns_of(connection, table), table.key))
    yield from connection.execute(f'SELECT {columns} FROM "{table.name}" ORDER BY {key}')  # noqa: S608 - names of our own


@contextlib.contextmanager
def held(path: Path, *, mark: Path | None) -> Iterator[SourceStore]:
    """The store in this directory, for as long as it is copied; raises `DataDirectoryRefused` and `DatabaseRefused`,
    for one that is in doubt too: what went back is not carried on elsewhere as if it had not.
    """
    refuse_lost(path, mark=mark)
    portal.refuse_lost(path, mark=mark)
    directory = DataDirectory(path, marks=FreeSpaceMarks())
    try:
        with contextlib.ExitStack() as opened:
            store = opened.enter_context(_opened(path / DATABASE_NAME, MIGRATIONS, APPLICATION_ID))
            beside = None
            if sqlite.octets_of(path / portal.DATABASE_NAME):
                found = _opened(path / portal.DATABASE_NAME, portal.MIGRATIONS, portal.APPLICATION_ID)
                beside = opened.enter_context(found)
            source = SourceStore(path, store, beside)
            if source.note() is None:
                _refuse_doubtful(source, mark)
            yield source
    finally:
        directory.release()


@contextlib.contextmanager
def _opened(database: Path, migrations: Traversable, application_id: int) -> Iterator[apsw.Connection]:
    with contextlib.closing(sqlite.open_unchanged(database)) as connection, sqlite.refusing(database, writes=False):
        newest = len(sqlite.read_migrations(migrations))
        sqlite.refuse_foreign(connection, database, application_id, newest)
        if connection.pragma("user_version") < newest:
            raise DatabaseOlder(
                f"{database} was written by an older version of this program; bring it up to date with knooppunt db"
                " migrate --hub SETTINGS --yes"
            )
        yield connection


def _refuse_doubtful(source: SourceStore, mark: Path | None) -> None:
    for connection, has_blobs in ((source.store, True), (source.portal, False)):
        if connection is None:
            continue
        watch = Watch(source.directory, database=Path(connection.filename), outside=mark, has_blobs=has_blobs)
        watch.compare(connection)
        if watch.doubt is not None:
            raise DatabaseRefused(
                f"{connection.filename} is not what this hub stored: {watch.doubt}; put the newest files back, or see"
                " what it would cost to go on without them: knooppunt store confirm-restored --hub SETTINGS"
            )

"""A look at the store of a hub that does not run, which leaves every octet and name in its directory as it was.

Nothing is brought up to date, marked or swept, and no log is made: SQLite reads the database as a file that nobody
changes, or, where the hub ended without emptying its log, that log too, with its index in memory. The directory is held
for as long as the look takes, shared with others that look, so that no hub starts below it.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator
from datetime import datetime
from importlib.resources.abc import Traversable
from pathlib import Path

import apsw

from gateway import sqlite
from gateway.storage import DatabaseOlder
from gateway.store.data_directory import LOCK_NAME, DataDirectoryInUse, measure_space, refuse_unusable
from gateway.store.engine import Look, Tables, all_doubts
from gateway.store.sqlite import listing
from gateway.store.sqlite.lost import DATABASE_NAME, refuse_lost
from gateway.store.sqlite.mark import Watch
from gateway.store.sqlite.mark_file import refuse_unusable_outside
from gateway.store.sqlite.store import APPLICATION_ID, FUNCTIONS, MIGRATIONS


def look_at_store(
    directory: Path, at: datetime, *, mark: Path | None, doubt_beside: Callable[[], str | None] = lambda: None
) -> Look:
    """Read what can be read, as of that moment; `mark` as for a store that opens. What makes a database `beside` it
    doubtful is asked while the directory is held.
    """
    database = directory / DATABASE_NAME
    refuse_unusable(directory)
    refuse_unusable_outside(mark)
    refuse_lost(directory, mark=mark)
    with (
        held_to_look(directory),
        sqlite.refusing(database, writes=False),
        contextlib.closing(_opened(database)) as connection,
    ):
        watch = Watch(directory, database=database, outside=mark)
        watch.compare(connection)
        sqlite.read_roots(connection)
        log = database.with_name(f"{DATABASE_NAME}-wal")
        counts = listing.counts(
            connection,
            at,
            free_octets=measure_space(directory).free_octets,
            log_octets=log.stat().st_size if log.exists() else 0,
        )
        return Look(counts=counts, doubt=all_doubts(watch.doubt, doubt_beside()))


def tables_in(database: Path, migrations: Traversable, application_id: int) -> Tables:
    """How old the tables in that file are; raises `DatabaseRefused` for those of a newer program or another one."""
    newest = len(sqlite.read_migrations(migrations))
    with sqlite.refusing(database, writes=False), contextlib.closing(sqlite.open_unchanged(database)) as connection:
        sqlite.refuse_foreign(connection, database, application_id, newest)
        return Tables(name=database.name, version=connection.pragma("user_version"), newest=newest)


@contextlib.contextmanager
def held_to_look(directory: Path) -> Iterator[None]:
    """No hub begins here meanwhile; where none ever began there is no lock, and nothing to hold."""
    try:
        lock = os.open(directory / LOCK_NAME, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        yield
        return
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise DataDirectoryInUse(f"{directory} is in use by another process; stop that one first") from error
    finally:
        os.close(lock)


def _opened(database: Path) -> apsw.Connection:
    scripts = sqlite.read_migrations(MIGRATIONS)
    connection = sqlite.open_unchanged(database)
    try:
        if sqlite.is_empty(connection):  # a start would make the tables; here they are made elsewhere
            connection.close()
            connection = apsw.Connection(":memory:")
            _with_functions(connection)
            sqlite.migrate(connection, scripts, APPLICATION_ID)
            return connection
        sqlite.refuse_foreign(connection, database, APPLICATION_ID, len(scripts))
        if connection.pragma("user_version") < len(scripts):
            raise DatabaseOlder(
                f"{database} was written by an older version of this program, and is not counted before a hub of this"
                " one has brought it up to date; start the hub"
            )
        _with_functions(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _with_functions(connection: apsw.Connection) -> None:
    for name, function in FUNCTIONS.items():
        connection.create_scalar_function(name, function, deterministic=True)

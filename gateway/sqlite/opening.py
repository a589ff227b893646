"""Opening an SQLite database the safe way: with an SQLite that keeps its commits (3.51.3 or later), with every setting
read back, and with the schema that its numbered migrations give.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from importlib.resources.abc import Traversable
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import apsw

from gateway.sql_files import read_migrations
from gateway.sqlite.header import refuse_no_database
from gateway.sqlite.refused import refuse_barred, refusing
from gateway.sqlite.roots import read_roots
from gateway.sqlite.scripts import migrate
from gateway.storage import DatabaseRefused, flush_folder

OLDEST_VERSION = (3, 51, 3)
PAGE_OCTETS = 4096
BUSY_MILLISECONDS = 10_000
_BETWEEN_TRIES_SECONDS = 0.01  # what the other one does meanwhile is a few writes


def open_database(
    path: Path,
    *,
    migrations: Traversable,
    application_id: int,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    may_migrate: Callable[[apsw.Connection], bool] = lambda _connection: True,
    beside: Iterable[Path] = (),
) -> apsw.Connection:
    """The database at this path, made or brought up to date by the `NNNN_name.sql` files of `migrations`, which may
    call the `functions`. Where `may_migrate` says no, it stays as it was found; nothing was written before it is asked.
    Files or folders `beside` it show, as its log does, that it is not one to be made.

    Raises `DatabaseRefused` for a file of another application, of a newer program, or that cannot keep its promises;
    `DatabaseLost` and `DatabaseBroken` where no database is, with all that lies there as it was.
    """
    refuse_unsafe_sqlite()
    with refusing(path):
        refuse_no_database(path, beside=beside)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    scripts = read_migrations(migrations)
    with refusing(path):
        refuse_barred(path)
        connection = apsw.Connection(str(path))
        connection.set_busy_timeout(BUSY_MILLISECONDS)  # before the first look: another process may be making it
        try:
            _refuse_unwritable(connection, path)
            refuse_foreign(connection, path, application_id, len(scripts))
            _apply_settings(connection)
            for name, function in (functions or {}).items():
                connection.create_scalar_function(name, function, deterministic=True)
            connection.execute("PRAGMA wal_autocheckpoint = 0")  # what stands in the log is brought in by who knows it
            _flush_what_was_left(path)
            read_roots(connection)  # before anything of it is moved about
            if may_migrate(connection):
                _bring_in_what_was_left(connection)
                migrate(connection, scripts, application_id)
            flush_folder(path.parent)  # SQLite does so for the name of its log, but passes over a failure
        except BaseException:
            keep_log(connection)  # nobody has compared it with the mark yet, and its loss would be missed
            connection.close()
            raise
    return connection


def open_reader(path: Path) -> apsw.Connection:
    """A second connection to an open database that can only read."""
    with refusing(path):
        connection = apsw.Connection(str(path), flags=apsw.SQLITE_OPEN_READWRITE)
        keep_log(connection)  # also where it is the last to close: only who writes knows whether the log may go
        _apply_settings(connection)
        connection.pragma("query_only", True)
    return connection


def open_unchanged(path: Path) -> apsw.Connection:
    """A connection to a database that no process has open, which changes nothing on the disk: not the database, nor its
    log, nor an index of that. What is in a log is read, with the index in memory.
    """
    refuse_unsafe_sqlite()
    with refusing(path, writes=False):
        refuse_no_database(path)
    log = path.with_name(path.name + "-wal")
    how = "mode=ro&vfs=unix-none" if log.exists() and log.stat().st_size else "immutable=1"
    with refusing(path, writes=False):
        connection = apsw.Connection(
            f"{path.absolute().as_uri()}?{how}", flags=apsw.SQLITE_OPEN_READONLY | apsw.SQLITE_OPEN_URI
        )
        keep_log(connection)
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")  # an index of one's own needs no shared memory
        connection.execute("PRAGMA temp_store = MEMORY")
    return connection


def is_empty(connection: apsw.Connection) -> bool:
    """Whether nobody ever wrote to the database."""
    found = (connection.pragma("application_id"), connection.pragma("user_version"))
    return (*found, connection.execute("SELECT count(*) FROM sqlite_schema").get) == (0, 0, 0)


def keep_log(connection: apsw.Connection) -> None:
    """Leave the log beside the database when this connection closes: what failed must not be moved about."""
    connection.config(apsw.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1)


def _flush_what_was_left(path: Path) -> None:
    """A process that was killed may have left commits in the log that only the system's memory holds: nothing is said
    of them, here or in a mark outside, before they are on stable storage.
    """
    with contextlib.suppress(FileNotFoundError):
        log = os.open(path.with_name(path.name + "-wal"), os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(log)
        finally:
            os.close(log)


def _bring_in_what_was_left(connection: apsw.Connection) -> None:
    """Write what the log holds once more, into the database: after a flush that failed, a second one of the same octets
    proves nothing. What does not fit, or a reader of another process keeps, stays in the log.
    """
    with contextlib.suppress(apsw.BusyError, apsw.FullError):
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)


def flush_by_hand(connection: apsw.Connection) -> None:
    """Let a commit return before its log is flushed: who writes sees to that, for many commits at once. What SQLite
    flushes all the same is the head of a log, and the log and the database around a checkpoint.
    """
    _set(connection, "synchronous", "NORMAL", 1)


def refuse_unsafe_sqlite() -> None:
    """Raise `DatabaseRefused` for a library whose write-ahead log loses commits (fixed in 3.51.3)."""
    version = tuple(int(number) for number in apsw.sqlite_lib_version().split("."))
    if version < OLDEST_VERSION:
        needed = ".".join(str(number) for number in OLDEST_VERSION)
        found = apsw.sqlite_lib_version()
        raise DatabaseRefused(f"SQLite {found} can lose commits; install an apsw that brings {needed} or later")


def refuse_foreign(connection: apsw.Connection, path: Path, application_id: int, newest: int) -> None:
    """Raise `DatabaseRefused` for a file of another application or of a newer program."""
    connection.execute("BEGIN")  # one view of it: another process may be making it
    try:
        found = connection.pragma("application_id")
        version = connection.pragma("user_version")
        empty = is_empty(connection)
    finally:
        with contextlib.suppress(apsw.Error):  # a read that fails may have ended it
            connection.execute("ROLLBACK")
    if found != application_id and not empty:
        raise DatabaseRefused(f"{path} belongs to another application; name another directory")
    if version > newest:
        raise DatabaseRefused(f"{path} was written by a newer version of this program; install that version again")


def _refuse_unwritable(connection: apsw.Connection, path: Path) -> None:
    """SQLite opens for reading what it cannot write to, and says so at the first write: here, before anything is done.
    What the system allows and the head of the file forbids was never written so.
    """
    if connection.readonly("main"):
        raise OSError(errno.EROFS, "this file can only be read", str(path))
    connection.pragma("user_version")  # the head is looked at with the first read
    if connection.readonly("main"):
        raise apsw.CorruptError("its head asks for a newer SQLite to write to it, and no program here wrote that")


# Temporary tables and sorts stay in memory: rows must not reach a directory that nobody purges.
_SETTINGS: tuple[tuple[str, int | str, int | str], ...] = (
    ("page_size", PAGE_OCTETS, PAGE_OCTETS),
    ("journal_mode", "WAL", "wal"),
    ("synchronous", "FULL", 2),
    ("secure_delete", "ON", 1),
    ("foreign_keys", "ON", 1),
    ("busy_timeout", BUSY_MILLISECONDS, BUSY_MILLISECONDS),
    ("temp_store", "MEMORY", 2),
    ("trusted_schema", "OFF", 0),
    ("mmap_size", 0, 0),
    ("cache_size", -16_000, -16_000),
)


def _apply_settings(connection: apsw.Connection) -> None:
    connection.set_busy_timeout(BUSY_MILLISECONDS)
    for name, wanted, expected in _SETTINGS:
        set_it = partial(_set, connection, name, wanted, expected)
        if name == "journal_mode":
            _patiently(set_it)
        else:
            set_it()


def _patiently(work: Callable[[], None]) -> None:
    """Where two processes make a database at once, each may have what the other waits for: then SQLite refuses one of
    them at once, without waiting as long as it was told to.
    """
    end = monotonic() + BUSY_MILLISECONDS / 1000
    while True:
        try:
            work()
        except apsw.BusyError:
            if monotonic() >= end:
                raise
        else:
            return
        sleep(_BETWEEN_TRIES_SECONDS)


def _set(connection: apsw.Connection, name: str, wanted: int | str, expected: int | str) -> None:
    connection.execute(f"PRAGMA {name} = {wanted}")
    found = connection.execute(f"PRAGMA {name}").get
    if found != expected:
        raise DatabaseRefused(f"SQLite keeps {name} = {found} where {wanted} is needed; use a local file system")

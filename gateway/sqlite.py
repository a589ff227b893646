"""Opening an SQLite database the safe way, and writing to it from one thread in groups.

Nothing here knows what is stored: the hub's store and a participant's inbox both stand on it. A database opens only
with an SQLite that keeps its commits (3.51.3 or later), with every setting read back, and with the schema that its
numbered migrations give. `Writer` runs closures in one thread, as many as wait in one transaction, each in a savepoint;
a result is delivered after the commit is on stable storage.

A commit that fails may have happened all the same: an fsync error is never repaired by a second fsync. So the writer
goes dead, its callers get `CommitUnknown`, and the process has to end with `EXIT_STORAGE`; what happened is read back
after the restart. So it goes too when a page cannot be read or is none (`gateway.storage_faults`). Only a full disk is
known to have changed nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import queue
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import apsw

from gateway.storage_faults import NO_SPACE, is_broken, is_full

T = TypeVar("T")

OLDEST_VERSION = (3, 51, 3)
EXIT_STORAGE = 74  # EX_IOERR of sysexits.h
CHECKPOINT_PAGES = 1000
PAGE_OCTETS = 4096
BUSY_MILLISECONDS = 10_000
TRUNCATE_MILLISECONDS = 200
_MIGRATION_NAME = re.compile(r"(\d{4})_\w+\.sql")
_STATEMENT_NAME = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


class DatabaseRefused(Exception):
    """This file is not opened; the text is one line that says why and what to do."""


class DatabaseBroken(DatabaseRefused):
    """What lies there cannot be read as what was written: the disk or the file is damaged."""


class DiskFull(Exception):
    """There was no room; nothing was changed."""


class CommitUnknown(Exception):
    """The commit was started and failed: what was asked may or may not have happened."""


class WriterEnded(Exception):
    """The writer is closed or dead; nothing was done."""


def open_database(
    path: Path,
    *,
    migrations: Traversable,
    application_id: int,
    functions: Mapping[str, Callable[..., Any]] | None = None,
    may_migrate: Callable[[apsw.Connection], bool] = lambda _connection: True,
) -> apsw.Connection:
    """The database at this path, made or brought up to date by the `NNNN_name.sql` files of `migrations`, which may
    call the `functions`. Where `may_migrate` says no, it stays as it was found; nothing was written before it is asked.

    Raises `DatabaseRefused` for a file of another application, of a newer program, or that cannot keep its promises.
    """
    refuse_unsafe_sqlite()
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
    scripts = read_migrations(migrations)
    with refusing(path):
        connection = apsw.Connection(str(path))
        try:
            refuse_foreign(connection, path, application_id, len(scripts))
            _apply_settings(connection)
            for name, function in (functions or {}).items():
                connection.create_scalar_function(name, function, deterministic=True)
            connection.execute("PRAGMA wal_autocheckpoint = 0")  # what stands in the log is brought in by who knows it
            if may_migrate(connection):
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
    log = path.with_name(path.name + "-wal")
    how = "mode=ro&vfs=unix-none" if log.exists() and log.stat().st_size else "immutable=1"
    with refusing(path):
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


def flush_folder(path: Path) -> None:
    """Bring the names in a folder onto stable storage."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def refuse_unsafe_sqlite() -> None:
    """Raise `DatabaseRefused` for a library whose write-ahead log loses commits (fixed in 3.51.3)."""
    version = tuple(int(number) for number in apsw.sqlite_lib_version().split("."))
    if version < OLDEST_VERSION:
        needed = ".".join(str(number) for number in OLDEST_VERSION)
        found = apsw.sqlite_lib_version()
        raise DatabaseRefused(f"SQLite {found} can lose commits; install an apsw that brings {needed} or later")


def read_migrations(folder: Traversable) -> tuple[str, ...]:
    """The scripts of a folder by number, which must run from 0001 without a gap."""
    numbered: dict[int, str] = {}
    for entry in folder.iterdir():
        if match := _MIGRATION_NAME.fullmatch(entry.name):
            number = int(match[1])
            if number in numbered:
                raise DatabaseRefused(f"two migrations have the number {number:04}")
            numbered[number] = entry.read_text(encoding="utf-8")
    if sorted(numbered) != list(range(1, len(numbered) + 1)):
        raise DatabaseRefused("the migrations are not numbered from 0001 without a gap")
    return tuple(numbered[number] for number in sorted(numbered))


def read_statements(folder: Traversable) -> Mapping[str, str]:
    """The statements of a folder of `.sql` files, each under the name in the line `-- name: ...` above it."""
    statements: dict[str, str] = {}
    for entry in sorted(folder.iterdir(), key=lambda each: each.name):
        if not entry.name.endswith(".sql"):
            continue
        _, *pieces = _STATEMENT_NAME.split(entry.read_text(encoding="utf-8"))
        for name, statement in zip(pieces[::2], pieces[1::2], strict=True):
            if name in statements:
                raise DatabaseRefused(f"two statements have the name {name}")
            statements[name] = statement.strip()
    return statements


@contextlib.contextmanager
def refusing(path: Path) -> Iterator[None]:
    """What SQLite or the disk says of a database becomes `DatabaseRefused`, or `DatabaseBroken` where it is damage."""
    try:
        yield
    except (apsw.Error, OSError) as error:
        broken = is_broken(error) or getattr(error, "errno", None) == errno.EIO
        refused = DatabaseBroken if broken else DatabaseRefused
        raise refused(f"{path} cannot be opened: {error}; look at the disk or restore the directory") from error


def refuse_foreign(connection: apsw.Connection, path: Path, application_id: int, newest: int) -> None:
    """Raise `DatabaseRefused` for a file of another application or of a newer program."""
    found = connection.pragma("application_id")
    version = connection.pragma("user_version")
    if found != application_id and not is_empty(connection):
        raise DatabaseRefused(f"{path} belongs to another application; name another directory")
    if version > newest:
        raise DatabaseRefused(f"{path} was written by a newer version of this program; install that version again")


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
        connection.execute(f"PRAGMA {name} = {wanted}")
        found = connection.execute(f"PRAGMA {name}").get
        if found != expected:
            raise DatabaseRefused(f"SQLite keeps {name} = {found} where {wanted} is needed; use a local file system")


def migrate(connection: apsw.Connection, scripts: tuple[str, ...], application_id: int) -> None:
    """Each script with its number in one transaction: killed at any statement, it starts again from the last number."""
    for number in range(connection.pragma("user_version") + 1, len(scripts) + 1):
        connection.execute("BEGIN IMMEDIATE")
        try:
            connection.execute(scripts[number - 1])
            connection.execute(f"PRAGMA application_id = {application_id:d}")
            connection.execute(f"PRAGMA user_version = {number:d}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


class Witness(Protocol):
    """Is told, in the writing thread, of what becomes of a database, so that somebody outside it knows."""

    def committing(self, connection: apsw.Connection) -> None:
        """The open transaction changed something and is about to be committed."""

    def checkpointing(self, connection: apsw.Connection) -> bool:
        """What is in the log is about to be brought into the database; False leaves it where it is. An `OSError` ends
        the writer.
        """

    def closing(self, connection: apsw.Connection) -> bool:
        """All is in the database, and nothing follows; False keeps the log, however empty, as after a failure."""


class _NobodyWatches:
    def committing(self, connection: apsw.Connection) -> None:
        pass

    def checkpointing(self, connection: apsw.Connection) -> bool:
        return True

    def closing(self, connection: apsw.Connection) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class _Job:
    work: Callable[[apsw.Connection], Any]
    future: asyncio.Future[Any]
    alone: bool  # outside any transaction


@dataclass(frozen=True, slots=True)
class _Outcome:
    future: asyncio.Future[Any]
    result: Any = None
    error: BaseException | None = None


class Writer:
    """The one thread that writes to a database.

    Work may be run again from its start when the transaction it stood in did not fit on the disk, so it changes nothing
    outside the database. Used from one event loop.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        *,
        name: str,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
        batch_limit: int = 256,
        witness: Witness | None = None,
    ) -> None:
        self.failed: BaseException | None = None
        self.log_pages = 0  # of the write-ahead log, as of the last commit
        self._connection = connection
        self._on_failure = on_failure
        self._witness = witness or _NobodyWatches()
        self._batch_limit = batch_limit
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._loop = asyncio.get_running_loop()
        connection.set_wal_hook(self._note_log)  # replaces SQLite's own checkpoint, whose errors nobody sees
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[apsw.Connection], T], *, alone: bool = False) -> T:
        """The result of this work, after the transaction in which it ran is on stable storage; `alone`, in none.

        Its own exceptions undo it alone. Raises `DiskFull` and `WriterEnded` (nothing changed), or `CommitUnknown`; so
        does an `OSError` of what runs `alone`, which ends the writer unless the disk is full.
        """
        return await self._ask(work, alone=alone)

    async def truncate_log(self) -> bool:
        """Bring the whole write-ahead log into the database and cut it to nothing; False when a reader stood in it."""
        return await self._ask(self._truncate_log, alone=True)

    async def _ask(self, work: Callable[[apsw.Connection], T], *, alone: bool) -> T:
        if self._closed or self.failed is not None:
            raise WriterEnded(str(self.failed or "closed"))
        future: asyncio.Future[T] = self._loop.create_future()
        self._jobs.put(_Job(work, future, alone))
        return await future

    async def aclose(self) -> None:
        """Finish what is queued, truncate the log, close the connection."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        await asyncio.to_thread(self._thread.join)

    def _note_log(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        self.log_pages = pages
        return apsw.SQLITE_OK

    def _run(self) -> None:
        ended = False
        while not ended:
            batch = [self._jobs.get()]
            with contextlib.suppress(queue.Empty):
                while len(batch) < self._batch_limit:
                    batch.append(self._jobs.get_nowait())
            ended = None in batch
            self._serve([job for job in batch if job is not None and not job.future.cancelled()])
        settled = False
        if self.failed is None:
            try:
                self._truncate_log(self._connection)
                settled = self._witness.closing(self._connection)
            except apsw.Error as error:
                if is_broken(error, self._connection):
                    self._fail(error)
            except OSError as error:
                self._fail(error)
        if not settled:
            keep_log(self._connection)
        self._connection.close()

    def _serve(self, jobs: list[_Job]) -> None:
        together = [job for job in jobs if not job.alone]
        if together:
            self._deliver(self._in_one_transaction(together))
        for job in jobs:
            if job.alone:
                self._deliver([self._outside_transactions(job)])
        if self.log_pages >= CHECKPOINT_PAGES and self.failed is None:
            try:
                if self._witness.checkpointing(self._connection):
                    self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
            except (apsw.BusyError, apsw.FullError):
                pass  # the log keeps what it holds; the next batch tries again
            except (apsw.Error, OSError) as error:
                self._fail(error)

    def _in_one_transaction(self, jobs: list[_Job]) -> list[_Outcome]:
        if self.failed is not None:
            return [_Outcome(job.future, error=WriterEnded(str(self.failed))) for job in jobs]
        execute = self._connection.execute
        outcomes: list[_Outcome] = []
        try:
            execute("BEGIN IMMEDIATE")
            before = self._connection.total_changes()
            for job in jobs:
                outcomes.append(self._in_savepoint(job))
            if self._connection.total_changes() != before:
                self._witness.committing(self._connection)
        except Exception as error:
            self._roll_back()
            if is_broken(error, self._connection):
                self._fail(error)
                return [_Outcome(job.future, error=WriterEnded(str(error))) for job in jobs]
            return self._one_by_one(jobs, self._translate(error))
        try:
            execute("COMMIT")
        except apsw.Error as error:
            full = self._translate(error)
            if isinstance(full, DiskFull) and self._roll_back():
                return self._one_by_one(jobs, full)
            self._fail(error)
            return [_Outcome(job.future, error=CommitUnknown(str(error))) for job in jobs]
        return outcomes

    def _one_by_one(self, jobs: list[_Job], error: Exception) -> list[_Outcome]:
        """Try each alone after they failed together: a receipt must not fall with the large message beside it."""
        if len(jobs) == 1:
            return [_Outcome(jobs[0].future, error=error)]
        return [outcome for job in jobs for outcome in self._in_one_transaction([job])]

    def _in_savepoint(self, job: _Job) -> _Outcome:
        """One job's work; its own exception undoes it, an exception that took the transaction with it is raised."""
        execute = self._connection.execute
        execute("SAVEPOINT job")
        try:
            outcome = _Outcome(job.future, result=job.work(self._connection))
        except Exception as error:
            translated = self._translate(error)
            if isinstance(translated, DiskFull) or not self._connection.in_transaction:
                raise translated from error
            if is_broken(error, self._connection):
                raise
            execute("ROLLBACK TO job")
            outcome = _Outcome(job.future, error=error)
        execute("RELEASE job")
        return outcome

    def _outside_transactions(self, job: _Job) -> _Outcome:
        if self.failed is not None:
            return _Outcome(job.future, error=WriterEnded(str(self.failed)))
        try:
            return _Outcome(job.future, result=job.work(self._connection))
        except (apsw.FullError, apsw.BusyError) as error:
            return _Outcome(job.future, error=DiskFull(str(error)))
        except (apsw.Error, OSError) as error:  # OSError: of the witness, whose flush is no better than another
            if getattr(error, "errno", None) in NO_SPACE:
                return _Outcome(job.future, error=DiskFull(str(error)))
            self._fail(error)
            return _Outcome(job.future, error=CommitUnknown(str(error)))
        except Exception as error:
            return _Outcome(job.future, error=error)

    def _truncate_log(self, connection: apsw.Connection) -> bool:
        if not self._witness.checkpointing(connection):
            return True
        connection.set_busy_timeout(TRUNCATE_MILLISECONDS)  # what is queued behind must not wait for a slow reader
        try:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.BusyError:
            return False
        finally:
            connection.set_busy_timeout(BUSY_MILLISECONDS)
        return True

    def _roll_back(self) -> bool:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except apsw.Error as error:
            self._fail(error)
            return False
        return True

    def _translate(self, error: Exception) -> Exception:
        """A full disk in its own word: a commit whose pages could not be written has no valid end in the log."""
        unwritten = getattr(error, "extendedresult", None) in (apsw.SQLITE_FULL, apsw.SQLITE_IOERR_WRITE)
        return DiskFull(str(error)) if unwritten and is_full(error, self._connection) else error

    def _fail(self, error: BaseException) -> None:
        if self.failed is None:
            self.failed = error
            self._call_loop(self._on_failure, error)

    def _deliver(self, outcomes: list[_Outcome]) -> None:
        self._call_loop(_settle, outcomes)

    def _call_loop(self, function: Callable[[Any], None], argument: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed; nobody waits any more
            self._loop.call_soon_threadsafe(function, argument)


def _settle(outcomes: list[_Outcome]) -> None:
    for outcome in outcomes:
        if outcome.future.done():
            continue
        if outcome.error is None:
            outcome.future.set_result(outcome.result)
        else:
            outcome.future.set_exception(outcome.error)

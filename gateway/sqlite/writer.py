"""Writing to an SQLite database from one thread in groups.

`Writer` runs closures in one thread, as many as wait in one transaction, each in a savepoint; a result is delivered
after the commit is on stable storage.

A commit that fails may have happened all the same: an fsync error is never repaired by a second fsync. So the writer
goes dead, its callers get `CommitUnknown`, and the process has to end with `EXIT_STORAGE`; what happened is read back
after the restart. So it goes too when a page cannot be read or is none (`gateway.sqlite.faults`). Only a full disk is
known to have changed nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import apsw

from gateway.sqlite.faults import is_broken, is_full
from gateway.sqlite.opening import BUSY_MILLISECONDS, keep_log
from gateway.storage import NO_SPACE, DiskFull

T = TypeVar("T")

CHECKPOINT_PAGES = 1000
TRUNCATE_MILLISECONDS = 200


class CommitUnknown(Exception):
    """The commit was started and failed: what was asked may or may not have happened."""


class WriterEnded(Exception):
    """The writer is closed or dead; nothing was done."""


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

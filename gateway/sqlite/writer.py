"""Writing to an SQLite database: transactions on the event loop's thread, and one thread that flushes their log.

A transaction that committed has a number and lies in the write-ahead log, where every reader of this process sees it;
it is a promise once the log is flushed so far. One flush serves all that committed before it began. What takes long,
bringing the log into the database or cutting it, or a transaction over a thousand rows, is a *turn* of the thread: no
transaction begins until it ends, and the loop goes on. SQLite flushes the head of a log that begins anew, so the first
transaction of such a log is a turn, too.

A database that other processes write to as well is flushed by SQLite instead, before anybody sees a commit, and each of
its transactions is a turn: whoever waits for another's lock must not be the loop.

A flush that fails may have happened in part: it is never repaired by a second one. So the writer goes dead, its callers
get `CommitUnknown`, and the process has to end with `EXIT_STORAGE`; what happened is read back after the restart. So it
goes too when a page cannot be read or is none (`gateway.sqlite.faults`). Only a full disk is known to have changed
nothing. A flush into a file that does not lie at its name any more is one that failed (`gateway.in_place`).
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol, TypeVar

import apsw

from gateway.in_place import InPlace
from gateway.sqlite.faults import is_broken, is_full
from gateway.sqlite.opening import BUSY_MILLISECONDS, flush_by_hand, keep_log
from gateway.storage import NO_SPACE, CommitUnknown, DatabaseBusy, DiskFull, FileLimit

T = TypeVar("T")

CHECKPOINT_PAGES = 1000
LOOP_MILLISECONDS = 20  # how long the loop waits for a lock that nobody of this program holds
TRUNCATE_MILLISECONDS = 200


class WriterEnded(Exception):
    """The writer is closed, or dead of its cause; nothing was done."""


class Witness(Protocol):
    """Is told of what becomes of a database, so that somebody outside it knows."""

    def committing(self, connection: apsw.Connection) -> None:
        """The open transaction changed something and is about to be committed."""

    def checkpointing(self, connection: apsw.Connection) -> bool:
        """In the thread that flushes: all that is in the log is flushed, and about to be brought into the database.

        False leaves it where it is; an `OSError` ends the writer.
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


class Writer:
    """The one connection of this process that writes to a database, used from one event loop; `shared` where other
    processes write to it, too. Database and log, and what else is `in_place`, have to lie there after each flush.
    """

    def __init__(
        self,
        connection: apsw.Connection,
        *,
        name: str,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
        witness: Witness | None = None,
        shared: bool = False,
        in_place: InPlace | None = None,
    ) -> None:
        self.failed: BaseException | None = None
        self.log_pages = 0  # of the write-ahead log, as of the last commit
        self._connection = connection
        self._on_failure = on_failure
        self._witness = witness or _NobodyWatches()
        self._loop = asyncio.get_running_loop()
        self._loops_thread = threading.get_ident()
        self._committed = 0  # the number of the last commit
        self._durable = 0  # the number of the last one that is known to be flushed
        self._waiting: deque[tuple[int, asyncio.Future[None]]] = deque()  # for the flush of a number, the lowest first
        self._flushing = False
        self._turn: asyncio.Future[None] | None = None  # ends with the turn
        self._log_is_new = True  # its first transaction is flushed by SQLite
        self._log_path = connection.filename_wal  # asked here: a transaction may use the connection meanwhile
        self._log: int | None = None  # a descriptor of the log
        self._in_place = in_place or InPlace()
        self._in_place.hold(Path(connection.filename))
        with contextlib.suppress(FileNotFoundError):  # opened now, so that no lack of descriptors ends a flush
            self._open_log()
        self._inside = 0  # calls that have not come back
        self._closed = False
        self._left = asyncio.Event()
        self._ended = asyncio.Event()
        self._shared = shared
        self._kept_pages = 0  # of the log, which the last checkpoint could not bring in whole
        self._busy_milliseconds = BUSY_MILLISECONDS if shared else LOOP_MILLISECONDS
        if not shared:
            flush_by_hand(connection)
        connection.set_busy_timeout(self._busy_milliseconds)
        connection.set_wal_hook(self._note_log)  # replaces SQLite's own checkpoint, whose errors nobody sees
        self._work: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)
        self._thread.start()

    async def run(self, work: Callable[[apsw.Connection], T], *, alone: bool = False) -> T:
        """The result of this work, after the transaction in which it ran is on stable storage; `alone`, in none.

        Its own exceptions undo it. Raises `DiskFull`, `DatabaseBusy` under another's lock, and `WriterEnded` (nothing
        changed), or `CommitUnknown`; so does an `OSError` of what runs `alone`, which ends the writer unless the disk
        is full.
        """
        with self._being_inside():
            if alone:
                return await self._take_turn(lambda: self._outside_transactions(work))
            result = await self._commit(work)
            await self.flushed()
            return result

    async def commit(self, work: Callable[[apsw.Connection], T], *, is_long: bool = False) -> T:
        """As `run`, when the transaction committed: it is on stable storage only after `flushed`. What `is_long` is a
        turn of the thread.
        """
        with self._being_inside():
            return await self._commit(work, is_long=is_long)

    async def flushed(self) -> None:
        """Everything that committed before is on stable storage; raises `CommitUnknown` when that cannot be said."""
        if self._durable >= self._committed:
            return
        if self.failed is not None:
            raise CommitUnknown(str(self.failed)) from self.failed
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting.append((self._committed, future))
        self._ask_flush()
        await future

    async def truncate_log(self) -> bool:
        """Bring the whole write-ahead log into the database and cut it to nothing; False when a reader stood in it."""
        return await self.run(self._truncate_log, alone=True)

    async def aclose(self) -> None:
        """Finish what is asked already, truncate the log, close the connection."""
        if not self._closed:
            self._closed = True
            try:
                if self._inside:
                    self._left.clear()
                    await self._left.wait()
            finally:
                self._work.put(self._end)
                self._work.put(None)
        await self._ended.wait()  # without a thread more: there may be none to be had
        self._thread.join()

    @contextlib.contextmanager
    def _being_inside(self) -> Iterator[None]:
        if self._closed or self.failed is not None:
            raise WriterEnded(str(self.failed or "closed")) from self.failed
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
            if not self._inside:
                self._left.set()

    # ---- on the event loop

    async def _commit(self, work: Callable[[apsw.Connection], T], *, is_long: bool = False) -> T:
        while self._turn is not None:
            await asyncio.shield(self._turn)
        if not (self._log_is_new or self._shared or is_long):
            return self._transaction(work)
        result = await self._take_turn(lambda: self._transaction(work))
        if self._shared:
            self._checkpoint_when_due()
        return result

    def _ask_flush(self) -> None:
        if not self._flushing:  # who waits for the one under way is served by it, or asks again after it
            self._flushing = True
            self._work.put(self._flush)

    def _note_durable(self, number: int) -> None:
        """So far the log is flushed; who committed meanwhile waits for the next flush."""
        self._durable = max(number, self._durable)
        while self._waiting and self._waiting[0][0] <= number:
            _, future = self._waiting.popleft()
            if not future.done():
                future.set_result(None)

    def _after_flush(self, number: int) -> None:
        self._flushing = False
        self._note_durable(number)
        if not self._checkpoint_when_due() and self._waiting:
            self._ask_flush()

    def _checkpoint_when_due(self) -> bool:
        """Begin a turn that brings in what is in the log, which begins with a flush, if there is enough of it."""
        if self.log_pages < CHECKPOINT_PAGES + self._kept_pages or self._turn is not None or self._closed:
            return False
        self._begin_turn(self._checkpoint)
        return True

    async def _take_turn(self, work: Callable[[], T]) -> T:
        """The result of work in the thread, while no transaction begins."""
        while self._turn is not None:
            await asyncio.shield(self._turn)
        return await asyncio.shield(self._begin_turn(work))

    def _begin_turn(self, work: Callable[[], T]) -> asyncio.Future[T]:
        turn: asyncio.Future[None] = self._loop.create_future()
        done: asyncio.Future[T] = self._loop.create_future()
        self._turn = turn

        def end(result: T | None, error: BaseException | None) -> None:
            self._turn = None
            turn.set_result(None)
            if error is None:
                done.set_result(result)  # type: ignore[arg-type]  # there is one where there is no error
            else:
                done.set_exception(error)
                done.exception()  # a checkpoint that nobody waits for told of it already

        def take() -> None:
            result, error = None, None
            try:
                result = work()
            except BaseException as fault:  # it is the caller's
                error = fault
            self._call_loop(end, result, error)

        self._work.put(take)
        return done

    # ---- in the thread, or on the loop while it has no turn

    def _transaction(self, work: Callable[[apsw.Connection], T]) -> T:
        """One transaction; its own exception, and a full disk, undo it."""
        if self.failed is not None:
            raise WriterEnded(str(self.failed)) from self.failed
        execute = self._connection.execute
        try:
            execute("BEGIN IMMEDIATE")
            before = self._connection.total_changes()
            result = work(self._connection)
            changed = self._connection.total_changes() != before
            if changed:
                self._witness.committing(self._connection)
        except BaseException as error:
            self._roll_back()
            if is_broken(error, self._connection):
                self._fail(error)
            if self.failed is not None:
                raise WriterEnded(str(self.failed)) from error
            told = self._translate(error)
            if told is error:
                raise
            raise told from error
        try:
            execute("COMMIT")
        except apsw.Error as error:
            full = self._translate(error)
            if isinstance(full, DiskFull) and self._roll_back():
                raise full from error
            self._fail(error)
            raise CommitUnknown(str(error)) from error
        if changed:
            self._committed += 1
            self._log_is_new = False
            if self._shared:  # SQLite flushed it
                self._look_in_place()
                self._durable = self._committed
        return result

    def _look_in_place(self) -> None:
        try:
            self._open_log()
            self._in_place.look()
        except OSError as error:
            self._fail(error)
            raise CommitUnknown(str(error)) from error

    def _roll_back(self) -> bool:
        try:
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
        except apsw.Error as error:
            self._fail(error)
            return False
        return True

    def _translate(self, error: BaseException) -> BaseException:
        """A full disk in its own word: a commit whose pages could not be written has no valid end in the log. So is the
        lock of another process, which keeps a transaction from beginning.
        """
        if isinstance(error, apsw.BusyError):
            return self._busy()
        unwritten = getattr(error, "extendedresult", None) in (apsw.SQLITE_FULL, apsw.SQLITE_IOERR_WRITE)
        if not (unwritten and is_full(error, self._connection)):
            return error
        number = self._connection.system_errno  # SQLite calls it an error of the disk where the system names the lack
        lack = FileLimit if number == errno.EFBIG else DiskFull
        return lack(f"nothing was written: {os.strerror(number) if number in NO_SPACE else error}")

    def _busy(self) -> DatabaseBusy:
        waited = f"{self._busy_milliseconds / 1000:g} s"
        return DatabaseBusy(f"{self._connection.filename}: another process keeps its lock, longer than {waited}")

    def _note_log(self, _connection: apsw.Connection, _database: str, pages: int) -> int:
        self.log_pages = pages
        return apsw.SQLITE_OK

    # ---- in the thread

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            try:
                work()
            except Exception as defect:  # nobody would be told otherwise, and everybody would wait
                self._fail(defect)
        self._call_loop(self._ended.set)

    def _flush(self) -> None:
        number = self._flush_log()
        if number is not None:
            self._call_loop(self._after_flush, number)

    def _flush_log(self) -> int | None:
        """The number up to which the log is flushed now; None when that failed."""
        number = self._committed
        try:
            os.fdatasync(self._open_log())
            self._in_place.look()
        except OSError as error:
            self._fail(error)
            return None
        return number

    def _open_log(self) -> int:
        if self._log is None:
            self._log = os.open(self._log_path, os.O_RDWR | os.O_CLOEXEC)
            self._in_place.hold(Path(self._log_path))
        return self._log

    def _outside_transactions(self, work: Callable[[apsw.Connection], T]) -> T:
        if self.failed is not None:
            raise WriterEnded(str(self.failed)) from self.failed
        try:
            return work(self._connection)
        except apsw.FullError as error:
            raise DiskFull(str(error)) from error
        except apsw.BusyError as error:
            raise self._busy() from error
        except (apsw.Error, OSError) as error:  # OSError: of the witness, whose flush is no better than another
            if (number := getattr(error, "errno", None)) in NO_SPACE:
                if number == errno.EFBIG:
                    raise FileLimit(str(error)) from error
                raise DiskFull(str(error)) from error
            self._fail(error)
            raise CommitUnknown(str(error)) from error

    def _checkpoint(self) -> None:
        """Bring what is in the log into the database; what cannot be brought in now is, by the next."""
        try:
            if self.failed is None and self._may_checkpoint():
                in_log, brought_in = self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
                self._log_is_new = in_log == brought_in
                # Where a reader stands in it the next attempt would not come further, and each one stops everybody.
                self._kept_pages = 0 if self._log_is_new else in_log
        except (apsw.BusyError, apsw.FullError):
            pass
        except (apsw.Error, OSError) as error:
            self._fail(error)

    def _truncate_log(self, connection: apsw.Connection) -> bool:
        if not self._may_checkpoint():
            return self.failed is None
        connection.set_busy_timeout(TRUNCATE_MILLISECONDS)  # what waits for the turn must not wait for a slow reader
        try:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.BusyError:
            self._log_is_new = True  # all of it may be in the database: whoever writes next begins it anew
            return False
        finally:
            connection.set_busy_timeout(self._busy_milliseconds)
        self._log_is_new = True
        self._kept_pages = 0
        return True

    def _may_checkpoint(self) -> bool:
        """Flush the log, which the witness may count on, and ask it."""
        number = self._flush_log()
        if number is None:
            return False
        self._call_loop(self._note_durable, number)
        return self._witness.checkpointing(self._connection)

    def _end(self) -> None:
        settled = False
        if self.failed is None:
            try:
                self._truncate_log(self._connection)
                settled = self.failed is None and self._witness.closing(self._connection)
            except apsw.Error as error:
                if is_broken(error, self._connection):
                    self._fail(error)
            except OSError as error:
                self._fail(error)
        if not settled:
            keep_log(self._connection)
        self._connection.close()
        self._in_place.close()
        if self._log is not None:
            os.close(self._log)

    # ---- from either

    def _fail(self, error: BaseException) -> None:
        if self.failed is None:
            self.failed = error
            if threading.get_ident() == self._loops_thread:
                self._tell_failure(error)
            else:
                self._call_loop(self._tell_failure, error)

    def _tell_failure(self, error: BaseException) -> None:
        while self._waiting:
            _, future = self._waiting.popleft()
            if not future.done():
                unknown = CommitUnknown(str(error))
                unknown.__cause__ = error
                future.set_exception(unknown)
        self._on_failure(error)

    def _call_loop(self, function: Callable[..., None], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed; nobody waits any more
            self._loop.call_soon_threadsafe(function, *arguments)

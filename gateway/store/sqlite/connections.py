"""How work reaches the embedded database: short reads and transactions on the event loop, the rest in threads.

Each way has a connection of its own. What the store went through decides whether a way is open: nothing is read or
written after a failure or a close, and nothing is written while it is in doubt. The mark outside the database follows
what is written here within a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TypeVar

import apsw

from gateway import sqlite
from gateway.sqlite import is_broken
from gateway.storage import DatabaseBroken, DatabaseBusy, DiskFull
from gateway.store.blobs import BlobFolder
from gateway.store.data_directory import DataDirectory
from gateway.store.interface import OnRecounted, OutcomeUnknown, StoreUnavailable
from gateway.store.sqlite import counting
from gateway.store.sqlite.mark import Watch
from gateway.store.sqlite.statements import first_row

T = TypeVar("T")

MARK_SECONDS = 50.0  # from a commit to a mark that knows of it; with its flush within a minute


class Connections:
    """The connections and threads over one database, until `aclose`; `on_failure` is called once, on the event loop.

    `newest` is the version of the tables that this program reads.
    """

    def __init__(
        self,
        directory: DataDirectory,
        database: Path,
        connection: apsw.Connection,
        watch: Watch,
        on_failure: Callable[[BaseException], None],
        newest: int,
    ) -> None:
        self.failed: BaseException | None = None
        self.closed = False
        self.on_recounted: OnRecounted = lambda _number: None
        self._on_failure = on_failure
        self._newest = newest
        self._loop = asyncio.get_running_loop()
        self._watch = watch
        self._marking: asyncio.TimerHandle | None = None
        self.blobs = BlobFolder(directory, on_failure=self._fail_from_thread, sweep=watch.doubt is None)
        self.reader = sqlite.open_reader(database)
        self.lister = sqlite.open_reader(database)
        self._listing = ThreadPoolExecutor(max_workers=1, thread_name_prefix="listing")
        self._listing.submit(int).result()  # it runs already, whatever becomes of the machine's threads
        self._marks = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mark")  # waits for no slow blob
        self._marks.submit(int).result()  # as above
        self._log = database.with_name(database.name + "-wal")
        watch.in_place.hold(self.blobs.path)
        self.writer = sqlite.Writer(
            connection, name="store", on_failure=self._fail, witness=watch, in_place=watch.in_place
        )

    async def aclose(self) -> None:
        """Finish what is queued, checkpoint, and end the threads; harmless when repeated."""
        if self.closed:
            return
        self.closed = True
        if self._marking is not None:
            self._marking.cancel()
        self.reader.close()
        await asyncio.to_thread(self._listing.shutdown)
        self.lister.close()
        await self.writer.aclose()
        self._watch.leave()
        await asyncio.to_thread(self._marks.shutdown)
        self.blobs.close()

    @property
    def log_octets(self) -> int:
        """Size of the write-ahead log."""
        return self._log.stat().st_size if self._log.exists() else 0

    async def read(self, work: Callable[[apsw.Connection], T]) -> T:
        """As `look`; the result when all that it saw is on stable storage."""
        found = self.look(work)
        await self.flushed()
        return found

    def look(self, work: Callable[[apsw.Connection], T]) -> T:
        """Reading that costs the same however large the store is, at once, and of everything that is committed."""
        self._refuse_unreadable()
        try:
            return work(self.reader)
        except (apsw.Error, UnicodeDecodeError) as error:
            if is_broken(error, self.reader):
                self._fail(error)
            raise StoreUnavailable(str(error)) from error

    async def list(self, work: Callable[[apsw.Connection], T]) -> T:
        """Reading that grows with the store, in a thread and on a connection of its own; the result as of `read`."""

        def read() -> T:
            try:
                self._watch.in_place.look()  # what is said of a store is said of the one that lies there
                return work(self.lister)
            except (apsw.Error, UnicodeDecodeError, OSError) as error:
                if isinstance(error, OSError) or is_broken(error, self.lister):
                    self._fail_from_thread(error)
                raise

        self._refuse_unreadable()
        found = await self._translated(asyncio.shield(self._loop.run_in_executor(self._listing, read)))
        await self.flushed()
        return found

    async def write(self, work: Callable[[apsw.Connection], T], *, is_long: bool = False) -> T:
        """The result of this work, after its transaction is on stable storage; as of `commit`."""
        written = await self.commit(work, is_long=is_long)
        await self.flushed()
        return written

    async def commit(self, work: Callable[[apsw.Connection], T], *, is_long: bool = False) -> T:
        """The result of this work, after its transaction committed; it is on stable storage after `flushed`. What
        `is_long` is done beside the event loop, and other transactions wait.
        """
        self.refuse_doubtful()
        written = await self._translated(self._commit(work, is_long=is_long))
        self._mark_later()
        return written

    async def count_anew(self, *, waiting: bool) -> int:
        """Set the counters that are wrong, if any; returns how many. They are looked at beside the event loop, and
        other transactions wait only where one is wrong.
        """
        self.refuse_doubtful()
        if await self.list(partial(counting.is_counted, waiting=waiting)):
            return 0
        recounted = await self.write(partial(counting.count_anew, waiting=waiting), is_long=True)
        if recounted:
            self.on_recounted(recounted)
        return recounted

    async def _commit(self, work: Callable[[apsw.Connection], T], *, is_long: bool) -> T:
        try:
            return await self.writer.commit(work, is_long=is_long)
        except apsw.ConstraintError as error:
            if not counting.is_miscount(error):
                raise
        self.on_recounted(await self.writer.commit(counting.count_anew, is_long=True))
        return await self.writer.commit(work, is_long=is_long)

    async def flushed(self) -> None:
        """All that committed before is on stable storage. Raises `OutcomeUnknown`."""
        await self._translated(self.writer.flushed())

    async def in_thread(self, work: Callable[[], T]) -> T:
        """Slow work on blobs."""
        return await self._translated(self.blobs.run(work))

    async def cut_log(self) -> bool:
        """Cut the write-ahead log to nothing; False when a reader stood in it."""
        return await self._translated(self.writer.truncate_log())

    async def confirm(self, bring_up_to_date: Callable[[apsw.Connection], None]) -> None:
        """End the doubt: what is here counts from now on."""
        self.refuse_ended()
        await self._translated(self.writer.run(bring_up_to_date, alone=True))
        await self._translated(self.writer.run(self._watch.confirm))
        await self._translated(self.writer.run(self._watch.confirmed, alone=True))

    async def mark_now(self) -> None:
        """Let the mark know of everything that is committed."""
        await self._translated(asyncio.shield(self._begin_mark()))

    def refuse_doubtful(self) -> None:
        """Raise `StoreUnavailable` where nothing may be changed."""
        self.refuse_ended()
        if self._watch.doubt is not None:
            raise StoreUnavailable(f"the store went back and nobody confirmed it: {self._watch.doubt}")

    def refuse_ended(self) -> None:
        """Raise `StoreUnavailable` where nothing may be read."""
        if self.failed is not None or self.closed:
            raise StoreUnavailable(str(self.failed or "the store is closed"))

    def _refuse_unreadable(self) -> None:
        self.refuse_ended()
        if self._watch.doubt is not None and self.reader.pragma("user_version") < self._newest:
            raise StoreUnavailable("it is of an older version, and is brought up to date when somebody confirms it")

    def _mark_later(self) -> None:
        if self._marking is None and not self.closed:
            self._marking = self._loop.call_later(MARK_SECONDS, self._mark_in_time)

    def _mark_in_time(self) -> None:
        self._marking = None
        if self.failed is not None or self.closed:
            return
        try:
            self._begin_mark().add_done_callback(self._mark_ended)
        except StoreUnavailable:
            self._mark_later()

    def _mark_ended(self, marking: asyncio.Future[bool]) -> None:
        """A mark that stayed behind comes again, also when nothing more is written."""
        if not marking.cancelled() and marking.exception() is None and not marking.result():
            self._mark_later()

    def _begin_mark(self) -> asyncio.Future[bool]:
        self.refuse_ended()
        return asyncio.ensure_future(self._mark())

    async def _mark(self) -> bool:
        """What the mark says was committed must be durable before, or a crash would make the store look older."""
        found = await self.read(lambda connection: first_row(connection, "count_commits", {}))
        commits = int(found[0]) if found else 0
        return await self._loop.run_in_executor(self._marks, self._marked(commits))

    def _marked(self, commits: int) -> Callable[[], bool]:
        """Moving the mark on to so many commits; a flush that fails ends the store like any other."""

        def mark() -> bool:
            try:
                return self._watch.note(commits)
            except OSError as error:
                self._fail_from_thread(error)
                raise

        return mark

    async def _translated(self, work: Awaitable[T]) -> T:
        """No word of the engine leaves the store."""
        try:
            return await work
        except sqlite.CommitUnknown as error:
            raise OutcomeUnknown(str(error)) from error
        except (apsw.Error, UnicodeDecodeError, DatabaseBusy, DiskFull, sqlite.WriterEnded, OSError) as error:
            raise StoreUnavailable(str(error)) from error

    def _fail_from_thread(self, error: BaseException) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has been closed; nobody waits any more
            self._loop.call_soon_threadsafe(self._fail, error)

    def _fail(self, error: BaseException) -> None:
        if self.failed is None:
            self.failed = error
            self._on_failure(error)


@contextlib.contextmanager
def closing_what_fails(connection: apsw.Connection) -> Iterator[None]:
    """A connection is not left open by a store that could not be made of it; broken storage keeps its own word."""
    try:
        yield
    except BaseException as error:
        name = connection.filename
        sqlite.keep_log(connection)
        connection.close()
        if is_broken(error) or getattr(error, "errno", None) == errno.EIO:
            reason = f"{name} cannot be trusted: {error}; look at the disk or restore the directory"
            raise DatabaseBroken(reason) from error
        raise

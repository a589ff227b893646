"""How work reaches the portal's database: reads and transactions on the event loop, flushes in the writer's thread.

Everything that is asked here costs little however much is kept, so it needs no thread of its own. Whatever was read or
written is on stable storage before it is answered. Nothing is while the database is in doubt, and the mark outside it
follows what is written within a minute.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import apsw

from gateway import sqlite
from gateway.clock import Clock
from gateway.sqlite import is_broken
from gateway.storage import DatabaseBusy, DiskFull
from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.store.portal.sqlite.statements import SqliteTransaction, at_once
from gateway.store.portal.verbs.access import Work
from gateway.store.portal.verbs.records import PortalRows
from gateway.store.sqlite.mark import Watch

T = TypeVar("T")

MARK_SECONDS = 50.0  # from a commit to a mark that knows of it; with its flush within a minute


class SqliteAccess:
    """The two connections to one database, until `aclose`; `on_failure` is called once, on the event loop."""

    def __init__(
        self,
        database: Path,
        connection: apsw.Connection,
        watch: Watch,
        clock: Clock,
        on_failure: Callable[[BaseException], None],
    ) -> None:
        self.failed: BaseException | None = None
        self.closed = False
        self._on_failure = on_failure
        self._watch = watch
        self._clock = clock
        self._marking: asyncio.TimerHandle | None = None
        self._marks: set[asyncio.Task[None]] = set()
        self._reader = sqlite.open_reader(database)
        self._writer = sqlite.Writer(
            connection, name="portal", on_failure=self._fail, witness=watch, in_place=watch.in_place
        )

    @property
    def doubt(self) -> str | None:
        """What shows that this database went back."""
        return self._watch.doubt

    async def aclose(self) -> None:
        """Finish what is asked, and cut the log; harmless when repeated."""
        if not self.closed:
            self.closed = True
            if self._marking is not None:
                self._marking.cancel()
            self._reader.close()
            await self._writer.aclose()
            self._watch.leave()

    async def confirm(
        self, bring_up_to_date: Callable[[apsw.Connection], None], but_for: Callable[[PortalRows], Awaitable[None]]
    ) -> None:
        """End the doubt: what is here counts from now on, without what is deleted with the same commit."""

        def confirm(connection: apsw.Connection) -> None:
            at_once(but_for(SqliteTransaction(connection)))
            self._watch.confirm(connection)

        self._refuse_ended()
        await self._translated(self._writer.run(bring_up_to_date, alone=True))
        await self._translated(self._writer.run(confirm))
        await self._translated(self._writer.run(self._watch.confirmed, alone=True))

    async def now(self) -> datetime:
        """By the clock handed to it."""
        return self._clock.now()

    async def read(self, work: Work[T]) -> T:
        """What this work reads, once all that it saw is on stable storage."""
        self._refuse_doubtful()
        now = self._clock.now()
        try:
            with self._reader:  # one view of it: a turn of the writer's thread may commit meanwhile
                found = at_once(work(SqliteTransaction(self._reader), now))
        except (apsw.Error, UnicodeDecodeError) as error:
            if is_broken(error, self._reader):
                self._fail(error)
            raise StoreUnavailable(str(error)) from error
        await self._translated(self._writer.flushed())
        return found

    async def write(self, work: Work[T]) -> T:
        """The result of this work, after its transaction and all that it saw is on stable storage."""
        self._refuse_doubtful()
        now = self._clock.now()
        turn = self._writer.run(lambda connection: at_once(work(SqliteTransaction(connection), now)))
        written = await self._translated(turn)
        self._mark_later()
        return written

    async def touch(self, work: Work[T]) -> T:
        """As `write`: there is one writer."""
        return await self.write(work)

    async def cut_log(self) -> bool:
        """Cut the write-ahead log to nothing, and have the mark know of all that was in it; False when a reader stood
        in it.
        """
        self._refuse_ended()
        return await self._translated(self._writer.truncate_log())

    def _mark_later(self) -> None:
        if self._marking is None and not self.closed:
            self._marking = asyncio.get_running_loop().call_later(MARK_SECONDS, self._mark_in_time)

    def _mark_in_time(self) -> None:
        """The mark follows with the log's end; on a full disk it stays behind, as long as nothing more is written."""
        self._marking = None
        if self.failed is None and not self.closed:
            marking = asyncio.ensure_future(self._mark())
            self._marks.add(marking)
            marking.add_done_callback(self._marks.discard)

    async def _mark(self) -> None:
        with contextlib.suppress(StoreUnavailable, OutcomeUnknown):  # who ended the writer was told of it
            await self.cut_log()

    def _refuse_doubtful(self) -> None:
        self._refuse_ended()
        if self._watch.doubt is not None:
            raise StoreUnavailable(f"the portal's store went back and nobody confirmed it: {self._watch.doubt}")

    def _refuse_ended(self) -> None:
        if self.failed is not None or self.closed:
            raise StoreUnavailable(str(self.failed or "the portal's store is closed"))

    async def _translated(self, work: Awaitable[T]) -> T:
        """No word of the engine leaves the store."""
        try:
            return await work
        except sqlite.CommitUnknown as error:
            raise OutcomeUnknown(str(error)) from error
        except (apsw.Error, UnicodeDecodeError, DatabaseBusy, DiskFull, sqlite.WriterEnded, OSError) as error:
            raise StoreUnavailable(str(error)) from error

    def _fail(self, error: BaseException) -> None:
        if self.failed is None:
            self.failed = error
            self._on_failure(error)

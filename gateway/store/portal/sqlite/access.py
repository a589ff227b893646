"""How work reaches the portal's database: reads and transactions on the event loop, flushes in the writer's thread.

Everything that is asked here costs little however much is kept, so it needs no thread of its own. Whatever was read or
written is on stable storage before it is answered.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import apsw

from gateway import sqlite
from gateway.sqlite import is_broken
from gateway.storage import DatabaseBusy, DiskFull
from gateway.store.interface import OutcomeUnknown, StoreUnavailable

T = TypeVar("T")


class Access:
    """The two connections to one database, until `aclose`; `on_failure` is called once, on the event loop."""

    def __init__(
        self, database: Path, connection: apsw.Connection, on_failure: Callable[[BaseException], None]
    ) -> None:
        self.failed: BaseException | None = None
        self.closed = False
        self._on_failure = on_failure
        self._reader = sqlite.open_reader(database)
        self._writer = sqlite.Writer(connection, name="portal", on_failure=self._fail)

    async def aclose(self) -> None:
        """Finish what is asked, and cut the log; harmless when repeated."""
        if not self.closed:
            self.closed = True
            self._reader.close()
            await self._writer.aclose()

    async def read(self, work: Callable[[apsw.Connection], T]) -> T:
        """What this work reads, once all that it saw is on stable storage."""
        self._refuse_ended()
        try:
            with self._reader:  # one view of it: a turn of the writer's thread may commit meanwhile
                found = work(self._reader)
        except (apsw.Error, UnicodeDecodeError) as error:
            if is_broken(error, self._reader):
                self._fail(error)
            raise StoreUnavailable(str(error)) from error
        await self._translated(self._writer.flushed())
        return found

    async def write(self, work: Callable[[apsw.Connection], T]) -> T:
        """The result of this work, after its transaction and all that it saw is on stable storage."""
        self._refuse_ended()
        return await self._translated(self._writer.run(work))

    async def cut_log(self) -> bool:
        """Cut the write-ahead log to nothing; False when a reader stood in it."""
        self._refuse_ended()
        return await self._translated(self._writer.truncate_log())

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

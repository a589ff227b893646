"""The portal's store in `portal.db`, in the data directory that the hub holds; its statements stand in `sql/`.

The directory is locked by whoever opened the hub's store there; this opens no lock of its own.

SECURITY: no secret and no pseudonym lies in the file, and no key that opens anything without a lock.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import apsw

from gateway import sqlite
from gateway.clock import Clock
from gateway.store.portal.sqlite.access import SqliteAccess
from gateway.store.portal.sqlite.database import APPLICATION_ID, MIGRATIONS, refuse_lost
from gateway.store.portal.sqlite.database import DATABASE_NAME as DATABASE_NAME
from gateway.store.portal.verbs import sessions
from gateway.store.portal.verbs.store import PortalVerbs
from gateway.store.sqlite.mark import Watch

_CUT_ATTEMPTS: Final = 5


class SqlitePortalStore(PortalVerbs):
    """One open database. `on_failure` is called on the event loop when a flush failed and the process has to end with
    `gateway.storage.EXIT_STORAGE`.
    """

    _access: SqliteAccess

    @classmethod
    async def open(
        cls,
        directory: Path,
        *,
        mark: Path | None = None,
        clock: Clock,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
    ) -> SqlitePortalStore:
        """The store in this directory, made if there never was one; `mark` as for the hub's store. One that went back
        opens with a `doubt`, and says nothing until `confirm_restored`. Raises `gateway.storage.DatabaseRefused`.
        """
        refuse_lost(directory, mark=mark)
        path = directory / DATABASE_NAME
        watch = Watch(directory, database=path, outside=mark, has_blobs=False)
        try:
            watch.opening()
            connection = sqlite.open_database(
                path, migrations=MIGRATIONS, application_id=APPLICATION_ID, may_migrate=watch.may_migrate
            )
            try:
                watch.begin(connection)
                return cls(SqliteAccess(path, connection, watch, clock, on_failure))
            except BaseException:
                sqlite.keep_log(connection)
                connection.close()
                raise
        except BaseException:
            watch.leave()
            raise

    @property
    def failed(self) -> BaseException | None:
        """What ended this store before it was closed."""
        return self._access.failed

    @property
    def doubt(self) -> str | None:
        """What shows that this database went back; None when all is here."""
        return self._access.doubt

    async def confirm_restored(self) -> None:
        """What is here counts from now on, but for sessions and logins: of those that ended some may be here again."""
        if self.doubt is not None:
            await self._access.confirm(_bring_up_to_date, sessions.end_all)

    async def aclose(self) -> None:
        """Finish what is asked and close; harmless when repeated."""
        await self._access.aclose()

    async def cut_log(self) -> None:
        """What was deleted goes from the log, too."""
        for _ in range(_CUT_ATTEMPTS):
            if await self._access.cut_log():
                return


def _bring_up_to_date(connection: apsw.Connection) -> None:
    sqlite.migrate(connection, sqlite.read_migrations(MIGRATIONS), APPLICATION_ID)

"""A portal's database that went back: held against its mark wherever the store beside it is, and confirmed with that.

It is asked whether the hub has a portal now or not: one that was switched off comes back as it was left, or not at all.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from gateway import sqlite
from gateway.clock import Clock
from gateway.sqlite import is_in_the_way, octets_of
from gateway.store.portal.sqlite.database import APPLICATION_ID, DATABASE_NAME, MIGRATIONS, refuse_lost
from gateway.store.portal.sqlite.store import SqlitePortalStore
from gateway.store.sqlite.mark import Watch


def portal_doubt(directory: Path, *, mark: Path | None) -> str | None:
    """Why a portal's database that nobody has open is not served; None where all is here, or where there never was one.
    Changes nothing. Raises `gateway.storage.DatabaseRefused`.
    """
    refuse_lost(directory, mark=mark)
    database = directory / DATABASE_NAME
    if not octets_of(database) and not is_in_the_way(database):
        return None
    with (
        sqlite.refusing(database, writes=False),
        contextlib.closing(sqlite.open_unchanged(database)) as connection,
    ):
        sqlite.refuse_foreign(connection, database, APPLICATION_ID, len(sqlite.read_migrations(MIGRATIONS)))
        watch = Watch(directory, database=database, outside=mark, has_blobs=False)
        watch.compare(connection)
        return None if watch.doubt is None else f"of the portal ({DATABASE_NAME}), {watch.doubt}"


@dataclass(slots=True)
class PortalBeside:
    """The portal's database beside a store that this process holds."""

    directory: Path
    mark: Path | None
    clock: Clock
    doubt: str | None

    @classmethod
    def found(cls, directory: Path, *, mark: Path | None, clock: Clock) -> PortalBeside:
        """As it lies there now."""
        return cls(directory, mark, clock, portal_doubt(directory, mark=mark))

    async def confirm_restored(self) -> None:
        """What is here of it counts from now on, but for its sessions: who had ended one is not let in by it again."""
        if self.doubt is None:
            return
        portal = await SqlitePortalStore.open(self.directory, mark=self.mark, clock=self.clock)
        try:
            await portal.confirm_restored()
        finally:
            await portal.aclose()
        self.doubt = None

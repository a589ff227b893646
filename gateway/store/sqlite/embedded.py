"""The embedded engine, as the wiring hands it on.

What went back in its directory is told and confirmed as one: the hub's store, and the portal's database beside it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from gateway.clock import Clock
from gateway.sqlite import octets_of
from gateway.storage import DatabaseRefused
from gateway.store.checking.embedded import check_embedded
from gateway.store.data_directory import FreeSpaceMarks
from gateway.store.engine import Checked, HeldStore, Look, Lost, OnStuck, Tables
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.sqlite import database as portal_database
from gateway.store.portal.sqlite.store import SqlitePortalStore
from gateway.store.portal.sqlite.went_back import PortalBeside, portal_doubt
from gateway.store.rules.expiry import LOG_DAYS
from gateway.store.sqlite.look import held_to_look, look_at_store, tables_in
from gateway.store.sqlite.lost import DATABASE_NAME, lost_database, refuse_lost
from gateway.store.sqlite.store import APPLICATION_ID, MIGRATIONS, SqliteStore


class EmbeddedEngine:
    """SQLite for rows, files for large parts, in one directory; its mark there too, or in a folder outside."""

    database_name = DATABASE_NAME

    def __init__(self, mark: Path | None) -> None:
        self._mark = mark

    def exists(self, directory: Path) -> bool:
        """Whether a store was made there, and its database is, or something that lies in its place."""
        return os.path.lexists(directory / DATABASE_NAME) and self.lost(directory) is None

    def lost(self, directory: Path) -> Lost | None:
        """None where the database is, with octets, or where no store ever was."""
        return lost_database(directory, mark=self._mark)

    async def open(
        self,
        directory: Path,
        *,
        clock: Clock,
        marks: FreeSpaceMarks = FreeSpaceMarks(),  # noqa: B008 - frozen
        ballast_octets: int | None = None,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
        on_stuck: OnStuck = lambda _blobs: None,
        log_days: int = LOG_DAYS,
    ) -> HeldStore:
        """The store in this directory, made if it is not there."""
        store = await SqliteStore.open(
            directory,
            mark=self._mark,
            clock=clock,
            marks=marks,
            ballast_octets=ballast_octets,
            on_failure=on_failure,
            on_stuck=on_stuck,
            log_days=log_days,
        )
        try:
            store.beside = PortalBeside.found(directory, mark=self._mark, clock=clock)
        except BaseException:
            await store.aclose()
            raise
        return store

    async def open_portal(
        self,
        directory: Path,
        *,
        clock: Clock,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
    ) -> PortalStore:
        """A database of its own in the same directory."""
        return await SqlitePortalStore.open(directory, mark=self._mark, clock=clock, on_failure=on_failure)

    def look(self, directory: Path, at: datetime) -> Look:
        """Read what can be read, and change nothing."""
        return look_at_store(
            directory, at, mark=self._mark, doubt_beside=lambda: portal_doubt(directory, mark=self._mark)
        )

    def tables(self, directory: Path) -> tuple[Tables, ...]:
        """As their files say, which nobody has to have open."""
        refuse_lost(directory, mark=self._mark)
        portal_database.refuse_lost(directory, mark=self._mark)
        with held_to_look(directory):
            found = [tables_in(directory / DATABASE_NAME, MIGRATIONS, APPLICATION_ID)]
            if octets_of(directory / portal_database.DATABASE_NAME):
                beside = directory / portal_database.DATABASE_NAME
                found.append(tables_in(beside, portal_database.MIGRATIONS, portal_database.APPLICATION_ID))
        return tuple(found)

    async def bring_up_to_date(self, directory: Path, *, clock: Clock) -> None:
        """By opening them, as a start does; a store in doubt stays as it was found."""
        store = await self.open(directory, clock=clock)
        try:
            if store.doubt is not None:
                raise DatabaseRefused(f"the store is not what this hub stored: {store.doubt}; confirm that first")
            if octets_of(directory / portal_database.DATABASE_NAME):
                await (await self.open_portal(directory, clock=clock)).aclose()
        finally:
            await store.aclose()

    def check(self, directory: Path, at: datetime, *, keyed_by: bytes) -> Checked:
        """Of a store that no hub serves: a second process that reads a whole one would keep its log from being cut."""
        doubt = self.look(directory, at).doubt
        with held_to_look(directory):
            return check_embedded(directory, doubt)

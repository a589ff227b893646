"""The engine on PostgreSQL, as the wiring hands it on: the store in a database, for the node of a data directory.

A look and a question whether a store is there are asked where no event loop may be waited for, so each has one of its
own, in a thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from gateway.clock import Clock, SystemClock
from gateway.objects import Bucket
from gateway.postgres import Address, Database, DatabaseAway
from gateway.postgres.database import found_version
from gateway.storage import DatabaseRefused
from gateway.store.blobs import MEMORY_OCTETS
from gateway.store.checking.database import check_database
from gateway.store.data_directory import FreeSpaceMarks, measure_space, refuse_unusable
from gateway.store.engine import Checked, HeldStore, Look, Lost, OnStuck, Tables
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.postgres.store import SCHEMA as PORTAL_SCHEMA
from gateway.store.portal.postgres.store import PostgresPortalStore
from gateway.store.portal.postgres.went_back import confirm_portal_restored
from gateway.store.postgres import listing, seen
from gateway.store.postgres.statements import SCHEMA, SQL
from gateway.store.postgres.store import PostgresStore
from gateway.store.rules.expiry import LOG_DAYS

T = TypeVar("T")


class PostgresEngine:
    """A database that several hubs may share, each with a data directory of its own."""

    def __init__(self, address: Address, *, bucket: Bucket | None = None, from_octets: int = MEMORY_OCTETS) -> None:
        self._address = address
        self._bucket = bucket
        self._from_octets = from_octets
        self.database_name = f"store, and neither does {address}"

    def exists(self, directory: Path) -> bool:
        """Whether a store was made in the database, whatever lies in the directory of this node; raises
        `DatabaseRefused` where the database cannot be asked.
        """
        return _apart(found_version(self._address, SCHEMA)) > 0

    def lost(self, directory: Path) -> Lost | None:
        """None where the store is, or where this node saw none yet."""
        if (before := seen.read_seen(directory)) is None or self.exists(directory):
            return None
        return Lost(
            reason=f"{self._address} holds no store, and {directory} belongs to one ({before.store})",
            next_step="correct store.url, or restore the database from a backup. If it is lost for good, so are the"
            f" messages that waited: move {directory / seen.SEEN_NAME} aside, make a new store with knooppunt store new"
            " --hub SETTINGS, and ask the senders to send again what was not collected",
        )

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
        """The store, made if it is not there. Its time is the database's, but where the hub's is not the machine's own,
        as in a test environment whose clock was moved.
        """
        if (lost := self.lost(directory)) is not None:
            raise DatabaseRefused(f"{lost.reason}; {lost.next_step}")
        store = await PostgresStore.open(
            directory,
            address=self._address,
            moment=_moment(clock),
            marks=marks,
            ballast_octets=ballast_octets,
            on_failure=on_failure,
            log_days=log_days,
            bucket=self._bucket,
            from_octets=self._from_octets,
        )
        store.confirm_beside = partial(confirm_portal_restored, self._address)
        return store

    async def open_portal(
        self,
        directory: Path,
        *,
        clock: Clock,
        on_failure: Callable[[BaseException], None] = lambda _error: None,
    ) -> PortalStore:
        """A schema of its own in the same database, by the same time."""
        return await PostgresPortalStore.open(self._address, moment=_moment(clock))

    def look(self, directory: Path, at: datetime) -> Look:
        """Read what can be read, and change nothing."""
        refuse_unusable(directory)
        free_octets = measure_space(directory).free_octets if directory.exists() else 0
        return _apart(self._look(directory, seen.read_seen(directory), free_octets))

    async def _look(self, directory: Path, before: seen.Seen | None, free_octets: int) -> Look:
        database = await Database.open(self._address, schema=SCHEMA, statements=SQL, may_migrate=False, connections=1)
        try:
            found = await database.read(seen.look)
            seen.refuse_other(directory, before, found, str(self._address))
            counts = await database.read(lambda tx: listing.counts(tx, free_octets=free_octets))
        except DatabaseAway as error:
            raise DatabaseRefused(f"{error}; see that the server runs") from error
        finally:
            await database.aclose()
        return Look(counts=counts, doubt=seen.doubt_of(before, found))

    def tables(self, directory: Path) -> tuple[Tables, ...]:
        """As the database says, whether hubs serve it or not."""
        found = [(each, _apart(found_version(self._address, each))) for each in (SCHEMA, PORTAL_SCHEMA)]
        return tuple(
            Tables(name=schema.name, version=version, newest=len(schema.scripts))
            for schema, version in found
            if version or schema is SCHEMA
        )

    async def bring_up_to_date(self, directory: Path, *, clock: Clock) -> None:
        """Under a lock of the database: of several that come at once one does it."""
        for schema in (SCHEMA, PORTAL_SCHEMA):
            if await found_version(self._address, schema):
                await (await Database.open(self._address, schema=schema, statements={}, connections=1)).aclose()

    def check(self, directory: Path, at: datetime, *, keyed_by: bytes) -> Checked:
        """As of one moment, whether hubs serve it or not."""
        doubt = self.look(directory, at).doubt
        return _apart(check_database(self._address, keyed_by=keyed_by, doubt=doubt))


def _moment(clock: Clock) -> Callable[[], datetime] | None:
    """The time in the place of the database's, where the hub's clock is not the machine's own."""
    return None if isinstance(clock, SystemClock) else clock.now


def _apart(work: Coroutine[Any, Any, T]) -> T:
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(asyncio.run, work).result()

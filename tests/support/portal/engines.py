"""The engines of the portal's store, each as a test opens it: with a clock that stands where the test puts it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import apsw
import asyncpg
from support.clocks import StandingClock

from gateway.postgres import read_address
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.postgres.store import SCHEMA, PostgresPortalStore
from gateway.store.portal.sqlite.store import SqlitePortalStore

OpenPortal = Callable[[], Awaitable[PortalStore]]


class OpeningPortal(Protocol):
    """Opens the portal's store in this folder, by this clock."""

    def __call__(self, path: Path, clock: StandingClock) -> Awaitable[PortalStore]: ...


async def open_sqlite_portal(path: Path, clock: StandingClock) -> PortalStore:
    return await SqlitePortalStore.open(path, clock=clock)


@asynccontextmanager
async def portal_store(path: Path, clock: StandingClock) -> AsyncIterator[PortalStore]:
    """The store in that folder, until the block ends."""
    async with opened_at(SqlitePlace(folder=path), clock) as store:
        yield store


PORTAL_ENGINES: Mapping[str, OpeningPortal] = {"sqlite": open_sqlite_portal}


class PortalPlace(Protocol):
    """Where the portal's store of one test lies, whichever engine has it."""

    engine: str

    @property
    def where(self) -> str:
        """As `place_of` reads it in another process."""

    async def open(self, clock: StandingClock) -> PortalStore:
        """The store there."""

    async def count_rows(self) -> Mapping[str, int]:
        """How many rows each of its tables has, but for those that are of the database."""

    async def columns(self, table: str) -> tuple[str, ...]:
        """Those of a table, in their order, as statements see them."""

    async def change(self, statement: str) -> int:
        """How many rows are changed by whoever gets at the database; `OCTET` stands for one octet."""


@dataclass(frozen=True, kw_only=True)
class SqlitePlace:
    """A folder."""

    folder: Path
    engine: str = "sqlite"

    @property
    def where(self) -> str:
        return str(self.folder)

    async def open(self, clock: StandingClock) -> PortalStore:
        return await open_sqlite_portal(self.folder, clock)

    async def count_rows(self) -> Mapping[str, int]:
        with closing(self._connected()) as connection:
            names = connection.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
            )
            tables = {name for (name,) in names.fetchall()} - {"store"}
            return {name: connection.execute(f'SELECT count(*) FROM "{name}"').get for name in tables}

    async def columns(self, table: str) -> tuple[str, ...]:
        with closing(self._connected()) as connection:
            found = [str(row[1]) for row in connection.execute(f"PRAGMA table_info({table})")]
            return tuple(each for each in found if each != "padding")

    async def change(self, statement: str) -> int:
        with closing(self._connected()) as connection:
            connection.execute(statement.replace("OCTET", "x'00'"))
            return connection.changes()

    def _connected(self) -> apsw.Connection:
        return apsw.Connection(str(self.folder / "portal.db"), flags=apsw.SQLITE_OPEN_READWRITE)


@dataclass(frozen=True, kw_only=True)
class PostgresPlace:
    """A database of the tests' server."""

    url: str
    engine: str = "postgres"

    @property
    def where(self) -> str:
        return self.url

    async def open(self, clock: StandingClock) -> PortalStore:
        return await PostgresPortalStore.open(read_address(self.url), moment=clock.now)

    async def count_rows(self) -> Mapping[str, int]:
        async with self.connected() as connection:
            names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = $1", SCHEMA.name)
            tables = {each["tablename"] for each in names} - {"made_by"}
            return {name: await connection.fetchval(f'SELECT count(*) FROM "{name}"') for name in tables}

    async def columns(self, table: str) -> tuple[str, ...]:
        async with self.connected() as connection:
            selected = await connection.prepare(f"SELECT * FROM {table}")
            return tuple(each.name for each in selected.get_attributes())

    async def change(self, statement: str) -> int:
        async with self.connected() as connection:
            return int((await connection.execute(statement.replace("OCTET", "'\\x00'"))).split()[-1])

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.url, server_settings={"search_path": SCHEMA.name})
        try:
            yield connection
        finally:
            await connection.close()


def place_of(where: str) -> PortalPlace:
    """The place that names itself so."""
    return PostgresPlace(url=where) if where.startswith("postgresql:") else SqlitePlace(folder=Path(where))


@asynccontextmanager
async def opened_at(place: PortalPlace, clock: StandingClock) -> AsyncIterator[PortalStore]:
    """The store of that place, until the block ends."""
    store = await place.open(clock)
    try:
        yield store
    finally:
        await store.aclose()


def make_portal_tables(url: str) -> None:
    """Once for all databases that are made like this one."""

    async def opened_once() -> None:
        await (await PostgresPlace(url=url).open(StandingClock())).aclose()

    with closing(asyncio.new_event_loop()) as loop:
        loop.run_until_complete(opened_once())

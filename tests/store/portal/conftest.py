"""The portal's stores that have to pass the contract suite: each test of it runs once for every engine."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.portal.engines import OpenPortal, PortalPlace, PostgresPlace, SqlitePlace, make_portal_tables
from support.store.postgres import PostgresServer

from gateway.store.portal.interface import PortalStore


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture(params=["postgres", "sqlite"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[PortalPlace]:
    """Where the store of this test lies."""
    if request.param == "sqlite":
        yield SqlitePlace(folder=tmp_path)
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database(template=server.template("portal", make_portal_tables)) as url:
        yield PostgresPlace(url=url)


@pytest.fixture
async def open_portal(place: PortalPlace, clock: StandingClock) -> AsyncIterator[OpenPortal]:
    """Opens the store of this test; opening again ends the earlier one, as a restart does."""
    opened: list[PortalStore] = []

    async def open_again() -> PortalStore:
        while opened:
            await opened.pop().aclose()
        opened.append(await place.open(clock))
        return opened[0]

    yield open_again
    while opened:
        await opened.pop().aclose()


@pytest.fixture
async def portal(open_portal: OpenPortal) -> PortalStore:
    return await open_portal()

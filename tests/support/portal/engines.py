"""The engines of the portal's store, each as a test opens it: with a clock that stands where the test puts it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Protocol

from support.clocks import StandingClock

from gateway.store.portal.interface import PortalStore
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
    store = await open_sqlite_portal(path, clock)
    try:
        yield store
    finally:
        await store.aclose()


PORTAL_ENGINES: Mapping[str, OpeningPortal] = {"sqlite": open_sqlite_portal}

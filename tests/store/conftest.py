"""The stores that have to pass the contract suite."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from support.store_samples import START

from gateway.store.interface import Store
from gateway.store.sqlite.store import SqliteStore

OpenStore = Callable[[], Awaitable[Store]]


async def _open_sqlite(folder: Path) -> Store:
    return await SqliteStore.open(folder / "data", at=START)


STORES: dict[str, Callable[[Path], Awaitable[Store]]] = {"sqlite": _open_sqlite}


@pytest.fixture(params=sorted(STORES))
async def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens the store of this test; opening again ends the earlier one, as a restart does."""
    opened: list[Store] = []

    async def open_again() -> Store:
        while opened:
            await opened.pop().aclose()
        opened.append(await STORES[request.param](tmp_path))
        return opened[0]

    yield open_again
    while opened:
        await opened.pop().aclose()


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()

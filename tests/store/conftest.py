"""The stores that have to pass the contract suite: each test of it runs once for every engine."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from support.longer import longer
from support.store import databases, objects
from support.store.engines import ENGINES, PLACES, TestedEngine
from support.store.file_systems import in_memory

from gateway.store.interface import Store


@pytest.fixture(scope="session", autouse=True)
def _databases(request: pytest.FixtureRequest) -> None:
    """Where stores on PostgreSQL get their databases; the server starts with the first that asks."""
    databases.serve_from(lambda: request.getfixturevalue("postgres"))


@pytest.fixture(scope="session")
def object_server() -> Iterator[objects.ObjectServer]:
    """A server of others that speaks S3."""
    with objects.moto() as server:
        yield server


@pytest.fixture(scope="session", autouse=True)
def _objects(request: pytest.FixtureRequest) -> None:
    """Where stores get their buckets; the server starts with the first that asks."""
    objects.serve_objects_from(lambda: request.getfixturevalue("object_server"))


@pytest.fixture(autouse=True)
def _released() -> Iterator[None]:
    yield
    databases.release()


OpenStore = Callable[[], Awaitable[Store]]


@pytest.fixture
def quick_path() -> Iterator[Path]:
    """A folder that is no disk, where there is such a one."""
    with tempfile.TemporaryDirectory(dir=in_memory()) as folder:
        yield Path(folder)


@pytest.fixture(params=[*sorted(ENGINES), *longer("objects")])
def engine(request: pytest.FixtureRequest) -> TestedEngine:
    """Each engine, for a test that does more with a store than open it; in the long run with object storage, too."""
    return PLACES[request.param]


@pytest.fixture(params=[*sorted(ENGINES), *longer("objects")])
async def open_store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[OpenStore]:
    """Opens the store of this test; opening again ends the earlier one, as a restart does."""
    opened: list[Store] = []

    async def open_again() -> Store:
        while opened:
            await opened.pop().aclose()
        opened.append(await PLACES[request.param].open(tmp_path / "data"))
        return opened[0]

    yield open_again
    while opened:
        await opened.pop().aclose()


@pytest.fixture
async def store(open_store: OpenStore) -> Store:
    return await open_store()

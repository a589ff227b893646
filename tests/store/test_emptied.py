"""A database that was emptied, or is none, is refused in words before SQLite opens it, and all that lies beside it
stays: its log may hold the only copy of what was accepted last.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from support.store.copies import LOG_NAME, lived
from support.store.engines import open_sqlite
from support.store.store_samples import START

from gateway.clock import SystemClock
from gateway.sqlite import open_database, open_unchanged
from gateway.storage import DatabaseBarred, DatabaseBroken, DatabaseLost, DatabaseRefused
from gateway.store.model import MessageFilter
from gateway.store.sqlite.embedded import EmbeddedEngine
from gateway.store.sqlite.lost import DATABASE_NAME
from gateway.store.sqlite.mark import PLACE_NAME
from gateway.store.sqlite.mark_file import MARK_NAME
from gateway.store.sqlite.store import APPLICATION_ID, FUNCTIONS, MIGRATIONS

SPOILT: dict[str, tuple[Callable[[Path], object], type[DatabaseRefused], str]] = {
    "emptied": (lambda file: file.write_bytes(b""), DatabaseLost, "is empty, and of its store are there: "),
    "gone": (lambda file: file.unlink(), DatabaseLost, "holds no store.db, and is not empty: "),
    "cut in its first page": (lambda file: os.truncate(file, 4095), DatabaseBroken, "it ends after 4095 octets"),
    "cut in its header": (lambda file: os.truncate(file, 99), DatabaseBroken, "it ends after 99 octets"),
    "only zeros": (lambda file: file.write_bytes(bytes(8192)), DatabaseBroken, "it is no database"),
    "other octets": (lambda file: file.write_bytes(b"x" * 8192), DatabaseBroken, "it is no database"),
}


async def opened(data: Path) -> None:
    await EmbeddedEngine(None).open(data, clock=SystemClock())


async def looked_at(data: Path) -> None:
    EmbeddedEngine(None).look(data, START)


_OF_THE_STORE: dict[str, Any] = {
    "migrations": MIGRATIONS, "application_id": APPLICATION_ID, "functions": FUNCTIONS,
}  # fmt: skip
WAYS: tuple[Callable[[Path], Awaitable[None]], ...] = (opened, looked_at)


def seen(folder: Path) -> dict[str, object]:
    """Every name in it with its octets; what holds the directory is nobody's."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in sorted(folder.rglob("*"))
        if path.name != "lock"
    }


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
@pytest.mark.parametrize("what", SPOILT)
async def test_beside_what_is_no_database_nothing_is_changed_and_what_comes_back_is_whole(
    tmp_path: Path, what: str, way: Callable[[Path], Awaitable[None]]
) -> None:
    data = tmp_path / "data"
    spoil, kind, said = SPOILT[what]
    await lived(data, killed=True)
    whole = shutil.copy2(data / DATABASE_NAME, tmp_path / "whole")
    assert (data / LOG_NAME).stat().st_size
    spoil(data / DATABASE_NAME)
    before = seen(data)
    for _ in range(2):
        with pytest.raises(kind, match=said) as refused:
            await way(data)
        assert f"its log ({LOG_NAME})" in str(refused.value)
        assert seen(data) == before
    shutil.copy2(whole, data / DATABASE_NAME)
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    assert len(await store.messages(MessageFilter())) == 2
    await store.aclose()


@pytest.mark.parametrize("left", [MARK_NAME, PLACE_NAME, "blobs"])
async def test_any_trace_of_a_store_beside_an_emptied_database_shows_that_it_is_none_to_be_made(
    tmp_path: Path, left: str
) -> None:
    data = tmp_path / "data"
    await lived(data)
    for name in {MARK_NAME, PLACE_NAME, LOG_NAME} - {left}:
        (data / name).unlink(missing_ok=True)
    if left != "blobs":
        shutil.rmtree(data / "blobs")
    (data / DATABASE_NAME).write_bytes(b"")
    before = seen(data)
    with pytest.raises(DatabaseLost, match=f"is empty, and of its store are there: {left}; put store.db back"):
        await opened(data)
    assert seen(data) == before


async def test_an_emptied_database_with_its_mark_outside_is_known_by_that(tmp_path: Path) -> None:
    data, outside = tmp_path / "data", tmp_path / "outside"
    outside.mkdir(mode=0o700)
    await (await open_sqlite(data, at=START, mark=outside)).aclose()
    shutil.rmtree(data)
    data.mkdir(mode=0o700)
    (data / DATABASE_NAME).write_bytes(b"")
    assert not EmbeddedEngine(outside).exists(data)
    with pytest.raises(DatabaseLost, match=f"store.db is empty, and {outside / MARK_NAME} tells of a store"):
        await EmbeddedEngine(outside).open(data, clock=SystemClock())
    assert not (data / DATABASE_NAME).stat().st_size


@pytest.mark.parametrize(
    "made", [(LOG_NAME,), (DATABASE_NAME, LOG_NAME)], ids=["before the database", "before its head"]
)
async def test_a_store_whose_making_was_broken_off_is_made(tmp_path: Path, made: tuple[str, ...]) -> None:
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    for name in made:
        (data / name).touch(0o600)
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    await store.aclose()


@pytest.mark.parametrize("name", [DATABASE_NAME, LOG_NAME, f"{DATABASE_NAME}-shm", f"{DATABASE_NAME}-journal"])
def test_a_pipe_among_the_files_of_a_database_keeps_nobody_waiting(tmp_path: Path, name: str) -> None:
    database = tmp_path / DATABASE_NAME
    open_database(database, **_OF_THE_STORE).close()
    (tmp_path / name).unlink(missing_ok=True)
    os.mkfifo(tmp_path / name)
    with pytest.raises(DatabaseBarred, match=f"{name} cannot be opened: it is a pipe, and should be a plain file"):
        open_unchanged(database)
    with pytest.raises(DatabaseBarred, match="move it away, or put back the file that belongs there"):
        open_database(database, **_OF_THE_STORE)

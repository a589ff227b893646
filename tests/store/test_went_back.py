"""A store that went back is noticed, and is not served until somebody confirms (OP-01).

Nothing is taken, given or removed while it is in doubt, and what lies there stays as it was found.
"""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from support.store.copies import LOG_NAME, copy, lived, older_copy, put_back, written_over
from support.store.engines import as_of, open_sqlite
from support.store.store_samples import RECEIVER, START, accept, parts_of, pull, read_whole, sealed_message

from gateway.sqlite import read_migrations
from gateway.store.interface import Store, StoreUnavailable
from gateway.store.model import Accepted, Empty, MessageFilter, Offer
from gateway.store.sqlite.mark import PLACE_NAME, version_of
from gateway.store.sqlite.mark_file import MARK_NAME
from gateway.store.sqlite.store import DATABASE_NAME, MIGRATIONS

LATER = START + timedelta(days=3650)


def whole_directory(data: Path) -> None:
    older = data.with_name("older")
    shutil.rmtree(data)
    older.rename(data)


def emptied(data: Path) -> None:
    for name in (DATABASE_NAME, LOG_NAME):
        (data / name).unlink(missing_ok=True)


def another(data: Path) -> None:
    emptied(data)
    other = data.with_name("other")

    async def make() -> None:
        store = await open_sqlite(other, at=START)
        for number in range(9):
            await accept(store, sealed_message(number))
        await store.aclose()

    asyncio.run(make())
    put_back(other, data, DATABASE_NAME)


def without_mark(data: Path) -> None:
    (data / MARK_NAME).unlink()


def without_place(data: Path) -> None:
    (data / PLACE_NAME).unlink()


def torn_mark(data: Path) -> None:
    (data / MARK_NAME).write_bytes(b"\0" * 8192)


def without_blobs(data: Path) -> None:
    shutil.rmtree(data / "blobs")


WENT_BACK: dict[str, tuple[Callable[[Path], None], str]] = {
    "an older copy of the database": (older_copy, "an older copy was put back"),
    "an older copy of everything": (whole_directory, "is a copy|log .* is gone"),
    "another store's database": (another, "not the one that was here"),
    "no mark": (without_mark, "store.mark is missing"),
    "no file of its place": (without_place, "is a copy"),
    "a mark that is none": (torn_mark, "cannot be read"),
    "no blobs": (without_blobs, "blobs"),
}


CHANGES: tuple[Callable[[Store], Awaitable[object]], ...] = (
    lambda store: accept(store, sealed_message(3)),
    lambda store: as_of(START, store).lease(pull(1)),
    lambda store: as_of(LATER, store).purge(),
    lambda store: as_of(START, store).close("leg2-1@hub.example", party=RECEIVER, receipt=b"<r/>"),
    lambda store: as_of(LATER, store).expire("leg2-1@hub.example", notice=None, notice_parts=None),
)


@pytest.mark.parametrize("what", sorted(WENT_BACK))
async def test_a_store_that_went_back_is_in_doubt_until_somebody_confirms(tmp_path: Path, what: str) -> None:
    data = tmp_path / "data"
    go_back, says = WENT_BACK[what]
    await lived(data)
    await asyncio.to_thread(go_back, data)
    found = sorted(path.name for path in (data / "blobs").iterdir()) if (data / "blobs").exists() else []
    for _ in range(2):
        store = await open_sqlite(data, at=LATER)
        assert store.doubt is not None
        assert re.search(says, store.doubt), store.doubt
        await as_of(LATER, store).messages(MessageFilter())
        for work in CHANGES:
            with pytest.raises(StoreUnavailable, match="nobody confirmed"):
                await work(store)
        await store.aclose()
    assert sorted(path.name for path in (data / "blobs").iterdir()) == found
    store = await open_sqlite(data, at=START)
    await store.confirm_restored()
    assert store.doubt is None
    assert await accept(store, sealed_message(77)) == Accepted()
    await store.aclose()
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    await store.aclose()


@pytest.mark.parametrize(
    ("before", "after", "noticed"),
    [(7, 8, True), (7, 7, False), (None, 8, False), (7, None, False)],
    ids=["another version", "the same file", "not told before", "not told now"],
)
async def test_a_copy_that_got_the_inode_back_is_known_by_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: int | None, after: int | None, noticed: bool
) -> None:
    data = tmp_path / "data"
    monkeypatch.setattr("gateway.store.sqlite.mark.version_of", lambda _path: before)
    await lived(data)
    (data / PLACE_NAME).chmod(0o640)  # another time of change
    (data / PLACE_NAME).chmod(0o600)
    monkeypatch.setattr("gateway.store.sqlite.mark.version_of", lambda _path: after)
    store = await open_sqlite(data, at=START)
    assert (store.doubt is not None and "is a copy" in store.doubt) == noticed
    await store.aclose()


def test_a_file_keeps_its_version_where_the_file_system_tells_one(tmp_path: Path) -> None:
    place = tmp_path / "place"
    place.touch()
    version = version_of(place)
    place.chmod(0o640)
    assert version_of(place) == version


async def test_an_older_copy_that_is_written_over_in_place_with_its_mark_is_not_noticed_which_is_said(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    await lived(data)
    written_over(data.with_name("older"), data)
    store = await open_sqlite(data, at=START)
    assert store.doubt is None, "then the documents say too little"
    assert len(await store.messages(MessageFilter())) == 1
    await store.aclose()


def directory(path: Path) -> None:
    path.mkdir()


def circle(path: Path) -> None:
    path.symlink_to(path)


def endless(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, directory, circle, endless], ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", [MARK_NAME, PLACE_NAME])
async def test_a_mark_or_a_place_that_is_no_plain_file_is_a_doubt_at_once_and_is_confirmed_as_others(
    name: str, make: Callable[[Path], None], tmp_path: Path
) -> None:
    data = tmp_path / "data"
    await lived(data)
    (data / name).unlink()
    make(data / name)
    store = await open_sqlite(data, at=START)
    assert store.doubt is not None
    await store.confirm_restored()
    await store.aclose()
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    await store.aclose()


async def test_an_older_copy_of_an_older_version_stays_as_it_was_found_until_it_is_confirmed_OP_01(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data, old = tmp_path / "data", tmp_path / "old"
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    for number, script in enumerate(read_migrations(MIGRATIONS)[:-1], 1):
        (migrations / f"{number:04}_step.sql").write_text(script)
    with monkeypatch.context() as before:
        before.setattr("gateway.store.sqlite.store.MIGRATIONS", migrations)
        store = await open_sqlite(old, at=START)
        await store.aclose()
    await lived(data)
    put_back(old, data, DATABASE_NAME, LOG_NAME)
    found = (data / DATABASE_NAME).read_bytes()
    store = await open_sqlite(data, at=START)
    assert store.doubt is not None
    assert (data / DATABASE_NAME).read_bytes() == found
    assert (data / LOG_NAME).stat().st_size == 0
    with pytest.raises(StoreUnavailable, match="older version"):
        await store.messages(MessageFilter())
    await store.aclose()
    assert (data / DATABASE_NAME).read_bytes() == found
    store = await open_sqlite(data, at=START)
    await store.confirm_restored()
    assert store.doubt is None
    assert await accept(store, sealed_message(3)) == Accepted()
    await store.aclose()


async def test_what_was_right_is_right_again_when_the_newer_files_come_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await lived(data)
    newest = copy(data, "newest")
    older_copy(data)
    store = await open_sqlite(data, at=START)
    assert store.doubt is not None
    await store.aclose()
    put_back(newest, data, DATABASE_NAME, LOG_NAME)
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    await store.aclose()


async def test_a_change_of_owner_or_of_numbers_alone_is_no_copy(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await lived(data)
    (data / PLACE_NAME).chmod(0o400)
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    await store.aclose()


async def test_after_confirmation_what_waits_is_offered_and_an_older_generation_is_noticed(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await lived(data)
    newest = copy(data, "newest")
    older_copy(data)
    store = await open_sqlite(data, at=START)
    await store.confirm_restored()
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    assert parts_of(1, 100_000) in await read_whole(store, offer)
    assert await store.lease(pull(2)) == Empty()
    await store.aclose()
    put_back(newest, data, DATABASE_NAME, LOG_NAME)
    store = await open_sqlite(data, at=START)
    assert store.doubt is not None
    await store.aclose()

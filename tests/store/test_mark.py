"""A store that went back is noticed by a mark outside the database, and is not served until somebody confirms (OP-01).

Nothing is taken, given or removed while it is in doubt, and what lies there stays as it was found.
"""

from __future__ import annotations

import asyncio
import errno
import os
import re
import shutil
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import apsw
import pytest
from support.store.copies import written_over
from support.store.engines import as_of, open_sqlite
from support.store.flushes import recorded_flushes
from support.store.store_samples import RECEIVER, START, accept, parts_of, pull, read_whole, sealed_message

from gateway import failpoints
from gateway.sqlite import read_migrations
from gateway.store.interface import StoreUnavailable
from gateway.store.model import Accepted, Empty, MessageFilter, Offer
from gateway.store.sqlite import connections
from gateway.store.sqlite.mark import PLACE_NAME
from gateway.store.sqlite.mark_file import MARK_NAME, Mark, MarkFile, MarkUnreadable
from gateway.store.sqlite.store import DATABASE_NAME, MIGRATIONS, SqliteStore

LOG_NAME = f"{DATABASE_NAME}-wal"
LATER = START + timedelta(days=3650)


def copy(data: Path, name: str) -> Path:
    """Files of the directory as they are now."""
    image = data.with_name(name)
    shutil.copytree(data, image)
    return image


def put_back(image: Path, data: Path, *names: str) -> None:
    """As a backup is put back over what is there: with other inodes."""
    for name in names:
        (data / name).unlink(missing_ok=True)
        if (image / name).exists():
            shutil.copy2(image / name, data / name)


async def lived(data: Path, *, killed: bool = False) -> None:
    """A store that took two messages of which one is large; killed, its log lies beside it."""
    store = await open_sqlite(data, at=START)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    older = copy(data, "older")
    await accept(store, sealed_message(2), parts_of(2, 500))
    await store._connections.mark_now()
    if killed:
        running = copy(data, "running")
    await store.aclose()
    if killed:
        (running / f"{DATABASE_NAME}-shm").unlink()
        (older / f"{DATABASE_NAME}-shm").unlink()
        put_back(running, data, DATABASE_NAME, LOG_NAME, MARK_NAME)


def older_copy(data: Path) -> None:
    put_back(data.with_name("older"), data, DATABASE_NAME, LOG_NAME)


def whole_directory(data: Path) -> None:
    older = data.with_name("older")
    shutil.rmtree(data)
    older.rename(data)


def emptied(data: Path) -> None:
    for name in (DATABASE_NAME, LOG_NAME):
        (data / name).unlink(missing_ok=True)


def emptied_with_its_mark(data: Path) -> None:
    emptied(data)
    (data / MARK_NAME).unlink()


def truncated(data: Path) -> None:
    (data / DATABASE_NAME).write_bytes(b"")


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
    "no database": (emptied, "not the one that was here"),
    "no database and no mark": (emptied_with_its_mark, "the database is empty"),
    "an empty file": (truncated, "not the one that was here"),
    "another store's database": (another, "not the one that was here"),
    "no mark": (without_mark, "store.mark is missing"),
    "no file of its place": (without_place, "is a copy"),
    "a mark that is none": (torn_mark, "cannot be read"),
    "no blobs": (without_blobs, "blobs"),
}


CHANGES: tuple[Callable[[SqliteStore], Awaitable[object]], ...] = (
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


async def test_a_log_that_is_gone_after_a_kill_is_noticed_however_young_its_commits_FA_11(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await lived(data, killed=True)
    (data / LOG_NAME).unlink()
    for _ in range(2):
        store = await open_sqlite(data, at=START)
        assert store.doubt is not None
        assert "log" in store.doubt
        await store.aclose()


def what_decides(data: Path) -> dict[str, bytes]:
    """The files by which a start judges a store, with the kind of a log that may be empty."""
    names = (MARK_NAME, LOG_NAME, DATABASE_NAME)
    return {name: (data / name).read_bytes() for name in names if (data / name).exists()}


async def test_a_refused_start_leaves_what_the_next_one_decides_by_and_what_was_put_back_is_accepted_FA_11(
    tmp_path: Path,
) -> None:
    data = tmp_path / "data"
    await lived(data, killed=True)
    kept = (data / LOG_NAME).rename(tmp_path / "kept")
    found = what_decides(data)
    for _ in range(3):
        store = await open_sqlite(data, at=START)
        assert store.doubt is not None
        await store.aclose()
        assert what_decides(data) == found
    kept.rename(data / LOG_NAME)
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    assert len(await store.messages(MessageFilter())) == 2
    await store.aclose()


async def test_a_refused_start_that_is_killed_leaves_no_log_that_counts(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = await open_sqlite(data, at=START)
    await accept(store, sealed_message(1))
    await store._connections.writer.truncate_log()
    await accept(store, sealed_message(2))
    image = copy(data, "image")
    await store.aclose()
    put_back(image, data, DATABASE_NAME, MARK_NAME)
    refused = await open_sqlite(data, at=START)
    killed = copy(data, "killed")
    await refused.aclose()
    assert (killed / LOG_NAME).exists()
    put_back(killed, data, LOG_NAME)
    store = await open_sqlite(data, at=START)
    assert store.doubt is not None
    assert "log" in store.doubt
    await store.aclose()


async def test_a_log_that_is_empty_after_a_kill_is_a_log(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = await open_sqlite(data, at=START)
    await accept(store, sealed_message(1))
    await store._connections.writer.truncate_log()
    image = copy(data, "image")
    await store.aclose()
    assert (image / LOG_NAME).stat().st_size == 0
    put_back(image, data, DATABASE_NAME, LOG_NAME, MARK_NAME)
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    await store.aclose()


async def test_a_log_that_an_earlier_version_found_gone_counts_once_it_is_put_back(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await lived(data, killed=True)
    file = MarkFile(data / MARK_NAME)
    mark = file.read()
    assert mark is not None
    file.write(replace(mark, log_gone=True))
    kept = (data / LOG_NAME).rename(tmp_path / "kept")
    (data / LOG_NAME).touch(0o600)
    store = await open_sqlite(data, at=START)
    assert store.doubt is not None
    await store.aclose()
    kept.rename(data / LOG_NAME)
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
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


async def test_a_kill_alone_raises_no_doubt(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await lived(data, killed=True)
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    assert len(await store.messages(MessageFilter())) == 2
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


def mark_of(data: Path) -> Mark:
    found = MarkFile(data / MARK_NAME).read()
    assert found is not None
    return found


def commits_of(data: Path) -> int:
    reader = apsw.Connection(str(data / DATABASE_NAME))
    found = reader.execute("SELECT commits FROM store").get
    reader.close()
    return int(found)


async def test_the_mark_is_flushed_at_the_start_before_each_checkpoint_and_purge_and_at_the_end(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = await open_sqlite(data, at=START)
    assert mark_of(data).running
    await accept(store, sealed_message(1))
    assert mark_of(data).commits == 0
    await store._connections.writer.truncate_log()
    assert mark_of(data).commits == commits_of(data) == 1
    await accept(store, sealed_message(2))
    await store.purge()
    assert mark_of(data).commits == 2
    await accept(store, sealed_message(3))
    await store.aclose()
    assert (mark_of(data).commits, mark_of(data).running) == (3, False)


async def test_the_mark_follows_a_commit_within_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert connections.MARK_SECONDS < 60
    monkeypatch.setattr(connections, "MARK_SECONDS", 0.0)
    store = await open_sqlite(tmp_path / "data", at=START)
    await accept(store, sealed_message(1))
    async with asyncio.timeout(20):
        while mark_of(tmp_path / "data").commits == 0:  # noqa: ASYNC110 - threads set no event of the loop
            await asyncio.sleep(0)
    await store.aclose()


async def test_no_blob_is_unlinked_before_the_mark_knows_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = tmp_path / "data"
    store = await open_sqlite(data, at=START)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    await store.lease(pull(1))
    await store.close("leg2-1@hub.example", party=RECEIVER, receipt=b"<r/>")
    known: dict[str, int] = {}
    monkeypatch.setattr(failpoints, "reach", lambda name: known.setdefault(name, mark_of(data).commits))
    await store.purge()
    assert known["U1.before"] == 3
    await store.aclose()


async def test_a_mark_that_found_no_room_comes_again_although_nothing_more_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "MARK_SECONDS", 0.0)
    store = await open_sqlite(tmp_path / "data", at=START)
    with monkeypatch.context() as full:
        tried = no_room_for_the_mark(full)
        await accept(store, sealed_message(1))
        async with asyncio.timeout(20):
            while not tried:  # noqa: ASYNC110 - threads set no event of the loop
                await asyncio.sleep(0)
    async with asyncio.timeout(20):
        while mark_of(tmp_path / "data").commits == 0:  # noqa: ASYNC110 - as above
            await asyncio.sleep(0)
    await store.aclose()


def no_room_for_the_mark(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    tried: list[bytes] = []

    def refuse(_file: MarkFile, slot: bytes) -> None:
        tried.append(slot)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(MarkFile, "_overwrite", refuse)
    return tried


async def test_a_store_that_closed_on_a_full_disk_is_in_no_doubt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = tmp_path / "data"
    store = await open_sqlite(data, at=START)
    await accept(store, sealed_message(1))
    with monkeypatch.context() as full:
        assert no_room_for_the_mark(full) == []
        await store.aclose()
    assert store.failed is None
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    assert len(await store.messages(MessageFilter())) == 1
    await store.aclose()


def test_a_new_mark_is_flushed_then_named_and_then_its_folder_is_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes = recorded_flushes(monkeypatch)
    MarkFile(tmp_path / "mark").write(MARK)
    assert flushes == [("fsync", "mark.new"), ("rename", "mark"), ("fsync", tmp_path.name)]


async def test_what_changes_nothing_is_no_commit(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "data", at=START)
    await store.cut_lease("none", "none", timedelta())
    assert commits_of(tmp_path / "data") == 0
    await store.aclose()


MARK = Mark(store="a", generation=1, commits=1, running=True, inode=1, changed_ns=1)


def test_a_mark_that_is_torn_while_it_is_written_leaves_the_one_before(tmp_path: Path) -> None:
    file = MarkFile(tmp_path / "mark")
    assert file.read() is None
    file.write(MARK)
    for commits in range(2, 6):
        before = (tmp_path / "mark").read_bytes()
        file.write(Mark(store="a", generation=1, commits=commits, running=True, inode=1, changed_ns=1))
        after = (tmp_path / "mark").read_bytes()
        assert len(after) == 8192
        for torn_at in range(0, 8192, 64):
            (tmp_path / "mark").write_bytes(after[:torn_at] + before[torn_at:])
            read = MarkFile(tmp_path / "mark").read()
            assert read is not None
            assert read.commits in (commits - 1, commits)
        (tmp_path / "mark").write_bytes(after)
    (tmp_path / "mark").write_bytes(b"")
    with pytest.raises(MarkUnreadable):
        file.read()

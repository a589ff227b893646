"""The mark outside the database: how it is written, and how far behind it may be (OP-01)."""

from __future__ import annotations

import asyncio
import errno
from datetime import timedelta
from pathlib import Path

import apsw
import pytest
from support.store.engines import open_sqlite
from support.store.flushes import recorded_flushes
from support.store.inside import checkpoint
from support.store.store_samples import RECEIVER, START, accept, parts_of, pull, sealed_message

from gateway import failpoints
from gateway.store.model import MessageFilter
from gateway.store.sqlite import connections
from gateway.store.sqlite.mark_file import MARK_NAME, Mark, MarkFile, MarkUnreadable
from gateway.store.sqlite.store import DATABASE_NAME

MARK = Mark(store="a", generation=1, commits=1, running=True, inode=1, changed_ns=1)


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
    await checkpoint(store)
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

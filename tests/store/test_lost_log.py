"""A store whose log is gone has lost what was stored last, and one that was killed has not (FA-11)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.store.copies import LOG_NAME, copy, lived, put_back
from support.store.engines import open_sqlite
from support.store.inside import checkpoint
from support.store.store_samples import START, accept, sealed_message

from gateway.store.model import MessageFilter
from gateway.store.sqlite.mark_file import MARK_NAME, MarkFile
from gateway.store.sqlite.store import DATABASE_NAME


async def test_a_kill_alone_raises_no_doubt(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await lived(data, killed=True)
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    assert len(await store.messages(MessageFilter())) == 2
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
    await checkpoint(store)
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
    await checkpoint(store)
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

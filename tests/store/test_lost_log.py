"""A store whose log is gone has lost what was stored last, and one that was killed has not (FA-11)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
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


def cut_short(mark: Path) -> None:
    os.truncate(mark, 4096)


def half_damaged(mark: Path) -> None:
    """In its newer slot, wherever that is."""
    octets = mark.read_bytes()
    slots = octets[:4096], octets[4096:]
    newer = max(range(2), key=lambda each: int(json.loads(slots[each].partition(b" ")[2])["serial"]))
    mark.write_bytes(b"".join(b"\0" * 4096 if each == newer else slots[each] for each in range(2)))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [(cut_short, "it was cut short, to 4096 of its 8192 octets"), (half_damaged, "one half of its mark .* is damaged")],
    ids=["cut short", "half damaged"],
)
async def test_a_mark_without_its_newer_half_is_told_as_that_and_no_log_is_called_gone(
    tmp_path: Path, spoil: Callable[[Path], None], said: str
) -> None:
    data = tmp_path / "data"
    await lived(data)
    spoil(data / MARK_NAME)
    store = await open_sqlite(data, at=START)
    assert store.doubt is not None
    assert re.search(said, store.doubt)
    assert "log" not in store.doubt
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

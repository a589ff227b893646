"""A mark in a folder outside the data directory (`data.mark`) does not go back with what is put back over it.

It moves there with the first start, and on no way is a suspicion lost that the mark in the directory would have raised.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.store.copies import written_over
from support.store.engines import open_sqlite
from support.store.store_samples import START, accept, parts_of, sealed_message

from gateway.store.data_directory import DataDirectoryRefused
from gateway.store.model import Accepted, MessageFilter
from gateway.store.sqlite.embedded import EmbeddedEngine
from gateway.store.sqlite.mark_file import MARK_NAME, Mark, MarkFile
from gateway.store.sqlite.store import DATABASE_NAME


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "mark"
    folder.mkdir(mode=0o700)
    return folder


async def take(data: Path, number: int, *, mark: Path | None) -> None:
    """A start, a message of which the parts are a file, and an end."""
    store = await open_sqlite(data, mark=mark)
    assert store.doubt is None
    await accept(store, sealed_message(number), parts_of(number, 100_000))
    await store.aclose()


async def doubt_of(data: Path, *, mark: Path | None) -> str | None:
    """What a look says, and the next start."""
    looked = EmbeddedEngine(mark).look(data, START).doubt
    store = await open_sqlite(data, mark=mark)
    assert store.doubt == looked
    await store.aclose()
    return looked


async def confirm(data: Path, *, mark: Path | None) -> None:
    store = await open_sqlite(data, mark=mark)
    assert store.doubt is not None
    await store.confirm_restored()
    await store.aclose()


def mark_in(folder: Path) -> Mark:
    return mark_of(MarkFile(folder / MARK_NAME))


def mark_of(file: MarkFile) -> Mark:
    found = file.read()
    assert found is not None
    return found


async def test_an_older_copy_that_is_written_over_in_place_is_noticed_until_somebody_confirms(
    data: Path, outside: Path, tmp_path: Path
) -> None:
    await take(data, 1, mark=outside)
    shutil.copytree(data, tmp_path / "older")
    await take(data, 2, mark=outside)
    written_over(tmp_path / "older", data)
    for _ in range(2):
        doubt = await doubt_of(data, mark=outside)
        assert doubt is not None
        assert "an older copy was put back" in doubt
    await confirm(data, mark=outside)
    store = await open_sqlite(data, mark=outside)
    assert store.doubt is None
    assert len(await store.messages(MessageFilter())) == 1
    assert await accept(store, sealed_message(3)) == Accepted()
    await store.aclose()


async def test_a_copy_from_before_the_mark_moved_is_noticed_too(data: Path, outside: Path, tmp_path: Path) -> None:
    await take(data, 1, mark=None)
    shutil.copytree(data, tmp_path / "older")
    await take(data, 2, mark=outside)
    written_over(tmp_path / "older", data)
    assert (data / MARK_NAME).exists()
    assert await doubt_of(data, mark=outside) is not None
    await confirm(data, mark=outside)
    assert not (data / MARK_NAME).exists()
    assert await doubt_of(data, mark=outside) is None


async def test_the_first_start_with_the_folder_takes_the_mark_along(data: Path, outside: Path) -> None:
    await take(data, 1, mark=None)
    before = mark_in(data)
    assert await doubt_of(data, mark=outside) is None
    assert mark_in(outside) == before
    assert not (data / MARK_NAME).exists()
    await take(data, 2, mark=outside)
    assert mark_in(outside).commits > before.commits


async def test_what_the_mark_in_the_directory_suspects_is_suspected_at_the_first_start_with_the_folder(
    data: Path, outside: Path, tmp_path: Path
) -> None:
    await take(data, 1, mark=None)
    shutil.copy2(data / DATABASE_NAME, tmp_path)
    await take(data, 2, mark=None)
    shutil.copy2(tmp_path / DATABASE_NAME, data)
    found = (data / MARK_NAME).read_bytes()
    for _ in range(2):
        assert await doubt_of(data, mark=outside) is not None
        assert (data / MARK_NAME).read_bytes() == found
        assert os.listdir(outside) == []
    await confirm(data, mark=outside)
    assert await doubt_of(data, mark=outside) is None
    assert os.listdir(outside) == [MARK_NAME]
    assert not (data / MARK_NAME).exists()


async def test_a_kill_between_the_new_mark_and_the_end_of_the_old_one_raises_no_doubt(
    data: Path, outside: Path
) -> None:
    await take(data, 1, mark=None)
    old = (data / MARK_NAME).read_bytes()
    await take(data, 2, mark=outside)
    (data / MARK_NAME).write_bytes(old)
    assert await doubt_of(data, mark=outside) is None
    assert not (data / MARK_NAME).exists()


@pytest.mark.parametrize("further", ["in the directory", "outside"])
async def test_where_two_marks_lie_the_store_has_to_agree_with_both(data: Path, outside: Path, further: str) -> None:
    await take(data, 1, mark=outside)
    mark = mark_in(outside)
    inside = MarkFile(data / MARK_NAME)
    inside.write(mark)
    assert EmbeddedEngine(outside).look(data, START).doubt is None
    ahead = inside if further == "in the directory" else MarkFile(outside / MARK_NAME)
    assert ahead.read() == mark
    ahead.write(replace(mark, commits=mark.commits + 1))
    assert await doubt_of(data, mark=outside) is not None


async def test_a_mark_that_was_confirmed_away_elsewhere_raises_no_doubt(data: Path, outside: Path) -> None:
    await take(data, 1, mark=outside)
    file = MarkFile(outside / MARK_NAME)
    file.write(replace(mark_of(file), running=True))  # its log is gone, if it counts
    assert await doubt_of(data, mark=outside) is not None
    await confirm(data, mark=None)
    assert await doubt_of(data, mark=outside) is None


async def test_a_mark_that_is_missing_outside_is_a_doubt_and_back_again_is_none(data: Path, outside: Path) -> None:
    await take(data, 1, mark=outside)
    kept = (outside / MARK_NAME).rename(outside / "kept")
    doubt = await doubt_of(data, mark=outside)
    assert doubt is not None
    assert f"{MARK_NAME} is missing from {outside}" in doubt
    kept.rename(outside / MARK_NAME)
    assert await doubt_of(data, mark=outside) is None


async def test_without_the_setting_the_mark_is_missed_until_it_was_moved_back(data: Path, outside: Path) -> None:
    await take(data, 1, mark=outside)
    doubt = await doubt_of(data, mark=None)
    assert doubt is not None
    assert f"{MARK_NAME} is missing from {data}" in doubt
    shutil.move(outside / MARK_NAME, data)
    assert await doubt_of(data, mark=None) is None
    await take(data, 2, mark=None)


async def test_the_mark_of_another_hub_is_a_doubt_and_stays(data: Path, outside: Path, tmp_path: Path) -> None:
    await take(tmp_path / "other", 1, mark=outside)
    await take(data, 1, mark=None)
    found = (outside / MARK_NAME).read_bytes()
    doubt = await doubt_of(data, mark=outside)
    assert doubt is not None
    assert f"another store's, or {outside / MARK_NAME} is another hub's" in doubt
    assert (outside / MARK_NAME).read_bytes() == found
    assert (data / MARK_NAME).exists()


def missing(folder: Path) -> None:
    folder.rmdir()


def a_file(folder: Path) -> None:
    folder.rmdir()
    folder.touch()


def open_to_others(folder: Path) -> None:
    folder.chmod(0o755)


def of_another(folder: Path) -> None:
    os.chown(folder, 12345, 12345)


@pytest.mark.parametrize(
    ("spoil", "says"),
    [
        (missing, "is not there; mount its disk"),
        (a_file, "is no folder"),
        (open_to_others, "is open to others"),
        pytest.param(
            of_another, "belongs to another user", marks=pytest.mark.skipif(os.geteuid() != 0, reason="needs chown")
        ),
    ],
)
async def test_a_folder_that_will_not_do_is_refused_before_anything_is_made(
    data: Path, outside: Path, spoil: Callable[[Path], None], says: str
) -> None:
    spoil(outside)
    with pytest.raises(DataDirectoryRefused, match=f"^data.mark: {outside} {says}"):
        await open_sqlite(data, mark=outside)
    assert data.name not in os.listdir(data.parent)


async def test_a_mark_outside_tells_of_a_store_that_is_gone_whole(data: Path, outside: Path) -> None:
    engine = EmbeddedEngine(outside)
    assert engine.lost(data) is None
    await take(data, 1, mark=outside)
    assert engine.lost(data) is None
    shutil.rmtree(data)
    lost = engine.lost(data)
    assert lost is not None
    assert f"{outside / MARK_NAME} tells of a store that was here, or is another hub's" in lost.reason
    assert f"(mv {outside / MARK_NAME} {outside / MARK_NAME}.lost)" in lost.next_step
    os.mkdir(data)
    assert engine.lost(data) == lost

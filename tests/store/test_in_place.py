"""A store whose files are moved away, removed or replaced under it gives no receipt any more (FA-04, FA-11)."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.portal.portal_samples import key
from support.store.engines import open_sqlite
from support.store.store_samples import START, accept, sealed_message

from gateway.in_place import InPlace, NotInPlace
from gateway.store.data_directory import LOCK_NAME
from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.store.model import MessageFilter, SealedMessage
from gateway.store.portal.sqlite.store import SqlitePortalStore
from gateway.store.sqlite.mark_file import MARK_NAME
from gateway.store.sqlite.store import SqliteStore

BESIDE = "aside"


async def stored(store: SqliteStore, message: SealedMessage) -> None:
    """What has to be done before its receipt may leave."""
    await accept(store, message)
    await store.flushed()


def moved(path: Path) -> None:
    path.rename(path.with_name(f"{path.name}.{BESIDE}"))


def removed(path: Path) -> None:
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def replaced(path: Path) -> None:
    """By a copy, octet for octet."""
    aside = path.with_name(f"{path.name}.{BESIDE}")
    path.rename(aside)
    shutil.copytree(aside, path) if aside.is_dir() else shutil.copy2(aside, path)


def a_link_to_it(path: Path) -> None:
    """By one that leads nowhere."""
    path.unlink() if path.is_file() else shutil.rmtree(path)
    path.symlink_to("nothing")


HOW: tuple[Callable[[Path], None], ...] = (moved, removed, replaced, a_link_to_it)
OF_THE_STORE = ("", "store.db", "store.db-wal", MARK_NAME, LOCK_NAME, "blobs")


@pytest.mark.parametrize("how", HOW, ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", OF_THE_STORE, ids=lambda each: each or "the directory")
async def test_what_is_not_in_its_place_makes_a_flush_one_that_failed(
    tmp_path: Path, name: str, how: Callable[[Path], None]
) -> None:
    failures: list[BaseException] = []
    data = tmp_path / "data"
    store = await open_sqlite(data, at=START, on_failure=failures.append)
    await stored(store, sealed_message(1))
    how(data / name)
    with pytest.raises((OutcomeUnknown, StoreUnavailable)):
        await stored(store, sealed_message(2))
    if name == "":  # then there is no room to be found before anything is written
        with pytest.raises(StoreUnavailable):
            await store.due(limit=1)
        await asyncio.sleep(0)
    (failure,) = failures
    assert isinstance(failure, NotInPlace)
    assert str(data / name) in failure.sentence
    with pytest.raises(StoreUnavailable):
        await stored(store, sealed_message(3))
    await store.aclose()


async def test_a_store_that_was_moved_and_is_put_back_holds_all_that_had_a_receipt(tmp_path: Path) -> None:
    data = tmp_path / "data"
    store = await open_sqlite(data, at=START)
    await stored(store, sealed_message(1))
    moved(data / "store.db")
    with pytest.raises(OutcomeUnknown):
        await stored(store, sealed_message(2))
    await store.aclose()
    (data / f"store.db.{BESIDE}").rename(data / "store.db")
    store = await open_sqlite(data, at=START)
    assert store.doubt is None
    assert len(await store.messages(MessageFilter())) in (1, 2)  # of the second nobody was told
    await store.aclose()


async def test_a_look_at_a_store_that_is_not_there_any_more_ends_it_too_though_nothing_is_written(
    tmp_path: Path,
) -> None:
    failures: list[BaseException] = []
    store = await open_sqlite(tmp_path / "data", at=START, on_failure=failures.append)
    await stored(store, sealed_message(1))
    moved(tmp_path / "data" / "store.db")
    with pytest.raises(StoreUnavailable, match="was moved to"):
        await store.counts()
    await asyncio.sleep(0)
    assert [type(each) for each in failures] == [NotInPlace]
    await store.aclose()


@pytest.mark.parametrize("how", HOW, ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", ["", "portal.db", "portal.db-wal", "portal.mark"], ids=lambda each: each or "folder")
async def test_so_it_is_with_the_portals_database(tmp_path: Path, name: str, how: Callable[[Path], None]) -> None:
    failures: list[BaseException] = []
    data = tmp_path / "data"
    store = await open_sqlite(data, at=START)
    portal = await SqlitePortalStore.open(data, clock=StandingClock(START), on_failure=failures.append)
    how(data / name)
    with pytest.raises((OutcomeUnknown, StoreUnavailable)):
        await portal.find_or_make_person(key(1))
    assert [type(each) for each in failures] == [NotInPlace]
    await portal.aclose()
    await store.aclose()


async def test_a_mark_in_a_folder_outside_has_to_stay_there(tmp_path: Path) -> None:
    failures: list[BaseException] = []
    outside = tmp_path / "marks"
    outside.mkdir(mode=0o700)
    store = await open_sqlite(tmp_path / "data", at=START, mark=outside, on_failure=failures.append)
    moved(outside)
    with pytest.raises((OutcomeUnknown, StoreUnavailable)):
        await stored(store, sealed_message(1))
    assert [type(each) for each in failures] == [NotInPlace]
    await store.aclose()


def test_what_is_held_is_told_from_all_that_lies_in_its_place(tmp_path: Path) -> None:
    held, path = InPlace(), tmp_path / "it"
    path.touch()
    held.hold(path)
    held.look()
    path.chmod(0o400)
    held.look()
    moved(path)
    with pytest.raises(NotInPlace, match=f"was moved to {path}.{BESIDE} while it was in use$") as found:
        held.look()
    assert found.value.next_step.startswith(f"put {path}.{BESIDE} back as {path}")
    path.touch()
    with pytest.raises(NotInPlace, match=r"and another lies in its place$") as found:
        held.look()
    assert found.value.next_step.startswith(f"move aside what lies at {path} now, and put {path}.{BESIDE} back")
    path.with_name(f"it.{BESIDE}").rename(path)
    held.look()
    path.unlink()
    with pytest.raises(NotInPlace, match=r"was removed while it was in use$") as found:
        held.look()
    assert "from a backup" in found.value.next_step
    held.close()
    held.look()

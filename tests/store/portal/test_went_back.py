"""A portal's database that went back is noticed like the store beside it, and says nothing until somebody confirms."""

from __future__ import annotations

import asyncio
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.portal.portal_samples import ORGANISATION, begun, paired
from support.store.copies import put_back
from support.store.engines import open_sqlite
from support.store.store_samples import START

from gateway.storage import DatabaseLost
from gateway.store.engine import HeldStore
from gateway.store.interface import StoreUnavailable
from gateway.store.portal.sqlite import access
from gateway.store.portal.sqlite.store import SqlitePortalStore
from gateway.store.portal.sqlite.went_back import portal_doubt
from gateway.store.sqlite.embedded import EmbeddedEngine
from gateway.store.sqlite.mark_file import MarkFile

DATABASE, LOG, MARK, PLACE = "portal.db", "portal.db-wal", "portal.mark", "portal.place"


async def opened(data: Path, mark: Path | None = None) -> SqlitePortalStore:
    return await SqlitePortalStore.open(data, mark=mark, clock=StandingClock())


async def engine_opened(data: Path, mark: Path | None = None) -> HeldStore:
    return await EmbeddedEngine(mark).open(data, clock=StandingClock())


async def lived(data: Path, mark: Path | None = None) -> str:
    """A hub's directory with a portal; a session that ended stands in the copy of before. Returns its token."""
    await (await open_sqlite(data, at=START)).aclose()
    portal = await opened(data, mark)
    session = await begun(portal, await paired(portal, 1))
    await portal.cut_log()
    shutil.copytree(data, data.with_name("older"))
    await portal.end_session(session.token)
    await paired(portal, 2)
    await portal.aclose()
    return session.token


def older_copy(data: Path) -> None:
    put_back(data.with_name("older"), data, DATABASE, LOG)


def without_mark(data: Path) -> None:
    (data / MARK).unlink()


def without_place(data: Path) -> None:
    (data / PLACE).unlink()


def torn_mark(data: Path) -> None:
    (data / MARK).write_bytes(b"\0" * 8192)


WENT_BACK: dict[str, tuple[Callable[[Path], None], str]] = {
    "an older copy of the database": (older_copy, "an older copy was put back"),
    "no mark": (without_mark, "portal.mark is missing"),
    "no file of its place": (without_place, "is a copy"),
    "a mark that is none": (torn_mark, "cannot be read"),
}


@pytest.mark.parametrize("what", sorted(WENT_BACK))
async def test_a_portal_that_went_back_is_in_doubt_until_somebody_confirms(tmp_path: Path, what: str) -> None:
    data = tmp_path / "data"
    go_back, says = WENT_BACK[what]
    token = await lived(data)
    await asyncio.to_thread(go_back, data)
    for _ in range(2):
        portal = await opened(data)
        assert re.search(says, portal.doubt or ""), portal.doubt
        with pytest.raises(StoreUnavailable, match="nobody confirmed"):
            await portal.find_session(token)
        with pytest.raises(StoreUnavailable, match="nobody confirmed"):
            await portal.set_notice(None)
        await portal.aclose()
    assert re.search(says, portal_doubt(data, mark=None) or "")
    portal = await opened(data)
    await portal.confirm_restored()
    assert portal.doubt is None
    assert await portal.find_session(token) is None, "who logged out is not logged in again by a backup"
    assert len(await portal.persons(ORGANISATION)) in (1, 2)
    await portal.aclose()
    assert portal_doubt(data, mark=None) is None


async def test_the_store_beside_it_is_in_doubt_with_it_and_is_confirmed_with_it(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await lived(data)
    await asyncio.to_thread(older_copy, data)
    look = EmbeddedEngine(None).look(data, START)
    assert look.doubt is not None
    assert look.doubt.startswith("of the portal (portal.db), the database holds")
    store = await engine_opened(data)
    assert store.doubt == look.doubt
    await store.confirm_restored()
    assert store.doubt is None
    await store.aclose()
    assert EmbeddedEngine(None).look(data, START).doubt is None
    portal = await opened(data)
    assert portal.doubt is None
    await portal.aclose()


async def test_a_look_at_it_changes_nothing(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await lived(data)
    before = {each.name: (each.read_bytes(), each.stat().st_mtime_ns) for each in data.iterdir() if each.is_file()}
    assert portal_doubt(data, mark=None) is None
    await asyncio.to_thread(older_copy, data)
    assert portal_doubt(data, mark=None) is not None
    del before[DATABASE]
    after = {each: ((data / each).read_bytes(), (data / each).stat().st_mtime_ns) for each in before}
    assert after == before


@pytest.mark.parametrize("left", [MARK, PLACE, "the mark outside"])
async def test_a_portal_whose_database_is_gone_is_not_made_anew(tmp_path: Path, left: str) -> None:
    data, outside = tmp_path / "data", tmp_path / "outside"
    outside.mkdir(mode=0o700)
    mark = outside if left == "the mark outside" else None
    await lived(data, mark)
    for name in {DATABASE, LOG, MARK, PLACE} - {left}:
        (data / name).unlink(missing_ok=True)
    found = sorted(data.glob("portal.*"))
    for work in (opened(data, mark), engine_opened(data, mark)):
        with pytest.raises(DatabaseLost, match=r"holds no portal\.db, and of the portal's database are there"):
            await work
    assert sorted(data.glob("portal.*")) == found


async def test_a_directory_without_a_portal_is_in_no_doubt_of_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    await (await open_sqlite(data, at=START)).aclose()
    store = await engine_opened(data)
    assert store.doubt is None
    await store.aclose()
    assert not (data / DATABASE).exists()


async def test_a_portal_of_before_there_was_a_mark_gets_one(tmp_path: Path) -> None:
    portal = await opened(tmp_path)
    await paired(portal, 1)
    writer = portal._access._writer
    await writer.run(
        lambda connection: connection.execute(
            "DROP TABLE store; DROP TABLE approving; DROP TABLE broker_metadata; DROP INDEX key_set_retired;"
            " DROP TABLE mail_address; DROP TABLE mail_line; DROP TABLE mail_token; DROP TABLE watched_message;"
            " DROP TABLE arrivals; DROP TABLE administrator; DROP TABLE handling;"
            " DROP INDEX request_joining; PRAGMA user_version = 1"
        )
    )
    shutil.copy(tmp_path / DATABASE, tmp_path / "kept")
    (tmp_path / MARK).unlink()
    (tmp_path / PLACE).unlink()
    writer._witness = _Nobody()
    await portal.aclose()
    (tmp_path / MARK).unlink(missing_ok=True)
    portal = await opened(tmp_path)
    assert portal.doubt is None
    assert len(await portal.persons(ORGANISATION)) == 1
    await portal.aclose()
    assert (tmp_path / MARK).exists()


class _Nobody:
    def committing(self, _connection: object) -> None:
        pass

    def checkpointing(self, _connection: object) -> bool:
        return True

    def closing(self, _connection: object) -> bool:
        return True


async def test_its_mark_follows_what_is_written_within_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert access.MARK_SECONDS < 60
    monkeypatch.setattr(access, "MARK_SECONDS", 0.0)
    portal = await opened(tmp_path)
    file = MarkFile(tmp_path / MARK)
    before = file.read()
    await paired(portal, 1)
    await asyncio.sleep(0)  # the turn in which the mark is due
    await portal.find_session("nobody's")
    await portal._access._writer.run(lambda _connection: None, alone=True)  # after the mark's own turn
    now = file.read()
    assert before is not None
    assert now is not None
    assert now.commits > before.commits
    assert now.running
    await portal.aclose()
    closed = file.read()
    assert closed is not None
    assert not closed.running

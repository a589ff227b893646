"""A store that is copied into a PostgreSQL database: all of it is there, and never are there two that are served."""

from __future__ import annotations

import asyncio
import errno
import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import apsw
import asyncpg
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import precondition, rule
from store import test_state_machine
from support.clocks import StandingClock
from support.portal.engines import PostgresPlace, SqlitePlace
from support.portal.portal_samples import (
    ORGANISATION,
    UNIT,
    begun,
    copy,
    counting,
    document,
    handling,
    key_set,
    paired,
)
from support.store import databases
from support.store.engines import ENGINES, open_sqlite
from support.store.postgres import PostgresServer
from support.store.store_samples import (
    START,
    accept,
    acceptance_for,
    parts_of,
    pull,
    read_whole,
    sealed_message,
)

from gateway import failpoints
from gateway.postgres import read_address
from gateway.storage import DatabaseRefused
from gateway.store.data_directory import DataDirectoryInUse
from gateway.store.interface import DamagedBlob, StoreUnavailable
from gateway.store.model import Accepted, Duplicate, MessageFilter, Offer
from gateway.store.moving import copying, source
from gateway.store.moving.copying import Copied, copy_store
from gateway.store.moving.tables import APART, OF_PORTAL, OF_STORE
from gateway.store.portal.sqlite.store import SqlitePortalStore
from gateway.store.sqlite.moved import NOTE_NAME, MovedNote, write_note


def apsw_columns(database: Path, table: str) -> set[str]:
    connection = apsw.Connection(str(database))
    try:
        return {row[1] for row in connection.execute(f"PRAGMA table_info({table})")}
    finally:
        connection.close()


KEYED_BY = b"f" * 32


async def copied(path: Path) -> Copied:
    """Into the database of this folder, which has one already or gets an empty one."""
    if not path.with_name(f"{path.name}.url").exists():
        databases.place_empty(path)
    return await copy_store(
        path,
        mark=None,
        to=read_address(databases.url_of(path)),
        keyed_by=lambda: KEYED_BY,
        at=START,
        ready=lambda: None,
    )


class MovedMachine(test_state_machine.StoreMachine):
    """Begins embedded, and goes on in PostgreSQL from the moment when it was copied: the model notices nothing."""

    engine = "sqlite"

    @precondition(lambda self: self.engine == "sqlite" and not any(held.away for held in self.model.messages))
    @rule()
    def move(self) -> None:
        self.do(self.store.aclose())
        self.do(copied(self.path))
        self.engine = "postgres"
        self.store = self.do(self.opened(self.now))
        assert self.store.doubt is None


MovedMachine.TestCase.settings = settings(
    max_examples=6, stateful_step_count=40, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestMovedMachine = MovedMachine.TestCase


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def test_all_of_a_store_is_there_a_lease_goes_on_and_a_repetition_is_known(path: Path) -> None:
    messages = [sealed_message(number, head=b"head") for number in range(1, 5)]
    store = await open_sqlite(path)
    for number, message in enumerate(messages):
        parts = parts_of(number, 700_000 if number == 1 else 300)
        assert await accept(store, message, parts, acceptance=acceptance_for(message)) == Accepted()
    first, second = await store.lease(pull(1)), await store.lease(pull(2))
    assert isinstance(first, Offer)
    assert isinstance(second, Offer)
    whole = await read_whole(store, second)
    await store.close(first.message_id, party=messages[0].metadata.receiver, receipt=b"<r/>")
    log, counts = await store.messages(MessageFilter()), await store.counts()
    evidence = [await store.evidence(each.metadata.message_id) for each in messages]
    signers, arrivals = await store.signers(), await store.arrivals(after=2)
    await store.aclose()

    done = await copied(path)

    assert (done.rows["message"], done.rows["piece"], done.damaged, done.ended_earlier) == (4, 3, (), False)
    there = await ENGINES["postgres"].open(path)
    assert await there.messages(MessageFilter()) == log
    assert (await there.counts()).states == counts.states
    assert [await there.evidence(each.metadata.message_id) for each in messages] == evidence
    assert await there.signers() == signers
    assert (await there.arrivals(after=2)).seen == arrivals.seen
    assert (await there.arrivals(after=2)).records == arrivals.records
    assert await there.keyed_by(KEYED_BY)
    assert not await there.keyed_by(b"o" * 32)
    again = await there.lease(pull(2))  # its answer was lost: the same message, the same octets
    assert isinstance(again, Offer)
    assert again.message_id == second.message_id
    assert await read_whole(there, again) == whole
    repeated = await accept(there, messages[2], acceptance=acceptance_for(messages[2]))
    assert isinstance(repeated, Duplicate)
    new = sealed_message(9)
    assert await accept(there, new, acceptance=acceptance_for(new)) == Accepted()
    await there.aclose()


async def test_what_was_copied_is_not_served_until_somebody_confirms_that_it_counts_again(path: Path) -> None:
    """A message that both offered would be delivered twice."""
    store = await open_sqlite(path)
    await accept(store, sealed_message(1))
    await store.aclose()
    await copied(path)

    store = await open_sqlite(path)
    assert store.doubt is not None
    assert "was copied to postgresql://" in store.doubt
    with pytest.raises(StoreUnavailable):
        await store.lease(pull(1))
    await store.confirm_restored()
    await store.aclose()
    store = await open_sqlite(path)
    assert store.doubt is None
    assert isinstance(await store.lease(pull(1)), Offer)
    await store.aclose()


KILLED = {  # where, and whether the database holds the store then
    "C1.before:1:kill": False,
    "C1.after:1:kill": False,
    "C2.after:1:kill": True,
}
COPYING = """
import asyncio, sys
from datetime import UTC, datetime
from pathlib import Path
from gateway.postgres import read_address
from gateway.store.moving.copying import copy_store

path, url = Path(sys.argv[1]), read_address(sys.argv[2])
at = datetime(2026, 11, 23, 9, tzinfo=UTC)
asyncio.run(copy_store(path, mark=None, to=url, keyed_by=lambda: b"f" * 32, at=at, ready=lambda: None))
"""


@pytest.mark.parametrize("failpoint", KILLED)
async def test_a_copying_that_is_killed_anywhere_leaves_one_store_that_is_served_at_most(
    path: Path, failpoint: str
) -> None:
    """Given again it ends what was begun, or does it anew."""
    store = await open_sqlite(path)
    await accept(store, sealed_message(1))
    await store.aclose()
    databases.place_empty(path)
    copy_of_it = [sys.executable, "-c", COPYING, str(path), databases.url_of(path)]
    environment = os.environ | {failpoints.VARIABLE: failpoint}
    killed = await asyncio.to_thread(subprocess.run, copy_of_it, env=environment, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL

    holds = bool(databases.look(path, "SELECT 1 FROM pg_tables WHERE schemaname = 'knooppunt'"))
    store = await open_sqlite(path)
    doubt = store.doubt
    await store.aclose()
    assert (holds, doubt is None) == (KILLED[failpoint], failpoint.startswith("C1.before"))

    assert (await copied(path)).ended_earlier is holds
    there = await ENGINES["postgres"].open(path)
    assert isinstance(await there.lease(pull(1)), Offer)
    await there.aclose()
    assert (await copied(path)).ended_earlier  # and once more does no harm


async def test_a_connection_that_breaks_at_the_commit_leaves_it_unknown_until_the_copying_is_given_again(
    path: Path, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await open_sqlite(path)
    await accept(store, sealed_message(1))
    await store.aclose()
    databases.place_empty(path)
    name = databases.url_of(path).partition("?")[0].rpartition("/")[2]

    def break_off(point: str) -> None:
        if point == "C1.after":
            postgres.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")

    with monkeypatch.context() as breaking:
        breaking.setattr(copying.failpoints, "reach", break_off)
        with pytest.raises(DatabaseRefused, match="did not say whether it has the copy now"):
            await copied(path)
    store = await open_sqlite(path)
    assert store.doubt is not None
    assert "not seen to end" in store.doubt
    await store.aclose()
    assert not (await copied(path)).ended_earlier
    there = await ENGINES["postgres"].open(path)
    assert isinstance(await there.lease(pull(1)), Offer)
    await there.aclose()


async def test_a_file_that_is_gone_is_damage_of_its_message_and_is_told(path: Path) -> None:
    store = await open_sqlite(path)
    for number in (1, 2):
        await accept(store, sealed_message(number), parts_of(number, 70_000))
    await store.aclose()
    ENGINES["sqlite"].hide_large_parts(path, path.with_name("aside"), "leg2-1@hub.example", parts_of(1, 70_000))
    assert (await copied(path)).damaged == ("leg2-1@hub.example",)
    there = await ENGINES["postgres"].open(path)
    first, second = await there.lease(pull(1)), await there.lease(pull(2))
    assert isinstance(first, Offer)
    assert isinstance(second, Offer)
    with pytest.raises(DamagedBlob):
        await read_whole(there, first)
    assert (await read_whole(there, second)).endswith(b"</Envelope>") or second.message_id == "leg2-2@hub.example"
    await there.aclose()


async def test_a_row_that_comes_back_otherwise_keeps_all_of_it_from_being_committed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As from a server whose disk lies."""
    store = await open_sqlite(path)
    await accept(store, sealed_message(1))
    await store.aclose()
    databases.place_empty(path)
    compare = copying.compare

    async def spoilt(connection: asyncpg.Connection, source: copying.SourceStore) -> None:
        await connection.execute("UPDATE envelope SET tail = tail || 'x'")
        await compare(connection, source)

    monkeypatch.setattr(copying, "compare", spoilt)
    with pytest.raises(DatabaseRefused, match="row 1 of envelope"):
        await copied(path)
    assert not databases.look(path, "SELECT 1 FROM pg_tables WHERE schemaname = 'knooppunt'")
    assert not (path / NOTE_NAME).exists()


async def test_nothing_is_copied_while_a_hub_has_the_store_nor_onto_another_nor_what_went_back(path: Path) -> None:
    store = await open_sqlite(path)
    await accept(store, sealed_message(1))
    with pytest.raises(DataDirectoryInUse):
        await copied(path)
    await store.aclose()
    path.with_name("data.url").unlink()
    databases.place(path)
    with pytest.raises(DatabaseRefused, match="holds a store already"):
        await copied(path)
    path.with_name("data.url").unlink()
    ENGINES["sqlite"].forget_where_it_was(path)
    with pytest.raises(DatabaseRefused, match="is not what this hub stored"):
        await copied(path)


async def test_a_copying_that_ends_between_its_two_notes_goes_on_when_it_is_given_again(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a disk that is full after the first of them."""
    await (await open_sqlite(path)).aclose()
    await (await SqlitePortalStore.open(path, clock=StandingClock(START))).aclose()
    written: list[Path] = []

    def write_first(place: Path, moved: MovedNote) -> None:
        if written:
            raise OSError(errno.ENOSPC, "No space left on device", str(place))
        written.append(place)
        write_note(place, moved)

    with monkeypatch.context() as full:
        full.setattr(source, "write_note", write_first)
        with pytest.raises(DatabaseRefused, match=r"portal\.moved: No space left on device; make room"):
            await copied(path)
    store = await open_sqlite(path)
    assert store.doubt is not None
    await store.aclose()
    assert not (await copied(path)).ended_earlier


async def test_the_portal_comes_along_but_for_its_sessions(path: Path) -> None:
    """No lock is missing, and no assertion that was used is fresh again."""
    clock = StandingClock(START)
    await (await open_sqlite(path)).aclose()
    portal = await SqlitePortalStore.open(path, clock=clock)
    person = await paired(portal)
    lock, keys = await counting(portal, person), key_set(person)
    assert await portal.propose_key_set(keys, (copy(keys, lock),))
    assert await portal.keep_document(document(1, b"first"))
    await portal.note_handlings([handling()])
    session = await begun(portal, person)
    assert await portal.note_assertion("issuer", "id", forget_at=START + timedelta(hours=1))
    journal = await portal.journal(ORGANISATION)
    locks = await portal.locks(UNIT)
    await portal.aclose()
    before = await SqlitePlace(folder=path).count_rows()

    await copied(path)

    place = PostgresPlace(url=databases.url_of(path))
    after = await place.count_rows()
    assert after == before | {"session": 0, "open_login": 0}
    there = await place.open(clock)
    assert await there.locks(UNIT) == locks
    assert await there.journal(ORGANISATION) == journal
    assert not await there.note_assertion("issuer", "id", forget_at=START + timedelta(hours=1))
    assert await there.find_session(session.token) is None
    assert (await paired(there)).id == person.id  # goes on numbering its journal
    await there.note_handlings([handling()])
    await there.aclose()


def test_every_table_is_copied_with_all_of_its_columns_or_stands_apart_with_a_reason(path: Path) -> None:
    async def made() -> None:
        await (await open_sqlite(path)).aclose()
        await (await SqlitePortalStore.open(path, clock=StandingClock(START))).aclose()
        await copied(path)

    asyncio.run(made())
    found = databases.look(
        path,
        "SELECT table_schema, table_name, column_name FROM information_schema.columns"
        " WHERE table_schema IN ('knooppunt', 'knooppunt_portal')",
    )
    for schema, tables in (("knooppunt", OF_STORE), ("knooppunt_portal", OF_PORTAL)):
        names = {table for of, table, _ in found if of == schema}
        assert names == {each.name for each in tables} | (names & APART.keys())
        database = "store.db" if schema == "knooppunt" else "portal.db"
        for table in tables:
            there = {column for of, name, column in found if (of, name) == (schema, table.name)}
            with_its_own = apsw_columns(path / database, table.name)
            assert with_its_own - table.without == there, table.name

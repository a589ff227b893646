"""`db check` and `db migrate`: all of a store is read and nothing changed; tables are brought up to date on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import apsw
import pytest
from click.testing import CliRunner, Result
from support.clocks import StandingClock
from support.documents.json_contract import facts_of
from support.hubs.processes import new_site
from support.portal.portal_samples import paired
from support.store import databases
from support.store.engines import ENGINES, TestedEngine, open_sqlite
from support.store.postgres import ROLE, PostgresServer
from support.store.store_samples import START, accept, acceptance_for, parts_of, pull, sealed_message

from gateway import sqlite
from gateway.cli.main import main
from gateway.postgres import Database, read_address
from gateway.storage import DatabaseRefused
from gateway.store.checking import records
from gateway.store.engine import Checked, Engine, Tables
from gateway.store.model import Offer
from gateway.store.postgres.engine import PostgresEngine
from gateway.store.postgres.statements import SCHEMA
from gateway.store.sqlite.embedded import EmbeddedEngine
from gateway.store.sqlite.store import APPLICATION_ID, DATABASE_NAME, FUNCTIONS, MIGRATIONS

CLOCK = StandingClock(START)
KEYED_BY = b"k" * 32
TWO = ("sqlite", "postgres")


def product(name: str, path: Path) -> Engine:
    return EmbeddedEngine(None) if name == "sqlite" else PostgresEngine(read_address(databases.url_of(path)))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data"


async def filled(engine: TestedEngine, path: Path) -> None:
    """One message with large parts waits, one is under a lease, one was collected, one is removed."""
    store = await engine.open(path)
    await store.keyed_by(KEYED_BY)
    for number in range(1, 5):
        message = sealed_message(number)
        parts = parts_of(number, 70_000 if number == 4 else 300)
        await accept(store, message, parts, acceptance=acceptance_for(message))
    for number in (1, 2, 3):
        offer = await store.lease(pull(number))
        assert isinstance(offer, Offer)
        if number < 3:
            await store.close(offer.message_id, party=message.metadata.receiver, receipt=b"<r/>")
        if number == 1:
            await store.purge()
    await store.aclose()


async def check(name: str, path: Path, *, keyed_by: bytes = KEYED_BY) -> Checked:
    return await asyncio.to_thread(product(name, path).check, path, START, keyed_by=keyed_by)


@pytest.mark.parametrize("name", TWO)
async def test_a_whole_store_has_no_fault_and_one_row_changed_is_found_in_each_table(name: str, path: Path) -> None:
    """Behind the back of the store, as a disk or a hand does it."""
    engine = ENGINES[name]
    await filled(engine, path)
    whole = await check(name, path)
    assert (whole.faults, whole.doubt) == ((), None)
    assert whole.rows.keys() == records.STATEMENTS.keys()
    assert whole.rows["message"] == 4
    spoilt = {
        "message": "UPDATE message SET sealed_to = 'another' WHERE message_id = 'leg2-4@hub.example'",
        "envelope": "UPDATE envelope SET tail = x'00'",
        "parts": "UPDATE parts SET octets = x'00' WHERE octets IS NOT NULL",
        "promised": "UPDATE promised SET part_references = '[]'",
        "evidence": "UPDATE evidence SET at = at + 1",
        "signer": "UPDATE signer SET suite = 'another'",
        "acceptance": "UPDATE acceptance SET forget_at = 0",
    }
    assert spoilt.keys() == records.STATEMENTS.keys()
    for statement in spoilt.values():
        engine.change(path, statement)
    found = (await check(name, path)).faults
    assert {each.partition(" ")[0] for each in found} == spoilt.keys()
    assert "message of leg2-4@hub.example is not what was written" in found


@pytest.mark.parametrize("name", TWO)
async def test_large_parts_that_are_gone_a_row_that_is_missing_and_a_wrong_counter_are_found(
    name: str, path: Path
) -> None:
    engine = ENGINES[name]
    await filled(engine, path)
    engine.hide_large_parts(path, path.with_name("aside"), "leg2-4@hub.example", parts_of(4, 70_000))
    engine.change(path, "DELETE FROM promised WHERE message = 3")
    engine.change(path, "UPDATE tally SET messages = messages + 1 WHERE state = 'stored'")
    found = (await check(name, path)).faults
    assert any(each.startswith("parts of leg2-4@hub.example: ") for each in found)
    assert "message leg2-3@hub.example waits and lacks a row" in found
    assert any(each.startswith("a counter of ") and "(stored)" in each for each in found)


@pytest.mark.parametrize("name", TWO)
async def test_the_portal_is_read_with_it(name: str, path: Path) -> None:
    await (await ENGINES[name].open(path)).aclose()
    portal = await product(name, path).open_portal(path, clock=CLOCK)
    await paired(portal)
    await portal.aclose()
    whole = await check(name, path, keyed_by=b"")
    assert (whole.faults, whole.rows["portal.person"], whole.rows["portal.link"]) == ((), 1, 1)
    if name == "sqlite":
        connection = apsw.Connection(str(path / "portal.db"))
        connection.execute("UPDATE link SET unit = 'another'")
        connection.close()
    else:
        databases.do(path, "UPDATE knooppunt_portal.link SET unit = 'another'")
    (fault,) = (await check(name, path, keyed_by=b"")).faults
    assert fault.startswith("a row of the portal's link ")


async def test_a_file_that_no_message_has_is_told_and_is_no_fault(path: Path) -> None:
    await filled(ENGINES["sqlite"], path)
    (path / "blobs" / ("0" * 32)).write_bytes(b"left")
    found = await check("sqlite", path)
    assert (found.faults, found.orphans) == ((), 1)


async def test_another_key_of_duplicates_is_a_fault_and_what_was_not_looked_at_is_said(path: Path) -> None:
    await filled(ENGINES["postgres"], path)
    found = await check("postgres", path, keyed_by=b"o" * 32)
    assert [each.partition(":")[0] for each in found.not_checked] == ["indexes"]
    (fault,) = found.faults
    assert fault.startswith("store.duplicate_key_file holds another key")


async def test_indexes_are_looked_at_where_this_user_may_call_amcheck(path: Path, postgres: PostgresServer) -> None:
    await filled(ENGINES["postgres"], path)
    name = databases.url_of(path).partition("?")[0].rpartition("/")[2]
    postgres.run("CREATE EXTENSION amcheck", database=name)
    assert (await check("postgres", path)).not_checked == ("indexes: this user may not call amcheck",)
    postgres.run(f"GRANT EXECUTE ON FUNCTION bt_index_check(regclass) TO {ROLE}", database=name)
    found = await check("postgres", path)
    assert (found.faults, found.not_checked) == ((), ())


async def test_a_file_that_became_another_of_the_same_length_is_found(path: Path) -> None:
    await filled(ENGINES["sqlite"], path)
    (blob,) = await asyncio.to_thread(lambda: list((path / "blobs").iterdir()))
    await asyncio.to_thread(blob.write_bytes, b"x" * 70_000)
    (fault,) = (await check("sqlite", path)).faults
    assert fault == f"parts of leg2-4@hub.example: {blob} is not what was written"


async def _older_sqlite(path: Path) -> None:
    await asyncio.to_thread(path.mkdir, mode=0o700)
    connection = apsw.Connection(str(path / DATABASE_NAME))
    for name, function in FUNCTIONS.items():
        connection.create_scalar_function(name, function, deterministic=True)
    sqlite.migrate(connection, sqlite.read_migrations(MIGRATIONS)[:-1], APPLICATION_ID)
    connection.close()


async def _older_postgres(path: Path) -> None:
    databases.place_empty(path)
    schema = replace(SCHEMA, scripts=SCHEMA.scripts[:-1])
    await (await Database.open(read_address(databases.url_of(path)), schema=schema, statements={})).aclose()


OLDER: dict[str, Callable[[Path], object]] = {"sqlite": _older_sqlite, "postgres": _older_postgres}
NEWER = {
    "sqlite": lambda path: ENGINES["sqlite"].do(path, "PRAGMA user_version = 99"),
    "postgres": lambda path: databases.do(path, "UPDATE made_by SET version = 99"),
}


@pytest.mark.parametrize("name", TWO)
async def test_older_tables_are_told_and_brought_up_to_date_and_newer_ones_are_left(name: str, path: Path) -> None:
    await OLDER[name](path)  # type: ignore[misc]
    engine = product(name, path)
    (found,) = await asyncio.to_thread(engine.tables, path)
    assert found.version == found.newest - 1
    assert await asyncio.to_thread(engine.tables, path) == (found,)  # a look changes nothing
    await engine.bring_up_to_date(path, clock=CLOCK)
    assert await asyncio.to_thread(engine.tables, path) == (
        Tables(name=found.name, version=found.newest, newest=found.newest),
    )
    await (await ENGINES[name].open(path, at=START + timedelta(days=1))).aclose()
    NEWER[name](path)
    with pytest.raises(DatabaseRefused, match="newer version"):
        await asyncio.to_thread(engine.tables, path)
    with pytest.raises(DatabaseRefused, match="newer version"):
        await engine.bring_up_to_date(path, clock=CLOCK)


def run(*words: object) -> Result:
    return CliRunner().invoke(main, ["db", *map(str, words), "--json"])


def test_the_commands_tell_what_they_found_and_end_with_1_where_something_is_wrong(tmp_path: Path) -> None:
    hub = new_site(tmp_path / "site").settings
    path = hub.parent / "data"
    asyncio.run(filled(ENGINES["sqlite"], path))
    ended = run("check", "--hub", hub)
    assert (ended.exit_code, facts_of(ended.output)["faults"]) == (0, [])
    ENGINES["sqlite"].change(path, "UPDATE envelope SET tail = x'00'")
    ended = run("check", "--hub", hub)
    assert (ended.exit_code, len(facts_of(ended.output)["faults"])) == (1, 2)
    ended = run("migrate", "--hub", hub)
    assert (ended.exit_code, facts_of(ended.output)["migrated"]) == (0, False)
    undo_last_script(path)
    assert run("migrate", "--hub", hub).exit_code == 1
    assert facts_of(run("migrate", "--hub", hub, "--yes").output)["migrated"] is True
    assert run("migrate", "--hub", hub).exit_code == 0
    assert CliRunner().invoke(main, ["db", "check", "--hub", str(hub)]).output.count("fault: ") == 2
    held = asyncio.run(open_held(path, hub))
    assert (held.exit_code, "stop the hub" in held.output) == (1, True)


def undo_last_script(path: Path) -> None:
    """The tables without what the last script made of them."""
    connection = apsw.Connection(str(path / DATABASE_NAME))
    connection.execute("DROP INDEX message_unanswered")
    connection.pragma("user_version", connection.pragma("user_version") - 1)
    connection.close()


async def open_held(path: Path, hub: Path) -> Result:
    store = await open_sqlite(path)
    try:
        return await asyncio.to_thread(run, "check", "--hub", hub)
    finally:
        await store.aclose()

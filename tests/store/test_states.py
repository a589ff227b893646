"""The table of states, and the database that enforces it (T3 to T11)."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import apsw
import asyncpg
import pytest
from support.store.engines import ENGINES, TestedEngine
from support.store.store_samples import accept, parts_of, sealed_message

import gateway.store
from gateway.store.digest import OF_MESSAGE
from gateway.store.model import State
from gateway.store.states import TRANSITIONS, error_pause, may_become

# A row that stands in a state by the rules that the CHECKs state beside the transitions.
LEASE = "lease_token = 't', lease_until = 1, offerable_at = 1"
NO_LEASE = "lease_token = NULL, lease_until = NULL, offerable_at = NULL"
COLUMNS = {
    State.STORED: f"{NO_LEASE}, closed_at = NULL, removed_at = NULL",
    State.OFFERED: f"{LEASE}, closed_at = NULL, removed_at = NULL",
    State.RECEIPTED: f"{NO_LEASE}, closed_at = 1, removed_at = NULL",
    State.EXPIRED: f"{NO_LEASE}, closed_at = 1, removed_at = NULL",
    State.REMOVED: f"{NO_LEASE}, closed_at = 1, removed_at = 1",
}
ALWAYS = (*OF_MESSAGE, "sha256")
FIRST = Path("migrations", "0001_messages.sql")
PATHS = {
    State.STORED: (),
    State.OFFERED: (State.OFFERED,),
    State.RECEIPTED: (State.RECEIPTED,),
    State.EXPIRED: (State.OFFERED, State.EXPIRED),
    State.REMOVED: (State.RECEIPTED, State.REMOVED),
}


class Database:
    """The rows of a store with one message, and what its engine lets others do to them."""

    def __init__(self, engine: TestedEngine, path: Path) -> None:
        self._engine, self._path = engine, path

    def do(self, statement: str) -> None:
        self._engine.do(self._path, statement)

    def look(self, statement: str) -> list[tuple[Any, ...]]:
        return self._engine.look(self._path, statement)

    def refuses(self, statement: str) -> str:
        with pytest.raises((apsw.ConstraintError, asyncpg.RaiseError, asyncpg.IntegrityConstraintViolationError)) as no:
            self.do(statement)
        return str(no.value)

    def state(self) -> str:
        return str(self.look("SELECT state FROM message")[0][0])


@pytest.fixture
async def database(engine: TestedEngine, tmp_path: Path) -> Database:
    store = await engine.open(tmp_path / "data")
    await accept(store, sealed_message(1))
    await store.aclose()
    return Database(engine, tmp_path / "data")


def moved(state: State) -> str:
    return f"UPDATE message SET state = '{state}', {COLUMNS[state]}"


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(State, 2)))
async def test_the_database_allows_the_transitions_of_the_table_and_no_other(
    database: Database, before: State, after: State
) -> None:
    for step in PATHS[before]:
        database.do(moved(step))
    if may_become(before, after):
        database.do(moved(after))
        assert database.state() == after
    else:
        database.refuses(moved(after))
        assert database.state() == before


def test_the_database_knows_the_words_of_the_table_and_no_other() -> None:
    folder = Path(gateway.store.__file__).parent
    for engine in ENGINES:
        (words,) = re.findall(r"CHECK \(state IN \(([^)]*)\)\)", (folder / engine / FIRST).read_text("utf-8"))
        assert re.findall(r"'(\w+)'", words) == list(State)


@pytest.mark.parametrize("state", [state for state in State if not may_become(None, state)])
async def test_a_row_begins_only_where_the_table_begins(database: Database, state: State) -> None:
    lease = "'t', 1, 1, NULL" if state is State.OFFERED else "NULL, NULL, NULL, 1"
    removed_at = 1 if state is State.REMOVED else "NULL"
    others = ", ".join(name for name in ALWAYS if name != "message_id")
    said = database.refuses(
        f"INSERT INTO message (message_id, {others}, state, lease_token, lease_until, offerable_at, closed_at,"
        f" removed_at) SELECT 'other', {others}, '{state}', {lease}, {removed_at} FROM message"
    )
    assert "begins as stored" in said


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("table", ["envelope", "parts"])
async def test_octets_of_a_waiting_message_cannot_be_deleted(database: Database, state: State, table: str) -> None:
    for step in PATHS[state]:
        database.do(moved(step))
    if state in (State.STORED, State.OFFERED):
        assert "still waits" in database.refuses(f"DELETE FROM {table}")
    else:
        database.do(f"DELETE FROM {table}")
        assert database.look(f"SELECT count(*) FROM {table}") == [(0,)]


async def test_the_tally_follows_every_transition(database: Database) -> None:
    for step in (State.OFFERED, State.EXPIRED, State.REMOVED):
        database.do(moved(step))
        counted = database.look(
            "SELECT state, CAST(sum(messages) AS bigint), CAST(sum(octets) AS bigint) FROM tally"
            " GROUP BY state HAVING sum(messages) > 0"
        )
        assert counted == [(step.value, 1, len(parts_of(1, 2000)))]


def test_every_state_is_reached_and_only_the_last_is_an_end() -> None:
    assert {each.after for each in TRANSITIONS} == set(State)
    ends = [state for state in State if not any(may_become(state, other) for other in State)]
    assert ends == [State.REMOVED]


def test_the_pause_after_an_error_grows_to_two_hours() -> None:
    assert [int(error_pause(number).total_seconds()) for number in range(1, 6)] == [60, 300, 1800, 7200, 7200]

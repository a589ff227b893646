"""The table of states, and the database that enforces it (T3 to T11)."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import apsw
import pytest
from support.store.engines import open_sqlite
from support.store.store_samples import START, accept, parts_of, sealed_message

from gateway.store.model import State
from gateway.store.sqlite.store import DATABASE_NAME
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
PATHS = {
    State.STORED: (),
    State.OFFERED: (State.OFFERED,),
    State.RECEIPTED: (State.RECEIPTED,),
    State.EXPIRED: (State.OFFERED, State.EXPIRED),
    State.REMOVED: (State.RECEIPTED, State.REMOVED),
}


@pytest.fixture
async def database(tmp_path: Path) -> apsw.Connection:
    store = await open_sqlite(tmp_path / "data", at=START)
    await accept(store, sealed_message(1))
    await store.aclose()
    connection = apsw.Connection(str(tmp_path / "data" / DATABASE_NAME))
    connection.pragma("foreign_keys", True)
    return connection


def move(connection: apsw.Connection, state: State) -> None:
    connection.execute(f"UPDATE message SET state = '{state}', {COLUMNS[state]}")


@pytest.mark.parametrize(("before", "after"), list(itertools.permutations(State, 2)))
async def test_the_database_allows_the_transitions_of_the_table_and_no_other(
    database: apsw.Connection, before: State, after: State
) -> None:
    for step in PATHS[before]:
        move(database, step)
    if may_become(before, after):
        move(database, after)
        assert database.execute("SELECT state FROM message").get == after
    else:
        with pytest.raises(apsw.ConstraintError):
            move(database, after)
        assert database.execute("SELECT state FROM message").get == before


async def test_the_database_knows_the_words_of_the_table_and_no_other(database: apsw.Connection) -> None:
    (schema,) = database.execute("SELECT sql FROM sqlite_schema WHERE name = 'message'").fetchone()
    (words,) = re.findall(r"CHECK \(state IN \(([^)]*)\)\)", schema)
    assert re.findall(r"'(\w+)'", words) == list(State)


@pytest.mark.parametrize("state", [state for state in State if not may_become(None, state)])
async def test_a_row_begins_only_where_the_table_begins(database: apsw.Connection, state: State) -> None:
    columns = [row[1] for row in database.execute("PRAGMA table_info(message)")]
    shape = database.execute("SELECT * FROM message").fetchone()
    row = dict(zip(columns, shape, strict=True))
    row |= {"id": 2, "message_id": "other", "state": state.value}
    row |= {"lease_token": "t", "lease_until": 1, "offerable_at": 1} if state is State.OFFERED else {"closed_at": 1}
    row |= {"removed_at": 1} if state is State.REMOVED else {}
    with pytest.raises(apsw.ConstraintError, match="begins as stored"):
        database.execute(f"INSERT INTO message VALUES ({', '.join('?' * len(row))})", tuple(row.values()))


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("table", ["envelope", "parts"])
async def test_octets_of_a_waiting_message_cannot_be_deleted(
    database: apsw.Connection, state: State, table: str
) -> None:
    for step in PATHS[state]:
        move(database, step)
    if state in (State.STORED, State.OFFERED):
        with pytest.raises(apsw.ConstraintError, match="still waits"):
            database.execute(f"DELETE FROM {table}")
    else:
        database.execute(f"DELETE FROM {table}")
        assert database.execute(f"SELECT count(*) FROM {table}").get == 0


async def test_the_tally_follows_every_transition(tmp_path: Path, database: apsw.Connection) -> None:
    for step in (State.OFFERED, State.EXPIRED, State.REMOVED):
        move(database, step)
        counted = database.execute("SELECT state, messages, octets FROM tally WHERE messages > 0").fetchall()
        assert counted == [(step.value, 1, len(parts_of(1, 2000)))]


def test_every_state_is_reached_and_only_the_last_is_an_end() -> None:
    assert {each.after for each in TRANSITIONS} == set(State)
    ends = [state for state in State if not any(may_become(state, other) for other in State)]
    assert ends == [State.REMOVED]


def test_the_pause_after_an_error_grows_to_two_hours() -> None:
    assert [int(error_pause(number).total_seconds()) for number in range(1, 6)] == [60, 300, 1800, 7200, 7200]

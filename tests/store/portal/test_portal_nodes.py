"""The portal's tables in PostgreSQL, which several nodes have open at once: no two of them do the same thing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from support.clocks import StandingClock
from support.portal.engines import PostgresPlace, make_portal_tables, opened_at
from support.portal.mail_samples import FORENOON, arrives, counting_address
from support.portal.portal_samples import (
    ISSUER,
    ORGANISATION,
    UNIT,
    begun,
    document,
    key,
    paired,
)
from support.store.postgres import PostgresServer, server_of_its_own

from gateway.store.interface import OutcomeUnknown, StoreUnavailable
from gateway.store.portal.interface import PortalStore
from gateway.store.portal.postgres import access
from gateway.store.portal.postgres.store import SQL
from gateway.store.portal.sqlite.statements import SQL as SQLITE_SQL
from gateway.store.portal.verbs import sessions

NODES = 4
WAITING = "SELECT count(*) FROM pg_locks WHERE NOT granted"
TURN = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


@pytest.fixture
def place(postgres: PostgresServer) -> Iterator[PostgresPlace]:
    with postgres.database(template=postgres.template("portal", make_portal_tables)) as url:
        yield PostgresPlace(url=url)


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock(FORENOON)


@pytest.fixture
async def nodes(place: PostgresPlace, clock: StandingClock) -> AsyncIterator[tuple[PortalStore, ...]]:
    async with AsyncExitStack() as opened:
        yield tuple([await opened.enter_async_context(opened_at(place, clock)) for _ in range(NODES)])


async def test_of_one_assertion_one_node_says_that_it_was_never_seen_PO_10(
    nodes: tuple[PortalStore, ...], clock: StandingClock
) -> None:
    seen = await asyncio.gather(*(each.note_assertion(ISSUER, "_a", forget_at=clock.now()) for each in nodes))
    assert sorted(seen) == [False, False, False, True]


async def test_of_one_version_one_node_keeps_its_document(nodes: tuple[PortalStore, ...]) -> None:
    kept = await asyncio.gather(*(each.keep_document(document(1, bytes([n]))) for n, each in enumerate(nodes)))
    assert sorted(kept) == [False, False, False, True]


async def test_one_person_is_made_however_often_he_logs_in_at_once(nodes: tuple[PortalStore, ...]) -> None:
    found = await asyncio.gather(*(each.find_or_make_person(key(1)) for each in nodes))
    assert len({each.id for each in found}) == 1


async def test_one_letter_is_sent_by_one_node(nodes: tuple[PortalStore, ...], clock: StandingClock) -> None:
    await counting_address(nodes[0])
    await arrives(nodes[0], clock.now())
    letters = await asyncio.gather(*(each.take_letter() for each in nodes))
    assert len([each for each in letters if each is not None]) == 1


async def test_a_session_that_ends_at_one_node_is_kept_alive_by_no_other_PO_23(
    nodes: tuple[PortalStore, ...], place: PostgresPlace, clock: StandingClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It ends between the moment when another node reads it and the one when that writes that it was used."""
    person = await paired(nodes[0])
    new = await begun(nodes[0], person)
    clock.move(timedelta(seconds=1))
    write, ending = sessions.write, []

    async def written_late(*what: Any) -> None:
        ending.append(asyncio.ensure_future(nodes[1].end_session(new.token)))
        async with place.connected() as connection:
            while not ending[0].done() and not await connection.fetchval(WAITING):
                pass
        await write(*what)

    monkeypatch.setattr(sessions, "write", written_late)
    await nodes[0].find_session(new.token)
    await ending[0]
    assert await nodes[2].find_session(new.token) is None


async def test_who_clicks_waits_for_nobody_who_decides_something(
    nodes: tuple[PortalStore, ...], place: PostgresPlace, clock: StandingClock
) -> None:
    new = await begun(nodes[0], await paired(nodes[0]))
    clock.move(timedelta(seconds=1))
    async with place.connected() as connection, connection.transaction():
        await connection.execute(TURN, access._TURN)
        deciding = asyncio.ensure_future(nodes[1].end_session(new.token))
        while not await connection.fetchval(WAITING):
            pass
        found = await nodes[0].find_session(new.token)
        assert found is not None
        assert found.used_at == clock.now()
    assert await deciding


async def test_a_text_that_no_database_of_the_kind_keeps_is_found_nowhere(nodes: tuple[PortalStore, ...]) -> None:
    assert await nodes[0].person("\0", organisation=ORGANISATION) is None


async def test_a_restored_database_keeps_nobody_logged_in(nodes: tuple[PortalStore, ...]) -> None:
    node, *_ = nodes
    person = await paired(node)
    new = await begun(node, person)
    await node.confirm_restored()  # type: ignore[attr-defined]
    assert await node.find_session(new.token) is None
    assert await node.is_linked(person.id, UNIT)


async def test_while_the_server_is_away_nothing_is_said_and_afterwards_all_is_there(clock: StandingClock) -> None:
    with server_of_its_own() as server, server.database() as url:
        async with opened_at(PostgresPlace(url=url), clock) as node:
            person = await paired(node)
            server.kill()
            for verb in (node.persons(ORGANISATION), node.find_or_make_person(key(2))):
                with pytest.raises(StoreUnavailable):
                    await verb
            server.start()
            assert [each.id for each in await node.persons(ORGANISATION)] == [person.id]


async def test_a_commit_that_nobody_answered_is_unknown_and_never_a_refusal(
    nodes: tuple[PortalStore, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = asyncpg.Connection.execute

    async def lost(self: Any, query: str, *arguments: Any, **named: Any) -> Any:
        done = await real(self, query, *arguments, **named)
        if query == "COMMIT":
            raise ConnectionResetError
        return done

    with monkeypatch.context() as patched:
        patched.setattr(asyncpg.Connection, "execute", lost)
        with pytest.raises(OutcomeUnknown):
            await nodes[0].find_or_make_person(key(1))
    (made,) = await nodes[0].persons(key(1).organisation)
    assert (await nodes[0].find_or_make_person(key(1))).id == made.id


def test_both_engines_have_the_same_statements() -> None:
    assert SQL.keys() == SQLITE_SQL.keys()


# As with SQLite: what is looked up with every page. These are what an operator or the round asks.
SCANS = {
    "notice", "requests", "all_approving", "find_nobodys_locks", "find_nobodys_key_sets", "units_told", "count_mail",
    "mail_failed_last", "arrivals",
}  # fmt: skip


async def test_a_lookup_goes_by_an_index(place: PostgresPlace) -> None:
    async with place.connected() as connection:
        await connection.execute("SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan")
        for name, statement in SQL.items():
            if not statement.text.startswith("SELECT") or name in SCANS:
                continue
            await connection.execute(f"PREPARE {name} AS {statement.text}")
            values = f"({', '.join(['NULL'] * len(statement.names))})" if statement.names else ""
            plan = [row[0] for row in await connection.fetch(f"EXPLAIN EXECUTE {name}{values}")]
            assert [step for step in plan if "Seq Scan" in step] == [], (name, plan)

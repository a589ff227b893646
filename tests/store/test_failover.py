"""A streaming standby takes over: what that promises, with and without synchronous replication (FA-10, SR-18)."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.store.postgres import PostgresServer, server_of_its_own, standby_of
from support.store.store_samples import START, accept, acceptance_for, pull, sealed_message

from gateway.postgres import read_address
from gateway.store.interface import StoreUnavailable
from gateway.store.model import Accepted, Duplicate, Offer
from gateway.store.postgres.store import PostgresStore

FLUSHED = "SELECT pg_current_wal_flush_lsn() - '0/0'"
REPLAYED = "SELECT coalesce(pg_last_wal_replay_lsn(), '0/0') - '0/0'"
FOLLOWS = "SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'"
WAITS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@pytest.fixture
def primary() -> Iterator[PostgresServer]:
    with server_of_its_own() as server:
        server.run("CREATE DATABASE hub OWNER knooppunt")
        yield server


async def node(path: Path, place: Path) -> PostgresStore:
    """A node whose settings name that place: the socket of whichever server has it."""
    return await PostgresStore.open(
        path, address=read_address(f"postgresql://knooppunt@/hub?host={place}"), moment=lambda: START
    )


async def until(says: str, server: PostgresServer, question: str) -> None:
    """Ask until the server says so."""
    async with asyncio.timeout(60):
        while await asyncio.to_thread(server.run, question) != f"{says}\n":
            pass


def points_to(place: Path, server: PostgresServer) -> None:
    """As a name does that follows whoever is primary."""
    place.unlink(missing_ok=True)
    os.symlink(server.folder, place)


async def accepted(store: PostgresStore, number: int) -> Accepted | Duplicate:
    message = sealed_message(number)
    outcome = await accept(store, message, acceptance=acceptance_for(message))
    assert isinstance(outcome, Accepted | Duplicate)
    return outcome


async def test_a_standby_that_lacks_what_was_promised_is_in_doubt_to_a_node_that_runs_and_to_one_that_starts_SR_18(
    primary: PostgresServer, tmp_path: Path
) -> None:
    place = tmp_path / "primary"
    points_to(place, primary)
    with standby_of(primary) as standby:
        store = await node(tmp_path / "data", place)
        await accepted(store, 1)
        await until("1", primary, FOLLOWS)
        standby.stop()
        await accepted(store, 2)  # its receipt has left
        await store.aclose()
        store = await node(tmp_path / "data", place)
        primary.kill()
        standby.start()
        standby.promote()
        points_to(place, standby)
        assert store.doubt is None
        with pytest.raises(StoreUnavailable):
            await store.lease(pull(1))
        assert store.doubt is not None
        assert "flushed" in store.doubt
        with pytest.raises(StoreUnavailable, match="went back"):
            await accepted(store, 3)
        await store.aclose()

        again = await node(tmp_path / "data", place)
        assert again.doubt is not None
        await again.confirm_restored()
        assert isinstance(await accepted(again, 1), Duplicate)
        assert isinstance(await accepted(again, 2), Accepted), "whoever has no answer sends it again"
        await again.aclose()


async def test_a_standby_that_has_all_takes_over_without_a_word_FA_10(primary: PostgresServer, tmp_path: Path) -> None:
    place = tmp_path / "primary"
    points_to(place, primary)
    with standby_of(primary) as standby:
        store = await node(tmp_path / "data", place)
        await accepted(store, 1)
        await until(primary.run(FLUSHED).strip(), standby, REPLAYED)
        primary.kill()
        standby.promote()
        points_to(place, standby)
        assert isinstance(await accepted(store, 1), Duplicate)
        assert isinstance(await store.lease(pull(1)), Offer)
        assert store.doubt is None
        await store.aclose()


async def test_with_a_synchronous_standby_nothing_is_promised_that_it_does_not_have_FA_10(
    primary: PostgresServer, tmp_path: Path
) -> None:
    place = tmp_path / "primary"
    points_to(place, primary)
    with standby_of(primary) as standby:
        store = await node(tmp_path / "data", place)
        await until("1", primary, FOLLOWS)
        primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'", "SELECT pg_reload_conf()")
        await until("*", primary, "SHOW synchronous_standby_names")
        await accepted(store, 1)
        standby.stop()
        under_way = asyncio.create_task(accepted(store, 2))
        await until("1", primary, WAITS)
        assert not under_way.done(), "a receipt would leave before two have the message"
        standby.start()
        assert isinstance(await under_way, Accepted)
        primary.kill()
        standby.promote()
        points_to(place, standby)
        later = await node(tmp_path / "other", place)
        assert [type(await accepted(later, number)) for number in (1, 2)] == [Duplicate, Duplicate]
        await later.aclose()
        await store.aclose()

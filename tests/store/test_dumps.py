"""A dump of the database that is restored asks before it is served, and then has all that it had."""

from __future__ import annotations

import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.portal.portal_samples import copy, counting, key_set, login, paired
from support.store import databases
from support.store.engines import ENGINES
from support.store.postgres import ROLE, PostgresServer
from support.store.store_samples import START, accept, acceptance_for, pull, read_whole, sealed_message

from gateway.postgres import read_address
from gateway.store.interface import StoreUnavailable
from gateway.store.model import Duplicate, Offer
from gateway.store.portal.interface import PortalStore
from gateway.store.postgres.engine import PostgresEngine

CLOCK = StandingClock(START)


def call(server: PostgresServer, program: str, *words: object) -> None:
    command = [server.programs / program, "-h", server.folder, "-U", ROLE, *map(str, words)]
    subprocess.run(command, check=True, timeout=60)


async def portal_of(path: Path) -> PortalStore:
    return await PostgresEngine(read_address(databases.url_of(path))).open_portal(path, clock=CLOCK)


async def test_a_restored_dump_is_in_doubt_on_the_same_server_too_and_keeps_locks_and_used_assertions(
    tmp_path: Path, postgres: PostgresServer
) -> None:
    """Its log went on with other work, so the position alone would not tell."""
    path, engine = tmp_path / "data", ENGINES["postgres"]
    store = await engine.open(path)
    message = sealed_message(1)
    await accept(store, message, acceptance=acceptance_for(message))
    portal = await portal_of(path)
    person = await paired(portal)
    lock, keys = await counting(portal, person), key_set(person)
    await portal.propose_key_set(keys, (copy(keys, lock),))
    assert await portal.note_assertion("issuer", "used", forget_at=START + timedelta(hours=1))
    handles = await portal.open_login(login())
    locks = await portal.locks(lock.unit)
    await portal.aclose()
    await store.aclose()
    name = databases.url_of(path).partition("?")[0].rpartition("/")[2]

    call(postgres, "pg_dump", "--format=custom", "--file", tmp_path / "dump", name)
    later = await engine.open(path)
    lost = sealed_message(2)
    await accept(later, lost, acceptance=acceptance_for(lost))  # after the dump: lost with its restoring
    await later.aclose()
    postgres.run(f'DROP DATABASE "{name}"', f'CREATE DATABASE "{name}" OWNER {ROLE}')
    call(postgres, "pg_restore", "--exit-on-error", "--dbname", name, tmp_path / "dump")

    restored = await PostgresEngine(read_address(databases.url_of(path))).open(path, clock=CLOCK)
    assert restored.doubt is not None
    assert "made anew" in restored.doubt
    with pytest.raises(StoreUnavailable):
        await restored.lease(pull(1))
    await restored.confirm_restored()
    offer = await restored.lease(pull(1))
    assert isinstance(offer, Offer)
    assert await read_whole(restored, offer)
    assert isinstance(await accept(restored, message, acceptance=acceptance_for(message)), Duplicate)
    await restored.aclose()
    portal = await portal_of(path)
    assert await portal.locks(lock.unit) == locks
    assert not await portal.note_assertion("issuer", "used", forget_at=START + timedelta(hours=1))
    # One that was used after the dump answers a login of before it or of after it: of both none is open.
    assert await portal.take_login(handles.handle, handles.cookie) is None
    await portal.aclose()
    again = await engine.open(path)
    assert again.doubt is None
    await again.aclose()

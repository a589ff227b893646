"""A hub that is killed at random while participants push and pull, and its database, too, where that is a server:
nothing accepted is lost, nothing comes twice (FA-02, FA-09).

Runs for KNOOPPUNT_SOAK_SECONDS, 600 unless set; the seed is printed with a failure and can be given as
KNOOPPUNT_SOAK_SEED.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.store.nodes import on_node
from support.store.postgres import PostgresServer, server_of_its_own

from gateway.cli.playing import free_port
from gateway.client.taking import Outcome
from gateway.clock import SystemClock
from gateway.settings import read_settings
from gateway.site.documents import Drawn, make_document
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site, make_site
from gateway.site.organisations import CREDIT_BANK, CREDITOR, three
from gateway.site.players import Player, acknowledged, cast
from gateway.wiring.stores import new_store
from xsd.catalogue import load_catalogue

SECONDS = float(os.environ.get("KNOOPPUNT_SOAK_SECONDS", "600"))
LEASE = timedelta(minutes=16)
SEED = int(os.environ.get("KNOOPPUNT_SOAK_SEED", str(time.time_ns() % 1_000_000)))


class Embedded:
    """One hub with its own files."""

    def __init__(self, site: Site, log: Path) -> None:
        self.hub = HubProcess(site.settings, log)
        self.kills: Counter[str] = Counter()

    async def begin(self) -> None:
        await self.hub.start()

    async def kill(self, _chance: random.Random) -> None:
        await self.hub.kill()
        await self.hub.start()
        self.kills["hub"] += 1

    async def lapse(self, creditor: Player) -> None:
        """What was leased when the hub died last comes again when the lease has lapsed: its clock moves on for that."""
        await self.hub.stop()
        await self.hub.start(moved=LEASE)
        creditor.move_clock(LEASE)


class OnDatabase(Embedded):
    """Two nodes of one database, of which one serves at a time: after a kill the other one goes on."""

    def __init__(self, site: Site, log: Path, server: PostgresServer) -> None:
        super().__init__(site, log)
        self._site, self._server = site, server

    async def begin(self) -> None:
        key = self._site.settings.parent / "duplicates.key"
        key.touch(mode=0o600)
        key.write_bytes(b"k" * 32)
        self._server.run("CREATE DATABASE hub OWNER knooppunt")
        on_node(self._site, "node-0", url=self._server.url("hub"))
        await new_store(read_settings(self._site.settings), clock=SystemClock())
        await super().begin()

    async def kill(self, chance: random.Random) -> None:
        what = chance.choice(("node", "database", "both"))
        if what != "node":
            await asyncio.to_thread(self._server.kill)
        if what != "database":
            await self.hub.kill()
        if what != "node":
            await asyncio.to_thread(self._server.start)
        if what != "database":
            on_node(self._site, f"node-{self.hub.starts % 2}")
            await self.hub.start()
        self.kills[what] += 1

    async def lapse(self, creditor: Player) -> None:
        """The time is the database's, which no test moves: so the leases end earlier."""
        microseconds = LEASE // timedelta(microseconds=1)
        self._server.run(
            "SET session_replication_role = replica; UPDATE knooppunt.message SET lease_until = lease_until -"
            f" {microseconds}, offerable_at = offerable_at - {microseconds} WHERE state = 'offered'",
            database="hub",
        )


@pytest.fixture(params=["embedded", "postgresql"])
def killed(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Site, Embedded]]:
    site = make_site(tmp_path / "site", three(), at=datetime.now(UTC), port=free_port())
    with contextlib.ExitStack() as ends:
        if request.param == "embedded":
            yield site, Embedded(site, tmp_path / "hub.log")
        else:
            yield site, OnDatabase(site, tmp_path / "hub.log", ends.enter_context(server_of_its_own()))


async def test_random_kills_lose_nothing_and_double_nothing_FA_02(killed: tuple[Site, Embedded]) -> None:
    site, hubs = killed
    chance = random.Random(SEED)
    catalogue = load_catalogue()
    kind = catalogue.message("Schuldregeling", "2.0", "Saldoverzoek")
    assert kind is not None
    sent: list[bytes] = []
    arrived: list[bytes] = []
    until = time.monotonic() + SECONDS
    async with contextlib.AsyncExitStack() as ends:
        ends.push_async_callback(hubs.hub.stop)
        await hubs.begin()
        players = await ends.enter_async_context(cast(site.organisations, catalogue))
        bank, creditor = players[CREDIT_BANK], players[CREDITOR]

        async def push() -> None:
            while time.monotonic() < until:
                document = make_document(
                    kind, Drawn(), sender=bank.made.party, receiver=creditor.made.party, at=datetime.now(UTC)
                )
                result = await bank.push(document)
                assert acknowledged([result]) == 1, f"seed {SEED}: {result.errors}"
                sent.append(document.octets)

        async def pull() -> None:
            while time.monotonic() < until:
                await creditor.pull(limit=5)
                arrived.extend([octets for _, octets in await creditor.process()])

        async def kill() -> None:
            while time.monotonic() < until:
                await asyncio.sleep(chance.uniform(0.5, 4.0))
                await hubs.kill(chance)

        async with asyncio.TaskGroup() as together:
            for each in (push(), push(), pull(), kill()):
                together.create_task(each)
        for _ in range(5):
            results = await creditor.pull()
            arrived.extend([octets for _, octets in await creditor.process()])
            if results[-1].outcome is Outcome.EMPTY and len(arrived) == len(sent):
                break
            await hubs.lapse(creditor)
    assert sorted(arrived) == sorted(sent), f"seed {SEED}: {len(sent)} sent, {len(arrived)} arrived"
    assert sent
    assert hubs.kills, "no kill fell within the time"
    print(f"seed {SEED}: {dict(hubs.kills)} killed; {len(sent)} sent, {len(arrived)} arrived, none lost or twice")

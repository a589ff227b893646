"""A hub that is killed at random while participants push and pull: nothing accepted is lost, nothing comes twice
(FA-02).

Runs for KNOOPPUNT_SOAK_SECONDS, 600 unless set; the seed is printed with a failure and can be given as
KNOOPPUNT_SOAK_SEED.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from gateway.cli.playing import free_port
from gateway.client.taking import Outcome
from gateway.site.documents import Drawn, make_document
from gateway.site.hub_process import HubProcess
from gateway.site.making import make_site
from gateway.site.organisations import CREDIT_BANK, CREDITOR, three
from gateway.site.players import acknowledged, cast
from xsd.catalogue import load_catalogue

SECONDS = float(os.environ.get("KNOOPPUNT_SOAK_SECONDS", "600"))
LEASE = timedelta(minutes=16)
SEED = int(os.environ.get("KNOOPPUNT_SOAK_SEED", str(time.time_ns() % 1_000_000)))


async def test_random_kills_lose_nothing_and_double_nothing(tmp_path: Path) -> None:
    chance = random.Random(SEED)
    site = make_site(tmp_path / "site", three(), at=datetime.now(UTC), port=free_port())
    hub = HubProcess(site.settings, tmp_path / "hub.log")
    catalogue = load_catalogue()
    kind = catalogue.message("Schuldregeling", "2.0", "Saldoverzoek")
    assert kind is not None
    sent: list[bytes] = []
    arrived: list[bytes] = []
    until = time.monotonic() + SECONDS
    async with contextlib.AsyncExitStack() as ends:
        ends.push_async_callback(hub.stop)
        await hub.start()
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
                await hub.kill()
                await hub.start()

        async with asyncio.TaskGroup() as together:
            for each in (push(), push(), pull(), kill()):
                together.create_task(each)
        # What was leased when the hub died last comes again when the lease has lapsed: the clock moves on for that.
        for _ in range(5):
            results = await creditor.pull()
            arrived.extend([octets for _, octets in await creditor.process()])
            if results[-1].outcome is Outcome.EMPTY and len(arrived) == len(sent):
                break
            await hub.stop()
            await hub.start(moved=LEASE)
            creditor.move_clock(LEASE)
    assert sorted(arrived) == sorted(sent), f"seed {SEED}: {len(sent)} sent, {len(arrived)} arrived"
    assert sent
    assert hub.starts > 1, "no kill fell within the time"

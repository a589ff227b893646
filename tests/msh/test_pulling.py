"""A message that is on its way to its puller when the store cannot go on."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from support.hubs.downloads import LARGE_OCTETS, download, push_large
from support.hubs.hub import TestedHub, running_hub
from support.messages.wire import post, pull_request, saldoverzoek

from gateway.limits import EdgeLimits
from gateway.msh.pull import BROKEN_LEASE
from gateway.store.interface import StoreUnavailable
from gateway.store.model import MessageFilter, Offer

ALWAYS = replace(EdgeLimits(), idle_seconds=0.2, stop_seconds=1.0, requests_per_second=1e6)


async def test_a_full_disk_does_not_break_a_message_that_is_on_its_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def full(*_arguments: object) -> None:
        asked.set()
        raise StoreUnavailable("no room")

    async with running_hub(tmp_path, edge_limits=ALWAYS) as hub:
        draft = await push_large(hub)
        monkeypatch.setattr(hub.store, "prolong_lease", full)
        async with download(hub) as way:
            while not asked.is_set():
                await way.read(250_000)
                await asyncio.sleep(0.01)  # slower than the interval in which the lease is kept, and no slower
            assert draft.parts[1].octets in (await way.rest()).plain("creditor").values()


async def test_a_body_that_is_still_on_its_way_moves_the_end_of_its_lease_one_span_beyond_now_T5(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()
    async with running_hub(tmp_path, edge_limits=ALWAYS) as hub:
        prolong = hub.store.prolong_lease

        async def watched(message_id: str, lease_token: str, span: timedelta) -> None:
            await prolong(message_id, lease_token, span)
            asked.set()

        monkeypatch.setattr(hub.store, "prolong_lease", watched)
        await push_large(hub)
        async with download(hub) as way:
            span = await lease_until(hub) - hub.clock.now()
            hub.clock.move(span / 2)
            while not asked.is_set():
                await way.read(250_000)
                await asyncio.sleep(0.01)  # slower than the interval in which the lease is kept, and no slower
            assert await lease_until(hub) == hub.clock.now() + span


async def lease_until(hub: TestedHub) -> datetime:
    """When the lease of the one message ends."""
    (record,) = await hub.store.messages(MessageFilter())
    assert record.lease_until is not None
    return record.lease_until


async def test_a_message_that_gets_damaged_on_its_way_ends_without_an_answer_in_its_middle(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await push_large(hub)
        async with download(hub) as way:
            (blob,) = (each for each in (hub.folder / "data").rglob("*") if each.stat().st_size > LARGE_OCTETS)
            os.truncate(blob, LARGE_OCTETS // 2)
            rest = await way.peer.gone()
            assert b"HTTP/1.1" not in rest
            assert len(rest) < LARGE_OCTETS
        assert hub.log.of("defect")[0]["kind"] == "DamagedBlob"


async def test_a_small_message_that_cannot_be_read_to_its_end_is_a_503_and_soon_offered_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek()
        await post(hub, draft.wire())
        whole = hub.store.read_parts

        async def torn(offer: Offer) -> AsyncIterator[bytes]:
            async for chunk in whole(offer):
                yield chunk[:-1]
            raise OSError("the disk does not answer")

        with monkeypatch.context() as patched:
            patched.setattr(hub.store, "read_parts", torn)
            assert (await post(hub, pull_request())).status == 503
        (record,) = await hub.store.messages(MessageFilter())
        assert record.lease_until == hub.clock.now() + BROKEN_LEASE
        hub.clock.move(BROKEN_LEASE)
        again = await post(hub, pull_request(at=hub.clock.now()))
        assert draft.parts[0].octets in again.plain("creditor").values()

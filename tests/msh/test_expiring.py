"""Expiry where it is hard: on a disk that is nearly full, and beside messages that cannot end now."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from support.hub import TestedHub, running_hub
from support.pki import PARTIES
from support.wire import post, pull_request, saldoverzoek

from gateway.msh import expire as expiring
from gateway.store.data_directory import FreeSpaceMarks, Space
from gateway.store.model import MessageFilter, MessageRecord, State


async def take(hub: TestedHub, count: int) -> None:
    for _ in range(count):
        assert (await post(hub, saldoverzoek().wire())).receipt is not None


async def test_on_a_disk_below_its_marks_messages_still_expire_and_their_senders_get_notice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_hub(tmp_path) as hub:
        await take(hub, 2)
        hub.clock.move(timedelta(days=20))
        monkeypatch.setattr(hub.store.directory, "_marks", FreeSpaceMarks())
        monkeypatch.setattr(hub.store.directory, "_measure", lambda _path: Space(4, 100))
        assert (await post(hub, saldoverzoek(at=hub.clock.now()).wire())).status == 503
        await hub.running.keeper.keep()
        records = await hub.store.messages(MessageFilter(), hub.clock.now())
        assert sorted(each.state for each in records) == [State.REMOVED, State.REMOVED, State.STORED, State.STORED]


async def test_a_clock_that_is_set_while_the_keeper_goes_round_ends_nothing_more_FA_16(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three messages are due; the clock jumps ten years while the first ends. Nothing is purged or forgotten either."""
    async with running_hub(tmp_path) as hub:
        await take(hub, 3)
        hub.clock.move(timedelta(days=20))
        await post(hub, pull_request(at=hub.clock.now()))
        expire = expiring.expire

        async def jumping(record: MessageRecord, *rest: object, **options: object) -> bool:
            hub.clock.jump(timedelta(days=3650))
            return await expire(record, *rest, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(expiring, "expire", jumping)
        await hub.running.keeper.keep()
        records = await hub.store.messages(MessageFilter(receiver=PARTIES["creditor"][0]), hub.clock.now())
        assert sorted(each.state for each in records) == [State.EXPIRED, State.STORED, State.STORED]
        assert hub.log.of("time_suspect")


async def test_a_round_of_the_keeper_ends_although_a_whole_batch_is_postponed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "BATCH", 2)
    async with running_hub(tmp_path) as hub:
        await take(hub, 5)
        hub.clock.move(timedelta(days=20))
        postponed = {each["out_message_id"] for each in hub.log.of("message_accepted")[:3]}
        expire = expiring.expire

        async def some(record: MessageRecord, *rest: object, **options: object) -> bool:
            return record.metadata.message_id not in postponed and await expire(record, *rest, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(expiring, "expire", some)
        async with asyncio.timeout(10):
            assert await expiring.expire_due(hub.hub) == 2


async def test_a_sender_to_whom_nothing_can_be_sealed_does_not_keep_a_message_past_its_term(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        await take(hub, 1)
        hub.clock.move(timedelta(days=5 * 365))  # past the end of every certificate of the tests
        await hub.running.keeper.keep()
        (record,) = await hub.store.messages(MessageFilter(), hub.clock.now())
        assert record.state is State.REMOVED
        assert hub.log.of("notice_unsealable")

"""Expiry where it is hard: on a disk nearly full, beside messages that cannot end now, and very many at once."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.hubs.hub import TestedHub, running_hub, signing_with
from support.keys.pki import PARTIES
from support.messages.wire import post, pull_request, saldoverzoek
from support.store.inside import change_inside, count_of
from support.store.store_samples import accept, sealed_message

from crypto.keys import Signer
from gateway.msh import expire as expiring
from gateway.store.data_directory import FreeSpaceMarks, Space
from gateway.store.interface import DamagedRecord, StoreUnavailable
from gateway.store.model import KeyLost, MessageFilter, MessageRecord, State


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
        records = await hub.store.messages(MessageFilter())
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

        async def jumping(record: MessageRecord, *rest: object, **options: object) -> object:
            hub.clock.jump(timedelta(days=3650))
            return await expire(record, *rest, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(expiring, "expire", jumping)
        await hub.running.keeper.keep()
        records = await hub.store.messages(MessageFilter(receiver=PARTIES["creditor"][0]))
        assert sorted(each.state for each in records) == [State.EXPIRED, State.STORED, State.STORED]
        assert hub.log.of("time_suspect")


async def test_while_the_time_is_suspect_a_receipted_message_keeps_its_parts_and_no_acceptance_is_forgotten_FA_16(
    tmp_path: Path,
) -> None:
    async with running_hub(tmp_path) as hub:
        sent = saldoverzoek().wire()
        receipt = (await post(hub, sent)).body
        offered = await post(hub, pull_request())
        await post(hub, offered.receipt_wire("creditor"))
        hub.clock.jump(timedelta(days=200))
        await hub.running.keeper.keep()
        assert hub.log.of("time_suspect")
        assert await kept(hub) == (State.RECEIPTED, 1, 1)
        assert (await hub.store.counts()).log_octets == 0, "what the receipt destroyed is in no log"
        assert (await post(hub, sent)).body == receipt
        await hub.running.keeper.confirm_time()
        assert await kept(hub) == (State.REMOVED, 0, 0)


async def kept(hub: TestedHub) -> tuple[State, int, int]:
    """State of the one message of the creditor, and how many parts and acceptances are left."""
    (record,) = await hub.store.messages(MessageFilter(receiver=PARTIES["creditor"][0]))
    return record.state, count_of(hub.store, "parts"), count_of(hub.store, "acceptance")


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
        (record,) = await hub.store.messages(MessageFilter())
        assert record.state is State.REMOVED
        assert hub.log.of("notice_unsealable")


class Turns:
    """How often everybody else had his turn on the loop."""

    def __init__(self) -> None:
        self.taken = 0

    @contextlib.asynccontextmanager
    async def counted(self) -> AsyncIterator[None]:
        task = asyncio.create_task(self._take())
        yield
        task.cancel()

    async def _take(self) -> None:
        while True:
            self.taken += 1
            await asyncio.sleep(0)


class CountingKey:
    """A signing key that notes in which turn it is used."""

    def __init__(self, key: Signer, turns: Turns) -> None:
        self._key = key
        self._turns = turns
        self.used: list[int] = []

    def __getattr__(self, name: str) -> object:
        return getattr(self._key, name)

    def sign(self, *arguments: object) -> bytes:
        self.used.append(self._turns.taken)
        return self._key.sign(*arguments)  # type: ignore[arg-type]


@pytest.mark.parametrize("outcome", ["told", "nobody-to-tell", "unsealable", "postponed"])
async def test_between_two_messages_that_end_everybody_else_has_his_turn(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, outcome: str
) -> None:
    """Whatever becomes of a message, and never two uses of the private key in one turn."""
    turns = Turns()
    async with running_hub(tmp_path) as hub:
        await take(hub, 6)
        hub.clock.move(timedelta(days=5 * 365 if outcome == "unsealable" else 20))
        (signer,) = hub.hub.in_force().keys.signing
        key = CountingKey(signer, turns)
        ended: list[int] = []
        if outcome == "nobody-to-tell":
            monkeypatch.setattr(expiring, "notice_pmode", lambda *_: None)
        if outcome in ("nobody-to-tell", "unsealable"):  # and a store that answers at once

            async def expire_at_once(*_arguments: object, **_options: object) -> bool:
                ended.append(turns.taken)
                return len(ended) <= 6

            monkeypatch.setattr(hub.store, "expire", expire_at_once)
        if outcome == "postponed":

            async def no_room(*_arguments: object, **_options: object) -> None:
                ended.append(turns.taken)
                raise StoreUnavailable("no room")

            monkeypatch.setattr(hub.store, "open_spool", no_room)
        async with turns.counted():
            for record in await hub.store.due(limit=10):
                await expiring.expire(record, signing_with(hub.hub, key))
        noted = key.used if outcome == "told" else ended
        assert len(noted) == len(set(noted)) == 6


async def test_after_each_message_that_ends_others_have_the_loop_for_as_long_as_it_took(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push over a new connection takes dozens of turns, so one turn between two messages would starve it."""
    async with running_hub(tmp_path) as hub:
        await take(hub, 3)
        hub.clock.move(timedelta(days=20))
        rested: list[float] = []
        sleep = asyncio.sleep

        async def noted(seconds: float) -> None:
            rested.append(seconds)
            await sleep(seconds)

        monkeypatch.setattr(expiring.asyncio, "sleep", noted)
        assert await expiring.expire_due(hub.hub) == 3
        rests = [seconds for seconds in rested if seconds]
        assert len(rests) == 3
        assert all(0 < seconds <= expiring.MOST_REST_SECONDS for seconds in rests)


async def test_a_message_whose_record_is_damaged_keeps_no_other_past_its_term(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where there is nobody to tell, and so nothing to seal."""
    async with running_hub(tmp_path) as hub:
        await take(hub, 3)
        hub.clock.move(timedelta(days=20))
        monkeypatch.setattr(expiring, "notice_pmode", lambda *_: None)
        damaged = hub.log.of("message_accepted")[0]["out_message_id"]
        expire = hub.store.expire

        async def some(message_id: str, **options: object) -> object:
            if message_id == damaged:
                raise DamagedRecord(message_id, "the record")
            return await expire(message_id, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(hub.store, "expire", some)
        assert await expiring.expire_due(hub.hub) == 2
        assert [each["message_id"] for each in hub.log.of("expiry_postponed")] == [damaged]


async def test_however_many_cannot_end_those_behind_them_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_hub(tmp_path) as hub:
        messages = [sealed_message(number, at=hub.clock.now()) for number in range(1101)]
        await asyncio.gather(*(accept(hub.store, each, quota_messages=2000) for each in messages))
        hub.clock.move(timedelta(days=20))
        monkeypatch.setattr(expiring, "notice_pmode", lambda *_: None)
        expire = hub.store.expire

        async def last_alone(message_id: str, **options: object) -> object:
            if message_id != messages[-1].metadata.message_id:
                raise DamagedRecord(message_id, "the record")
            return await expire(message_id, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(hub.store, "expire", last_alone)
        assert await expiring.expire_due(hub.hub) == 1


async def test_what_is_sealed_to_a_lost_key_is_read_in_pages_and_each_message_tried_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(expiring, "BATCH", 2)
    pages: list[int] = []
    tried: list[str] = []
    async with running_hub(tmp_path) as hub:
        await take(hub, 5)
        first = hub.log.of("message_accepted")[0]["out_message_id"]
        messages, expire = hub.store.messages, hub.store.expire

        async def counted(*arguments: object) -> tuple[MessageRecord, ...]:
            found = await messages(*arguments)  # type: ignore[arg-type]
            pages.append(len(found))
            return found

        async def all_but_one(message_id: str, **options: object) -> object:
            tried.append(message_id)
            if message_id == first:
                raise StoreUnavailable("the disk is full")
            return await expire(message_id, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(hub.store, "messages", counted)
        monkeypatch.setattr(hub.store, "expire", all_but_one)
        (record, *_) = await messages(MessageFilter(message_id=first))
        became = await expiring.expire_sealed_to(record.metadata.sealed_to, hub.hub)
        assert became == KeyLost(known=True, notified=4, unnotified=0, overtaken=0, postponed=1)
        assert (pages, len(tried)) == ([2, 2, 1, 0], 5)


async def test_what_became_of_messages_under_a_lost_key_is_told_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of four one is receipted meanwhile, and the record of another is damaged, so that nobody knows whose it is."""
    spoil = "UPDATE message SET tracking_identifier = 'x' WHERE message_id = ?"
    async with running_hub(tmp_path) as hub:
        await take(hub, 4)
        pulled = await post(hub, pull_request())
        offered, damaged, *_ = (each["out_message_id"] for each in hub.log.of("message_accepted"))
        await change_inside(hub.store, spoil, damaged)
        (record,) = await hub.store.messages(MessageFilter(message_id=offered))
        expire, sealed_to = hub.store.expire, record.metadata.sealed_to

        async def after_a_receipt(message_id: str, **options: object) -> object:
            if message_id == offered:
                assert (await post(hub, pulled.receipt_wire("creditor"))).status == 204
            return await expire(message_id, **options)  # type: ignore[arg-type]

        monkeypatch.setattr(hub.store, "expire", after_a_receipt)
        became = await expiring.expire_sealed_to(sealed_to, hub.hub)
        assert became == KeyLost(known=True, notified=2, unnotified=1, overtaken=1, postponed=0)
        assert sorted(each["notice"] for each in hub.log.of("message_expired")) == [False, True, True]
        nothing = KeyLost(known=True, notified=0, unnotified=0, overtaken=0, postponed=0)
        assert await expiring.expire_sealed_to(sealed_to, hub.hub) == nothing
        assert await expiring.expire_sealed_to("0" * 64, hub.hub) == replace(nothing, known=False)

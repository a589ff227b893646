"""Whenever the power goes, what stands on the disk keeps every promise, and is not taken for an older copy (G1)."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from support.longer import longer
from support.store.disk_images import Disk, Image, watched
from support.store.engines import as_of, open_sqlite
from support.store.killing import work_until_killed
from support.store.store_samples import (
    RECEIVER,
    START,
    TERM,
    accept,
    acceptance_for,
    parts_of,
    pull,
    read_whole,
    receipt_sample,
    sealed_message,
)

from gateway.sqlite import writer
from gateway.store.model import MessageFilter, Offer
from gateway.store.sqlite.store import SqliteStore
from gateway.store.states import State

ANEW = b"<Envelope signed='anew'/>"
SMALL, LARGE = 500, 100_000


async def _lives(store: SqliteStore, disk: Disk) -> None:
    """A store that does everything that it promises, and says when it promised."""
    for number in range(1, 10):
        await accept(store, sealed_message(number), parts_of(number, LARGE if number % 2 else SMALL))
        await store.flushed()
        disk.promises.append(f"accepted {number}")
    again = receipt_sample("leg1-1@sender.example", ANEW)
    await store.keep_receipt(acceptance_for(sealed_message(1)).key, again, most=8)
    await store.flushed()
    disk.promises.append("given 1")
    for number in range(1, 6):
        offer = await store.lease(pull(number))
        assert isinstance(offer, Offer)
        await read_whole(store, offer)
        await store.flushed()
        disk.promises.append(f"offered {number}")
        await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
        await store.flushed()
        disk.promises.append(f"receipted {number}")
    await store.purge()
    await store.flushed()
    disk.promises += [f"removed {number}" for number in range(1, 6)]
    await asyncio.gather(*(accept(store, sealed_message(number), parts_of(number, SMALL)) for number in range(10, 20)))
    await store.flushed()
    disk.promises += [f"accepted {number}" for number in range(10, 20)]
    assert await as_of(START + TERM, store).expire("leg2-6@hub.example", notice=None, notice_parts=None)
    await store.flushed()
    disk.promises.append("expired 6")
    await store.cut_log()
    await accept(as_of(START, store), sealed_message(20))
    await store.flushed()
    disk.promises.append("accepted 20")
    await store.aclose()


async def _keeps(image: Image, path: Path) -> None:
    store = await open_sqlite(path, at=START)
    try:
        assert store.doubt is None
        records = {each.metadata.message_id: each for each in await store.messages(MessageFilter())}
        for promise in image.promises:
            what, _, number = promise.partition(" ")
            message_id = f"leg2-{number}@hub.example"
            match what:
                case "accepted":
                    assert message_id in records
                    if records[message_id].state in (State.STORED, State.OFFERED):
                        assert not records[message_id].damaged
                case "given":
                    acceptance = acceptance_for(sealed_message(int(number)))
                    again = receipt_sample(f"leg1-{number}@sender.example", ANEW)
                    found = await store.find_earlier((acceptance.key,), again.soap_sha256)
                    assert found is not None
                    assert found.receipt == again
                case "receipted":
                    assert "receipt-taken" in [kind for kind, _, _ in await store.evidence(message_id)]
                case "removed":
                    assert records[message_id].state is State.REMOVED
                case "expired":
                    assert records[message_id].state in (State.EXPIRED, State.REMOVED)
        waiting = [each for each in records.values() if each.state in (State.STORED, State.OFFERED)]
        for number in range(len(waiting)):
            offer = await as_of(START + TERM / 2, store).lease(pull(100 + number))
            assert isinstance(offer, Offer)
            await read_whole(store, offer)  # which holds it against its digest
    finally:
        await store.aclose()


@pytest.mark.parametrize("first", [0, *longer(1, 2)])
async def test_whenever_the_power_goes_every_promise_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    """Looked at in every third moment, from the first one on."""
    monkeypatch.setattr(writer, "CHECKPOINT_PAGES", 15)  # so that some happen amid everything else
    path = tmp_path / "data"
    await (await open_sqlite(path, at=START)).aclose()
    disk = Disk(path)
    disk.begin()
    with watched(disk):
        await _lives(await open_sqlite(path, at=START), disk)
    for number, image in list(enumerate(disk.images))[first::3]:
        disk.put_back(image)
        try:
            await _keeps(image, path)
        except BaseException as error:
            error.add_note(f"image {number} of {len(disk.images)}, {image.after}; promised: {image.promises}")
            raise
    assert len(disk.images) > 180, "so many moments there are to look at"


async def test_what_a_killed_process_left_unflushed_is_flushed_before_anything_is_said_of_it(tmp_path: Path) -> None:
    """Killed between commit and flush, started again on what the system's memory holds; and then the power goes."""
    path = tmp_path / "data"
    await (await open_sqlite(path, at=START)).aclose()
    disk = Disk(path)
    disk.begin()
    work_until_killed("sqlite", path, "a", "A8.after:1:kill")
    for each in [*(path / "blobs").iterdir(), path / "blobs"]:  # which a process flushes before it commits
        disk.flushed(each)
    disk.images.clear()
    with watched(disk):
        store = await open_sqlite(path, at=START)
        acceptance = acceptance_for(sealed_message(1))
        assert await store.find_earlier((acceptance.key,), acceptance.receipt.soap_sha256) is not None
        await store.flushed()
        disk.promises += ["accepted 1"]
        disk.cut("after the promise")
        last = len(disk.images)
        await store.aclose()
    for image in disk.images[:last]:
        disk.put_back(image)
        await _keeps(image, path)

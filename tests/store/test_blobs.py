"""The files of large parts: named once all is judged, swept when no row knows them, not offered damaged (OP-07)."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import apsw
import pytest
from support.store.engines import as_of, open_sqlite
from support.store.inside import asked, flush_names_by, is_naming, writer_of
from support.store.store_samples import (
    START,
    accept,
    acceptance_for,
    parts_of,
    pull,
    read_whole,
    sealed_message,
)

from gateway.store.interface import DamagedBlob, StoreUnavailable
from gateway.store.model import Acceptance, Accepted, Empty, Expired, Kind, MessageFilter, Offer, State
from gateway.store.sqlite.store import DATABASE_NAME

MEBIBYTE = 1 << 20


def blobs_of(path: Path) -> list[Path]:
    return sorted((path / "blobs").iterdir())


async def test_small_parts_need_no_file_and_large_ones_one(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "data", at=START)
    await accept(store, sealed_message(1), parts_of(1, 65_536))
    assert blobs_of(tmp_path / "data") == []
    await accept(store, sealed_message(2), parts_of(2, 65_537))
    (blob,) = blobs_of(tmp_path / "data")
    assert blob.read_bytes() == parts_of(2, 65_537)
    assert len(blob.name) == 32
    await store.aclose()


async def test_a_spool_that_is_discarded_never_had_a_name(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "data", at=START)
    spool = await store.open_spool(None)
    await spool.write(bytes(MEBIBYTE))
    assert blobs_of(tmp_path / "data") == []
    assert spool.size_octets == MEBIBYTE
    spool.discard()
    with pytest.raises(ValueError, match="used up"):
        await spool.write(b"more")
    await store.aclose()


@pytest.mark.parametrize("outcome", ["duplicate", "conflict", "quota", "failure"])
async def test_a_refused_message_leaves_no_blob(tmp_path: Path, outcome: str) -> None:
    store = await open_sqlite(tmp_path / "data", at=START)
    await accept(store, sealed_message(1))
    if outcome == "failure":
        with pytest.raises(StoreUnavailable):  # the hub's own id twice: the database refuses the second row
            await accept(store, sealed_message(1), parts_of(1, 100_000), acceptance=_acceptance(2))
    else:
        number = 2 if outcome == "quota" else 1
        acceptance = _acceptance(number, content=b"other" if outcome == "conflict" else None)
        again = sealed_message(number)
        await accept(store, again, parts_of(1, 100_000), acceptance=acceptance, quota_messages=1)
    assert blobs_of(tmp_path / "data") == []
    assert len(await store.messages(MessageFilter())) == 1
    await store.aclose()


@pytest.mark.parametrize("notice", [True, False], ids=["not-due", "no-notice"])
async def test_an_expiry_that_stores_no_notice_leaves_no_blob(tmp_path: Path, notice: bool) -> None:
    store = await open_sqlite(tmp_path / "data", at=START)
    message = sealed_message(1)
    await accept(store, message)
    spool = await store.open_spool(None)
    await spool.write(parts_of(2, 100_000))
    expired = await as_of(START if notice else message.metadata.expires_at, store).expire(
        message.metadata.message_id,
        notice=sealed_message(2, kind=Kind.NOTICE) if notice else None,
        notice_parts=spool,
    )
    assert expired is (None if notice else Expired.UNNOTIFIED)
    assert blobs_of(tmp_path / "data") == []
    await store.aclose()


@pytest.mark.parametrize("committed", [True, False], ids=["committed", "queued"])
async def test_a_caller_that_goes_away_leaves_a_whole_message_or_an_orphan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, committed: bool
) -> None:
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    writer = writer_of(store)
    await accept(store, sealed_message(2))
    inside, go = threading.Event(), threading.Event()

    def hold(_connection_or_descriptor: apsw.Connection | int) -> None:
        inside.set()
        assert go.wait(10)

    if committed:
        monkeypatch.setattr(os, "fdatasync", hold)
        leaving = asyncio.ensure_future(accept(store, sealed_message(1), parts_of(1, 100_000)))
        await asyncio.to_thread(inside.wait, 10)
    else:
        held = asyncio.ensure_future(writer.run(hold, alone=True))
        await asyncio.to_thread(inside.wait, 10)
        leaving = asyncio.ensure_future(accept(store, sealed_message(1), parts_of(1, 100_000)))
        while not blobs_of(path) or asked(store) < 2:  # noqa: ASYNC110 - threads set no event of the loop
            await asyncio.sleep(0)
    leaving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await leaving
    go.set()
    if not committed:
        await held
    await as_of(datetime.now(UTC) + timedelta(hours=2), store).purge()
    stands = len(await as_of(START, store).messages(MessageFilter())) - 1
    assert stands == (1 if committed else 0)
    assert len(blobs_of(path)) == stands
    await store.aclose()


async def test_a_caller_that_goes_away_while_its_blob_gets_its_name_leaves_an_orphan_that_is_swept(
    tmp_path: Path,
) -> None:
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    inside, go = threading.Event(), threading.Event()
    flush = os.fsync

    def hold(descriptor: int) -> None:
        inside.set()
        go.wait(10)
        flush(descriptor)

    flush_names_by(store, hold)
    leaving = asyncio.ensure_future(accept(store, sealed_message(1), parts_of(1, 100_000)))
    await asyncio.to_thread(inside.wait, 10)
    leaving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await leaving
    go.set()
    async with asyncio.timeout(10):
        while is_naming(store) or not blobs_of(path):  # noqa: ASYNC110 - threads set no event of the loop
            await asyncio.sleep(0)
    await as_of(datetime.now(UTC) + timedelta(hours=2), store).purge()
    assert blobs_of(path) == []
    await store.aclose()


@pytest.mark.parametrize("unnamed", [True, False], ids=["unnamed-files", "temporary-names"])
async def test_orphans_are_swept_after_an_hour_and_leftovers_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, unnamed: bool
) -> None:
    if not unnamed:
        monkeypatch.setattr("gateway.unnamed.UnnamedFiles._try_one", lambda _self: False)
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    (kept,) = blobs_of(path)
    await store.aclose()
    orphan = path / "blobs" / ("0" * 32)
    orphan.write_bytes(b"orphan")
    (path / "blobs" / "arriving-00").write_bytes(b"left over")
    named_at = _moment(orphan)
    store = await open_sqlite(path, at=named_at + timedelta(minutes=59))
    assert blobs_of(path) == sorted([kept, orphan])
    await as_of(named_at + timedelta(hours=1, seconds=1), store).purge()
    assert blobs_of(path) == [kept]
    offer = await as_of(START, store).lease(pull(1))
    assert isinstance(offer, Offer)
    assert parts_of(1, 100_000) in await read_whole(store, offer)
    await store.aclose()


async def test_the_sweep_at_the_start_takes_old_orphans(tmp_path: Path) -> None:
    path = tmp_path / "data"
    await (await open_sqlite(path, at=START)).aclose()
    orphan = path / "blobs" / ("0" * 32)
    orphan.write_bytes(b"orphan")
    await (await open_sqlite(path, at=_moment(orphan) + timedelta(hours=1, seconds=1))).aclose()
    assert blobs_of(path) == []


def _flip(blob: Path) -> None:
    octets = bytearray(blob.read_bytes())
    octets[-1] ^= 1
    blob.write_bytes(octets)


def _replace(blob: Path) -> None:
    blob.write_bytes(parts_of(2, MEBIBYTE))


DAMAGE = {
    "flipped": _flip,
    "shorter": lambda blob: os.truncate(blob, MEBIBYTE - 1),
    "longer": lambda blob: os.truncate(blob, MEBIBYTE + 1),
    "deleted": Path.unlink,
    "replaced": _replace,
    "directory": lambda blob: (blob.unlink(), blob.mkdir()),
}


@pytest.mark.parametrize("damage", sorted(DAMAGE))
async def test_a_damaged_blob_is_never_offered_and_its_message_marked_OP_07(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    await accept(store, sealed_message(1), parts_of(1, MEBIBYTE))
    (blob,) = blobs_of(path)
    await accept(store, sealed_message(2), parts_of(2, MEBIBYTE))
    DAMAGE[damage](blob)
    offer = await as_of(START, store).lease(pull(1))
    assert isinstance(offer, Offer)
    chunks = store.read_parts(offer)
    with pytest.raises(DamagedBlob):
        await anext(chunks)
    (record,) = await as_of(START, store).messages(MessageFilter(message_id=offer.message_id))
    assert (record.damaged, record.state) == (True, State.STORED)
    assert (await as_of(START, store).counts()).damaged == 1
    second = await as_of(START, store).lease(pull(2))
    assert isinstance(second, Offer)
    assert second.message_id == "leg2-2@hub.example"
    assert await as_of(START + timedelta(days=1), store).lease(pull(3, open_leases=1)) != Empty()
    due = await as_of(START + timedelta(days=5), store).due(limit=9)
    assert offer.message_id in [each.metadata.message_id for each in due]
    await store.aclose()


async def test_damaged_octets_in_a_row_are_never_offered(tmp_path: Path) -> None:
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    await accept(store, sealed_message(1))
    await store.aclose()
    connection = apsw.Connection(str(path / DATABASE_NAME))
    connection.execute("UPDATE parts SET octets = CAST('PARTS' AS BLOB)")
    connection.close()
    store = await open_sqlite(path, at=START)
    offer = await as_of(START, store).lease(pull(1))
    assert isinstance(offer, Offer)
    with pytest.raises(DamagedBlob):
        await read_whole(store, offer)
    assert await as_of(START + timedelta(days=1), store).lease(pull(2)) == Empty()
    await store.aclose()


async def test_a_failed_flush_of_a_blob_stops_the_store_FA_04(tmp_path: Path, monkeypatch) -> None:
    failures: list[BaseException] = []
    store = await open_sqlite(tmp_path / "data", at=START, on_failure=failures.append)

    def fail(_descriptor: int) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("gateway.store.blobs.os.fsync", fail)
    with pytest.raises(StoreUnavailable):
        await accept(store, sealed_message(1), parts_of(1, 100_000))
    monkeypatch.undo()
    assert [type(failure) for failure in failures] == [OSError]
    with pytest.raises(StoreUnavailable):
        await accept(store, sealed_message(2))
    await store.aclose()
    store = await open_sqlite(tmp_path / "data", at=START)
    assert await accept(store, sealed_message(1), parts_of(1, 100_000)) == Accepted()
    await store.aclose()


async def test_without_file_descriptors_the_store_says_come_back_later_FA_07(tmp_path: Path, monkeypatch) -> None:
    store = await open_sqlite(tmp_path / "data", at=START)

    def fail(*_arguments: object, **_keywords: object) -> int:
        raise OSError(24, "Too many open files")

    spool = await store.open_spool(None)
    monkeypatch.setattr("gateway.store.blobs.os.open", fail)
    with pytest.raises(StoreUnavailable):
        await spool.write(bytes(MEBIBYTE))
    monkeypatch.undo()
    spool.discard()
    assert await accept(store, sealed_message(1), parts_of(1, 100_000)) == Accepted()
    await store.aclose()


def _moment(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_ctime, tz=UTC)


def _acceptance(number: int, content: bytes | None = None) -> Acceptance:
    return acceptance_for(sealed_message(number), content=content)

"""The store says nothing that it does not know: what is proven damage, what only could not be read, and what leaves.

Damage is a proven wrong length, a wrong digest or a missing file; it can be looked at again. Everything else passes.
"""

from __future__ import annotations

import asyncio
import errno
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.store.engines import ENGINES, TestedEngine, as_of
from support.store.faulty_storage import failing_reads, no_more_descriptors
from support.store.store_samples import (
    RECEIVER,
    SENDER,
    SIGNER,
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

from gateway.storage import LostUpdate
from gateway.store.interface import DamagedBlob, DamagedRecord, Store, Unreadable
from gateway.store.model import Empty, Expired, MessageFilter, Offer, ReceiptOutcome, Replayed, State

LARGE = 3_000_000
SQLITE = ENGINES["sqlite"]  # whose parts are files, which a disk may fail to read
ROOT = Path(__file__).parents[2]


async def opened(engine: TestedEngine, tmp_path: Path, *messages: int, octets: int = LARGE) -> Any:
    store = await engine.open(tmp_path / "data")
    for number in messages:
        await accept(store, sealed_message(number), parts_of(number, octets))
    return store


async def offered(store: Store, number: int | str = 1, at: object = START) -> Offer:
    offer = await as_of(at, store).lease(pull(number))  # type: ignore[arg-type]
    assert isinstance(offer, Offer)
    return offer


async def is_damaged(store: Store, number: int = 1) -> bool:
    (record,) = await store.messages(MessageFilter(message_id=f"leg2-{number}@hub.example"))
    return record.damaged


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ESTALE])
@pytest.mark.parametrize("nth", ["first", "in-the-middle"])
async def test_no_error_of_a_read_proves_damage(tmp_path: Path, code: int, nth: str) -> None:
    store = await opened(SQLITE, tmp_path, 1)
    offer = await offered(store)
    chunks = store.read_parts(offer)
    if nth == "in-the-middle":
        await anext(chunks)
    with failing_reads(code, times=1) as failed, pytest.raises(Unreadable) as fault:
        async for _ in chunks:
            pass
    assert len(failed) == 1
    assert fault.value.lacking == (code in (errno.EMFILE, errno.ENFILE, errno.ENOMEM))
    assert not await is_damaged(store)
    assert parts_of(1, LARGE) in await read_whole(store, offer)
    await store.aclose()


async def test_without_descriptors_a_message_is_not_damaged_FA_07(tmp_path: Path) -> None:
    store = await opened(SQLITE, tmp_path, 1)
    offer = await offered(store)
    with no_more_descriptors(), pytest.raises(Unreadable) as fault:
        await read_whole(store, offer)
    assert fault.value.lacking
    assert not await is_damaged(store)
    assert parts_of(1, LARGE) in await read_whole(store, offer)
    await store.aclose()


async def test_a_read_that_comes_in_pieces_proves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = await opened(SQLITE, tmp_path, 1)
    real_pread = os.pread
    monkeypatch.setattr(os, "pread", lambda descriptor, octets, start: real_pread(descriptor, min(octets, 1000), start))
    assert parts_of(1, LARGE) in await read_whole(store, await offered(store))
    await store.aclose()


def _pipe(blob: Path) -> None:
    blob.unlink()
    os.mkfifo(blob)


def _link(blob: Path) -> None:
    kept = blob.with_name("elsewhere")
    blob.rename(kept)
    blob.symlink_to(kept)


def _socket(blob: Path) -> None:
    blob.unlink()
    folder = os.open(blob.parent, os.O_RDONLY)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(f"/proc/self/fd/{folder}/{blob.name}")
    os.close(folder)


@pytest.mark.parametrize("replace", [_pipe, _link, _socket], ids=["pipe", "link", "socket"])
async def test_what_is_no_file_any_more_is_a_missing_file(tmp_path: Path, replace: Callable[[Path], None]) -> None:
    store = await opened(SQLITE, tmp_path, 1)
    (blob,) = (tmp_path / "data" / "blobs").iterdir()
    replace(blob)
    with pytest.raises(DamagedBlob, match="is no file"):
        await read_whole(store, await offered(store))
    assert await is_damaged(store)
    await store.aclose()


# --- every octet that leaves or decides -------------------------------------------------------------------------

LEAVING = {
    "head": "UPDATE envelope SET head = CAST('--b other' AS BLOB)",
    "tail": "UPDATE envelope SET tail = CAST('--b-- other' AS BLOB)",
    "content type": "UPDATE envelope SET content_type = 'multipart/other'",
    "digest of the envelope": "UPDATE envelope SET sha256 = zeroblob(32)",
    "no digest": "UPDATE envelope SET sha256 = NULL",
    "parts and their digest": "UPDATE parts SET octets = CAST('x' AS BLOB), size_octets = 1, sha256 = zeroblob(32)",
    "missing envelope": "DROP TRIGGER envelope_kept; DELETE FROM envelope",
    "missing parts": "DROP TRIGGER parts_kept; DELETE FROM parts",
    "mailbox": "UPDATE message SET receiver = 'x'",
    "sender": "UPDATE message SET original_sender = 'x'",
    "deadline": "UPDATE message SET expires_at = expires_at + 1",
    "deadline that is no moment": "UPDATE message SET expires_at = expires_at | (1 << 61)",
    "digest of the record": "UPDATE message SET sha256 = zeroblob(32)",
}


@pytest.mark.parametrize("what", sorted(LEAVING))
async def test_what_leaves_stands_under_a_digest_made_before_its_commit(
    engine: TestedEngine, tmp_path: Path, what: str
) -> None:
    store = await opened(engine, tmp_path, 1, octets=500)
    await store.aclose()
    engine.change(tmp_path / "data", LEAVING[what])
    store = await engine.open(tmp_path / "data")
    await accept(store, sealed_message(2), parts_of(2, 500))
    with pytest.raises(DamagedBlob):
        await read_whole(store, await offered(store, "a"))
    assert await is_damaged(store)
    assert (await offered(store, "b")).message_id == "leg2-2@hub.example"
    assert (await store.recheck()).whole == ()
    await store.aclose()


@pytest.mark.parametrize("column", ["offered_at", "lease_until", "offerable_at"])
@pytest.mark.parametrize("value", [9_000_000_000_000_000_000, -9_000_000_000_000_000_000])
async def test_a_moment_of_an_offer_that_is_none_keeps_no_receipt_and_no_other_message_away(
    engine: TestedEngine, tmp_path: Path, column: str, value: int
) -> None:
    store = await opened(engine, tmp_path, 1, 2, octets=500)
    offer = await offered(store, "a")
    await store.aclose()
    engine.change(tmp_path / "data", f"UPDATE message SET {column} = ? WHERE id = 1", value)
    store = await engine.open(tmp_path / "data")
    assert isinstance(await offered(store, "b"), Offer)
    await store.prolong_lease(offer.message_id, offer.lease_token, timedelta(minutes=5))
    assert await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>") is ReceiptOutcome.CLOSED
    await store.aclose()


async def test_swapped_envelopes_are_not_delivered(engine: TestedEngine, tmp_path: Path) -> None:
    store = await opened(engine, tmp_path, 1, 2, octets=500)
    await store.aclose()
    engine.change(tmp_path / "data", "UPDATE envelope SET head = (SELECT head FROM envelope AS e WHERE e.message <> 1)"
           " WHERE message = 1")  # fmt: skip
    store = await engine.open(tmp_path / "data")
    with pytest.raises(DamagedBlob, match="the envelope"):
        await read_whole(store, await offered(store, "a"))
    await store.aclose()


COLUMNS = (
    "received_message_id", "kind", "sender", "original_sender", "receiver", "final_recipient", "mpc", "service",
    "action", "conversation_id", "tracking_identifier", "cross_reference", "question", "answer_due", "accepted_at",
    "expires_at", "sealed_to", "size_octets",
)  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
async def test_no_receipt_is_judged_and_no_term_ended_by_a_record_that_changed(
    engine: TestedEngine, tmp_path: Path, column: str
) -> None:
    store = await opened(engine, tmp_path, 1, octets=500)
    offer = await offered(store)
    await store.aclose()
    number = column in ("question", "answer_due", "accepted_at", "expires_at", "size_octets")
    value: object = 1 if number else "notice" if column == "kind" else RECEIVER + "0"
    engine.change(tmp_path / "data", f"UPDATE message SET {column} = ?", value)
    store = await engine.open(tmp_path / "data")
    late = START + TERM + timedelta(days=1)
    for work in (
        lambda: store.find_offered(offer.message_id),
        lambda: as_of(START, store).close(offer.message_id, party=RECEIVER, receipt=b"<r/>"),
        lambda: as_of(late, store).expire(offer.message_id, notice=None, notice_parts=None),
        lambda: store.prolong_term(offer.message_id, party=RECEIVER, expires_at=late),
    ):
        with pytest.raises(DamagedRecord):
            await work()
    assert await is_damaged(store)
    await store.aclose()


async def test_what_does_not_end_with_its_term_is_counted(engine: TestedEngine, tmp_path: Path) -> None:
    store = await opened(engine, tmp_path, 1, octets=500)
    assert (await as_of(START + TERM + timedelta(minutes=9), store).counts()).overdue == 0
    assert (await as_of(START + TERM + timedelta(minutes=11), store).counts()).overdue == 1
    await store.aclose()


async def test_a_record_that_changed_answers_no_question(engine: TestedEngine, tmp_path: Path) -> None:
    store = await engine.open(tmp_path / "data")
    await accept(store, sealed_message(1, question=True))
    await store.aclose()
    engine.change(tmp_path / "data", "UPDATE message SET service = 'urn:knooppunt:Schuldregeling:1.0'")
    store = await engine.open(tmp_path / "data")
    with pytest.raises(DamagedRecord):
        await store.find_question("tracking-1", original_sender=SENDER, final_recipient=RECEIVER)
    await store.aclose()


@pytest.mark.parametrize(
    "statement",
    ["UPDATE promised SET part_references = '[]'", "UPDATE promised SET sha256 = NULL", "DELETE FROM promised"],
)
async def test_a_receipt_is_not_held_against_references_that_changed(
    engine: TestedEngine, tmp_path: Path, statement: str
) -> None:
    store = await opened(engine, tmp_path, 1, octets=500)
    offer = await offered(store)
    await store.aclose()
    engine.change(tmp_path / "data", statement)
    store = await engine.open(tmp_path / "data")
    with pytest.raises(DamagedRecord):
        await store.find_offered(offer.message_id)
    assert await is_damaged(store)
    assert (await store.recheck()).damaged == (offer.message_id,)
    await store.aclose()


ACCEPTANCE = ("message = message + 1", "signer = NULL", "soap_sha256 = NULL", "said = zeroblob(33)",
    "said_apart = NULL", "own_digests = NULL", "accepted_at = accepted_at + 1", "forget_at = 0",
    "sha256 = NULL")  # fmt: skip


@pytest.mark.parametrize("damage", ACCEPTANCE)
async def test_nothing_is_told_to_be_or_not_to_be_a_repetition_by_an_acceptance_that_changed(
    engine: TestedEngine, tmp_path: Path, damage: str
) -> None:
    store = await opened(engine, tmp_path, 1, octets=500)
    await store.aclose()
    engine.change(tmp_path / "data", f"UPDATE acceptance SET {damage}")
    store = await engine.open(tmp_path / "data")
    await store.purge()
    acceptance = acceptance_for(sealed_message(1))
    with pytest.raises(DamagedRecord):
        await store.find_earlier([acceptance.key], acceptance.receipt.soap_sha256)
    with pytest.raises(DamagedRecord):
        await accept(store, sealed_message(1))
    with pytest.raises(DamagedRecord):
        await store.keep_receipt(acceptance.key, receipt_sample("x", b"anew"), most=8)
    await store.aclose()


SIGNERS = ("signer SET sender = 'somebody'", "signer SET from_party = '[]'", "signer SET suite = 'none'",
    "signer SET key_reference = 'none'", "signer SET sha256 = NULL", "certificate SET der = zeroblob(9)")  # fmt: skip


@pytest.mark.parametrize("damage", SIGNERS)
async def test_a_record_of_a_signer_that_changed_vouches_for_nobody(
    engine: TestedEngine, tmp_path: Path, damage: str
) -> None:
    store = await opened(engine, tmp_path, 1, octets=500)
    assert await store.signers() == (SIGNER,)
    await store.aclose()
    engine.change(tmp_path / "data", f"UPDATE {damage}")
    store = await engine.open(tmp_path / "data")
    assert await store.signers() == ()
    await store.aclose()


async def test_a_message_whose_record_changed_can_be_ended_at_once_and_nobody_is_told(
    engine: TestedEngine, tmp_path: Path
) -> None:
    store = await opened(engine, tmp_path, 1, octets=500)
    await store.aclose()
    engine.change(tmp_path / "data", "UPDATE message SET sender = 'somebody else'")
    store = await engine.open(tmp_path / "data")
    spool = await store.open_spool(None)
    notice = sealed_message(2, receiver="somebody else")
    await spool.write(parts_of(2, 100_000))
    ended = await store.expire("leg2-1@hub.example", notice=notice, notice_parts=spool, at_once=True)
    assert ended is Expired.UNNOTIFIED
    assert list((tmp_path / "data" / "blobs").iterdir()) == [], "nothing of the notice is left"
    assert await store.messages(MessageFilter(receiver="somebody else")) == ()
    await store.aclose()


@pytest.mark.parametrize("late", [False, True], ids=["close", "keep-late"])
async def test_a_receipt_again_is_not_judged_by_evidence_that_is_damaged(
    engine: TestedEngine, tmp_path: Path, late: bool
) -> None:
    data = tmp_path / "data"
    store = await engine.open(data)
    await accept(store, sealed_message(1))
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    await store.aclose()
    engine.change(data, "UPDATE evidence SET octets = x'00' WHERE kind = 'receipt-taken'")
    store = await engine.open(data)
    again = {"party": RECEIVER, "receipt": b"<r/>"}
    asked = store.keep_late if late else store.close
    more = {"notice": None, "notice_parts": None} if late else {}
    with pytest.raises(DamagedRecord):
        await asked(offer.message_id, **again, **more)
    await store.aclose()


async def test_a_receipt_that_could_not_be_kept_closes_nothing(engine: TestedEngine, tmp_path: Path) -> None:
    """An evidence row that stands in its way is a fault, and no receipt goes without a word."""
    data = tmp_path / "data"
    store = await engine.open(data)
    await accept(store, sealed_message(1))
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    await store.aclose()
    engine.change(data, "INSERT INTO evidence (message, kind, at, octets) VALUES (1, 'receipt-taken', 1, x'00')")
    store = await engine.open(data)
    with pytest.raises(LostUpdate):
        await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    (record,) = await store.messages(MessageFilter())
    assert record.state is State.OFFERED
    await store.aclose()


# --- what could not be read waits, and what is damaged is looked at again -----------------------------------------


async def test_a_pull_that_met_a_damaged_message_gets_the_next_one(engine: TestedEngine, tmp_path: Path) -> None:
    store = await opened(engine, tmp_path, 1, 2)
    engine.hide_large_parts(tmp_path / "data", tmp_path / "away", "leg2-1@hub.example", parts_of(1, LARGE))
    with pytest.raises(DamagedBlob):
        await read_whole(store, await offered(store, "one"))
    second = await offered(store, "one")
    assert second.message_id == "leg2-2@hub.example"
    assert await offered(store, "one", START + timedelta(minutes=5)) is not None
    assert await as_of(START + timedelta(minutes=6), store).lease(pull("one")) == Replayed()
    await store.aclose()


async def test_what_cannot_be_read_backs_off_and_lets_the_next_one_pass_SR_17(
    engine: TestedEngine, tmp_path: Path
) -> None:
    store = await opened(engine, tmp_path, 1, 2)
    at = START
    for minutes in (1, 5, 30, 120, 120):
        offer = await offered(store, f"{at}", at)
        assert offer.message_id == "leg2-1@hub.example"
        await as_of(at, store).put_off(offer.message_id, offer.lease_token)
        other = await offered(store, f"{at}", at)
        assert other.message_id == "leg2-2@hub.example"
        await store.cut_lease(other.message_id, other.lease_token, timedelta())
        just_before = at + timedelta(minutes=minutes, microseconds=-1)
        between = await offered(store, f"{just_before}", just_before)
        assert between.message_id == "leg2-2@hub.example"
        await store.cut_lease(between.message_id, between.lease_token, timedelta())
        at += timedelta(minutes=minutes)
    assert (await offered(store, "last", at)).message_id == "leg2-1@hub.example"
    await store.aclose()


async def test_a_lease_that_has_ended_is_not_put_off(engine: TestedEngine, tmp_path: Path) -> None:
    store = await opened(engine, tmp_path, 1)
    first = await offered(store, "one")
    later = START + timedelta(hours=1)
    second = await offered(store, "two", later)
    await as_of(later, store).put_off(first.message_id, first.lease_token)
    (record,) = await as_of(later, store).messages(MessageFilter())
    assert record.lease_until == second.lease_until
    await store.aclose()


async def test_damage_that_is_mended_is_offered_again_after_a_second_look(engine: TestedEngine, tmp_path: Path) -> None:
    store = await opened(engine, tmp_path, 1, 2)
    engine.hide_large_parts(tmp_path / "data", tmp_path / "away", "leg2-1@hub.example", parts_of(1, LARGE))
    with pytest.raises(DamagedBlob):
        await read_whole(store, await offered(store, "one"))
    unreadable = await offered(store, "two")
    await store.put_off(unreadable.message_id, unreadable.lease_token)
    assert await store.lease(pull("three")) == Empty()
    found = await store.recheck()
    assert (found.whole, found.damaged, found.unreadable) == ((unreadable.message_id,), ("leg2-1@hub.example",), ())
    engine.show_large_parts(tmp_path / "data", tmp_path / "away")
    assert (await store.recheck()).whole == ("leg2-1@hub.example",)
    assert (await store.counts()).damaged == 0
    offer = await offered(store, "four")
    assert offer.message_id == "leg2-1@hub.example"
    assert parts_of(1, LARGE) in await read_whole(store, offer)
    await store.aclose()


async def test_a_second_look_that_cannot_read_changes_nothing(tmp_path: Path) -> None:
    store = await opened(SQLITE, tmp_path, 1)
    offer = await offered(store)
    await store.put_off(offer.message_id, offer.lease_token)
    with failing_reads():
        assert (await store.recheck()).unreadable == (offer.message_id,)
    assert await store.lease(pull("again")) == Empty()
    await store.aclose()


READING = """
import asyncio, sys
from pathlib import Path
from support.store.engines import as_of, open_sqlite
from support.store.store_samples import START, pull, read_whole
from gateway.store.interface import Unreadable
from gateway.store.model import MessageFilter

async def run(path):
    store = await open_sqlite(path)
    offer = await as_of(START.replace(hour=23), store).lease(pull(1))
    for _ in range(9):  # each thread of the store fails once
        try:
            print(len(await read_whole(store, offer)))
            break
        except Unreadable:
            print("unreadable")
    print([each.damaged for each in await store.messages(MessageFilter())])
    await store.aclose()

asyncio.run(run(Path(sys.argv[1])))
"""


async def test_a_disk_that_fails_one_read_damages_nothing_FA_04(tmp_path: Path) -> None:
    """The kernel's own answer: one read of the blob fails under strace."""
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("STRACE IS NOT INSTALLED: no read fails in the kernel")
    store = await opened(SQLITE, tmp_path, 1)
    whole = len(await read_whole(store, await offered(store, "before")))
    await store.aclose()
    (blob,) = (tmp_path / "data" / "blobs").iterdir()
    command = [strace, "-f", "-o", tmp_path / "record", "-P", blob, "-e", "inject=pread64:error=EIO:when=2"]
    found = await asyncio.to_thread(
        subprocess.run,
        [*command, sys.executable, "-c", READING, blob.parents[1]],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "(INJECTED)" in (tmp_path / "record").read_text()
    first, *_, last, damaged = found.stdout.splitlines()
    assert (first, last, damaged) == ("unreadable", str(whole), "[False]"), found.stderr

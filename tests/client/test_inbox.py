"""The inbox holds every message once, through crashes, until the participant's system has processed it (P30, G4)."""

from __future__ import annotations

import asyncio
import os
import shutil
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.keys.pki import NOW

from gateway.client import records
from gateway.client.inbox import Accepted, ArrivedPart, Inbox, InboxState, JudgedMessage, Known
from gateway.client.outbox import Outbox
from gateway.client.records import IN_ROW_OCTETS
from gateway.storage import DatabaseRefused, DiskFull

LARGE = IN_ROW_OCTETS + 1


def part(inbox: Inbox, octets: bytes, number: int = 0) -> ArrivedPart:
    """A part as pulling hands it over: in memory while small, else in an unnamed file."""
    body: object = octets
    if len(octets) > IN_ROW_OCTETS:
        body = inbox.records.create_unnamed()
        body.write(octets)  # type: ignore[attr-defined]
    return ArrivedPart(
        content_id=f"part-{number}@tests.example",
        mime_type="application/xml",
        character_set="utf-8",
        octets=len(octets),
        sha256=sha256(octets).digest(),
        body=body,  # type: ignore[arg-type]
    )


def arrival(inbox: Inbox, number: int, *contents: bytes, sender: str = "hub") -> JudgedMessage:
    return JudgedMessage(
        sender=sender,
        message_id=f"message-{number}@hub.example",
        service="urn:knooppunt:Schuldregeling:2.0",
        action="Saldoverzoek",
        conversation_id="conversation",
        tracking_identifier=f"reference-{number}",
        cross_reference=None,
        original_sender="sender",
        final_recipient="receiver",
        sent_at=NOW - timedelta(microseconds=1),
        received_at=NOW,
        origin="unverified",
        origin_thumbprint="00" * 32,
        origin_document=b"<proof/>",
        content_digest=sha256(b"%d" % number).digest(),
        receipt=b"<receipt number='%d'/>" % number,
        parts=tuple(part(inbox, octets, at) for at, octets in enumerate(contents or (b"<document/>",))),
    )


async def accept(inbox: Inbox, made: JudgedMessage) -> Accepted | Known:
    try:
        return await inbox.accept(made)
    finally:
        for each in made.parts:
            if not isinstance(each.body, bytes):
                each.body.close()


def crash(folder: Path, image: Path) -> None:
    """What a disk holds when the process dies at this moment."""
    shutil.copytree(folder, image, ignore=shutil.ignore_patterns("*-shm"))


# --- accepting ----------------------------------------------------------------------------------------------------


async def test_what_was_accepted_comes_out_as_it_went_in(inbox: Inbox) -> None:
    await accept(inbox, arrival(inbox, 1, b"<document/>", bytes(range(256)) * 400, b""))
    message = await inbox.next()
    assert message is not None
    assert [each.read() for each in message.parts] == [b"<document/>", bytes(range(256)) * 400, b""]
    assert [each.content_id for each in message.parts] == [f"part-{at}@tests.example" for at in range(3)]
    assert (message.state, message.tracking_identifier, message.cross_reference) == ("received", "reference-1", None)
    assert (message.sent_at, message.received_at) == (NOW - timedelta(microseconds=1), NOW)
    assert (message.origin, message.origin_thumbprint, message.receipt_state) == ("unverified", "00" * 32, "due")
    assert await inbox.evidence(message.number) == (b"<proof/>", b"<receipt number='1'/>")


async def test_a_second_arrival_changes_nothing_and_tells_the_first_receipt(inbox: Inbox) -> None:
    await accept(inbox, arrival(inbox, 1, bytes(LARGE)))
    again = replace(arrival(inbox, 1, bytes(LARGE)), receipt=b"another", content_digest=b"other")
    known = await accept(inbox, again)
    assert known == Known(1, sha256(b"1").digest(), b"<receipt number='1'/>")
    assert len(await inbox.messages()) == 1
    assert len(list(inbox.records.parts_folder.iterdir())) == 1


async def test_another_sender_may_use_the_same_message_id(inbox: Inbox) -> None:
    await accept(inbox, arrival(inbox, 1))
    assert isinstance(await accept(inbox, arrival(inbox, 1, sender="other")), Accepted)


async def test_fifty_arrivals_at_once_are_one_message(inbox: Inbox) -> None:
    outcomes = await asyncio.gather(*(accept(inbox, arrival(inbox, 1, bytes(LARGE))) for _ in range(50)))
    assert sum(isinstance(each, Accepted) for each in outcomes) == 1
    assert len(list(inbox.records.parts_folder.iterdir())) == 1


@pytest.mark.parametrize(("later_seconds", "left"), [(0, True), (3500, True), (3700, False)])
async def test_a_file_without_a_row_goes_when_the_folder_is_opened_an_hour_after_it_got_its_name(
    later_seconds: int, left: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox = await Inbox.open(tmp_path / "inbox")
    await accept(inbox, arrival(inbox, 1, bytes(LARGE)))
    orphan = inbox.records.parts_folder / "orphan"
    orphan.write_bytes(b"x")
    os.utime(orphan, (0, 0))  # written long ago, as by a machine that slept
    await inbox.aclose()
    at = time.time() + later_seconds
    monkeypatch.setattr(records, "time", SimpleNamespace(time=lambda: at))
    inbox = await Inbox.open(tmp_path / "inbox")
    assert orphan.exists() == left
    message = await inbox.next()
    assert message is not None
    assert message.parts[0].read() == bytes(LARGE)
    await inbox.aclose()


async def test_a_file_is_on_the_disk_before_it_has_a_name_and_its_name_before_the_row(
    inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[str] = []
    fsync, link, run = os.fsync, os.link, type(inbox.records.writer).run

    def note_fsync(descriptor: int) -> None:
        steps.append("fsync folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "fsync file")
        fsync(descriptor)

    def note_link(*arguments: object, **named: object) -> None:
        steps.append("link")
        link(*arguments, **named)  # type: ignore[arg-type]

    async def note_run(writer: object, work: Callable[..., object]) -> object:
        steps.append("transaction")
        return await run(writer, work)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "link", note_link)
    monkeypatch.setattr(type(inbox.records.writer), "run", note_run)
    await accept(inbox, arrival(inbox, 1, bytes(LARGE)))
    assert steps == ["transaction", "fsync file", "link", "fsync folder", "transaction"]


async def test_a_full_disk_leaves_nothing_behind(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(_records: object, _work: object) -> None:
        raise DiskFull("no room")

    found = inbox.find
    monkeypatch.setattr(type(inbox.records), "run", full)
    monkeypatch.setattr(inbox, "find", lambda *_: asyncio.sleep(0))
    with pytest.raises(DiskFull):
        await accept(inbox, arrival(inbox, 1, bytes(LARGE)))
    assert list(inbox.records.parts_folder.iterdir()) == []
    monkeypatch.undo()
    assert await found("hub", "message-1@hub.example") is None


async def test_only_the_owner_may_read_the_folder(inbox: Inbox) -> None:
    await accept(inbox, arrival(inbox, 1, bytes(LARGE)))
    for path in inbox.records.folder.rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path


async def test_an_inbox_is_no_outbox(inbox: Inbox, tmp_path: Path) -> None:
    await inbox.aclose()
    (tmp_path / "inbox" / "inbox.sqlite").rename(tmp_path / "inbox" / "outbox.sqlite")
    with pytest.raises(DatabaseRefused, match="another application"):
        await Outbox.open(tmp_path / "inbox")


# --- processing ---------------------------------------------------------------------------------------------------


async def test_messages_come_oldest_first_until_they_are_processed(inbox: Inbox) -> None:
    for number in (3, 1, 2):
        await accept(inbox, arrival(inbox, number))
    seen = []
    while (message := await inbox.next()) is not None:
        again = await inbox.next()
        assert again == message
        assert await inbox.mark_processed(message.number, at=NOW)
        seen.append(message.message_id)
    assert seen == [f"message-{number}@hub.example" for number in (3, 1, 2)]


async def test_two_workers_do_not_both_process_a_message(inbox: Inbox) -> None:
    await accept(inbox, arrival(inbox, 1))
    said = await asyncio.gather(*(inbox.mark_processed(1, at=NOW) for _ in range(10)))
    assert sum(said) == 1
    assert not await inbox.mark_processed(99, at=NOW)


async def test_a_worker_can_look_beyond_a_message_that_it_cannot_process_yet(inbox: Inbox) -> None:
    await accept(inbox, arrival(inbox, 1))
    await accept(inbox, arrival(inbox, 2))
    first = await inbox.next()
    assert first is not None
    second = await inbox.next(after=first.number)
    assert second is not None
    assert second.tracking_identifier == "reference-2"
    assert await inbox.next(after=second.number) is None


# --- forgetting ---------------------------------------------------------------------------------------------------


async def test_processed_parts_are_forgotten_and_the_message_is_still_recognised(inbox: Inbox) -> None:
    await accept(inbox, arrival(inbox, 1, b"<secret/>", bytes(LARGE)))
    await accept(inbox, arrival(inbox, 2, b"<waiting/>"))
    await inbox.mark_processed(1, at=NOW)
    assert await inbox.forget(at=NOW, keep=timedelta(hours=1)) == 0
    assert await inbox.forget(at=NOW + timedelta(hours=1), keep=timedelta(hours=1)) == 1
    assert list(inbox.records.parts_folder.iterdir()) == []
    octets = b"".join(path.read_bytes() for path in inbox.records.folder.glob("inbox.sqlite*"))
    assert b"<secret/>" not in octets
    assert b"<waiting/>" in octets
    assert isinstance(await accept(inbox, arrival(inbox, 1)), Known)


async def test_a_message_is_new_again_after_the_window_only(inbox: Inbox) -> None:
    await accept(inbox, arrival(inbox, 1))
    await inbox.mark_processed(1, at=NOW)
    await inbox.note_receipt(1)
    window = timedelta(days=90)
    await inbox.forget(at=NOW + window - timedelta(seconds=1), window=window)
    assert isinstance(await accept(inbox, arrival(inbox, 1)), Known)
    await inbox.forget(at=NOW + window, window=window)
    assert isinstance(await accept(inbox, arrival(inbox, 1)), Accepted)


@pytest.mark.parametrize("done", ["nothing", "processed", "receipted"])
async def test_what_is_not_done_is_never_forgotten(inbox: Inbox, done: str) -> None:
    await accept(inbox, arrival(inbox, 1))
    if done == "processed":
        await inbox.mark_processed(1, at=NOW)
    if done == "receipted":
        await inbox.note_receipt(1)
    await inbox.forget(at=NOW + timedelta(days=9999))
    assert isinstance(await accept(inbox, arrival(inbox, 1)), Known)


# --- receipts -----------------------------------------------------------------------------------------------------


async def test_receipts_are_due_oldest_first_until_they_are_noted(inbox: Inbox) -> None:
    for number in (1, 2, 3):
        await accept(inbox, arrival(inbox, number))
    await inbox.note_receipt(2)
    await inbox.note_receipt(3, refused="EBMS:0302")
    assert [each.message_id for each in await inbox.receipts_due()] == ["message-1@hub.example"]
    await inbox.repeat_receipt(3)
    assert [each.number for each in await inbox.receipts_due()] == [1, 3]
    assert [each.number for each in await inbox.receipts_due(1)] == [1]


# --- crashes ------------------------------------------------------------------------------------------------------

STEPS = st.lists(
    st.tuples(st.sampled_from(["arrive", "arrive large", "process", "receipt", "forget", "crash"]), st.integers(0, 3)),
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_whatever_happens_each_message_is_processed_once_and_its_receipt_stays_the_same(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int]]
) -> None:
    asyncio.run(_live(tmp_path_factory.mktemp("inbox"), steps))


async def _live(folder: Path, steps: list[tuple[str, int]]) -> None:
    known: dict[int, InboxState] = {}
    receipted: set[int] = set()
    rows: dict[int, int] = {}
    lives = 0
    inbox = await Inbox.open(folder / "0")
    try:
        for step, number in steps:
            if step.startswith("arrive"):
                outcome = await accept(inbox, arrival(inbox, number, b"<d/>", bytes(LARGE * (step == "arrive large"))))
                assert isinstance(outcome, Known) == (number in known)
                if isinstance(outcome, Known):
                    assert outcome.receipt == b"<receipt number='%d'/>" % number
                    assert outcome.number == rows[number]
                else:
                    known[number], rows[number] = InboxState.RECEIVED, outcome.number
            elif step == "process" and number in known:
                first = await inbox.mark_processed(rows[number], at=NOW)
                assert first == (known[number] is InboxState.RECEIVED)
                known[number] = InboxState.PROCESSED
            elif step == "receipt" and number in known:
                await inbox.note_receipt(rows[number])
                receipted.add(number)
            elif step == "forget":
                await inbox.forget(at=NOW)
            elif step == "crash":
                lives += 1
                crash(folder / str(lives - 1), folder / str(lives))
                await inbox.aclose()
                inbox = await Inbox.open(folder / str(lives))
            await _check(inbox, known, receipted, rows)
    finally:
        await inbox.aclose()


async def _check(inbox: Inbox, known: dict[int, InboxState], receipted: set[int], rows: dict[int, int]) -> None:
    waiting, after = [], 0
    while (message := await inbox.next(after)) is not None:
        assert message.parts[0].read() == b"<d/>"
        assert sha256(message.parts[1].read()).digest() == message.parts[1].sha256
        waiting.append(message.number)
        after = message.number
    assert waiting == sorted(rows[number] for number, state in known.items() if state is InboxState.RECEIVED)
    due = {each.number for each in await inbox.receipts_due()}
    assert due == {rows[number] for number in known.keys() - receipted}


@pytest.mark.parametrize("at", ["before naming", "before commit", "after commit"])
async def test_a_crash_at_any_step_leaves_all_or_nothing(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at: str
) -> None:
    image = tmp_path / "image"

    def crashing(original: Callable[..., object], before: bool) -> Callable[..., object]:
        def step(*arguments: object) -> object:
            if before:
                crash(inbox.records.folder, image)
                return original(*arguments)
            result = original(*arguments)
            crash(inbox.records.folder, image)
            return result

        return step

    if at == "after commit":
        await accept(inbox, arrival(inbox, 1, bytes(LARGE)))
        crash(inbox.records.folder, image)
    else:
        give_name = crashing(type(inbox.records).give_name, at == "before naming")
        monkeypatch.setattr(type(inbox.records), "give_name", give_name)
        await accept(inbox, arrival(inbox, 1, bytes(LARGE)))
        monkeypatch.undo()
    again = await Inbox.open(image)
    message = await again.next()
    assert (message is not None) == (at == "after commit")
    assert len(list(again.records.parts_folder.iterdir())) == (0 if at == "before naming" else 1)
    if message is not None:
        assert message.parts[0].read() == bytes(LARGE)
    outcome = await accept(again, arrival(again, 1, bytes(LARGE)))
    assert isinstance(outcome, Known if at == "after commit" else Accepted)
    await again.aclose()

"""What the disk changed of a message that waits is not sent: a hub would refuse it, and may have it already."""

from __future__ import annotations

import errno
import os
from contextlib import closing
from io import BytesIO
from pathlib import Path

import apsw
import pytest
from support.client.arrivals import arrival
from support.client.outgoing import add
from support.client.participants import means_with, participant
from support.client.pushing import push_to
from support.hubs.hub_script import HubScript, receipt, silence

from gateway.client.inbox import Inbox
from gateway.client.outbox import Outbox, OutboxMessage, OutboxState, check_stored
from gateway.client.outgoing import Attachment
from gateway.client.push import send_waiting
from gateway.client.records import Records
from gateway.client.retry import RetryPolicy

ONCE = RetryPolicy(retries=0)
LARGE = [Attachment(content=os.urandom(200_000), mime_type="application/pdf")]
CHANGES = {
    "the envelope": "head = CAST(replace(head, 'SignatureValue', 'Signaturevalue') AS BLOB)",
    "the type of the content": "content_type = replace(content_type, 'related', 'Related')",
    "the end": "tail = CAST(tail || '-' AS BLOB)",
    "the parts": "parts = substr(parts, 2)",
    "what a receipt repeats": "signed_references = replace(signed_references, '#', '%')",
    "the parts are gone": "parts = NULL",
    "the file": "",
    "the file is gone": "",
    "the file is a pipe": "",
}


def change(folder: Path, statement: str, *rest: str) -> None:
    """What a disk, or whoever restored a part of it, does to the database."""
    with closing(apsw.Connection(str(folder))) as connection:
        for each in (statement, *rest):
            connection.execute(each)


@pytest.mark.parametrize("what", CHANGES)
async def test_what_the_disk_changed_is_told_and_not_sent_and_keeps_nothing_behind_it(
    outbox: Outbox, what: str
) -> None:
    in_file = what.startswith("the file")
    async with HubScript(silence, silence, receipt()) as hub:
        first = await push_to(hub, outbox, retry=ONCE, give_up=False, attachments=LARGE if in_file else ())
        other = await push_to(hub, outbox, retry=ONCE, give_up=False)
        if in_file:
            (file,) = outbox.records.parts_folder.iterdir()
            if what == "the file":
                file.write_bytes(file.read_bytes()[:-1] + b"!")
            else:
                file.unlink()
            if "pipe" in what:
                os.mkfifo(file)
        else:
            change(
                outbox.records.database, f"UPDATE message SET {CHANGES[what]} WHERE message_id = '{first.message_id}'"
            )
        async with means_with() as means:
            results = await send_waiting(participant(hub.url), outbox=outbox, means=means, give_up=False)
    assert len(hub.requests) == 3
    assert [each.message_id for each in results] == [first.message_id, other.message_id]
    damaged, delivered = results
    assert (damaged.state, damaged.is_damaged, damaged.attempts) == (OutboxState.WAITING, True, 1)
    assert damaged.note.startswith("a part of the outbox is")
    assert (delivered.state, delivered.is_damaged) == (OutboxState.ACKNOWLEDGED, False)


async def found(outbox: Outbox, message_id: str) -> OutboxMessage:
    message = await outbox.find(message_id)
    assert message is not None
    return message


async def test_what_waited_before_there_were_digests_gets_them_as_it_lies_there(tmp_path: Path) -> None:
    folder = tmp_path / "outbox"
    outbox = await Outbox.open(folder)
    for message_id in ("row", "file", "gone", "done"):
        await add(outbox, message_id, b"p" * 1000, in_file=message_id in ("file", "gone"))
    gone = (await found(outbox, "gone")).stored
    assert gone is not None
    assert gone.file is not None
    await outbox.close("done", OutboxState.REFUSED, at=(await found(outbox, "done")).created_at)
    await outbox.aclose()
    gone.file.unlink()
    dropped = [f"ALTER TABLE message DROP COLUMN {each}" for each in ("digest", "parts_sha256", "asked_sha256")]
    change(folder / "outbox.sqlite", "DROP INDEX message_asked", *dropped, "PRAGMA user_version = 1")
    outbox = await Outbox.open(folder)
    for message_id in ("row", "file", "done"):
        check_stored(await found(outbox, message_id))
    with pytest.raises(Exception, match="a part of the outbox is gone"):
        check_stored(await found(outbox, "gone"))
    await outbox.aclose()


async def test_a_disk_without_room_for_parts_is_told_with_their_folder(
    outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system names no file where an octet finds no room."""

    class Full(BytesIO):
        def write(self, _octets: object) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Records, "create_unnamed", lambda _records: Full())
    async with HubScript() as hub:
        with pytest.raises(OSError, match="No space left") as told:
            await push_to(hub, outbox, attachments=LARGE)
    assert told.value.filename == str(outbox.records.parts_folder)


async def test_a_receipt_that_was_due_before_there_were_digests_is_due_still(tmp_path: Path) -> None:
    inbox = await Inbox.open(tmp_path / "inbox")
    await inbox.accept(arrival())
    await inbox.aclose()
    database = tmp_path / "inbox" / "inbox.sqlite"
    dropped = (f"ALTER TABLE message DROP COLUMN {each}" for each in ("receipt_digest", "content_seal", "given_at"))
    change(database, "DROP INDEX message_to_give", *dropped, "PRAGMA user_version = 3")
    inbox = await Inbox.open(tmp_path / "inbox")
    assert len(await inbox.receipts_due()) == 1
    known = await inbox.find(arrival().sender, arrival().message_id)
    assert known is not None
    assert known.content_digest == arrival().content_digest
    change(database, "UPDATE message SET receipt = CAST(receipt || ' ' AS BLOB)")
    assert await inbox.receipts_due() == ()
    assert [each.number for each in await inbox.damaged_receipts()] == [1]
    await inbox.aclose()


async def test_that_the_disk_changed_a_receipt_is_told_until_somebody_knows_also_after_a_restart(
    tmp_path: Path,
) -> None:
    inbox = await Inbox.open(tmp_path / "inbox")
    for number in (1, 2):
        await inbox.accept(arrival(number))
    change(tmp_path / "inbox" / "inbox.sqlite", "UPDATE message SET receipt = CAST(receipt || ' ' AS BLOB)")
    for _ in range(2):
        assert [each.number for each in await inbox.damaged_receipts()] == [1, 2]
        await inbox.aclose()
        inbox = await Inbox.open(tmp_path / "inbox")
    await inbox.note_damage_told(1)
    assert [each.number for each in await inbox.damaged_receipts()] == [2]
    await inbox.aclose()


async def test_a_receipt_that_was_made_anew_before_somebody_was_told_is_due(tmp_path: Path) -> None:
    inbox = await Inbox.open(tmp_path / "inbox")
    judged = arrival(1)
    await inbox.accept(judged)
    change(tmp_path / "inbox" / "inbox.sqlite", "UPDATE message SET receipt = CAST(receipt || ' ' AS BLOB)")
    (damaged,) = await inbox.damaged_receipts()
    await inbox.renew_receipt(judged.sender, judged.message_id, damaged.number, b"anew")
    await inbox.note_damage_told(damaged.number)
    assert await inbox.damaged_receipts() == ()
    assert [each.receipt for each in await inbox.receipts_due()] == [b"anew"]
    await inbox.aclose()

"""What knooppunt push and pull say of the participant's own folders: in the way, somebody else's, full, or damaged."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from support.client.arrivals import arrival
from support.client.commands import knooppunt, push, without_state
from support.keys.pki import NOW

from gateway.cli.output import rfc3339
from gateway.client.inbox import Inbox
from gateway.client.outbox import Outbox, OutboxState, Outgoing
from gateway.client.taking import Outcome, PullResult
from gateway.site.making import Made
from gateway.storage import DatabaseFull


@pytest.mark.parametrize("name", ["state", "state/outbox", "state/inbox", "state/inbox/parts"])
@pytest.mark.parametrize("command", ["pull", "push"])
def test_what_stands_in_the_place_of_a_folder_of_the_state_is_named_with_what_to_do(
    lonely: Made, tmp_path: Path, command: str, name: str
) -> None:
    folder = without_state(lonely, tmp_path)
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text("in the way")
    result = knooppunt(command, "--as", folder, *(["--waiting"] if command == "push" else []))
    assert result.exit_code == 2
    assert result.stderr.splitlines() == [
        f"knooppunt: {folder / name} is no folder, and a participant keeps its messages in a folder of that name",
        "  move it away, or give it another name; the folder is made when it is not there",
    ]


def test_a_state_of_somebody_else_is_told_with_what_to_do(
    lonely: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(_folder: Path) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), "state/inbox")

    monkeypatch.setattr("gateway.client.inbox.Inbox.open", fails)
    said = knooppunt("pull", "--as", lonely.folder).stderr
    assert "state/inbox cannot be used: Permission denied" in said
    assert "run this as its owner" in said


def test_a_state_that_is_damaged_is_a_fault_of_the_storage_with_what_to_do(lonely: Made, tmp_path: Path) -> None:
    folder = without_state(lonely, tmp_path)
    (folder / "state" / "outbox").mkdir(parents=True)
    (folder / "state" / "outbox" / "outbox.sqlite").write_text("no database" * 100)
    said = json.loads((ended := knooppunt("pull", "--as", folder, "--json")).stdout)
    assert (ended.exit_code, said["outcome"], "look at the disk" in said["next"]) == (74, "storage", True)
    assert "a message that waits in an outbox" in said["next"]
    assert "exist nowhere else" in said["next"]


def test_a_full_disk_under_the_state_is_told_as_one_and_not_as_damage(
    lonely: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full(_folder: Path) -> None:
        raise DatabaseFull("outbox.sqlite cannot be opened: the disk is full; make room on that disk")

    monkeypatch.setattr("gateway.client.outbox.Outbox.open", full)
    said = json.loads((ended := knooppunt("push", "--as", lonely.folder, "--waiting", "--json")).stdout)
    assert (ended.exit_code, said["outcome"], said["error"].endswith("the disk is full")) == (74, "storage", True)
    assert said["next"].startswith("make room on that disk, then do it again; nothing was lost")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EIO])
@pytest.mark.parametrize("command", ["pull", "push"])
def test_a_disk_under_the_state_that_fails_is_one_of_the_storage(
    lonely: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, number: int
) -> None:
    async def fails(_folder: Path) -> None:
        raise OSError(number, os.strerror(number), "state")

    monkeypatch.setattr("gateway.client.inbox.Inbox.open", fails)
    ended = (
        push(lonely, tmp_path, "--json") if command == "push" else knooppunt("pull", "--as", lonely.folder, "--json")
    )
    said = json.loads(ended.stdout)
    assert (ended.exit_code, said["outcome"], bool(said["next"])) == (74, "storage", True)


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "text"])
def test_a_pull_whose_folder_is_full_names_every_message_that_it_keeps(
    lonely: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, as_json: bool
) -> None:
    """The hub has forgotten them by then: whoever reads that the mailbox is empty would take them for lost."""

    async def keep() -> None:
        inbox = await Inbox.open(folder / "state" / "inbox")
        for number in (1, 2):
            await inbox.accept(arrival(number))
        await inbox.aclose()

    async def empty(*_: object, **__: object) -> tuple[PullResult, ...]:
        return (PullResult(outcome=Outcome.EMPTY),)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    folder = without_state(lonely, tmp_path)
    asyncio.run(keep())
    monkeypatch.setattr("gateway.cli.pulling.pull_until_empty", empty)
    with monkeypatch.context() as disk:
        disk.setattr("gateway.client.documents.OutFolder.write", full)
        ended = knooppunt("pull", "--as", folder, *(["--json"] if as_json else []))
    assert ended.exit_code == 74
    if as_json:
        said = json.loads(ended.stdout)
        assert (said["outcome"], "--out" in said["next"]) == ("storage", True)
        assert [(each["message_id"], each["files"]) for each in said["facts"]["messages"]] == [
            ("1@hub.example", []), ("2@hub.example", []),
        ]  # fmt: skip
    else:
        assert ended.stdout == ""
        assert "kept in the inbox: Saldoverzoek 1@hub.example" in ended.stderr
        assert "kept in the inbox: Saldoverzoek 2@hub.example" in ended.stderr
    after = json.loads(knooppunt("pull", "--as", folder, "--out", tmp_path / "room", "--json").stdout)
    assert [len(each["files"]) for each in after["facts"]["messages"]] == [2, 2]


def test_a_part_of_the_inbox_that_the_disk_damaged_is_told_with_whose_it_is_and_a_way_on(
    lonely: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def keep() -> None:
        inbox = await Inbox.open(folder / "state" / "inbox")
        await inbox.accept(arrival(1))
        await inbox.accept(arrival(2))
        await inbox.aclose()

    async def empty(*_: object, **__: object) -> tuple[PullResult, ...]:
        return (PullResult(outcome=Outcome.EMPTY),)

    folder = without_state(lonely, tmp_path)
    asyncio.run(keep())
    with closing(sqlite3.connect(folder / "state" / "inbox" / "inbox.sqlite")) as connection:
        connection.execute("UPDATE part SET sha256 = zeroblob(32) WHERE message = 1")
        sender, reference = connection.execute(
            "SELECT original_sender, tracking_identifier FROM message WHERE number = 1"
        ).fetchone()
        connection.commit()
    monkeypatch.setattr("gateway.cli.pulling.pull_until_empty", empty)
    ended = knooppunt("pull", "--as", folder)
    assert ended.exit_code == 74
    assert f"kept in the inbox: Saldoverzoek 1@hub.example, from {sender}, reference {reference}" in ended.stderr
    assert "2@hub.example" not in ended.stderr
    assert "ask its sender" in ended.stderr
    assert "put `state/inbox` aside under another name: it is made anew" in ended.stderr


def outbox_of(folder: Path, *states: OutboxState) -> None:
    """Store a message for each state, which it has at the end."""

    async def fill() -> None:
        outbox = await Outbox.open(folder / "state" / "outbox")
        for number, state in enumerate(states):
            made = Outgoing(
                message_id=f"{number}@bank", service="urn:service", action="Saldoverzoek",
                tracking_identifier=f"ref-{number}", final_recipient="receiver", references=(),
                content_type="multipart/related", head=b"head", parts=b"parts", parts_octets=5,
                parts_sha256=sha256(b"parts").digest(), tail=b"tail", created_at=NOW,
            )  # fmt: skip
            await outbox.add(made)
            if state is not OutboxState.WAITING:
                receipt = b"receipt" if state is OutboxState.ACKNOWLEDGED else None
                await outbox.close(f"{number}@bank", state, at=NOW, receipt=receipt)
        await outbox.aclose()

    asyncio.run(fill())


@pytest.mark.parametrize("as_json", [True, False], ids=["json", "text"])
def test_a_message_that_the_disk_changed_is_a_fault_of_the_storage_and_not_to_be_pushed_anew_unasked(
    lonely: Made, tmp_path: Path, as_json: bool
) -> None:
    folder = without_state(lonely, tmp_path)
    outbox_of(folder, OutboxState.WAITING)
    with closing(sqlite3.connect(folder / "state" / "outbox" / "outbox.sqlite")) as connection:
        connection.execute("UPDATE message SET head = x'00'")
        connection.commit()
    ended = knooppunt("push", "--as", folder, "--waiting", *(["--json"] if as_json else []))
    said = ended.stdout if as_json else ended.stderr
    assert ended.exit_code == 74
    assert "a part of the outbox is not what was stored: Saldoverzoek ref-0, 0@bank (0 tries before)" in said
    assert "ask the hub's operator for the reference" in said
    assert "refused" not in said
    if as_json:
        assert [each["state"] for each in json.loads(said)["facts"]["messages"]] == ["waiting"]


def test_after_a_kill_the_outbox_tells_what_was_delivered_and_what_is_not_stored(lonely: Made, tmp_path: Path) -> None:
    folder = without_state(lonely, tmp_path)
    arguments = ("push", "--as", folder, "--waiting")
    before = knooppunt(*arguments)
    assert "nothing is waiting in the outbox, and nothing is stored" in before.stdout
    assert "what was pushed from here is not stored here. If the folder `state` is as the last push" in before.stdout
    outbox_of(folder, OutboxState.REFUSED, OutboxState.GIVEN_UP, OutboxState.ACKNOWLEDGED)
    lines = knooppunt(*arguments).stdout.splitlines()
    at = rfc3339(NOW)
    assert lines[:-1] == [
        "nothing is waiting in the outbox; stored there last:",
        f"  Saldoverzoek ref-2, 2@bank: delivered, with the hub's receipt of {at}",
        f"  Saldoverzoek ref-1, 1@bank: given up, {at}; whether the hub has it is not known",
        f"  Saldoverzoek ref-0, 0@bank: refused by the hub, {at}",
    ]
    assert lines[-1].startswith("what was pushed later than these is not stored here. If the folder")
    said = json.loads(knooppunt(*arguments, "--json").stdout)
    assert "not stored here" in said["next"]
    assert [(e["message_id"], e["state"], e["closed_at"]) for e in said["facts"]["outbox"]] == [
        ("2@bank", "acknowledged", at), ("1@bank", "given up", at), ("0@bank", "refused", at),
    ]  # fmt: skip

"""What a push leaves that was ended early: a message that lies in the outbox is never made anew, whatever ended it."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import apsw
import pytest
from click.testing import CliRunner

from gateway.cli import pushing
from gateway.cli.main import main
from gateway.client.outbox import Outbox, OutboxState
from gateway.client.transport import Unreachable
from gateway.site.making import Made, make_site
from gateway.site.organisations import planned
from gateway.sqlite import CommitUnknown, WriterEnded
from gateway.storage import DatabaseBusy, DiskFull, FileLimit
from xsd.samples import sample

ROLES = ("shv-fase-2",)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A participant whose hub does not run."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    folder = tmp_path_factory.mktemp("site")
    return make_site(folder, [planned("Bank", *ROLES)], at=datetime.now(UTC), port=port).organisations[0]


@pytest.fixture
def folder(made: Made, tmp_path: Path) -> Path:
    """The participant's folder, with a name that a shell would read otherwise, and a message to push."""
    folder = tmp_path / "a b'c"
    shutil.copytree(made.folder, folder, ignore=shutil.ignore_patterns("state"))
    octets = sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=made.party, ontvanger="00000099000001002000")
    (folder / "vraag.xml").write_bytes(octets)
    return folder


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


Ends = Callable[[], BaseException]
ENDS: dict[str, tuple[Ends, int, str]] = {
    # what ends it: (the exception, the exit code, how the next step begins)
    "a full disk": (lambda: DiskFull("full"), 74, "make room on that disk, then "),
    "the lock of another process": (lambda: DatabaseBusy("it is held"), 1, "wait until that one is done"),
    "a commit that is not known": (lambda: CommitUnknown("I/O"), 74, "look at the disk, then "),
    "a writer that ended": (lambda: WriterEnded("I/O"), 74, "look at the disk, then "),
    "damage": (lambda: caused(WriterEnded("malformed"), apsw.CorruptError("malformed")), 74, "look at the disk, and "),
    "a spool without room": (lambda: OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), 74, "make room on that disk, "),
    "a disk error": (lambda: OSError(errno.EIO, os.strerror(errno.EIO), "parts/1"), 74, "look at the disk, then "),
    "a file that is gone": (lambda: FileNotFoundError(errno.ENOENT, "gone", "parts/1"), 2, "name one that is there"),
    "too few descriptors": (lambda: OSError(errno.EMFILE, os.strerror(errno.EMFILE)), 1, "mend what is named, then "),
    "files as large as they may be": (lambda: FileLimit("File too large"), 74, "let this process make larger files"),
    "a spool as large as it may be": (
        lambda: OSError(errno.EFBIG, os.strerror(errno.EFBIG)),
        74,
        "let this process make larger files",
    ),
    "no thread": (lambda: RuntimeError("can't start new thread"), 1, "let it have more of them"),
    "too little memory": (MemoryError, 1, "let this process have more of it"),
    "Ctrl-C": (asyncio.CancelledError, 1, "`knooppunt push "),
}


def ends_at(monkeypatch: pytest.MonkeyPatch, name: str, makes: Ends) -> None:
    """Have this call of the outbox, of the session or of the program end the push."""

    async def fails(*_: object, **__: object) -> Any:
        raise makes()

    monkeypatch.setattr(name, fails)


def pushed(folder: Path, *options: str) -> tuple[int, dict[str, Any]]:
    arguments = ("push", "--as", str(folder), *options, "--retries", "0", "--json")
    ended = CliRunner().invoke(main, arguments, catch_exceptions=False)
    return ended.exit_code, json.loads(ended.stdout)


def waiting(folder: Path) -> tuple[str, ...]:
    async def look() -> tuple[str, ...]:
        outbox = await Outbox.open(folder / "state" / "outbox")
        try:
            return await outbox.waiting()
        finally:
            await outbox.aclose()

    return asyncio.run(look())


@pytest.mark.parametrize(
    ("case", "where"),
    [("a full disk", "gateway.client.outbox.Outbox.count_attempt")]
    + [(each, "gateway.client.push.post") for each in sorted(ENDS)],
)
def test_whatever_ends_a_push_after_its_message_was_stored_nobody_is_told_to_do_it_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, case: str, where: str
) -> None:
    makes, code, begins = ENDS[case]
    ends_at(monkeypatch, where, makes)
    found, said = pushed(folder, str(folder / "vraag.xml"))
    (message_id,) = waiting(folder)
    assert found == code
    assert f"{message_id} lies in the outbox, and whether the hub has it is not known" in said["error"]
    assert said["next"].startswith(begins)
    assert "do it again" not in said["next"]
    assert [(each["message_id"], each["state"]) for each in said["facts"]["messages"]] == [(message_id, "waiting")]
    if case == "damage":  # in the place of a damaged outbox comes another, and that has no such message
        assert "--waiting" not in said["next"]
        assert "ask the hub's operator before you push it again" in said["next"]
        return
    quoted = str(folder).replace("'", "'\"'\"'")
    assert f"`knooppunt push --as '{quoted}' --waiting` sends it again under the same MessageId" in said["next"]
    assert said["next"].endswith("a new push would be another message")


@pytest.mark.parametrize("case", ["a commit that is not known", "damage"])
def test_where_the_outbox_cannot_be_asked_any_more_the_message_may_lie_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    ends_at(monkeypatch, "gateway.client.push.post", ENDS[case][0])
    find = Outbox.find

    async def until_it_was_tried(self: Outbox, message_id: str) -> Any:
        found = await find(self, message_id)
        if found is None or found.attempts == 0:
            return found
        raise WriterEnded("dead")

    monkeypatch.setattr(Outbox, "find", until_it_was_tried)
    code, said = pushed(folder, str(folder / "vraag.xml"))
    assert (code, "may lie in the outbox" in said["error"]) == (74, True)
    assert ("a new push would be another message" in said["next"]) == (case != "damage")


@pytest.mark.parametrize(("case", "begins"), [("a full disk", "make room"), ("a spool without room", "make room")])
def test_where_nothing_was_stored_it_is_done_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch, case: str, begins: str
) -> None:
    ends_at(monkeypatch, "gateway.client.records.Records.run", ENDS[case][0])
    monkeypatch.setattr("gateway.client.records._sweep", _nothing)
    code, said = pushed(folder, str(folder / "vraag.xml"))
    assert (code, said["next"].startswith(begins), "then do it again" in said["next"]) == (74, True, True)


async def _nothing(*_: object) -> None:
    """In the place of what opening an outbox does."""


def test_a_defect_after_the_message_was_stored_is_told_with_where_it_lies(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends_at(monkeypatch, "gateway.client.push.post", lambda: RuntimeError("a defect"))
    arguments = ["push", "--as", str(folder), str(folder / "vraag.xml"), "--json"]
    ended = CliRunner().invoke(main, arguments)
    (message_id,) = waiting(folder)
    said = json.loads(ended.stdout)
    assert (said["outcome"], message_id in said["next"]) == ("defect", True)
    assert "a new push would be another message" in said["next"]


def test_a_second_ctrl_c_does_not_have_the_message_made_anew(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ends_at(monkeypatch, "gateway.client.push.post", KeyboardInterrupt)
    code, said = pushed(folder, str(folder / "vraag.xml"))
    assert (code, said["error"]) == (1, "it was interrupted")
    assert said["next"].endswith("a new push would be another message")


def test_ctrl_c_once_the_outcome_is_known_leaves_the_exit_code_of_the_deed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends_at(monkeypatch, "gateway.client.push.post", lambda: Unreachable("nobody"))
    run = asyncio.run

    def interrupted_at_the_end(main: Any) -> None:
        run(main)
        raise KeyboardInterrupt

    monkeypatch.setattr(pushing.asyncio, "run", interrupted_at_the_end)
    code, said = pushed(folder, str(folder / "vraag.xml"))
    assert (code, said["outcome"]) == (3, "peer")
    assert "the hub gave no valid answer" in said["error"]


def test_ctrl_c_that_meets_an_outcome_already_stored_tells_that(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def acknowledged(outbox: Outbox, message_id: str) -> None:
        await outbox.close(message_id, OutboxState.ACKNOWLEDGED, at=datetime.now(UTC), receipt=b"<r/>")
        raise asyncio.CancelledError

    monkeypatch.setattr(Outbox, "count_attempt", acknowledged)
    code, said = pushed(folder, str(folder / "vraag.xml"))
    assert (code, said["outcome"]) == (0, "done")
    assert [each["state"] for each in said["facts"]["messages"]] == ["acknowledged"]


def test_a_disk_that_fails_once_the_receipt_is_kept_leaves_a_message_that_was_delivered(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def acknowledged(outbox: Outbox, message_id: str) -> None:
        await outbox.close(message_id, OutboxState.ACKNOWLEDGED, at=datetime.now(UTC), receipt=b"<r/>")
        raise OSError(errno.EIO, os.strerror(errno.EIO), "parts/1")

    monkeypatch.setattr(Outbox, "count_attempt", acknowledged)
    code, said = pushed(folder, str(folder / "vraag.xml"))
    assert (code, said["outcome"], said["error"]) == (0, "done", None)


def test_an_outbox_that_may_not_be_as_it_was_left_vouches_for_nothing(folder: Path) -> None:
    """It may be a copy of last night, or have been emptied: what it does not know may be at the hub all the same."""
    said = pushed(folder, "--waiting")[1]["next"]
    assert said.startswith("what was pushed from here is not stored here. If the folder `state` is as the last push")
    assert "restored from a copy, moved, emptied or made anew since, the hub may have it" in said
    shutil.rmtree(folder / "state" / "outbox")
    said = pushed(folder, "--waiting")[1]["next"]
    assert said.startswith("the outbox is new, and the inbox beside it is not")
    assert "nothing of that was sent" not in said


PAGE = 4096


def tables(database: Path) -> dict[str, int]:
    """Where the first page of each table and index begins."""
    connection = apsw.Connection(str(database))
    found = dict(connection.execute("SELECT name, (rootpage - 1) * ? FROM sqlite_schema WHERE rootpage > 0", (PAGE,)))
    connection.close()
    return found


def overwrite(database: Path, at: int, octets: bytes) -> None:
    with database.open("r+b") as file:
        file.seek(at)
        file.write(octets)


def damage_all_but_the_schema(database: Path) -> None:
    overwrite(database, PAGE, b"\xff" * (database.stat().st_size - PAGE))


def damage_a_word(database: Path, word: bytes, other: bytes) -> None:
    octets = database.read_bytes()
    assert word in octets
    database.write_bytes(octets.replace(word, other))


DAMAGE: dict[str, Callable[[Path], None]] = {
    "the head of the file": lambda database: overwrite(database, 0, b"\xff" * 64),
    "the schema": lambda database: overwrite(
        database, database.read_bytes().index(b"CREATE TABLE message"), b"\x1b" * 64
    ),
    "everything behind the schema": damage_all_but_the_schema,
    "the table": lambda database: overwrite(database, tables(database)["message"], b"\xff" * PAGE),
    "an index": lambda database: overwrite(database, tables(database)["message_waiting"], b"\xff" * PAGE),
    "an index of a constraint": lambda database: overwrite(
        database, tables(database)["sqlite_autoindex_message_1"], b"\xff" * PAGE
    ),
    "text that is none": lambda database: damage_a_word(database, b"Saldoverzoek", b"\xff" * 12),
    "a list that is none": lambda database: damage_a_word(database, b'[["', b"[[["),
}


@pytest.mark.parametrize("where", DAMAGE)
def test_a_damaged_outbox_is_named_and_its_advice_can_be_followed_to_the_letter(folder: Path, where: str) -> None:
    pushed(folder, str(folder / "vraag.xml"))
    outbox = folder / "state" / "outbox"
    DAMAGE[where](outbox / "outbox.sqlite")
    code, said = pushed(folder, "--waiting")
    assert (code, said["outcome"]) == (74, "storage")
    assert said["error"].startswith(f"{outbox / 'outbox.sqlite'} ")
    assert all(each.isprintable() for each in said["error"].splitlines())
    assert said["next"].startswith(f"look at the disk, and keep {outbox} as it is, under another name")
    assert "ask the hub's operator before you push it again" in said["next"]
    assert not [each for each in ("`", "do it again", "--waiting") if each in said["next"]]
    outbox.rename(outbox.with_name("damaged"))  # and the place is left empty
    code, said = pushed(folder, "--waiting")
    assert (code, said["next"].startswith("the outbox is new, and the inbox beside it is not")) == (0, True)
    assert pushed(folder, str(folder / "vraag.xml"))[0] == 3
    assert len(waiting(folder)) == 1


def test_an_older_copy_in_the_place_of_a_damaged_outbox_sends_what_it_has(folder: Path) -> None:
    pushed(folder, str(folder / "vraag.xml"))
    outbox = folder / "state" / "outbox"
    older = shutil.copytree(outbox, folder / "copy")
    pushed(folder, str(folder / "vraag.xml"))
    damage_all_but_the_schema(outbox / "outbox.sqlite")
    assert pushed(folder, "--waiting")[0] == 74
    outbox.rename(outbox.with_name("damaged"))
    older.rename(outbox)
    code, said = pushed(folder, "--waiting")
    assert (code, len(said["facts"]["messages"])) == (3, 1)


def test_a_damaged_inbox_is_named(folder: Path) -> None:
    pushed(folder, "--waiting")
    damage_all_but_the_schema(folder / "state" / "inbox" / "inbox.sqlite")
    code, said = pushed(folder, "--waiting")
    assert (code, said["error"].startswith(f"{folder / 'state' / 'inbox' / 'inbox.sqlite'} ")) == (74, True)
    assert f"keep {folder / 'state' / 'inbox'} as it is" in said["next"]

"""A process that keeps the lock of an inbox or outbox: others wait for it a while, and then say so in words of ours."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import apsw
import pytest
from click.testing import CliRunner
from support.client.outgoing import add

from gateway.cli.main import main
from gateway.client.inbox import Inbox
from gateway.client.outbox import Outbox
from gateway.site.making import make_site
from gateway.site.organisations import planned
from gateway.storage import DatabaseBusy, DatabaseHeld
from xsd.samples import sample


@contextmanager
def locked(database: Path, how: str = "IMMEDIATE") -> Iterator[None]:
    """Another connection of this machine is in the middle of a transaction."""
    other = apsw.Connection(str(database))
    other.execute(f"BEGIN {how}")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits 10 s in the field waits a moment here."""
    monkeypatch.setattr("gateway.sqlite.writer.BUSY_MILLISECONDS", 20)
    monkeypatch.setattr("gateway.sqlite.opening.BUSY_MILLISECONDS", 20)


async def test_a_message_that_could_not_be_written_leaves_nothing_and_is_written_later(tmp_path: Path) -> None:
    outbox = await Outbox.open(tmp_path / "outbox")
    with locked(tmp_path / "outbox" / "outbox.sqlite"):
        with pytest.raises(DatabaseBusy, match=r"outbox\.sqlite: another process keeps its lock, longer than 0\.02 s"):
            await add(outbox, "one", in_file=True)
        assert list(outbox.records.parts_folder.iterdir()) == []
        assert not outbox.may_hold("one")
        with pytest.raises(DatabaseBusy):
            await outbox.find("one")
    await add(outbox, "one", in_file=True)
    assert await outbox.find("one") is not None
    await outbox.aclose()


@pytest.mark.parametrize("how", ["IMMEDIATE", "EXCLUSIVE"])
async def test_a_folder_that_another_process_keeps_locked_is_not_opened(tmp_path: Path, how: str) -> None:
    (tmp_path / "inbox").mkdir()
    with locked(tmp_path / "inbox" / "inbox.sqlite", how), pytest.raises(DatabaseHeld, match="wait until that one"):
        await Inbox.open(tmp_path / "inbox")
    await (await Inbox.open(tmp_path / "inbox")).aclose()
    with locked(tmp_path / "inbox" / "inbox.sqlite", how), pytest.raises(DatabaseBusy):
        await Inbox.open(tmp_path / "inbox")


@pytest.mark.parametrize("made_already", [False, True], ids=["new", "in use"])
def test_a_push_that_waited_in_vain_ends_with_what_to_do(tmp_path: Path, made_already: bool) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port = one.getsockname()[1]
    bank = make_site(tmp_path, [planned("Bank", "shv-fase-2")], at=datetime.now(UTC), port=port).organisations[0]
    file = tmp_path / "vraag.xml"
    file.write_bytes(sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=bank.party, ontvanger="1" * 20))
    push = ["push", "--as", str(bank.folder), "--unchecked", "--retries", "0", str(file)]
    database = bank.folder / "state" / "outbox" / "outbox.sqlite"
    if made_already:
        CliRunner().invoke(main, push)
    else:
        shutil.rmtree(bank.folder / "state", ignore_errors=True)
        database.parent.mkdir(parents=True)
    with locked(database, "IMMEDIATE" if made_already else "EXCLUSIVE"):
        ended = CliRunner().invoke(main, push, catch_exceptions=False)
    assert ended.exit_code == 1, ended.output
    assert "another process keeps its lock" in ended.stderr
    assert "wait until that one is done" in ended.stderr

"""Documents in a folder: whole, durable, under names of their own, also after a crash at any step."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from support.client.arrivals import PDF, XML, arrival
from support.keys.pki import NOW
from support.store.file_systems import FILE_SYSTEMS

from gateway import failpoints
from gateway.client.damage import DamagedPart
from gateway.client.documents import Delivered, OutFolder, deliver
from gateway.client.inbox import Accepted, Inbox, InboxState


async def delivered(inbox: Inbox, folder: Path) -> list[Delivered]:
    found: list[Delivered] = []
    with OutFolder(folder) as out:
        await deliver(inbox, out, now=lambda: NOW, on_delivered=found.append)
    return found


@pytest.mark.parametrize("file_system", FILE_SYSTEMS)
async def test_documents_are_whole_and_the_owners_alone_on_every_file_system(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file_system: str
) -> None:
    FILE_SYSTEMS[file_system](monkeypatch)
    await inbox.accept(arrival())
    (one,) = await delivered(inbox, tmp_path / "new" / "in")
    assert [each.read_bytes() for each in one.files] == [XML, PDF]
    assert [each.stat().st_mode & 0o777 for each in one.files] == [0o600] * 2
    assert (tmp_path / "new" / "in").stat().st_mode & 0o777 == 0o700
    assert set((tmp_path / "new" / "in").iterdir()) == set(one.files)
    assert await inbox.next() is None


async def test_attachments_come_before_the_document_that_names_them(
    inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []
    give_name = os.link

    def noting(source: str, name: str, **more: object) -> None:
        give_name(source, name, **more)  # type: ignore[arg-type]
        named.append(name.rpartition(".")[2])

    await inbox.accept(arrival())
    with OutFolder(tmp_path / "in") as out:
        monkeypatch.setattr(os, "link", noting)
        await deliver(inbox, out, now=lambda: NOW, on_delivered=lambda _one: None)
    assert named == ["pdf", "xml"]


async def test_no_two_messages_share_a_name_in_one_folder(inbox: Inbox, tmp_path: Path) -> None:
    """Two participants, a lost state folder, types that differ in case, one MessageId with two contents."""
    other = await Inbox.open(tmp_path / "other")
    await inbox.accept(arrival(1))
    await inbox.accept(arrival(2, action="saldoverzoek"))
    await other.accept(arrival(1, sender="other hub"))
    await other.accept(arrival(3, action="../../etc/passwd\0x"))
    first = [file for each in await delivered(inbox, tmp_path / "in") for file in each.files]
    second = [file for each in await delivered(other, tmp_path / "in") for file in each.files]
    lost = await Inbox.open(tmp_path / "lost")
    await lost.accept(arrival(1, xml=b"<Saldoverzoek other='1'/>"))
    third = [file for each in await delivered(lost, tmp_path / "in") for file in each.files]
    names = [each.name.lower() for each in (*first, *second, *third)]
    assert len(names) == len(set(names)) == 10
    assert {each.parent for each in (*first, *second, *third)} == {tmp_path / "in"}
    await other.aclose()
    await lost.aclose()


@pytest.mark.parametrize("there", ["other content", "same length", "folder", "link", "dangling link", "pipe"])
async def test_what_has_the_name_stays_as_it_is(inbox: Inbox, tmp_path: Path, there: str) -> None:
    twin = await Inbox.open(tmp_path / "twin")
    await twin.accept(arrival())
    (before,) = await delivered(twin, tmp_path / "in")
    await twin.aclose()
    taken = before.files[0]
    target = tmp_path / "target"
    target.write_bytes(b"precious")
    taken.unlink()
    if there == "folder":
        taken.mkdir()
    elif there in ("link", "dangling link"):
        taken.symlink_to(target if there == "link" else tmp_path / "nowhere")
    elif there == "pipe":
        os.mkfifo(taken)
    else:
        taken.write_bytes(b"mine" if there == "other content" else bytes(len(XML)))
    await inbox.accept(arrival())
    (one,) = await delivered(inbox, tmp_path / "in")
    assert one.files[0] != taken
    assert one.files[0].read_bytes() == XML
    assert one.files[1] == before.files[1]  # what is there already with the same content is it
    assert target.read_bytes() == b"precious"


async def test_a_part_that_is_not_what_was_accepted_is_not_written(inbox: Inbox, tmp_path: Path) -> None:
    whole = arrival()
    bent = replace(whole.parts[0], sha256=bytes(32))
    assert isinstance(await inbox.accept(replace(whole, parts=(bent, *whole.parts[1:]))), Accepted)
    with pytest.raises(DamagedPart):
        await delivered(inbox, tmp_path / "in")
    message = await inbox.next()
    assert message is not None
    assert message.state is InboxState.RECEIVED
    assert list((tmp_path / "in").glob("*.xml")) == []


async def test_a_damaged_message_keeps_those_behind_it_from_nobody(inbox: Inbox, tmp_path: Path) -> None:
    first = arrival(1)
    await inbox.accept(replace(first, parts=(replace(first.parts[0], sha256=bytes(32)), *first.parts[1:])))
    for number in (2, 3):
        await inbox.accept(arrival(number))
    with pytest.raises(DamagedPart):
        await delivered(inbox, tmp_path / "in")
    assert len(list((tmp_path / "in").glob("*.xml"))) == 2
    waiting = await inbox.next()
    assert waiting is not None
    assert waiting.message_id == first.message_id
    assert await inbox.next(waiting.number) is None


PROGRAM = """
import asyncio, sys
from pathlib import Path
from gateway.client.documents import OutFolder, deliver
from gateway.client.inbox import Inbox
from support.keys.pki import NOW
async def main():
    inbox = await Inbox.open(Path(sys.argv[1]))
    with OutFolder(Path(sys.argv[2])) as out:
        await deliver(inbox, out, now=lambda: NOW, on_delivered=lambda each: None)
    await inbox.aclose()
asyncio.run(main())
"""
# The message has two documents; each is written, then named.
POINTS = (
    "D1.before:1", "D1.before:2", "D1.after:1", "D1.after:2",
    "D2.before:1", "D2.before:2", "D2.after:1", "D2.after:2",
    "D3.before:1", "D3.after:1",
)  # fmt: skip


@pytest.mark.parametrize("point", POINTS, ids=lambda point: f"{point} {failpoints.POINTS[point.partition(':')[0]]}")
async def test_a_kill_at_any_step_leaves_a_rerun_that_is_right(tmp_path: Path, point: str) -> None:
    inbox = await Inbox.open(tmp_path / "inbox")
    await inbox.accept(arrival())
    await inbox.aclose()
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "inbox"), str(tmp_path / "in")]
    tests = str(Path(__file__).parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join((tests, *sys.path))}
    killed = await asyncio.to_thread(
        subprocess.run, command, env={**environment, "KNOOPPUNT_FAILPOINT": f"{point}:kill"}, check=False
    )
    assert killed.returncode == -9
    for file in (tmp_path / "in").iterdir():
        assert file.read_bytes() in (XML, PDF)
    again = await asyncio.to_thread(subprocess.run, command, env=environment, check=False)
    assert again.returncode == 0
    assert sorted(file.read_bytes() for file in (tmp_path / "in").iterdir()) == sorted((XML, PDF))
    inbox = await Inbox.open(tmp_path / "inbox")
    assert await inbox.next() is None
    await inbox.aclose()

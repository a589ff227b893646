"""The folders of a participant, which several of its processes work in at once."""

from __future__ import annotations

import os
from pathlib import Path

import apsw
import pytest
from support.store.faulty_storage import noted_flushes

from gateway.cli.participant_storage import storage_fault
from gateway.client.records import name_of_part, open_records
from gateway.sqlite import CommitUnknown
from gateway.storage import DatabaseLost


def _insert(number: int, connection: apsw.Connection) -> None:
    connection.execute("INSERT INTO proof VALUES (?)", (number,))


async def test_what_another_process_may_see_is_on_stable_storage_before_it_can(tmp_path: Path) -> None:
    """SQLite flushes a commit before it shows it; a flush of our own would come after."""
    with noted_flushes() as vfs:
        records = await open_records(tmp_path, "outbox", 1)
        await records.run(lambda connection: connection.execute("CREATE TABLE proof (a)"))
        for number in range(3):
            vfs.threads.clear()
            await records.run(
                lambda connection, number=number: connection.execute("INSERT INTO proof VALUES (?)", (number,))
            )
            assert len(vfs.threads) == 1
        await records.aclose()


@pytest.mark.parametrize("name", ["outbox.sqlite", "outbox.sqlite-wal", "parts"])
async def test_what_was_moved_away_under_a_participant_is_no_place_to_keep_anything_in(
    tmp_path: Path, name: str
) -> None:
    records = await open_records(tmp_path, "outbox", 1)
    await records.run(lambda connection: connection.execute("CREATE TABLE proof (a)"))
    (tmp_path / name).rename(tmp_path / "aside")
    with pytest.raises(CommitUnknown) as unknown:
        await records.run(lambda connection: _insert(1, connection))
    told = storage_fault(unknown.value, tmp_path)
    assert told is not None
    assert told.sentence == f"{tmp_path / name} was moved to {tmp_path / 'aside'} while it was in use"
    assert told.remedy.startswith(f"put {tmp_path / 'aside'} back as {tmp_path / name}")
    await records.aclose()


@pytest.mark.parametrize("gone", [False, True], ids=["emptied", "gone"])
@pytest.mark.parametrize("left", ["outbox.sqlite-wal", "parts"])
async def test_beside_an_emptied_database_neither_its_log_nor_the_files_of_parts_are_touched(
    tmp_path: Path, left: str, gone: bool
) -> None:
    """A message that waits may exist nowhere else."""
    await (await open_records(tmp_path, "outbox", 1)).aclose()
    kept = tmp_path / "outbox.sqlite-wal" if left != "parts" else tmp_path / "parts" / name_of_part()
    kept.write_bytes(b"what was stored last")
    old = kept.stat().st_mtime - 7200
    os.utime(kept, (old, old))
    database = tmp_path / "outbox.sqlite"
    database.write_bytes(b"")
    if gone:
        database.unlink()
    with pytest.raises(DatabaseLost, match=f"is {'not there' if gone else 'empty'}, and {left} beside it") as refused:
        await open_records(tmp_path, "outbox", 1)
    assert kept.read_bytes() == b"what was stored last"
    assert not (database.exists() and database.stat().st_size)
    told = storage_fault(refused.value, tmp_path)
    assert told is not None
    assert "its log (outbox.sqlite-wal)" in told.remedy or "the outbox.sqlite-wal which lies there" in told.remedy


async def test_what_is_advised_of_a_lost_database_has_a_way_on_without_a_copy(tmp_path: Path) -> None:
    """What was pushed is asked after before it is gone from sight; then the rest is moved aside, and that helps."""
    box = tmp_path / "outbox"
    await (await open_records(box, "outbox", 1)).aclose()
    (box / "parts" / name_of_part()).write_bytes(b"of a message")
    (box / "outbox.sqlite").unlink()
    with pytest.raises(DatabaseLost) as refused:
        await open_records(box, "outbox", 1)
    told = storage_fault(refused.value, tmp_path)
    assert told is not None
    assert "Without a copy, ask the hub's operator first" in told.remedy
    assert f"(mv {box} {box}.lost)" in told.remedy
    box.rename(tmp_path / "outbox.lost")
    await (await open_records(box, "outbox", 1)).aclose()


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        (".nfs000000000123", b""),
        (".nfs000000000123", b"x"),
        ("arriving-0123456789abcdef0123456789abcdef", b"begun"),
        ("0123456789abcdef0123456789abcdef", b""),
    ],
)
async def test_a_file_that_no_row_can_have_named_tells_of_no_database(tmp_path: Path, name: str, octets: bytes) -> None:
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / name).write_bytes(octets)
    await (await open_records(tmp_path, "outbox", 1)).aclose()

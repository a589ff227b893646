"""The folders of a participant, which several of its processes work in at once."""

from __future__ import annotations

import os
from pathlib import Path

import apsw
import pytest
from support.store.faulty_storage import noted_flushes

from gateway.cli.participant_storage import storage_fault
from gateway.client.records import open_records
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


@pytest.mark.parametrize("gone", [False, True], ids=["emptied", "gone"])
@pytest.mark.parametrize("left", ["outbox.sqlite-wal", "parts"])
async def test_beside_an_emptied_database_neither_its_log_nor_the_files_of_parts_are_touched(
    tmp_path: Path, left: str, gone: bool
) -> None:
    """A message that waits may exist nowhere else."""
    await (await open_records(tmp_path, "outbox", 1)).aclose()
    kept = tmp_path / "outbox.sqlite-wal" if left != "parts" else tmp_path / "parts" / "of-a-message"
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

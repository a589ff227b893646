"""The folders of a participant, which several of its processes work in at once."""

from __future__ import annotations

from pathlib import Path

import apsw
from support.store.faulty_storage import noted_flushes

from gateway.client.records import open_records


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

"""The thread that writes: groups, savepoints, full disks, and commits of unknown outcome (FA-04, FA-05)."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from gateway.sqlite import CommitUnknown, Writer, WriterEnded, open_database, open_reader
from gateway.storage import DiskFull


class Bench:
    """A writer on an empty table, and what it did."""

    def __init__(self, path: Path, writer: Writer, connection: apsw.Connection, failures: list[BaseException]) -> None:
        self.path = path
        self.writer = writer
        self.connection = connection
        self.failures = failures

    async def insert(self, value: int | bytes) -> None:
        await self.writer.run(lambda connection: insert(connection, value))

    def values(self) -> list[int | bytes]:
        reader = open_reader(self.path)
        found = [row[0] for row in reader.execute("SELECT a FROM t ORDER BY rowid")]
        reader.close()
        return found


def insert(connection: apsw.Connection, value: int | bytes) -> None:
    connection.execute("INSERT INTO t VALUES (?)", (value,))


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    migrations = tmp_path / "migrations"
    migrations.mkdir()
    (migrations / "0001_t.sql").write_text("CREATE TABLE t (a);")
    connection = open_database(tmp_path / "a.db", migrations=migrations, application_id=1)
    failures: list[BaseException] = []
    writer = Writer(connection, name="bench", on_failure=failures.append)
    yield Bench(tmp_path / "a.db", writer, connection, failures)
    await writer.aclose()


async def hold(bench: Bench) -> tuple[threading.Event, asyncio.Task[bool]]:
    """Keep the writer busy, so that what is asked meanwhile stands in one transaction."""
    begun, go = threading.Event(), threading.Event()

    def wait(_connection: apsw.Connection) -> bool:
        begun.set()
        return go.wait(10)

    held = asyncio.ensure_future(bench.writer.run(wait))
    await asyncio.to_thread(begun.wait, 10)
    return go, held


async def queued() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_result_is_there_for_every_reader_when_it_is_delivered(bench: Bench) -> None:
    assert await bench.writer.run(lambda connection: connection.execute("SELECT 1 + 1").get) == 2
    await bench.insert(1)
    assert bench.values() == [1]


async def test_what_waits_goes_into_one_transaction_in_its_order(bench: Bench) -> None:
    commits: list[str] = []
    go, held = await hold(bench)

    def note_commit(_cursor: apsw.Cursor, sql: str, _bindings: object) -> bool:
        if sql == "COMMIT":
            commits.append(sql)
        return True

    bench.connection.exec_trace = note_commit
    tasks = [asyncio.ensure_future(bench.insert(number)) for number in range(50)]
    await queued()
    go.set()
    await asyncio.gather(held, *tasks)
    assert bench.values() == list(range(50))
    assert len(commits) == 2


async def test_work_that_fails_is_undone_alone(bench: Bench) -> None:
    def fail(connection: apsw.Connection) -> None:
        insert(connection, 99)
        raise KeyError("mine")

    go, held = await hold(bench)
    tasks = [asyncio.ensure_future(each) for each in (bench.insert(1), bench.writer.run(fail), bench.insert(2))]
    await queued()
    go.set()
    outcomes = await asyncio.gather(held, *tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes[1:]] == [type(None), KeyError, type(None)]
    assert bench.values() == [1, 2]


async def test_a_transaction_that_does_not_fit_is_tried_again_one_by_one(bench: Bench) -> None:
    pages = await bench.writer.run(lambda connection: connection.pragma("page_count"))
    await bench.writer.run(lambda connection: connection.pragma("max_page_count", pages + 3))
    go, held = await hold(bench)
    tasks = [asyncio.ensure_future(bench.insert(each)) for each in (1, bytes(50_000), 2)]
    await queued()
    go.set()
    outcomes = await asyncio.gather(held, *tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes[1:]] == [type(None), DiskFull, type(None)]
    assert bench.values() == [1, 2]
    assert bench.failures == []


async def test_work_whose_caller_went_away_before_it_began_is_left_out(bench: Bench) -> None:
    go, held = await hold(bench)
    leaving = asyncio.ensure_future(bench.insert(1))
    staying = asyncio.ensure_future(bench.insert(2))
    await queued()
    leaving.cancel()
    await queued()
    go.set()
    await asyncio.gather(held, staying)
    assert bench.values() == [2]


async def test_a_commit_of_unknown_outcome_ends_the_writer(bench: Bench, monkeypatch) -> None:
    class BrokenFlush:
        """A connection whose commit fails as one does whose fsync failed."""

        def __init__(self, connection: apsw.Connection) -> None:
            self._connection = connection

        def __getattr__(self, name: str) -> object:
            return getattr(self._connection, name)

        def execute(self, sql: str, *arguments: object) -> object:
            if sql == "COMMIT":
                raise apsw.IOError("disk I/O error")
            return self._connection.execute(sql, *arguments)

    monkeypatch.setattr(bench.writer, "_connection", BrokenFlush(bench.connection))
    with pytest.raises(CommitUnknown):
        await bench.insert(1)
    await queued()
    assert [type(error) for error in bench.failures] == [apsw.IOError]
    assert bench.writer.failed is bench.failures[0]
    with pytest.raises(WriterEnded):
        await bench.insert(2)


class FailingWitness:
    """Stands for a mark outside the database that cannot be written."""

    def __init__(self, number: int) -> None:
        self.number = number

    def committing(self, _connection: apsw.Connection) -> None:
        pass

    def checkpointing(self, _connection: apsw.Connection) -> bool:
        raise OSError(self.number, os.strerror(self.number))

    def closing(self, _connection: apsw.Connection) -> None:
        pass


@pytest.mark.parametrize("asked", ["to cut the log", "to run alone"])
async def test_a_witness_that_fails_ends_the_writer_whoever_asked_it(bench: Bench, monkeypatch, asked: str) -> None:
    witness = FailingWitness(errno.EIO)
    monkeypatch.setattr(bench.writer, "_witness", witness)
    cut = asked == "to cut the log"
    asking = bench.writer.truncate_log() if cut else bench.writer.run(witness.checkpointing, alone=True)
    with pytest.raises(CommitUnknown):
        await asking
    await queued()
    assert [getattr(error, "errno", None) for error in bench.failures] == [errno.EIO]
    with pytest.raises(WriterEnded):
        await bench.insert(2)


async def test_a_witness_that_finds_no_room_ends_nothing(bench: Bench, monkeypatch) -> None:
    with monkeypatch.context() as full:
        full.setattr(bench.writer, "_witness", FailingWitness(errno.ENOSPC))
        with pytest.raises(DiskFull):
            await bench.writer.truncate_log()
    await bench.insert(1)
    assert bench.failures == []


async def test_closing_finishes_what_is_queued_and_refuses_what_comes_later(bench: Bench) -> None:
    task = asyncio.ensure_future(bench.insert(1))
    await queued()
    await bench.writer.aclose()
    await task
    assert bench.values() == [1]
    with pytest.raises(WriterEnded):
        await bench.insert(2)


async def test_the_log_is_brought_in_when_it_grows_and_cut_when_asked(bench: Bench) -> None:
    log = bench.path.with_name("a.db-wal")
    for _ in range(30):
        await bench.insert(bytes(1_000_000))
    assert log.stat().st_size < 10_000_000
    assert await bench.writer.truncate_log()
    assert log.stat().st_size == 0


async def test_a_reader_that_stands_in_the_log_keeps_it_from_being_cut(bench: Bench) -> None:
    await bench.insert(1)
    reader = open_reader(bench.path)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM t").fetchall()
    await bench.insert(2)
    assert not await bench.writer.truncate_log()
    reader.close()
    assert await bench.writer.truncate_log()

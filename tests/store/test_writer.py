"""Transactions on the loop and the thread that flushes them: promises, full disks, unknown outcomes (FA-04, FA-05)."""

from __future__ import annotations

import asyncio
import errno
import os
import resource
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path

import apsw
import pytest
from support.store.faulty_storage import noted_flushes

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


@asynccontextmanager
async def benched(folder: Path) -> AsyncIterator[Bench]:
    migrations = folder / "migrations"
    migrations.mkdir()
    (migrations / "0001_t.sql").write_text("CREATE TABLE t (a);")
    connection = open_database(folder / "a.db", migrations=migrations, application_id=1)
    failures: list[BaseException] = []
    writer = Writer(connection, name="bench", on_failure=failures.append)
    try:
        yield Bench(folder / "a.db", writer, connection, failures)
    finally:
        await writer.aclose()


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    async with benched(tmp_path) as opened:
        yield opened


async def hold(bench: Bench) -> tuple[threading.Event, asyncio.Task[bool]]:
    """Keep the thread busy with a turn, so that no transaction begins."""
    begun, go = threading.Event(), threading.Event()

    def wait(_connection: apsw.Connection) -> bool:
        begun.set()
        return go.wait(10)

    held = asyncio.ensure_future(bench.writer.run(wait, alone=True))
    await asyncio.to_thread(begun.wait, 10)
    return go, held


class Flushes:
    """Every flush of a log that we make: none ends before it is let go, and each says by whom it was made."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.begun = asyncio.Event()
        self.go = threading.Event()
        self.threads: list[int] = []
        self.fails: OSError | None = None
        self.note: list[str] = []
        self._loop = asyncio.get_running_loop()
        monkeypatch.setattr(os, "fdatasync", self._flush)

    def _flush(self, _descriptor: int) -> None:
        self.threads.append(threading.get_ident())
        self.note.append("flush")
        self._loop.call_soon_threadsafe(self.begun.set)
        assert self.go.wait(10)
        if self.fails is not None:
            raise self.fails


async def queued() -> None:
    for _ in range(3):
        await asyncio.sleep(0)


async def test_a_result_is_there_for_every_reader_when_it_is_delivered(bench: Bench) -> None:
    assert await bench.writer.run(lambda connection: connection.execute("SELECT 1 + 1").get) == 2
    await bench.insert(1)
    assert bench.values() == [1]


async def test_one_flush_serves_all_that_committed_before_it_began_and_the_loop_goes_on_meanwhile(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.insert(0)  # into a log that is new
    flushes = Flushes(monkeypatch)
    first = asyncio.ensure_future(bench.insert(1))
    await asyncio.wait_for(flushes.begun.wait(), 10)
    others = [asyncio.ensure_future(bench.insert(number)) for number in range(2, 50)]
    await queued()
    assert bench.values() == list(range(50)), "committed, and promised to nobody"
    assert not any(each.done() for each in (first, *others))
    flushes.go.set()
    await asyncio.gather(first, *others)
    assert len(flushes.threads) == 2
    assert threading.get_ident() not in flushes.threads


async def test_the_first_flush_is_made_while_a_transaction_on_the_loop_uses_the_connection(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A thread that asked the connection for anything then would end, and everybody would wait for ever."""
    flushed = threading.Event()
    monkeypatch.setattr(os, "fdatasync", lambda _descriptor: flushed.set())
    bench.connection.create_scalar_function("wait_for_flush", lambda: flushed.wait(10))

    def wait(connection: apsw.Connection) -> object:
        insert(connection, 3)
        return connection.execute("SELECT wait_for_flush()").get

    async with asyncio.timeout(20):
        assert (await asyncio.gather(bench.insert(1), bench.insert(2), bench.writer.run(wait)))[2]
    assert bench.values() == [1, 2, 3]


async def test_nothing_that_was_read_is_said_before_what_it_shows_is_flushed(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.insert(0)
    await asyncio.wait_for(bench.writer.flushed(), 10)
    flushes = Flushes(monkeypatch)
    inserting = asyncio.ensure_future(bench.insert(1))
    await asyncio.wait_for(flushes.begun.wait(), 10)
    assert bench.values() == [0, 1]
    reading = asyncio.ensure_future(bench.writer.flushed())
    changing_nothing = asyncio.ensure_future(bench.writer.run(lambda connection: connection.execute("SELECT 1").get))
    await queued()
    assert not reading.done()
    assert not changing_nothing.done()
    flushes.go.set()
    await asyncio.gather(inserting, reading, changing_nothing)


async def test_a_flush_that_fails_ends_the_writer_and_everybody_who_waited_learns_that_nothing_is_known_FA_04(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    await bench.insert(0)
    flushes = Flushes(monkeypatch)
    flushes.fails = OSError(errno.EIO, os.strerror(errno.EIO))
    waiting = [asyncio.ensure_future(each) for each in (bench.insert(1), bench.insert(2), bench.writer.flushed())]
    await asyncio.wait_for(flushes.begun.wait(), 10)
    flushes.go.set()
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    assert [type(each) for each in outcomes] == [CommitUnknown] * 3
    assert [each.__cause__ for each in outcomes if isinstance(each, CommitUnknown)] == [flushes.fails] * 3
    assert bench.failures == [flushes.fails]
    with pytest.raises(WriterEnded):
        await bench.insert(3)
    with pytest.raises(CommitUnknown):
        await bench.writer.flushed()
    assert len(flushes.threads) == 1, "a second flush would repair nothing"


async def test_what_the_witness_may_count_on_was_flushed_after_the_last_commit(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mark outside the database that is ahead of it would make the store look like an older copy after a crash."""
    happened: list[str] = []

    class Watching:
        def committing(self, _connection: apsw.Connection) -> None:
            happened.append("commit")

        def checkpointing(self, _connection: apsw.Connection) -> bool:
            happened.append("checkpoint")
            return True

        def closing(self, _connection: apsw.Connection) -> bool:
            return True

    await bench.insert(0)
    monkeypatch.setattr(bench.writer, "_witness", Watching())
    monkeypatch.setattr("gateway.sqlite.writer.CHECKPOINT_PAGES", 1)
    flushes = Flushes(monkeypatch)
    flushes.note = happened
    first = asyncio.ensure_future(bench.insert(1))
    await asyncio.wait_for(flushes.begun.wait(), 10)
    second = asyncio.ensure_future(bench.insert(2))
    await queued()
    flushes.go.set()
    async with asyncio.timeout(10):  # who commits while a checkpoint is due is served by the flush before it
        await asyncio.gather(first, second)
    await bench.writer.truncate_log()
    assert happened[:5] == ["commit", "flush", "commit", "flush", "checkpoint"]
    assert all(before == "flush" for before, each in pairwise(happened) if each == "checkpoint")


async def test_what_sqlite_flushes_itself_is_never_flushed_on_the_thread_of_the_loop(tmp_path: Path) -> None:
    """The head of a log that begins anew, and the log and the database around a checkpoint, also beside a reader."""
    with noted_flushes() as vfs:
        async with benched(tmp_path) as bench:
            vfs.threads.clear()
            for _ in range(5):
                for _ in range(5):
                    await bench.insert(bytes(1_000_000))
                reader = open_reader(bench.path)
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM t").fetchall()
                assert not await bench.writer.truncate_log()
                reader.close()
                await bench.insert(1)
                await bench.writer.truncate_log()
    assert len(vfs.threads) > 10
    assert threading.get_ident() not in vfs.threads


async def test_work_that_fails_is_undone_alone(bench: Bench) -> None:
    def fail(connection: apsw.Connection) -> None:
        insert(connection, 99)
        raise KeyError("mine")

    tasks = [asyncio.ensure_future(each) for each in (bench.insert(1), bench.writer.run(fail), bench.insert(2))]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), KeyError, type(None)]
    assert bench.values() == [1, 2]


async def test_a_transaction_that_does_not_fit_is_undone_alone(bench: Bench) -> None:
    pages = await bench.writer.run(lambda connection: connection.pragma("page_count"))
    await bench.writer.run(lambda connection: connection.pragma("max_page_count", pages + 3))
    tasks = [asyncio.ensure_future(bench.insert(each)) for each in (1, bytes(50_000), 2)]
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [type(None), DiskFull, type(None)]
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
    with pytest.raises(WriterEnded) as ended:
        await bench.insert(2)
    assert ended.value.__cause__ is bench.failures[0]


async def test_a_defect_in_the_thread_ends_the_writer_and_keeps_nobody_waiting(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    def defect(_descriptor: int) -> None:
        raise ValueError("nobody thought of that")

    await bench.insert(0)
    monkeypatch.setattr(os, "fdatasync", defect)
    with pytest.raises(CommitUnknown):
        await asyncio.wait_for(bench.insert(1), 10)
    assert [type(each) for each in bench.failures] == [ValueError]


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


async def test_a_file_as_large_as_this_process_may_make_it_is_a_lack_of_room_and_ends_nothing(bench: Bench) -> None:
    await bench.insert(1)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    log = bench.path.with_name(bench.path.name + "-wal")
    resource.setrlimit(resource.RLIMIT_FSIZE, (log.stat().st_size, hard))
    try:
        with pytest.raises(DiskFull, match="nothing was written: File too large"):
            await bench.insert(2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    await bench.insert(3)
    assert bench.failures == []
    assert bench.values() == [1, 3]


async def test_closing_needs_no_thread_more(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was done before is told, also where there is none to be had."""

    def none_left(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    await bench.insert(1)
    monkeypatch.setattr(threading.Thread, "start", none_left)
    await bench.writer.aclose()
    assert bench.values() == [1]


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


async def test_a_reader_that_stands_in_the_log_does_not_make_every_flush_a_checkpoint(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints: list[int] = []
    monkeypatch.setattr("gateway.sqlite.writer.CHECKPOINT_PAGES", 40)
    monkeypatch.setattr(
        bench.writer, "_checkpoint", lambda check=bench.writer._checkpoint: (checkpoints.append(1), check())
    )
    await bench.insert(0)
    reader = open_reader(bench.path)
    reader.execute("BEGIN")
    reader.execute("SELECT * FROM t").fetchall()
    for number in range(200):
        await bench.insert(number)
    assert 1 <= len(checkpoints) <= bench.writer.log_pages / 40 < 20
    reader.close()
    assert await bench.writer.truncate_log()
    before = len(checkpoints)
    for number in range(60):
        await bench.insert(number)
    assert len(checkpoints) > before, "and once it is gone they come as early as before"


@asynccontextmanager
async def shared(folder: Path) -> AsyncIterator[tuple[Bench, apsw.Connection]]:
    """A database that another process writes to as well, with that process's connection."""
    migrations = folder / "migrations"
    migrations.mkdir()
    (migrations / "0001_t.sql").write_text("CREATE TABLE t (a);")
    connection, other = (open_database(folder / "a.db", migrations=migrations, application_id=1) for _ in range(2))
    failures: list[BaseException] = []
    writer = Writer(connection, name="bench", on_failure=failures.append, shared=True)
    try:
        yield Bench(folder / "a.db", writer, connection, failures), other
    finally:
        other.close()
        await writer.aclose()


async def test_of_a_shared_database_nobody_sees_a_commit_before_it_is_flushed(tmp_path: Path) -> None:
    """Whoever reads it in another process cannot wait for a flush of this one."""
    with noted_flushes() as vfs:
        async with shared(tmp_path) as (bench, _):
            await bench.insert(0)
            for number in range(1, 4):
                vfs.threads.clear()
                await bench.insert(number)
                assert len(vfs.threads) == 1
                assert threading.get_ident() not in vfs.threads


async def test_the_lock_of_another_process_holds_up_no_loop(tmp_path: Path) -> None:
    async with shared(tmp_path) as (bench, other):
        other.execute("BEGIN IMMEDIATE")
        waiting = asyncio.ensure_future(bench.insert(1))
        for _ in range(100):
            await asyncio.sleep(0)
        assert not waiting.done()
        other.execute("COMMIT")
        await asyncio.wait_for(waiting, 10)
        assert bench.values() == [1]

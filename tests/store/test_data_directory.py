"""The data directory: one process, the owner's alone, never full (OP-04, OP-06, FA-05, FA-06, G8)."""

from __future__ import annotations

import asyncio
import errno
import os
import stat
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.clocks import StandingClock
from support.store.engines import open_sqlite
from support.store.store_samples import (
    RECEIVER,
    START,
    accept,
    acceptance_for,
    parts_of,
    pull,
    read_whole,
    sealed_message,
)

from gateway.refused import Broken
from gateway.storage import DatabaseFull, DatabaseRefused
from gateway.store.data_directory import (
    DataDirectoryInUse,
    DataDirectoryRefused,
    FreeSpaceMarks,
    Space,
    release_ballast,
)
from gateway.store.interface import StoreUnavailable
from gateway.store.model import Offer
from gateway.store.refused import refusals_told
from gateway.store.sqlite.store import DATABASE_NAME, SqliteStore

MEBIBYTE = 1 << 20
ROOT = Path(__file__).parents[2]


@dataclass
class Disk:
    """A disk of 100 MiB that is as full as a test says."""

    free_octets: int = 50 * MEBIBYTE

    def measure(self, _directory: Path) -> Space:
        return Space(self.free_octets, 100 * MEBIBYTE)


async def test_a_second_process_is_refused_with_one_clear_line_OP_06(tmp_path: Path) -> None:
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START)
    with pytest.raises(DataDirectoryInUse) as refused:
        await open_sqlite(path, at=START)
    assert "in use by another process" in str(refused.value)
    assert "\n" not in str(refused.value)
    code = (
        "import asyncio, sys; from pathlib import Path; from gateway.clock import SystemClock\n"
        "from gateway.store.sqlite.store import SqliteStore\n"
        "asyncio.run(SqliteStore.open(Path(sys.argv[1]), clock=SystemClock()))"
    )
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, path, stderr=asyncio.subprocess.PIPE, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    _, complaint = await other.communicate()
    assert b"DataDirectoryInUse" in complaint
    await store.aclose()
    await (await open_sqlite(path, at=START)).aclose()


async def test_a_closed_store_takes_nothing_and_may_be_closed_again(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "data", at=START)
    for _ in range(2):
        await store.aclose()
    with pytest.raises(StoreUnavailable):
        await store.open_spool(None)
    with pytest.raises(StoreUnavailable):
        await store.lease(pull(1))


async def test_directories_and_files_are_the_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "data"
    store = await open_sqlite(path, at=START, ballast_octets=4096)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    for found in (path, *path.rglob("*")):
        mode = stat.S_IMODE(found.stat().st_mode)
        assert mode == (0o700 if found.is_dir() else 0o600), found
    await store.aclose()


async def test_a_directory_that_is_open_to_others_is_refused_OP_04(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.mkdir(mode=0o750)
    with pytest.raises(DataDirectoryRefused, match="chmod 700"):
        await open_sqlite(path, at=START)


async def test_a_refused_database_lets_the_directory_go(tmp_path: Path) -> None:
    path = tmp_path / "data"
    path.mkdir(mode=0o700)
    (path / DATABASE_NAME).write_bytes(b"something else " * 100)
    for _ in range(2):
        with pytest.raises(DatabaseRefused):
            await open_sqlite(path, at=START)


@pytest.mark.parametrize(
    ("free_mebibytes", "octets", "expected", "allowed"),
    [
        (11.5, MEBIBYTE, MEBIBYTE, True),
        (9.9, MEBIBYTE, MEBIBYTE, True),
        (9.9, MEBIBYTE + 1, MEBIBYTE + 1, False),
        (9.9, MEBIBYTE + 300_000, None, False),
        (10.9, MEBIBYTE + 1, MEBIBYTE + 1, False),
        (5.1, 1000, 1000, True),
        (4.9, 1000, 1000, False),
        (4.9, 1000, None, False),
    ],
)
async def test_below_the_marks_large_messages_are_refused_first_then_all(
    tmp_path: Path, free_mebibytes: float, octets: int, expected: int | None, allowed: bool
) -> None:
    disk = Disk(int(free_mebibytes * MEBIBYTE))
    store = await open_sqlite(tmp_path / "data", at=START, measure=disk.measure)

    async def arrive() -> None:
        spool = await store.open_spool(expected)
        try:
            for start in range(0, octets, 100_000):
                await spool.write(bytes(min(100_000, octets - start)))
        finally:
            spool.discard()

    if allowed:
        await arrive()
    else:
        with pytest.raises(StoreUnavailable):
            await arrive()
    assert store.directory.reserved_octets == 0
    await store.aclose()


async def test_room_is_promised_to_one_message_at_a_time(tmp_path: Path) -> None:
    disk = Disk(20 * MEBIBYTE)
    store = await open_sqlite(tmp_path / "data", at=START, measure=disk.measure)
    first = await store.open_spool(8 * MEBIBYTE)
    with pytest.raises(StoreUnavailable):
        await store.open_spool(8 * MEBIBYTE)
    first.discard()
    first.discard()
    (await store.open_spool(8 * MEBIBYTE)).discard()
    assert store.directory.reserved_octets == 0
    await store.aclose()


async def test_what_was_written_is_not_counted_twice(tmp_path: Path) -> None:
    store = await open_sqlite(tmp_path / "data", at=START)
    spool = await store.open_spool(3 * MEBIBYTE)
    await spool.write(bytes(2 * MEBIBYTE))
    assert store.directory.reserved_octets == MEBIBYTE
    await store.accept(sealed_message(1), spool, acceptance_for(sealed_message(1)), quota_messages=10)
    assert store.directory.reserved_octets == 0
    await store.aclose()


async def test_on_a_full_disk_pulls_receipts_and_removal_go_on(tmp_path: Path) -> None:
    disk = Disk()
    store = await open_sqlite(tmp_path / "data", at=START, measure=disk.measure)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    disk.free_octets = 0
    with pytest.raises(StoreUnavailable):
        await accept(store, sealed_message(2))
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    await read_whole(store, offer)
    await store.close(offer.message_id, party=RECEIVER, receipt=b"<r/>")
    assert await store.purge() == 1
    assert list((tmp_path / "data" / "blobs").iterdir()) == []
    await store.aclose()


async def test_the_ballast_gives_its_room_back_and_returns_with_the_next_start(tmp_path: Path) -> None:
    disk = Disk()
    path = tmp_path / "data"
    ballast = path / "ballast"
    store = await open_sqlite(path, at=START, ballast_octets=MEBIBYTE, measure=disk.measure)
    assert ballast.stat().st_blocks * 512 >= MEBIBYTE
    assert release_ballast(path) == MEBIBYTE
    assert release_ballast(path) == 0
    await store.aclose()
    disk.free_octets = 5 * MEBIBYTE
    await (await open_sqlite(path, at=START, ballast_octets=MEBIBYTE, measure=disk.measure)).aclose()
    assert not ballast.exists()
    disk.free_octets = 50 * MEBIBYTE
    for wanted, size in ((MEBIBYTE, MEBIBYTE), (None, MEBIBYTE), (2 * MEBIBYTE, 2 * MEBIBYTE)):
        await (await open_sqlite(path, at=START, ballast_octets=wanted, measure=disk.measure)).aclose()
        assert ballast.stat().st_size == size


async def test_a_ballast_is_laid_after_the_store_is_open_and_never_takes_the_last_room(tmp_path: Path) -> None:
    path = tmp_path / "data"
    laid_when_asked: list[bool] = []

    def measure(_directory: Path) -> Space:
        laid_when_asked.append((path / DATABASE_NAME).exists())
        return Space(MEBIBYTE + 8192, 100 * MEBIBYTE)

    no_marks = FreeSpaceMarks(large=0.0, any=0.0)
    opened = SqliteStore.open(
        path, clock=StandingClock(START), marks=no_marks, ballast_octets=MEBIBYTE, measure=measure
    )
    await (await opened).aclose()
    assert set(laid_when_asked) == {True}
    assert not (path / "ballast").exists()


def test_where_there_is_no_room_the_ballast_is_the_next_step(tmp_path: Path) -> None:
    for octets, said in (
        (0, "make room on that disk"),
        (4096, "4096 octets come back with: knooppunt store release-b"),
    ):
        if octets:
            (tmp_path / "ballast").write_bytes(bytes(octets))
        for fault in (DatabaseFull("full; make room on that disk"), OSError(errno.ENOSPC, "full")):
            with pytest.raises(Broken) as refused, refusals_told(tmp_path):
                raise fault
            assert said in refused.value.next_step

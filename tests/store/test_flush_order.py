"""No promise before file, folder and log are flushed, seen in the system calls themselves (G1, FA-04, FA-05)."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.store.engines import open_sqlite
from support.store.store_samples import START, accept, parts_of, sealed_message
from support.store.traces import TRACED, FlushOrder

from gateway.storage import EXIT_STORAGE
from gateway.store.model import Accepted, Duplicate, MessageFilter

ROOT = Path(__file__).parents[2]
CHILD = Path(__file__).with_name("child.py")
COUNT = 6


@pytest.fixture(autouse=True)
def strace() -> str:
    found = shutil.which("strace")
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("strace is not installed: the order of flushes goes unchecked")
        pytest.skip("STRACE IS NOT INSTALLED: the order of flushes goes unchecked")
    return found


def traced(strace: str, path: Path, steps: str, *options: str) -> tuple[int, list[str], list[str]]:
    """Exit code, promises and record of the child under strace."""
    record = path.with_name("record")
    command = [strace, "-f", "-y", "-o", record, "-e", f"trace={TRACED}", *options]
    child = subprocess.run(
        [*command, sys.executable, CHILD, "sqlite", path, steps, str(COUNT)],
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return child.returncode, child.stdout.splitlines(), record.read_text(errors="replace").splitlines()


@pytest.mark.parametrize("promise", ["accepted", "receipted"])
def test_every_promise_waits_for_its_flushes_G1(strace: str, tmp_path: Path, promise: str) -> None:
    code, promises, record = traced(strace, tmp_path / "data", "ar")
    assert code == 0
    order = FlushOrder(tmp_path / "data")
    order.read(record, promise)
    assert order.promises == len([each for each in promises if each.startswith(promise)]) == COUNT
    assert order.violations == []


def test_after_purged_no_unlink_waits_for_a_flush_of_its_folder_G4(strace: str, tmp_path: Path) -> None:
    code, _, record = traced(strace, tmp_path / "data", "aru")
    assert code == 0
    assert len([each for each in record if "unlinkat(" in each and "arriving-" not in each]) == COUNT // 2
    order = FlushOrder(tmp_path / "data")
    order.read(record, "purged")
    assert (order.promises, order.violations) == (1, [])


def test_the_check_finds_a_store_that_never_flushes(strace: str, tmp_path: Path) -> None:
    code, _, record = traced(strace, tmp_path / "data", "na")
    assert code == 0
    order = FlushOrder(tmp_path / "data")
    order.read(record, "accepted")
    unflushed = " ".join(order.violations)
    assert order.promises == COUNT
    assert len(order.violations) >= COUNT
    for place in ("store.db-wal", "/blobs/", "linkat"):
        assert place in unflushed


def _promised_is_there(path: Path, promises: list[str]) -> None:
    async def look() -> None:
        store = await open_sqlite(path, at=START)
        known = {record.metadata.message_id for record in await store.messages(MessageFilter())}
        for number in range(1, COUNT + 1):
            if f"accepted {number}" in promises:
                assert f"leg2-{number}@hub.example" in known
            outcome = await accept(store, sealed_message(number), parts_of(number, 100_000 if number % 2 else 500))
            assert isinstance(outcome, Duplicate if f"leg2-{number}@hub.example" in known else Accepted)
        await store.aclose()

    asyncio.run(look())


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """A store that was opened before, so that faults meet messages and not migrations."""

    async def prepare() -> None:
        await (await open_sqlite(tmp_path / "data", at=START)).aclose()

    asyncio.run(prepare())
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("call", "nth", "promised"),
    [("fsync", 5, 4), ("fsync", 4, 2), ("fsync", 3, 0), ("fdatasync", 1, 0), ("fdatasync", 3, 0), ("fdatasync", 5, 2)],
    ids=["file", "folder", "mark", "log-header", "first-commit", "third-commit"],
)
def test_a_flush_that_fails_ends_the_process_and_breaks_no_promise_FA_04(
    strace: str, prepared: Path, call: str, nth: int, promised: int
) -> None:
    code, promises, record = traced(strace, prepared, "a", "-e", f"inject={call}:error=EIO:when={nth}")
    assert "(INJECTED)" in "".join(record)
    assert code == EXIT_STORAGE
    assert len(promises) == promised
    _promised_is_there(prepared, promises)


@pytest.mark.parametrize("error", ["ENOSPC", "EDQUOT"])
@pytest.mark.parametrize("when", ["10", "31", "32", "100", "60+"])
def test_a_disk_that_fills_up_refuses_messages_and_breaks_no_promise_FA_05(
    strace: str, prepared: Path, error: str, when: str
) -> None:
    code, promises, record = traced(strace, prepared, "a", "-e", f"inject=pwrite64:error={error}:when={when}")
    assert "(INJECTED)" in "".join(record)
    assert code == 0
    assert promises[-1] == "done"
    assert len(promises) < COUNT + 1
    _promised_is_there(prepared, promises)

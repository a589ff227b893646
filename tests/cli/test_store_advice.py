"""What a command advises where a store lies already, or where no hub runs, depends on how that store stands."""

from __future__ import annotations

import asyncio
import fcntl
import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.hubs.processes import new_site
from support.store.engines import open_sqlite
from support.store.faulty_storage import spoil_pages

from gateway.cli.main import main
from gateway.site.hub_process import HubProcess
from gateway.storage import EXIT_STORAGE
from gateway.store.sqlite.store import DATABASE_NAME


@pytest.fixture
async def settings(tmp_path: Path) -> Path:
    """Of a hub that ran before."""
    site = new_site(tmp_path / "site", ())
    await (await open_sqlite(site.settings.parent / "data", at=datetime.now(UTC))).aclose()
    return site.settings


def knooppunt(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["store", *arguments], catch_exceptions=False)


def copied(data: Path) -> None:
    data.rename(data.with_name("before"))
    shutil.copytree(data.with_name("before"), data)


@pytest.mark.parametrize(
    ("spoil", "code", "advice"),
    [
        (copied, 1, "knooppunt store confirm-restored --hub SETTINGS"),
        (lambda data: (data / DATABASE_NAME).write_bytes(b"none" * 4096), EXIT_STORAGE, "look at the disk"),
        (lambda data: spoil_pages(data, table="evidence"), EXIT_STORAGE, "look at the disk"),
        (lambda data: data.chmod(0o755), 1, "run: chmod 700"),
        (lambda _data: None, 1, "start the hub on the store that is there"),
    ],
    ids=["went back", "no database", "a broken page", "open to others", "sound"],
)
def test_what_to_do_with_a_store_that_is_there_depends_on_how_it_stands(
    settings: Path, spoil: Callable[[Path], object], code: int, advice: str
) -> None:
    spoil(settings.parent / "data")
    again = knooppunt("new", "--hub", str(settings))
    assert (again.exit_code, "holds a store already; it is left as it is" in again.stderr) == (code, True)
    assert advice in again.stderr
    assert ("start the hub" in again.stderr) == (advice == "start the hub on the store that is there")


def test_a_store_that_a_process_holds_is_not_looked_into_and_no_second_hub_is_advised(settings: Path) -> None:
    with open(settings.parent / "data" / "lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        again = knooppunt("new", "--hub", str(settings))
    assert (again.exit_code, "knooppunt status --hub SETTINGS" in again.stderr) == (1, True)
    assert "start the hub" not in again.stderr


@pytest.mark.parametrize("command", ["store confirm-time", "reload", "mailbox test x"])
def test_where_no_hub_runs_a_start_is_advised_only_on_a_store_on_which_one_starts(settings: Path, command: str) -> None:
    sound = CliRunner().invoke(main, [*command.split(), "--hub", str(settings)])
    assert (sound.exit_code, "start the hub" in sound.stderr) == (1, True)
    copied(settings.parent / "data")
    doubted = CliRunner().invoke(main, [*command.split(), "--hub", str(settings)])
    assert (doubted.exit_code, "knooppunt store confirm-restored --hub SETTINGS" in doubted.stderr) == (1, True)
    assert "start the hub" not in doubted.stderr


async def test_a_hub_whose_time_is_suspect_starts_and_is_told_that_the_time_is_right(settings: Path) -> None:
    """Where no hub runs the command says that one has to, and that suspicion keeps none from it."""
    (settings.parent / "data" / "clock.mark").write_text("nothing")
    alone = await asyncio.to_thread(knooppunt, "confirm-time", "--yes", "--hub", str(settings))
    assert (alone.exit_code, "no hub runs whose clock could be confirmed" in alone.stderr) == (1, True)
    assert "start the hub, which starts with a suspect time too" in alone.stderr
    hub = HubProcess(settings, settings.parent / "hub.log")
    for grounds in (1, 0):
        await hub.start()
        try:
            told = await asyncio.to_thread(knooppunt, "confirm-time", "--yes", "--json", "--hub", str(settings))
        finally:
            await hub.stop()
        assert (told.exit_code, len(json.loads(told.stdout)["facts"]["grounds"])) == (0, grounds)

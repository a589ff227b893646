"""How knooppunt serve ends: its exit code speaks of what came of it, and a signal is heard from the beginning."""

from __future__ import annotations

import asyncio
import errno
import json
import os
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from support.hubs.hub import LogLines
from support.hubs.processes import new_site
from support.store.engines import open_sqlite
from support.store.inside import end_with

import gateway.cli.serving as serving
from gateway.cli.output import DONE, REFUSED, USAGE, Failure
from gateway.cli.starting import log_of
from gateway.clock import SystemClock
from gateway.settings import Settings, read_settings
from gateway.storage import EXIT_STORAGE, DiskFull
from gateway.store.interface import StoreUnavailable
from gateway.store.sqlite.store import SqliteStore
from gateway.wiring import NotNow, NotStartable, OpenedHub, StorageBroken, StorageFull, StorageLimited, WrongPlace
from gateway.wiring.reloading import Reloading
from gateway.wiring.standing import standing_of

open_hub = serving.open_hub


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return read_settings(new_site(tmp_path, ()).settings)


async def served(settings: Settings, log: LogLines, *, as_json: bool = False) -> int:
    """The exit code of a hub, once it has ended by itself or by a signal."""
    try:
        async with asyncio.timeout(60):
            return await serving.serve(settings, log, as_json, 0.0)  # type: ignore[arg-type]
    except Failure as failure:
        return failure.code


def opening(then: Callable[..., object]) -> Callable[..., Any]:
    """`open_hub`, and then something more."""

    async def opened(settings: Settings, **options: Any) -> OpenedHub:
        found = await open_hub(settings, **options)
        then(**options)
        return found

    return opened


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        (StorageBroken, EXIT_STORAGE),
        (StorageFull, EXIT_STORAGE),
        (StorageLimited, EXIT_STORAGE),
        (NotNow, REFUSED),
        (WrongPlace, USAGE),
        (NotStartable, USAGE),
    ],
)
async def test_a_start_that_is_refused_has_the_code_of_its_reason(
    settings: Settings, refusal: type[NotStartable], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refused(*_: object, **_options: object) -> OpenedHub:
        raise refusal(("no",))

    monkeypatch.setattr(serving, "open_hub", refused)
    assert await served(settings, LogLines()) == code


def other_program(settings: Settings, held: list[socket.socket]) -> None:
    held.append(socket.create_server((settings.listen.host[0], settings.listen.port)))


def no_store(settings: Settings, _held: object) -> None:
    for each in sorted(settings.data.directory.rglob("*"), reverse=True):
        each.unlink() if each.is_file() else each.rmdir()


def broken_database(settings: Settings, _held: object) -> None:
    (settings.data.directory / "store.db").write_bytes(b"no database at all" * 500)


def broken_pmodes(settings: Settings, _held: object) -> None:
    (settings.pmodes.folder / "hub.yaml").write_text("{")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [(other_program, REFUSED), (no_store, USAGE), (broken_database, EXIT_STORAGE), (broken_pmodes, USAGE)],
)
async def test_so_it_is_where_the_reason_is_real(
    settings: Settings, spoil: Callable[[Settings, list[socket.socket]], None], code: int
) -> None:
    held: list[socket.socket] = []
    spoil(settings, held)
    log = LogLines()
    assert await served(settings, log) == code
    assert log.of("hub_started") == []
    for each in held:
        each.close()


async def test_a_second_hub_on_a_data_directory_is_refused_and_no_setting_is_blamed(
    settings: Settings,
) -> None:
    store = await open_sqlite(settings.data.directory, at=SystemClock().now())
    assert await served(settings, LogLines()) == REFUSED
    await store.aclose()


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        (OSError(errno.EIO, "Input/output error"), EXIT_STORAGE),
        (OSError(errno.ENOSPC, "No space left on device"), EXIT_STORAGE),
        (OSError(errno.EROFS, "Read-only file system"), EXIT_STORAGE),
        (DiskFull("full"), EXIT_STORAGE),
        (OSError(errno.EMFILE, "Too many open files"), REFUSED),
        (OSError(errno.EACCES, "Permission denied"), USAGE),
    ],
    ids=str,
)
async def test_storage_that_fails_while_the_store_opens_is_told_as_the_storage(
    settings: Settings, fault: Exception, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(*_: object, **_options: object) -> SqliteStore:
        raise fault

    monkeypatch.setattr(SqliteStore, "open", fails)
    assert await served(settings, LogLines()) == code


async def test_and_so_it_is_where_it_fails_once_the_store_is_open(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(store: SqliteStore, *_: object) -> object:
        end_with(store, OSError(errno.EIO, "Input/output error"))
        raise StoreUnavailable("disk I/O error")

    monkeypatch.setattr(SqliteStore, "signers", fails)
    assert await served(settings, LogLines()) == EXIT_STORAGE


@pytest.mark.parametrize("as_json", [False, True])
async def test_a_hub_whose_flush_failed_stops_with_a_code_of_its_own_and_prints_one_document(
    settings: Settings, as_json: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(*, on_failure: Callable[[BaseException], None], **_: object) -> None:
        asyncio.get_running_loop().call_soon(on_failure, OSError(errno.EIO, "Input/output error"))

    monkeypatch.setattr(serving, "open_hub", opening(fail))
    log = LogLines()
    assert await served(settings, log, as_json=as_json) == EXIT_STORAGE
    assert [name for name, _ in log.lines][-2:] == ["hub_stopping", "hub_stopped"]
    if as_json:
        assert json.loads(capsys.readouterr().out)["outcome"] == "done", "it listened"


@pytest.mark.parametrize("name", ["store.db", "store.db-wal"])
async def test_a_hub_whose_database_was_moved_away_says_so_when_it_is_asked_how_it_stands_and_ends(
    settings: Settings, name: str
) -> None:
    log = LogLines()
    serve = asyncio.create_task(serving.serve(settings, log, False, 0.0))  # type: ignore[arg-type]
    async with asyncio.timeout(60):
        while not log.of("hub_started"):  # noqa: ASYNC110 - a log tells nobody that it was written
            await asyncio.sleep(0)
        file = settings.data.directory / name
        file.rename(file.with_name("aside"))
        moved = f"{file} was moved to {file.with_name('aside')} while it was in use"
        standing = await standing_of(settings, SystemClock().now())
        assert [each for each in standing.worries if moved in each]
        with pytest.raises(Failure, match="the hub stopped") as told:
            await serve
    assert (told.value.code, moved in told.value.sentence) == (EXIT_STORAGE, True)
    assert told.value.next_step.startswith(f"put {file.with_name('aside')} back as {file}")
    assert log.of("storage_failed")[0] == {"kind": "NotInPlace", "detail": moved}


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_signal_during_the_start_ends_the_hub_in_order(
    settings: Settings, name: signal.Signals, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A SIGHUP, too, which ends nothing."""

    def told(**_: object) -> None:
        os.kill(os.getpid(), signal.SIGHUP)
        os.kill(os.getpid(), name)

    async def opened(settings: Settings, **options: Any) -> OpenedHub:
        told()
        return await open_hub(settings, **options)

    monkeypatch.setattr(serving, "open_hub", opened if when == "before" else opening(told))
    log = LogLines()
    assert await served(settings, log) == DONE
    assert [each for each, _ in log.lines if each.startswith("hub_")] == ["hub_started", "hub_stopping", "hub_stopped"]
    assert log.of("defect") == []


async def test_a_hub_that_cannot_hear_administrators_closes_its_store(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def deaf(*_: object) -> object:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("gateway.wiring.administration.AdministrationServer.start", deaf)
    with pytest.raises(PermissionError):
        await served(settings, LogLines())
    store = await open_sqlite(settings.data.directory, at=SystemClock().now())
    await store.aclose()


async def test_whatever_comes_of_one_reload_the_next_is_heard() -> None:
    """The first meets a defect while it reads, the second while it looks for what to warn of."""
    log, told, read = LogLines(), asyncio.Event(), asyncio.Queue[str]()

    def read_again(_at: object) -> None:
        loop.call_soon_threadsafe(read.put_nowait, "read")
        if len(log.lines) == 0:
            raise ValueError("a value")

    def concerns(_at: object) -> tuple[str, ...]:
        if len(log.of("reloaded")) == 1:
            raise ValueError("a value")
        return ()

    loop = asyncio.get_running_loop()
    nobody = SimpleNamespace(in_force=SimpleNamespace(configuration=SimpleNamespace(organisations=())))
    site: Any = SimpleNamespace(
        read_again=read_again, take_over=lambda _found: nobody, concerns=concerns, own=SimpleNamespace(tls=None)
    )
    edge: Any = None
    reloading = asyncio.create_task(Reloading(site, edge, SystemClock(), log).whenever(told))
    for events in (1, 3, 4):
        told.set()
        async with asyncio.timeout(20):
            await read.get()
            while len(log.lines) < events:  # noqa: ASYNC110 - a log tells nobody that it was written
                await asyncio.sleep(0)
    reloading.cancel()
    assert [each for each, _ in log.lines] == ["reload_refused", "reloaded", "job_failed", "reloaded"]
    assert log.of("job_failed")[0]["job"] == "reload"
    assert "a value" not in str(log.lines)


def test_a_log_file_that_cannot_be_made_ends_with_what_to_do_next(settings: Settings) -> None:
    log = settings.log.model_copy(update={"file": settings.pmodes.folder.parent / "nowhere" / "hub.log"})
    with pytest.raises(Failure) as told:
        log_of(settings.model_copy(update={"log": log}))
    assert (told.value.code, "make its folder" in told.value.next_step) == (USAGE, True)

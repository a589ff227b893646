"""A hub is put together whole or not at all, and taken apart whole whatever fails on the way."""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import pytest
from support.clocks import StandingClock
from support.hubs.hub import LogLines, running_hub
from support.hubs.processes import new_site
from support.store.engines import ENGINES, open_sqlite
from support.store.store_samples import accept, sealed_message

from gateway.jobs.address_book import FILE_NAME
from gateway.jobs.time_guard import TimeGuard
from gateway.msh.signers import KnownSigners
from gateway.settings import Settings, read_settings
from gateway.store.data_directory import DataDirectoryInUse
from gateway.store.interface import StoreUnavailable
from gateway.wiring import NotStartable, open_hub
from gateway.wiring.from_settings import duplicate_secret


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return read_settings(new_site(tmp_path_factory.mktemp("opening") / "site").settings)


@pytest.fixture
def secret_file(settings: Settings) -> Path:
    """Where the key of the duplicate rows lies; it is not there yet."""
    path = settings.data.directory / "duplicate.key"
    path.parent.mkdir(mode=0o700, exist_ok=True)
    path.unlink(missing_ok=True)
    return path


def failed(fault: BaseException) -> NoReturn:
    raise AssertionError(fault)


async def not_startable(settings: Settings) -> tuple[str, ...]:
    """Why the hub does not start; its data directory is free afterwards."""
    with pytest.raises(NotStartable) as refused:
        await open_hub(settings, log=LogLines(), on_failure=failed)
    store = await open_sqlite(settings.data.directory, at=StandingClock().now())
    await store.aclose()
    return refused.value.complaints


@pytest.fixture
def folder_in_its_place(secret_file: Path) -> Iterator[Path]:
    """A folder where that file belongs."""
    secret_file.mkdir()
    yield secret_file
    secret_file.rmdir()


async def test_a_key_of_the_duplicates_that_cannot_be_read_is_one_line_and_the_store_is_closed(
    settings: Settings, folder_in_its_place: Path
) -> None:
    (said,) = await not_startable(settings)
    assert said.startswith(f"{folder_in_its_place}: it is a folder, and should be a plain file; put it back from")


async def test_counters_that_are_wrong_are_mended_and_told_when_a_hub_starts(
    settings: Settings, tmp_path: Path
) -> None:
    data = settings.data.model_copy(update={"directory": tmp_path / "data", "create": True})
    engine, log = ENGINES["sqlite"], LogLines()
    store = await engine.open(data.directory, at=StandingClock().now())
    await accept(store, sealed_message(1))
    await store.aclose()
    engine.change(data.directory, "UPDATE tally SET messages = 0")
    hub = await open_hub(settings.model_copy(update={"data": data}), log=log, on_failure=failed)
    await hub.running.stop()
    assert [line["count"] for line in log.of("counters_mended")] == [1]


async def test_a_data_directory_that_cannot_be_made_is_one_line(settings: Settings, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.touch()
    data = settings.data.model_copy(update={"directory": in_the_way / "data", "create": True})
    with pytest.raises(NotStartable) as refused:
        await open_hub(settings.model_copy(update={"data": data}), log=LogLines(), on_failure=failed)
    (complaint,) = refused.value.complaints
    assert str(in_the_way) in complaint


async def refusal(settings: Settings, directory: Path, *, create: bool = False) -> str:
    data = settings.data.model_copy(update={"directory": directory, "create": create})
    with pytest.raises(NotStartable) as refused:
        await open_hub(settings.model_copy(update={"data": data}), log=LogLines(), on_failure=failed)
    (complaint,) = refused.value.complaints
    return complaint


def everything_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*"))


@pytest.mark.parametrize("there", [True, False], ids=["empty", "missing"])
async def test_a_slip_in_the_data_directory_makes_no_new_hub(settings: Settings, tmp_path: Path, there: bool) -> None:
    directory = tmp_path / "dtaa"
    if there:
        directory.mkdir(mode=0o700)
        (directory / "lost+found").mkdir()
    before = everything_below(tmp_path)
    said = await refusal(settings, directory)
    assert said.startswith(f"data.directory: {directory} {'is empty' if there else 'is not there'}; ")
    assert "knooppunt store new --hub" in said
    assert everything_below(tmp_path) == before, "nothing was made"


@pytest.mark.parametrize("create", [True, False])
@pytest.mark.parametrize("left", ["blobs", "duplicate.key", "photographs"])
async def test_no_store_is_made_on_top_of_something_else(
    settings: Settings, tmp_path: Path, left: str, create: bool
) -> None:
    (tmp_path / "data").mkdir(mode=0o700)
    (tmp_path / "data" / left).touch()
    said = await refusal(settings, tmp_path / "data", create=create)
    assert f"is not empty: {left}; correct the name, or put " in said


async def test_a_hub_makes_its_store_where_the_settings_say_so(settings: Settings, tmp_path: Path) -> None:
    data = settings.data.model_copy(update={"directory": tmp_path / "data", "create": True})
    opened = await open_hub(settings.model_copy(update={"data": data}), log=LogLines(), on_failure=failed)
    await opened.running.stop()
    assert (tmp_path / "data" / "store.db").exists()


async def test_a_port_that_is_taken_is_one_line_and_the_store_is_closed(settings: Settings) -> None:
    with socket.socket() as other:
        other.bind((settings.listen.host[0], settings.listen.port))
        other.listen()
        (complaint,) = await not_startable(settings)
    assert f"port {settings.listen.port}" in complaint


async def test_a_start_that_is_refused_because_its_port_is_taken_has_issued_no_address_book(
    settings: Settings,
) -> None:
    with socket.socket() as other:
        other.bind((settings.listen.host[0], settings.listen.port))
        other.listen()
        await not_startable(settings)
    assert not (settings.data.directory / FILE_NAME).exists()
    opened = await open_hub(settings, log=LogLines(), on_failure=failed)
    await opened.running.stop()
    assert (settings.data.directory / FILE_NAME).exists()


async def test_a_host_that_is_named_twice_by_other_words_is_told_as_that(settings: Settings) -> None:
    listen = settings.listen.model_copy(update={"host": ["127.0.0.1", "localhost"]})
    (complaint,) = await not_startable(settings.model_copy(update={"listen": listen}))
    assert "listen on localhost" in complaint
    assert "127.0.0.1 of the same list is that address, too; name it once" in complaint


class LastMark:
    """Stands in for the end of a time guard: writes what it has to, and tells whether the directory was held then."""

    def __init__(self, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
        self.held: list[bool] = []
        ends = TimeGuard.aclose

        async def ending(guard: TimeGuard) -> None:
            try:
                store = await open_sqlite(settings.data.directory, at=StandingClock().now())
            except DataDirectoryInUse:
                self.held.append(True)
            else:
                self.held.append(False)
                await store.aclose()
            await ends(guard)

        monkeypatch.setattr(TimeGuard, "aclose", ending)


@pytest.mark.parametrize("fails", ["a port that is taken", "signers that cannot be read", "anything else"])
async def test_whatever_a_start_fails_of_the_last_mark_of_the_time_is_written_before_the_directory_is_free(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, fails: str
) -> None:
    async def raises(*_: object) -> NoReturn:
        raise StoreUnavailable("it is being closed") if fails == "signers that cannot be read" else ZeroDivisionError

    last = LastMark(settings, monkeypatch)
    with socket.socket() as other:
        if fails == "a port that is taken":
            other.bind((settings.listen.host[0], settings.listen.port))
            other.listen()
        else:
            monkeypatch.setattr(KnownSigners, "renew", raises)
        with pytest.raises(ZeroDivisionError if fails == "anything else" else NotStartable):
            await open_hub(settings, log=LogLines(), on_failure=failed)
    assert last.held == [True]
    store = await open_sqlite(settings.data.directory, at=StandingClock().now())
    await store.aclose()


def test_the_key_of_the_duplicates_is_made_once(settings: Settings, secret_file: Path) -> None:
    secret = duplicate_secret(settings)
    assert (len(secret), duplicate_secret(settings)) == (32, secret)
    assert secret_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (os.mkfifo, "it is a pipe, and should be a plain file"),
        (Path.mkdir, "it is a folder, and should be a plain file"),
        (lambda path: path.symlink_to("/dev/zero"), "it is a device, and should be a plain file"),
        (lambda path: path.write_bytes(bytes(1 << 17)), "it is longer than 65536 octets"),
    ],
    ids=["pipe", "folder", "device", "long"],
)
def test_what_is_no_key_of_the_duplicates_is_refused_and_not_waited_for(
    settings: Settings, secret_file: Path, make: Callable[[Path], object], said: str
) -> None:
    make(secret_file)
    with pytest.raises(NotStartable) as refused:
        duplicate_secret(settings)
    (complaint,) = refused.value.complaints
    assert complaint.startswith(f"{secret_file}: {said}; put it back from a backup, or remove it")
    secret_file.rmdir() if secret_file.is_dir() else secret_file.unlink()


def test_a_power_cut_while_the_key_of_the_duplicates_is_made_leaves_none(
    settings: Settings, secret_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut(_descriptor: int) -> None:
        raise OSError("the power is gone")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", cut)
        with pytest.raises(OSError, match="the power is gone"):
            duplicate_secret(settings)
    assert not secret_file.exists()
    assert len(duplicate_secret(settings)) == 32


@pytest.mark.parametrize("octets", [0, 31, 33])
def test_a_key_of_the_duplicates_of_another_length_is_refused_with_one_line(
    settings: Settings, secret_file: Path, octets: int
) -> None:
    secret_file.write_bytes(bytes(octets))
    with pytest.raises(NotStartable) as refused:
        duplicate_secret(settings)
    (complaint,) = refused.value.complaints
    assert complaint.startswith(f"{secret_file}: holds {octets} octets instead of 32")
    secret_file.unlink()


async def test_the_store_is_closed_though_the_edge_cannot_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken() -> None:
        raise OSError("the edge does not stop")

    async with running_hub(tmp_path) as hub:
        with monkeypatch.context() as patched:
            patched.setattr(hub.running.edge, "stop", broken)
            with pytest.raises(OSError, match="the edge does not stop"):
                await hub.running.stop()
        store = await open_sqlite(tmp_path / "data", at=hub.clock.now())
        await store.aclose()


async def test_a_stop_that_is_cancelled_ends_as_cancelled_and_the_store_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_hub(tmp_path) as hub:
        begun, never = asyncio.Event(), asyncio.Event()

        async def keep() -> None:
            begun.set()
            await never.wait()

        monkeypatch.setattr(hub.running.keeper, "keep", keep)
        hub.running.start_keeper()
        await begun.wait()
        with pytest.raises(DataDirectoryInUse):
            await open_sqlite(tmp_path / "data", at=hub.clock.now())
        stopping = asyncio.create_task(hub.running.stop())
        for _ in range(100):
            await asyncio.sleep(0)
        stopping.cancel()
        with pytest.raises(asyncio.CancelledError):
            await stopping
        store = await open_sqlite(tmp_path / "data", at=hub.clock.now())
        await store.aclose()


async def test_a_hub_that_runs_notices_that_it_stood_still(tmp_path: Path) -> None:
    async with running_hub(tmp_path) as hub:
        hub.running.start_keeper()
        await asyncio.sleep(0)
        assert hub.hub.time.waited_seconds() == 0.0
        hub.clock.move(timedelta(minutes=6))
        assert hub.hub.time.waited_seconds() == 360.0

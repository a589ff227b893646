"""knooppunt store: on the data directory of a hub that does not run."""

from __future__ import annotations

import asyncio
import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from click.testing import CliRunner, Result
from support.clocks import StandingClock
from support.hubs.unprivileged import unprivileged
from support.longer import longer
from support.store.engines import open_sqlite
from support.store.faulty_storage import spoil_pages
from support.store.store_samples import START, accept, parts_of, pull, read_whole, sealed_message

import gateway.cli.store as store_commands
from gateway.administration.administered import Administered, Running
from gateway.administration.asking import Directly
from gateway.administration.server import AdministrationServer
from gateway.cli.main import main
from gateway.cli.output import rfc3339
from gateway.site.making import make_site
from gateway.site.organisations import planned
from gateway.storage import EXIT_STORAGE
from gateway.store.data_directory import BALLAST_NAME
from gateway.store.interface import DamagedBlob
from gateway.store.model import Offer, State
from gateway.store.sqlite.store import DATABASE_NAME


@pytest.fixture
async def settings(tmp_path: Path) -> Path:
    """Of a hub that ran before, with a ballast of 4096 octets."""
    bank = planned("Bank", "shv-fase-2")
    site = make_site(tmp_path, [bank], at=datetime.now(UTC))
    store = await open_sqlite(site.settings.parent / "data", at=datetime.now(UTC), ballast_octets=4096)
    await store.aclose()
    return site.settings


def running_with(confirm: Callable[[], Awaitable[None]], grounds: tuple[str, ...]) -> Running:
    """What a hub says of its clock; no test here asks for more of it."""
    no = cast(Any, None)
    return Running(
        hub=no,
        confirm_time=confirm,
        time_grounds=lambda: grounds,
        reload=no,
        changes=no,
        in_force=no,
        reload_refused=tuple,
        events=tuple,
    )


def knooppunt(*arguments: str) -> Result:
    return CliRunner().invoke(main, ["store", *arguments], catch_exceptions=False)


def serve(settings: Path) -> subprocess.CompletedProcess[str]:
    """A hub that is expected to end by itself; in a process of its own, because serving hardens its process."""
    command = [sys.executable, "-m", "gateway.cli", "serve", str(settings)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


def test_show_counts_every_state_and_the_room(settings: Path) -> None:
    facts = json.loads(knooppunt("show", "--hub", str(settings), "--json").stdout)["facts"]
    assert {state.value: facts[state.value] for state in State} == {state.value: 0 for state in State}
    assert facts["free_octets"] > 0
    assert "open questions  0" in knooppunt("show", "--hub", str(settings)).stdout


def test_the_ballast_is_released_once(settings: Path) -> None:
    ballast = settings.parent / "data" / BALLAST_NAME
    assert ballast.stat().st_size == 4096
    assert knooppunt("release-ballast", "--hub", str(settings)).stdout == "4096 octets given back\n"
    assert not ballast.exists()
    assert json.loads(knooppunt("release-ballast", "--hub", str(settings), "--json").stdout)["facts"] == {"octets": 0}


def test_the_ballast_is_released_where_no_store_opens_and_whoever_holds_the_directory(settings: Path) -> None:
    data = settings.parent / "data"
    (data / DATABASE_NAME).write_bytes(b"cannot be opened" * 500)
    with open(data / "lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert knooppunt("release-ballast", "--hub", str(settings)).stdout == "4096 octets given back\n"
    assert not (data / BALLAST_NAME).exists()


def test_no_file_is_deleted_from_a_folder_that_holds_no_store(settings: Path) -> None:
    data = settings.parent / "data"
    (data / DATABASE_NAME).unlink()
    assert knooppunt("release-ballast", "--hub", str(settings)).exit_code == 1
    assert (data / BALLAST_NAME).exists()


@pytest.fixture
def beginning(tmp_path: Path) -> Path:
    """Settings of a hub that has no store yet."""
    site = make_site(tmp_path, [], at=datetime.now(UTC))
    site.settings.write_text(site.settings.read_text().replace('directory = "data"', 'directory = "new/data"'))
    return site.settings


def test_a_new_store_is_made_once_and_left_alone_afterwards(beginning: Path) -> None:
    folder = beginning.parent / "new" / "data"
    assert knooppunt("show", "--hub", str(beginning)).exit_code == 1
    assert knooppunt("new", "--hub", str(beginning)).stdout == f"made an empty store in {folder}\n"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert knooppunt("show", "--hub", str(beginning)).exit_code == 0
    before = (folder / "store.db").read_bytes()
    again = knooppunt("new", "--hub", str(beginning))
    assert (again.exit_code, "holds a store already" in again.stderr) == (1, True)
    assert "start the hub on the store that is there" in again.stderr
    assert (folder / "store.db").read_bytes() == before


def test_a_new_store_does_not_lie_on_top_of_something(beginning: Path) -> None:
    folder = beginning.parent / "new" / "data"
    (folder / "blobs").mkdir(parents=True)
    ended = knooppunt("new", "--hub", str(beginning))
    assert (ended.exit_code, "is not empty: blobs" in ended.stderr) == (1, True)
    assert [each.name for each in folder.iterdir()] == ["blobs"]


NO_SUCH_ENGINE = "data.engine: there is no engine mysql; name one of: sqlite"


@pytest.mark.parametrize("command", ["show", "release-ballast", "new", "recheck"])
def test_an_engine_that_is_not_there_is_one_line_and_nothing_is_touched(settings: Path, command: str) -> None:
    settings.write_text(settings.read_text().replace("[data]\n", '[data]\nengine = "mysql"\n'))
    ended = knooppunt(command, "--hub", str(settings))
    assert (ended.exit_code, NO_SUCH_ENGINE.partition("; ")[0] in ended.stderr) == (1, True)
    assert "sqlite" in ended.stderr
    assert (settings.parent / "data" / BALLAST_NAME).exists()


def test_a_hub_of_an_engine_that_is_not_there_does_not_start(settings: Path) -> None:
    settings.write_text(settings.read_text().replace("[data]\n", '[data]\nengine = "mysql"\n'))
    ended = serve(settings)
    assert (ended.returncode, NO_SUCH_ENGINE in ended.stderr) == (2, True)
    status = CliRunner().invoke(main, ["status", "--hub", str(settings)], catch_exceptions=False)
    assert f"the store: {NO_SUCH_ENGINE}" in status.stdout


def closed_link(folder: Path) -> None:
    folder.symlink_to("the disk that is not mounted")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda folder: folder.mkdir(mode=0o755), "data.directory: {folder} is open to others; run: chmod 700"),
        (closed_link, "data.directory: {folder} is a link to the disk that is not mounted, which cannot be reached"),
        *longer(
            (lambda folder: folder.touch(mode=0o600), "data.directory: {folder} is no folder; name another"),
            (lambda folder: folder.symlink_to(folder), "data.directory: {folder} is a link to {folder}, which cannot"),
            (lambda folder: (folder.parent.rmdir(), folder.parent.touch()), "data.directory: {parent} is no folder"),
            (lambda folder: (folder.parent.rmdir(), closed_link(folder.parent)), "data.directory: {parent} is a link"),
        ),
    ],
    ids=["open to others", "a dangling link", "a file", "a circle", "a file above", "a dangling link above"],
)
def test_what_cannot_be_a_data_directory_is_named_the_same_by_every_command(
    beginning: Path, make: Callable[[Path], object], said: str
) -> None:
    folder = beginning.parent / "new" / "data"
    folder.parent.mkdir()
    make(folder)
    words = said.format(folder=folder, parent=folder.parent)
    made, served, shown = (
        knooppunt("new", "--hub", str(beginning)),
        serve(beginning),
        knooppunt("show", "--hub", str(beginning)),
    )
    assert (made.exit_code, words in made.stderr) == (2, True), made.stderr
    assert (served.returncode, words in served.stderr) == (2, True), served.stderr
    assert words.partition("; ")[0] in shown.stderr


def foreign(folder: Path) -> None:
    folder.mkdir(mode=0o700)
    (folder / "photos").mkdir()


NO_STORE = {
    "not there": (lambda _folder: None, "data.directory: {folder} is not there", "knooppunt store new --hub SETTINGS"),
    "empty": (lambda folder: folder.mkdir(mode=0o700), "data.directory: {folder} is empty", "knooppunt store new"),
    "another's": (
        foreign,
        "data.directory: {folder} holds no store.db, and is not empty: photos",
        "correct the name, or put back what is missing",
    ),
}


@pytest.mark.parametrize("case", NO_STORE)
@pytest.mark.parametrize(
    "command",
    [
        "store show",
        "message list",
        *longer("status", "store purge", "store recheck", "store release-ballast", "event count"),
    ],
)
def test_a_data_directory_without_a_store_is_named_by_its_setting_as_a_start_does(
    beginning: Path, command: str, case: str
) -> None:
    make, said, step = NO_STORE[case]
    folder = beginning.parent / "new" / "data"
    folder.parent.mkdir()
    make(folder)
    told = CliRunner().invoke(main, [*command.split(), "--hub", str(beginning)], catch_exceptions=False)
    words = " ".join((told.stdout + told.stderr).split())
    assert (said.format(folder=folder) in words, step in words) == (True, True), words
    assert (told.exit_code == 0) == (command == "status"), "which tells of everything else too"


def test_a_store_that_went_back_is_confirmed_only_after_it_was_said_what_that_costs(settings: Path) -> None:
    data = settings.parent / "data"
    assert "nothing to confirm" in knooppunt("confirm-restored", "--hub", str(settings)).stdout
    shutil.copytree(data, data.with_name("backup"))
    shutil.rmtree(data)
    data.with_name("backup").rename(data)
    assert json.loads(knooppunt("show", "--hub", str(settings), "--json").stdout)["facts"]["doubt"]
    assert "knooppunt store confirm-restored --hub SETTINGS" in knooppunt("show", "--hub", str(settings)).stdout
    purged = knooppunt("purge", "--hub", str(settings))
    assert (purged.exit_code, "the directory is a copy" in purged.stderr) == (1, True)
    assert "knooppunt store confirm-restored --hub SETTINGS" in purged.stderr
    told = knooppunt("confirm-restored", "--hub", str(settings))
    assert told.exit_code == 1
    assert "the directory is a copy" in told.stderr
    assert "loses what was accepted since" in told.stderr
    assert "--yes" in told.stderr
    facts = json.loads(knooppunt("confirm-restored", "--hub", str(settings), "--json").stdout)["facts"]
    assert facts["confirmed"] is False
    served = serve(settings)
    assert served.returncode == 1
    assert "knooppunt store confirm-restored" in served.stderr
    assert "No message is here. To go on" in told.stderr, "the store is empty"
    confirmed = knooppunt("confirm-restored", "--yes", "--hub", str(settings)).stdout
    assert confirmed == "the hub can start; waiting: 0 messages. Ask senders to repeat what they sent\n"
    assert "nothing to confirm" in knooppunt("confirm-restored", "--yes", "--hub", str(settings)).stdout


@pytest.mark.parametrize(
    ("options", "terminal", "answer", "confirms"),
    [
        ((), True, "y", True),
        ((), True, "n", False),
        (("--yes",), True, "", True),
        ((), False, "", True),
        (("--json",), True, "", True),
    ],
)
async def test_the_time_that_is_confirmed_is_shown_with_what_spoke_against_it(
    settings: Path,
    options: tuple[str, ...],
    terminal: bool,
    answer: str,
    confirms: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []

    async def confirm() -> None:
        said.append("right")

    monkeypatch.setattr(store_commands, "_at_a_terminal", lambda: terminal)
    clock, data = StandingClock(), settings.parent / "data"
    store = await open_sqlite(data, at=clock.now())
    running = running_with(confirm, ("it went back",))
    hub = Directly(Administered(store=store, clock=clock, running=running))
    server = await AdministrationServer.start(hub, data)
    command = ["store", "confirm-time", "--hub", str(settings), *options]
    ended = await asyncio.to_thread(CliRunner().invoke, main, command, input=answer + "\n")
    await server.aclose()
    await store.aclose()
    assert (ended.exit_code, said) == ((0, ["right"]) if confirms else (1, []))
    assert rfc3339(clock.now()) in ended.stdout
    assert "it went back" in ended.stdout
    assert ("compare with another clock" in ended.stdout) is bool(answer)


@pytest.mark.parametrize(
    ("grounds", "said"),
    [
        (("it went back",), "the hub trusts its clock again\n"),
        ((), "nothing spoke against the hub's clock; your word for it is kept\n"),
    ],
)
async def test_a_clock_that_nothing_spoke_against_is_not_said_to_be_trusted_again(
    settings: Path, grounds: tuple[str, ...], said: str
) -> None:
    async def confirm() -> None:
        """The word of an operator."""

    clock, data = StandingClock(), settings.parent / "data"
    store = await open_sqlite(data, at=clock.now())
    running = running_with(confirm, grounds)
    hub = Directly(Administered(store=store, clock=clock, running=running))
    server = await AdministrationServer.start(hub, data)
    told = await asyncio.to_thread(knooppunt, "confirm-time", "--yes", "--hub", str(settings))
    await server.aclose()
    await store.aclose()
    assert told.stdout.endswith(said)


def test_where_nothing_was_damaged_recheck_says_so(settings: Path) -> None:
    assert knooppunt("recheck", "--hub", str(settings)).stdout == (
        "no message that waits was found damaged, or could not be read\n"
    )


@pytest.mark.parametrize("left", ["everything else", *longer("blobs")])
def test_a_database_that_is_lost_for_good_has_one_way_on_told_by_each_command(settings: Path, left: str) -> None:
    data = settings.parent / "data"
    (data / DATABASE_NAME).unlink()
    if left == "blobs":
        shutil.rmtree(data)
        (data / "blobs").mkdir(parents=True, mode=0o700)
        data.chmod(0o700)
    hub = ("--hub", str(settings))
    told = [
        knooppunt(*command, *hub).stderr for command in (("new",), ("confirm-restored",), ("confirm-restored", "--yes"))
    ]
    for each in (*told, serve(settings).stderr):
        said = " ".join(each.split())
        assert "holds no store.db" in said
        assert f"mv {data} {data}.lost" in said
        assert "knooppunt store new --hub" in said
    data.rename(f"{data}.lost")
    assert knooppunt("new", *hub).exit_code == 0
    assert "nothing to confirm" in knooppunt("confirm-restored", *hub).stdout


@pytest.mark.parametrize("whole_octets", [3 * 4096, *longer(0)], ids=["fourth page", "no database"])
def test_a_database_that_is_damaged_keeps_the_hub_from_starting_with_a_code_of_its_own(
    settings: Path, whole_octets: int
) -> None:
    with (settings.parent / "data" / DATABASE_NAME).open("r+b") as file:
        file.seek(whole_octets)
        file.write(bytes(4096))
    served = serve(settings)
    assert served.returncode == EXIT_STORAGE
    assert "look at the disk" in served.stderr


COMMANDS = [
    "store show", "store recheck", "store confirm-restored", "store confirm-time",
    "message list", "message open", "message show x@hub.example", f"message expire {'a' * 64}", "mailbox list",
    "mailbox test x", "status",
]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_an_administrative_command_on_a_broken_database_ends_as_the_hub_does(settings: Path, command: str) -> None:
    (settings.parent / "data" / DATABASE_NAME).write_bytes(b"no database at all" * 500)
    ended = CliRunner().invoke(main, [*command.split(), "--hub", str(settings), "--json"], catch_exceptions=False)
    document = json.loads(ended.stdout)
    assert (ended.exit_code, document["outcome"]) == (EXIT_STORAGE, "storage")
    assert "look at the disk" in document["next"]


@pytest.mark.parametrize("command", ["store recheck", "message list"])
def test_so_does_one_that_meets_a_broken_page_only_when_it_reads(settings: Path, command: str) -> None:
    spoil_pages(settings.parent / "data", table="message")
    ended = CliRunner().invoke(main, [*command.split(), "--hub", str(settings), "--json"], catch_exceptions=False)
    assert (ended.exit_code, json.loads(ended.stdout)["outcome"]) == (EXIT_STORAGE, "storage")


def test_recheck_tells_what_it_found(settings: Path) -> None:
    data = settings.parent / "data"
    message_id = asyncio.run(damage(data))
    ended = CliRunner().invoke(main, ["store", "recheck", "--hub", str(settings), "--json"])
    found = json.loads(ended.stdout)
    assert (ended.exit_code, found["outcome"], found["error"]) == (
        1, "refused", "1 message still not whole, and not offered",
    )  # fmt: skip
    assert found["facts"] == {"whole": [], "damaged": [message_id], "unreadable": [], "recounted": 0}
    (data / "away").rename(data / "blobs" / (data / "name").read_text())
    assert f"whole       {message_id}" in knooppunt("recheck", "--hub", str(settings)).stdout


async def damage(data: Path) -> str:
    """A message whose file is taken away, and found missing; a file that no row names stays for an hour."""
    store = await open_sqlite(data, at=START)
    await accept(store, sealed_message(1), parts_of(1, 100_000))
    offer = await store.lease(pull(1))
    assert isinstance(offer, Offer)
    (blob,) = (data / "blobs").iterdir()
    (data / "name").write_text(blob.name)
    blob.rename(data / "away")
    (data / "blobs" / "other").write_bytes(b"")
    with pytest.raises(DamagedBlob):
        await read_whole(store, offer)
    await store.aclose()
    return offer.message_id


def test_a_purge_says_how_many_messages_it_removed(settings: Path) -> None:
    assert knooppunt("purge", "--hub", str(settings)).stdout == "0 messages removed\n"
    assert json.loads(knooppunt("purge", "--hub", str(settings), "--json").stdout)["facts"] == {"removed": 0}


@pytest.mark.parametrize("name", [DATABASE_NAME, *longer("store.mark")])
def test_what_may_not_be_read_is_no_doubt_and_no_damage_and_every_command_ends_alike(settings: Path, name: str) -> None:
    closed = settings.parent / "data" / name
    closed.chmod(0)
    for command in (("serve", str(settings)), ("store", "show", "--hub", str(settings))):
        ended = unprivileged(*command)
        assert f"{closed} cannot be opened: Permission denied; have it" in ended.stderr.replace("\n ", ";")
        assert ended.returncode == 2
    checked = unprivileged("pmode", "check", "--hub", str(settings))
    assert (checked.returncode, f"{closed} cannot be opened: Permission denied" in checked.stderr) == (1, True)
    assert not closed.stat().st_mode & 0o777


def test_a_process_that_may_open_few_files_is_told_so_before_anything_fails(settings: Path) -> None:
    command = ["sh", "-c", 'ulimit -n 32; exec "$@"', "sh", sys.executable, "-m", "gateway.cli", "serve", str(settings)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 1
    assert "this process may have 32 files open, and a hub needs 64" in ended.stderr

"""A PostgreSQL server for the tests: Debian's package, started as its own user, reached by a Unix socket alone.

`joined` gives all processes of a run one server: each holds the file `users` in the run's folder under a shared lock,
and whoever watches the server waits for the whole of it, which it has once the last of them ended, however it ended.
Its data lie in memory where there is room. So every setting that durability rests on is as the product asks for it, and
a flush costs next to nothing. `server_of_its_own` is for a test that kills its server.

Run as a program this starts a server and leaves its watcher behind.
"""

from __future__ import annotations

import fcntl
import itertools
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ABSENT = "there is no PostgreSQL of release 15 or later: run tests/interop/prepare.sh"
ROLE = "knooppunt"  # owns the databases of the tests, and may nothing else
OLDEST_RELEASE = 15
MEMORY = Path("/dev/shm")
ENOUGH_OCTETS = 1 << 30
SETTINGS = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "32MB",
    "max_wal_size": "64MB",
    "min_wal_size": "4MB",
}


def programs() -> Path | None:
    """The folder of the newest release that is installed, or None."""
    folders = [*Path("/usr/lib/postgresql").glob("*/bin")]
    if (found := shutil.which("postgres")) is not None:
        folders.append(Path(found).resolve().parent)
    of_release = {_release(each): each for each in folders if (each / "initdb").exists()}
    newest = max(of_release, default=0)
    return of_release[newest] if newest >= OLDEST_RELEASE else None


def _release(folder: Path) -> int:
    told = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\(PostgreSQL\) (\d+)", told)
    return int(found[1]) if found else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A server that was made; `folder` has its data, its log and its socket."""

    programs: Path
    folder: Path
    _names: Iterator[int] = field(default_factory=itertools.count, repr=False, compare=False)
    _done_with: list[str] = field(default_factory=list, repr=False, compare=False)

    def url(self, database: str, *, role: str = ROLE) -> str:
        """As the product's settings name a database of it."""
        return f"postgresql://{role}@/{database}?host={self.folder}"

    def run(self, *statements: str, database: str = "postgres") -> str:
        """What these statements of the server's administrator answer, each a transaction of its own."""
        words = [word for each in statements for word in ("-c", each)]
        command = [self.programs / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1", "-h", self.folder, "-U", "postgres"]
        done = subprocess.run([*command, *words, database], capture_output=True, text=True, check=False, timeout=120)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    @contextmanager
    def database(self, *, template: str = "template0") -> Iterator[str]:
        """The URL of a new database like that one, until the block ends. It goes with the next that is made."""
        name = f"test_{os.getpid()}_{next(self._names)}"
        gone = [f'DROP DATABASE "{each}" WITH (FORCE)' for each in self._done_with]
        self._done_with.clear()
        self.run(*gone, f'CREATE DATABASE "{name}" OWNER {ROLE} TEMPLATE "{template}" STRATEGY file_copy')
        try:
            yield self.url(name)
        finally:
            self._done_with.append(name)

    def template(self, name: str, prepare: Callable[[str], object]) -> str:
        """The name, for `database`, of a database that `prepare` was given the URL of, once in a run."""
        made = self.folder.parent / f"{self.folder.name}.template-{name}"
        with _locked(self.folder.parent / f"{self.folder.name}.templates"):
            if not made.exists():
                self.run(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" OWNER {ROLE}')
                prepare(self.url(name))
                made.touch()
        return name

    def start(self) -> None:
        """As it was left, or as it lay there when it was killed."""
        settings = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}='{value}'")]
        options = " ".join([*settings, "-c", f"unix_socket_directories='{self.folder}'"])
        self._ctl("start", "-l", str(self.folder / "log"), "-o", options)

    def kill(self) -> None:
        """All of its processes end at once; nothing that was not flushed is in its files."""
        self._ctl("stop", "-m", "immediate")

    def stop(self) -> None:
        """As an operator stops it: a standby has all that it flushed."""
        self._ctl("stop", "-m", "fast")

    def promote(self) -> None:
        """What was a standby takes over."""
        self._ctl("promote")

    def _ctl(self, *words: str) -> None:
        _as_its_user([self.programs / "pg_ctl", "-D", self.folder / "data", "-s", "-w", *words], self.folder)


def _as_its_user(command: Sequence[str | Path], folder: Path) -> None:
    """Run one of the server's programs: it does not run as root."""
    user: dict[str, Any] = {}
    if os.geteuid() == 0:
        user = {"user": "postgres", "group": "postgres", "extra_groups": []}
    # To a file: what pg_ctl starts keeps a pipe open.
    with (folder / "said").open("a+") as said:
        done = subprocess.run(command, cwd=folder, stdout=said, stderr=said, check=False, timeout=120, **user)
        if done.returncode:
            said.seek(0)
            raise RuntimeError(f"{command[0]}: {said.read()}")


def _folder() -> Path:
    """A new folder of the server's user, in memory where there is room."""
    has_room = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_OCTETS
    folder = Path(tempfile.mkdtemp(prefix="knooppunt-postgres-", dir=MEMORY if has_room else None))
    if os.geteuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


def _make(found: Path) -> PostgresServer:
    folder = _folder()
    server = PostgresServer(programs=found, folder=folder)
    command: list[str | Path] = [found / "initdb", "-D", folder / "data", "--username=postgres", "--auth=trust"]
    _as_its_user([*command, "--encoding=UTF8", "--locale=C.UTF-8", "--wal-segsize=1", "--no-sync"], folder)
    server.start()
    server.run(f"CREATE ROLE {ROLE} LOGIN")
    return server


def _remove(server: PostgresServer) -> None:
    server.kill()
    for each in server.folder.parent.glob(f"{server.folder.name}.template*"):
        each.unlink()
    shutil.rmtree(server.folder)


@contextmanager
def server_of_its_own() -> Iterator[PostgresServer]:
    """A server for one test, which may kill and start it; skips the test where none is installed."""
    server = _make(_installed())
    try:
        yield server
    finally:
        if not (server.folder / "data" / "postmaster.pid").exists():
            server.start()
        _remove(server)


@contextmanager
def standby_of(primary: PostgresServer) -> Iterator[PostgresServer]:
    """A server that follows that one, and runs until it is stopped or the block ends."""
    standby = PostgresServer(programs=primary.programs, folder=_folder())
    words: list[str | Path] = ["-D", standby.folder / "data", "-R", "-h", primary.folder, "-U", "postgres", "--no-sync"]
    _as_its_user([primary.programs / "pg_basebackup", "--checkpoint=fast", *words], standby.folder)
    standby.start()
    try:
        yield standby
    finally:
        if not (standby.folder / "data" / "postmaster.pid").exists():
            standby.start()
        _remove(standby)


@contextmanager
def joined(folder: Path) -> Iterator[PostgresServer]:
    """The server of the run whose folder this is, made by whoever comes first."""
    found = _installed()
    folder.mkdir(exist_ok=True)
    with (folder / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        with _locked(folder / "starting"):
            if not (folder / "server.json").exists():
                command = [sys.executable, __file__, str(found), str(folder)]
                done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
                if done.returncode:
                    raise RuntimeError(done.stderr)
        yield PostgresServer(programs=found, folder=Path(json.loads((folder / "server.json").read_text())))


def _installed() -> Path:
    found = programs()
    if found is None:
        import pytest  # the watcher has no use for it

        pytest.skip(ABSENT)
    return found


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    with file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _start_and_watch(found: Path, folder: Path) -> None:
    """Make a server; whoever asked goes on, and a process of its own ends it once nobody uses it any more."""
    server = _make(found)
    if os.fork():
        (folder / "server.json").write_text(json.dumps(str(server.folder)))
        return
    os.setsid()
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nowhere, stream)
    with (folder / "users").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_EX)
        (folder / "server.json").unlink()
        _remove(server)


if __name__ == "__main__":
    _start_and_watch(Path(sys.argv[1]), Path(sys.argv[2]))

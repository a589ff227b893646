"""The server that the tests start: one for a run, with the settings that the product asks for, gone with the run."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest
from support.store.postgres import PostgresServer, server_of_its_own

TESTS = Path(__file__).parents[1]
JOINS = """
import sys
from pathlib import Path
from support.store.postgres import joined
with joined(Path(sys.argv[1])) as server:
    print(server.folder, flush=True)
    sys.stdin.read()
"""


@pytest.mark.parametrize("setting", ["fsync", "synchronous_commit", "full_page_writes"])
def test_what_durability_rests_on_is_on_in_it(postgres: PostgresServer, setting: str) -> None:
    assert postgres.run(f"SHOW {setting}") == "on\n"


def test_it_listens_nowhere_but_on_a_socket_of_its_own(postgres: PostgresServer) -> None:
    assert postgres.run("SHOW listen_addresses", "SHOW unix_socket_directories") == f"\n{postgres.folder}\n"


def test_each_test_has_a_database_of_its_own(postgres: PostgresServer) -> None:
    with postgres.database() as one, postgres.database() as other:
        assert one != other


def test_a_template_is_prepared_once(postgres: PostgresServer) -> None:
    prepared: list[str] = []
    named = [postgres.template("once", prepared.append) for _ in range(2)]
    assert named == ["once", "once"]
    assert prepared == [postgres.url("once")]
    with postgres.database(template="once") as url:
        assert url != prepared[0]


def joins(folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", JOINS, str(folder)],
        env={"PYTHONPATH": str(TESTS)}, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def test_processes_share_it_and_nothing_is_left_of_it_when_the_last_was_killed(tmp_path: Path) -> None:
    with joins(tmp_path) as one, joins(tmp_path) as other:
        assert one.stdout is not None
        assert other.stdout is not None
        folder = Path(one.stdout.readline().strip())
        assert Path(other.stdout.readline().strip()) == folder
        one.communicate()
        assert (folder / "data" / "postmaster.pid").exists(), "the other one is there"
        other.kill()
    while (tmp_path / "server.json").exists() or folder.exists():  # whoever watches it has the lock before us, or next
        with (tmp_path / "users").open("a") as users:
            fcntl.flock(users, fcntl.LOCK_EX)


def test_what_was_committed_is_there_when_it_was_killed_and_started() -> None:
    with server_of_its_own() as server:
        server.run("CREATE TABLE kept (words text)", "INSERT INTO kept VALUES ('here')")
        server.kill()
        server.start()
        assert server.run("SELECT words FROM kept") == "here\n"

"""knooppunt schema export: the definitions in a folder, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import main
from gateway.cli.schema_export import UNFINISHED


def knooppunt(*arguments: str | Path, octets: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["schema", *map(str, arguments)], input=octets, catch_exceptions=False)


def test_the_definitions_are_exported_into_a_folder_that_is_new(tmp_path: Path) -> None:
    result = knooppunt("export", tmp_path / "uit", "--json")
    answer = json.loads(result.stdout)["facts"]
    assert result.exit_code == 0
    assert answer["files"] == sum(1 for path in (tmp_path / "uit").rglob("*") if path.is_file())
    assert "Schuldregeling 2.0" in answer["modules"]
    again = knooppunt("export", tmp_path / "uit")
    assert (again.exit_code, "is not empty" in again.stderr) == (2, True)


@pytest.mark.parametrize("there", [True, False], ids=["an empty folder", "a new one"])
def test_an_export_that_finds_no_room_names_the_place_and_leaves_nothing_that_stands_in_the_way_of_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    folder = tmp_path / "above" / "uit"
    if there:
        folder.mkdir(parents=True)
    plain, room = Path.write_bytes, iter(range(30))

    def write(path: Path, octets: bytes) -> int:
        written = plain(path, octets)
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", write)
        ended = knooppunt("export", folder)
    assert ended.exit_code == 74
    assert re.search(rf"{re.escape(str(folder))}/\S+: No space left on device", ended.stderr)
    assert "make room on that disk, then do it again" in ended.stderr
    assert (folder.exists(), folder.parent.exists()) == (there, there)
    assert knooppunt("export", folder).exit_code == 0


@pytest.mark.parametrize("where", ["/proc/uit", "/proc/above/uit"])
def test_a_folder_that_cannot_be_made_is_named_as_it_was_given_and_nobody_looks_for_one_that_is_there(
    where: str,
) -> None:
    ended = knooppunt("export", where)
    assert (ended.exit_code, UNFINISHED in ended.stderr) == (2, False)
    assert f"{where}: nothing can be written there: No such file or directory" in ended.stderr
    assert "name a folder that is new or empty" in ended.stderr


KILLED_WHILE_IT_WRITES = """
import os, signal
from pathlib import Path
from gateway.cli.main import main

plain, left = Path.write_bytes, [30]

def write(path, octets):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    return plain(path, octets)

Path.write_bytes = write
main()
"""


@pytest.mark.parametrize("there", [True, False], ids=["an empty folder", "a new one"])
def test_what_an_export_leaves_that_was_killed_is_no_half_folder_and_goes_with_the_next(
    tmp_path: Path, there: bool
) -> None:
    folder = tmp_path / "uit"
    if there:
        folder.mkdir()
    words = [sys.executable, "-c", KILLED_WHILE_IT_WRITES, "schema", "export", str(folder)]
    assert subprocess.run(words, timeout=60, check=False).returncode == -signal.SIGKILL
    assert folder.exists() is there
    assert not there or [each.name for each in folder.iterdir()] == [UNFINISHED]
    assert [*tmp_path.rglob("README.md")], "it was killed in the middle"
    assert knooppunt("export", folder).exit_code == 0
    assert [each.name for each in tmp_path.iterdir()] == ["uit"]
    assert {each.name for each in folder.iterdir()} >= {"README.md", "messages.json", "common"}
    assert UNFINISHED not in {each.name for each in folder.iterdir()}


def test_an_export_into_the_folder_where_one_stands_leaves_it_that_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    before = tmp_path.stat().st_ino
    assert knooppunt("export", ".").exit_code == 0
    assert (tmp_path.stat().st_ino, Path("README.md").is_file()) == (before, True)

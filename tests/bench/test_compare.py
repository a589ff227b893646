"""Two programs are compared: which code runs, where it lies, and what is told of them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bench.compare import main
from bench.failure import NotMeasured
from bench.program import CHECKOUT, environment_of, program_of


def git(*arguments: str, folder: Path = CHECKOUT) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


def test_a_commit_is_checked_out_and_run_while_it_is_measured_and_gone_afterwards() -> None:
    with program_of("HEAD") as program:
        assert program.commit == git("rev-parse", "HEAD")
        assert program.commit == git("rev-parse", "HEAD", folder=program.folder)
        assert not program.changed
        assert program.folder != CHECKOUT
        import_it = [sys.executable, "-P", "-c", "import gateway; print(gateway.__file__)"]
        environment = os.environ | environment_of(program.folder)
        ran = subprocess.run(import_it, check=True, capture_output=True, text=True, env=environment).stdout.strip()
        assert ran == str(program.folder / "gateway" / "__init__.py")
    assert not program.folder.exists()
    assert str(program.folder) not in git("worktree", "list")


def test_a_folder_is_measured_as_it_is_and_says_so_when_its_code_is_in_no_commit(tmp_path: Path) -> None:
    git("init", "-q", folder=tmp_path)
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.org")
    git(*identity, "commit", "-q", "--allow-empty", "-m", "x", folder=tmp_path)
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "page.md").write_text("no hub runs on this")
    with program_of(str(tmp_path)) as program:
        assert program.folder == tmp_path
        assert not program.changed
    (tmp_path / "gateway").mkdir()
    (tmp_path / "gateway" / "new.py").write_text("")
    with program_of(str(tmp_path)) as program:
        assert program.facts() == {"commit": git("rev-parse", "HEAD", folder=tmp_path), "changed": True}


def test_what_is_neither_folder_nor_commit_is_said_in_one_line() -> None:
    with (
        pytest.raises(NotMeasured, match=r"^nowhere-at-all is neither a folder nor a commit$"),
        program_of("nowhere-at-all"),
    ):
        pass
    ended = CliRunner().invoke(main, ["--base", "nowhere-at-all"], catch_exceptions=False)
    assert ended.exit_code == 3
    assert ended.stderr == "bench: nothing was measured: nowhere-at-all is neither a folder nor a commit\n"


@pytest.mark.soak
def test_a_comparison_runs_both_programs_and_its_document_names_their_commits(tmp_path: Path) -> None:
    """Real hubs in processes of their own; the least that can be asked for."""
    asked = ["--base", str(CHECKOUT), "--rounds", "1", "--count", "10", "--connections", "2", "--out", str(tmp_path)]
    ended = CliRunner().invoke(main, asked, catch_exceptions=False)
    assert ended.exit_code == 0, ended.stderr
    (path,) = tmp_path.iterdir()
    found = json.loads(path.read_text("utf-8"))
    commit = git("rev-parse", "HEAD")
    assert path.name == f"compare-{commit[:10]}-{commit[:10]}.json"
    assert (found["base"]["commit"], found["now"]["commit"]) == (commit, commit)
    (row,) = found["connections"]
    assert row["connections"] == 2
    for name in ("base", "now"):
        figures = row[name]["cpu_microseconds"]
        assert all(each["median"] > 0 for each in figures.values())
        whole = sum(figures[each]["rounds"][0] for each in ("push", "pull", "receipt"))
        assert figures["transaction"]["rounds"] == pytest.approx([whole])
    assert "now / base" in ended.stdout

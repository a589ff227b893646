"""What `knooppunt demo` says when something does not go as it should."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import main
from gateway.demo.report import Report
from gateway.site.hub_process import HubDidNotStart


def knooppunt(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def kept_folder(ended: Result) -> Path:
    """The folder that a demo says it kept; removed by the test."""
    (line,) = (each for each in ended.stderr.splitlines() if "is kept in" in each)
    return Path(line.rpartition(" ")[2])


async def play_badly(folder: Path, tell: Callable[[str], None], *, port: int) -> Report:
    (folder / "hub.log").write_text(f"port {port}")
    report = Report(tell)
    report.fact("messages", expected=10, found=9)
    return report


async def play_well(folder: Path, tell: Callable[[str], None], *, port: int) -> Report:
    tell(f"{folder} {port}")
    report = Report(tell)
    report.fact("messages", expected=10, found=10)
    return report


async def not_start(folder: Path, tell: Callable[[str], None], *, port: int) -> Report:
    tell(f"{folder} {port}")
    raise HubDidNotStart("no key")


def test_a_demo_in_which_a_fact_does_not_hold_keeps_its_folder_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.playing.play", play_badly)
    ended = knooppunt("demo")
    folder = kept_folder(ended)
    assert (ended.exit_code, (folder / "hub.log").exists()) == (1, True)
    shutil.rmtree(folder)


def test_a_demo_whose_hub_does_not_start_keeps_its_folder_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.playing.play", not_start)
    ended = knooppunt("demo", "--json")
    folder = kept_folder(ended)
    assert (ended.exit_code, folder.is_dir()) == (3, True)
    folder.rmdir()


def test_a_demo_in_which_everything_holds_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("gateway.cli.playing.play", play_well)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert knooppunt("demo").exit_code == 0
    assert list(tmp_path.iterdir()) == []

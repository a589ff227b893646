"""What `knooppunt bench` and `knooppunt demo` say when something does not go as it should."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import main
from gateway.demo.report import Report
from gateway.site.hub_process import HubDidNotStart


def knooppunt(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments, catch_exceptions=False)


def bench() -> Result:
    nothing = (f"--{each}=0" for each in ("large-mebibytes", "ended-messages", "stray-blobs", "attack-seconds"))
    return knooppunt("bench", "--bits", "2048", "--count", "10", *nothing)


def without_progress(ended: Result) -> list[str]:
    return [line for line in ended.stderr.splitlines() if line.startswith("knooppunt:") or not line.startswith("  ")]


def test_a_bench_whose_floor_fails_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    ended = bench()
    assert ended.exit_code == 3
    assert without_progress(ended) == ["knooppunt: nothing was measured: the floor ended with 1: "]


def test_a_bench_whose_hub_does_not_start_says_why_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.run._floor", lambda _bits: {})
    monkeypatch.setenv("KNOOPPUNT_FAILPOINT", "A8.after:1:kill")
    monkeypatch.delenv("KNOOPPUNT_FAILPOINTS_ALLOWED", raising=False)
    ended = bench()
    assert ended.exit_code == 3
    (line,) = without_progress(ended)
    assert line.startswith("knooppunt: nothing was measured: the hub did not start: ")
    assert "KNOOPPUNT_FAILPOINT" in line


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
    monkeypatch.setattr("gateway.cli.demo.play", play_badly)
    ended = knooppunt("demo")
    folder = kept_folder(ended)
    assert (ended.exit_code, (folder / "hub.log").exists()) == (1, True)
    shutil.rmtree(folder)


def test_a_demo_whose_hub_does_not_start_keeps_its_folder_and_says_where(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.cli.demo.play", not_start)
    ended = knooppunt("demo", "--json")
    folder = kept_folder(ended)
    assert (ended.exit_code, folder.is_dir()) == (3, True)
    folder.rmdir()


def test_a_demo_in_which_everything_holds_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("gateway.cli.demo.play", play_well)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert knooppunt("demo").exit_code == 0
    assert list(tmp_path.iterdir()) == []

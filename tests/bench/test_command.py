"""What `make bench` says when something does not go as it should."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from bench.command import main


def bench(*more: str) -> Result:
    nothing = (
        f"--{each}=0"
        for each in (
            "large-mebibytes",
            "ended-messages",
            "stray-blobs",
            "overview-messages",
            "desk-messages",
            "list-questions",
            "attack-seconds",
        )
    )
    little = ("--bits=2048", "--rounds=1", "--connections=2", "--count=10")
    return CliRunner().invoke(main, [*little, *nothing, "--no-scaling", *more], catch_exceptions=False)


def without_progress(ended: Result) -> list[str]:
    return [line for line in ended.stderr.splitlines() if line.startswith("bench:") or not line.startswith("  ")]


def test_a_bench_whose_floor_fails_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("bench.floor_process.HEADER_SCHEMA", tmp_path / "not-there.xsd")
    ended = bench()
    assert ended.exit_code == 3
    (line,) = without_progress(ended)
    assert line.startswith("bench: nothing was measured: the floor ended with 1: OSError: ")


def test_a_bench_whose_hub_does_not_start_says_why_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KNOOPPUNT_FAILPOINT", "A8.after:1:kill")
    monkeypatch.delenv("KNOOPPUNT_FAILPOINTS_ALLOWED", raising=False)
    ended = bench()
    assert ended.exit_code == 3
    (line,) = without_progress(ended)
    assert line.startswith("bench: nothing was measured: the hub did not start: ")
    assert "KNOOPPUNT_FAILPOINT" in line

"""What `make bench` says when something does not go as it should."""

from __future__ import annotations

import sys

import pytest
from click.testing import CliRunner, Result

from bench.command import main


def bench() -> Result:
    nothing = (f"--{each}=0" for each in ("large-mebibytes", "ended-messages", "stray-blobs", "attack-seconds"))
    return CliRunner().invoke(main, ["--bits", "2048", "--count", "10", *nothing], catch_exceptions=False)


def without_progress(ended: Result) -> list[str]:
    return [line for line in ended.stderr.splitlines() if line.startswith("bench:") or not line.startswith("  ")]


def test_a_bench_whose_floor_fails_says_so_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    ended = bench()
    assert ended.exit_code == 3
    assert without_progress(ended) == ["bench: nothing was measured: the floor ended with 1: "]


def test_a_bench_whose_hub_does_not_start_says_why_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bench.run._floor", lambda _bits: {})
    monkeypatch.setenv("KNOOPPUNT_FAILPOINT", "A8.after:1:kill")
    monkeypatch.delenv("KNOOPPUNT_FAILPOINTS_ALLOWED", raising=False)
    ended = bench()
    assert ended.exit_code == 3
    (line,) = without_progress(ended)
    assert line.startswith("bench: nothing was measured: the hub did not start: ")
    assert "KNOOPPUNT_FAILPOINT" in line

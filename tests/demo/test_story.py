"""The demo as a person runs it: one command, its own processes, and a verdict that a machine can read."""

from __future__ import annotations

import subprocess
import sys

from support.documents.json_contract import hold


def test_the_whole_demo_holds_and_says_so_with_its_exit_code() -> None:
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "gateway.cli", "demo", "--json"],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    document = hold(ended.stdout)
    report = document["facts"]
    assert report is not None, document["error"]
    assert [fact for fact in report["checks"] if not fact["holds"]] == [], ended.stderr
    assert report["holds"]
    assert ended.returncode == 0

"""A process of the store's tests that a failpoint kills."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

TESTS = Path(__file__).parents[2]
CHILD = TESTS / "store" / "child.py"
COUNT = 4


def work_until_killed(engine: str, path: Path, steps: str, failpoint: str) -> list[str]:
    """What the killed process was promised."""
    environ = os.environ | {
        "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}",
        "KNOOPPUNT_FAILPOINT": failpoint,
    }
    child = subprocess.run(
        [sys.executable, CHILD, engine, path, steps, str(COUNT)],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == -9, child.stderr
    return child.stdout.splitlines()

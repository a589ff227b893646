"""A process of the store's tests that a failpoint kills."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from support.store.engines import PLACES

TESTS = Path(__file__).parents[2]
CHILD = TESTS / "store" / "child.py"
COUNT = 4


def work_until_killed(engine: str, path: Path, steps: str, failpoint: str) -> list[str]:
    """What the killed process was promised."""
    PLACES[engine].place(path)
    return killed([CHILD, engine, path, steps, str(COUNT)], failpoint)


def killed(command: Sequence[Path | str], failpoint: str) -> list[str]:
    """What a process of ours said that a failpoint killed."""
    environ = os.environ | {
        "PYTHONPATH": f"{TESTS.parent}{os.pathsep}{TESTS}",
        "KNOOPPUNT_FAILPOINT": failpoint,
    }
    child = subprocess.run(
        [sys.executable, *command],
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == -9, child.stderr
    return child.stdout.splitlines()

"""Node and the judges that npm installed, or the command that installs them."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]
JUDGES = Path(os.environ.get("KNOOPPUNT_JUDGES", TESTS.parent / ".tox" / "judges"))
_SECONDS_AT_MOST = 300  # of one run, on a machine where others run too


def node(arguments: Sequence[str | Path], *, text: str = "") -> subprocess.CompletedProcess[str]:
    """Run Node in the folder of tests and wait for it; `text` is what it reads on its standard input."""
    if shutil.which("node") is None:
        pytest.skip("there is no Node: run tests/interop/prepare.sh")
    command = ["node", *map(str, arguments)]
    return subprocess.run(
        command, cwd=TESTS, input=text, capture_output=True, text=True, check=False, timeout=_SECONDS_AT_MOST
    )


def typescript(project: Path) -> subprocess.CompletedProcess[str]:
    """Run the checker of types over a project."""
    compiler = JUDGES / "node_modules" / ".bin" / "tsc"
    if not compiler.exists():
        pytest.skip("there is no TypeScript: run tests/desk/install_judges.sh")
    command = [str(compiler), "--project", str(project), "--pretty", "false"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=_SECONDS_AT_MOST)

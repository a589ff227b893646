"""A command as somebody who may not read everything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest


def unprivileged(*words: str) -> subprocess.CompletedProcess[str]:
    """The end of `knooppunt` with these words in a process that modes of files hold for, also where root runs this."""
    command = [sys.executable, "-m", "gateway.cli", *words]
    if os.geteuid() == 0:
        if (setpriv := shutil.which("setpriv")) is None:
            pytest.skip("needs setpriv, which takes the privileges of root away")
        command = [setpriv, "--inh-caps=-all", "--bounding-set=-all", *command]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

"""What may be absent without being a fault of this machine or of the project."""

from __future__ import annotations

import shutil
from typing import Final

import pytest

# How a skip begins that is owed to a registry which does not have a foreign product today.
NOT_SERVED = "NOT SERVED TODAY"

# How a skip begins that is owed to the machine, and what of it may be lacking, with what was not tried then.
NOT_HERE = "NOT ON THIS MACHINE"
MAY_LACK: Final = {
    "promtool": "the alert rules were read by no Prometheus, and none of them fired",
    "systemd-analyze": "the unit was read by no systemd",
    "docker": "no container was built or started: its daemon does not run",
    "strace": "the system calls of a hub were not held against those that the unit leaves it",
    "debian": "no hub was started in the root of its image: that takes root, on Debian 12",
}


def lacks(thing: str) -> None:
    """Skip a test for want of one thing of the list."""
    pytest.skip(f"{NOT_HERE}: {thing}: {MAY_LACK[thing]}")


def program(name: str) -> str:
    """Where a program of the list is; skips the test where there is none."""
    found = shutil.which(name)
    if found is None:
        lacks(name)
    return str(found)

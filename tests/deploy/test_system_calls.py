"""The unit forbids system calls: a hub that serves makes none of those."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import urllib.request
from functools import cache
from pathlib import Path
from time import monotonic, sleep
from typing import Final

import pytest
from support.absent import program
from support.hubs.processes import new_site

UNIT: Final = Path(__file__).parents[2] / "deploy" / "knooppunt.service"
AS_ROOT: Final = {"fchown"}  # by SQLite, where root runs it and nobody else


@cache
def members(group: str) -> frozenset[str]:
    """The calls of a group, as this systemd has them."""
    words = [program("systemd-analyze"), "syscall-filter", group]
    told = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    inner = [line.strip() for line in told.splitlines() if re.match(r" +[@a-z]", line)]
    return frozenset().union(*(members(each) if each.startswith("@") else {each} for each in inner))


def allowed() -> set[str]:
    """What the lines of the unit leave, in their order."""
    found: set[str] = set(members("@default"))
    for line in re.findall(r"^SystemCallFilter=(.*)$", UNIT.read_text("utf-8"), re.MULTILINE):
        for each in line.removeprefix("~").split():
            calls = members(each) if each.startswith("@") else {each}
            found = found - calls if line.startswith("~") else found | calls
    return found


@pytest.mark.soak
def test_a_hub_that_serves_makes_no_system_call_that_the_unit_forbids(tmp_path: Path) -> None:
    may = allowed()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert {"openat", "adjtimex", "fdatasync"} <= may
    assert not {"mount", "reboot", "setrlimit", "settimeofday"} & may
    settings = new_site(tmp_path / "site", ()).settings
    with settings.open("a") as file:
        file.write(f"\n[monitoring]\nport = {port}\n")
    count = tmp_path / "calls"
    words = [program("strace"), "-f", "-c", "-o", str(count), sys.executable, "-P", "-m", "gateway.cli", "serve"]
    with subprocess.Popen([*words, str(settings)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as started:
        answered, deadline = set(), monotonic() + 100
        while "/metrics" not in answered and monotonic() < deadline:
            try:
                for path in ("/readyz", "/metrics"):
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
                        answered |= {path} if answer.status == 200 else set()
            except OSError:
                sleep(0.2)
        children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text("ascii")
        os.kill(int(children.split()[0]), signal.SIGTERM)
        assert started.wait(100) == 0
    made = {line.split()[-1] for line in count.read_text("ascii").splitlines() if re.match(r" *[0-9]+\.[0-9]+ ", line)}
    made -= {"total"}
    assert len(made) > 40
    assert made - may - AS_ROOT == set()

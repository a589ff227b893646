"""The script that installs what the foreign judges need says what is lacking, and is an error only where CI is set."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "prepare.sh"
TOOLS = ("sh", "dirname", "sed", "cut", "cat", "sha256sum", "rm", "mkdir")


@pytest.fixture
def bare_path(tmp_path: Path) -> Path:
    """A PATH without a JDK and without a Python, on which nobody is root."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    for name, text in (("id", "echo 1000"), ("apt-get", "exit 1")):
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    return folder


@pytest.mark.parametrize(("ci", "code"), [("", 0), ("true", 1)], ids=["at a desk", "in CI"])
def test_what_is_lacking_is_named_with_the_command_that_installs_it(
    bare_path: Path, tmp_path: Path, ci: str, code: int
) -> None:
    environment = {"PATH": str(bare_path), "KNOOPPUNT_AS4_PEER": str(tmp_path / "as4"), "CI": ci}
    done = subprocess.run(["sh", str(SCRIPT)], env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == code
    assert "apt-get install openjdk-17-jdk-headless" in done.stderr
    assert "apt-get install strace" in done.stderr
    assert "Python 3.11" in done.stderr


def test_what_is_there_is_left_alone(bare_path: Path, tmp_path: Path) -> None:
    for name in ("java", "javac", "strace"):
        (bare_path / name).write_text("#!/bin/sh\necho javac 21.0.2\n")
        (bare_path / name).chmod(0o755)
    environment = tmp_path / "as4"
    (environment / "bin").mkdir(parents=True)
    (environment / "bin" / "python").symlink_to(bare_path / "sh")
    lock = (SCRIPT.parent / "as4_peer" / "requirements.lock").read_bytes()
    (environment / "lock.sha256").write_text(hashlib.sha256(lock).hexdigest())
    variables = {"PATH": str(bare_path), "KNOOPPUNT_AS4_PEER": str(environment), "CI": "true"}
    done = subprocess.run(["sh", str(SCRIPT)], env=variables, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "prepare: JDK 21 is there",
        "prepare: strace is there",
        "prepare: the environment of the as4 package is there",
    ]

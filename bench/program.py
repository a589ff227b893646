"""A program that is measured: this checkout's, or another commit's, which lies in a worktree of its own meanwhile.

Each runs with its own code and makes its own site; what loads it is this checkout's bench, the same for all of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bench.failure import NotMeasured
from bench.hub_load import free_port

CHECKOUT = Path(__file__).parents[1]
ROOMS = ("gateway", "crypto", "pmodes", "xsd", "conformance", "requirements.lock")  # what a hub runs on
_LIMITS = """
[limits]
requests_per_second_per_address = 100000
"""
_MAILBOX = {"open_leases": 10_000, "quota_messages": 10_000_000}


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """Where its code lies, and which code that is."""

    folder: Path
    commit: str
    changed: bool  # there is code in the folder that is in no commit

    def __str__(self) -> str:
        return self.commit[:10] + (" with changes" if self.changed else "")

    def facts(self) -> dict[str, object]:
        """For a document of results."""
        return {"commit": self.commit, "changed": self.changed}


@contextmanager
def program_of(named: str) -> Iterator[Program]:
    """The program of a folder, or of a commit, checked out for as long as this lasts; raises `NotMeasured`."""
    if Path(named).is_dir():
        yield _described(Path(named).resolve())
        return
    commit = _git(CHECKOUT, "rev-parse", "--verify", "--quiet", f"{named}^{{commit}}")
    if not commit:
        raise NotMeasured(f"{named} is neither a folder nor a commit")
    with tempfile.TemporaryDirectory(prefix="knooppunt-bench-") as parent:
        folder = Path(parent) / "checkout"
        try:
            subprocess.run(
                ["git", "-C", str(CHECKOUT), "worktree", "add", "--quiet", "--detach", str(folder), commit],
                check=True,
                capture_output=True,
            )
            yield _described(folder)
        finally:
            _git(CHECKOUT, "worktree", "remove", "--force", str(folder))


def _described(folder: Path) -> Program:
    commit = _git(folder, "rev-parse", "HEAD")
    changed = bool(_git(folder, "status", "--porcelain", "--", *ROOMS))
    return Program(folder=folder, commit=commit or "unknown", changed=changed)


def _git(folder: Path, *arguments: str) -> str:
    """What git says; nothing where it fails."""
    ended = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False)
    return ended.stdout.strip() if ended.returncode == 0 else ""


def environment_of(checkout: Path | None) -> dict[str, str]:
    """What makes a process run the program of that checkout."""
    return {} if checkout is None else {"PYTHONPATH": str(checkout.resolve())}


def new_site(folder: Path, environment: dict[str, str], *, bits: int = 2048) -> dict[str, Any]:
    """A site in `folder/site`, made by the program itself: another version may write other settings."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-P", "-m", "gateway.cli", "pki", "new", str(folder / "site"), "--json"]
    command += ["--port", str(free_port()), "--bits", str(bits)]
    try:
        ended = subprocess.run(command, capture_output=True, check=True, env={**os.environ, **environment})
    except subprocess.CalledProcessError as fault:
        raise NotMeasured(f"pki new ended with {fault.returncode}: {fault.stderr.decode().strip()[-200:]}") from None
    said: dict[str, Any] = json.loads(ended.stdout)
    found: dict[str, Any] = said.get("facts", said)  # earlier versions print the facts alone
    return found


def lift_limits(site: dict[str, Any]) -> None:
    """No limit stands in the way of a load from one address into one mailbox."""
    settings = Path(site["settings"])
    with settings.open("a", encoding="utf-8") as file:
        file.write(_LIMITS)
    hub = settings.parent / "pmodes" / "hub.yaml"
    content = yaml.safe_load(hub.read_text("utf-8")) | {"mailbox": _MAILBOX}
    hub.write_text(yaml.safe_dump(content, sort_keys=False, allow_unicode=True), "utf-8")

"""What a piece of work flushes and names, in its order, by the names of files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


def recorded_flushes(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """From now on: ("fsync", name) and ("rename", new name), each after it happened."""
    seen: list[tuple[str, str]] = []
    flush, rename, replace = os.fsync, os.rename, os.replace

    def recorded_fsync(descriptor: int) -> None:
        name = Path(os.readlink(f"/proc/self/fd/{descriptor}")).name
        flush(descriptor)
        seen.append(("fsync", name))

    def recorded_rename(old: Path, new: Path) -> None:
        rename(old, new)
        seen.append(("rename", Path(new).name))

    def recorded_replace(old: Path, new: Path) -> None:
        replace(old, new)
        seen.append(("rename", Path(new).name))

    monkeypatch.setattr(os, "fsync", recorded_fsync)
    monkeypatch.setattr(os, "rename", recorded_rename)
    monkeypatch.setattr(os, "replace", recorded_replace)
    return seen

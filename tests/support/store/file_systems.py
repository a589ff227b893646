"""File systems that are not at hand, which answer as the kernel does on them, and one that is quicker than a disk."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

_MEMORY = Path("/dev/shm")
_ENOUGH_OCTETS = 1 << 30


def in_memory() -> Path | None:
    """Where files lie in memory, if there is such a place with room; None, for the usual place of `tempfile`, else.

    For a test that opens a store hundreds of times and asks nothing of the disk, whose flushes are most of its time.
    """
    try:
        return _MEMORY if shutil.disk_usage(_MEMORY).free > _ENOUGH_OCTETS else None
    except OSError:
        return None


def without_unnamed_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """No O_TMPFILE, as on an overlay of an older kernel, NFS, FUSE or 9p."""
    real_open = os.open

    def refusing(path: Any, flags: int, *rest: Any, **more: Any) -> int:
        if flags & os.O_TMPFILE == os.O_TMPFILE:
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP), os.fspath(path))
        return real_open(path, flags, *rest, **more)

    monkeypatch.setattr(os, "open", refusing)


def without_second_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """No hard links either, as on exFAT and much of FUSE."""
    without_unnamed_files(monkeypatch)

    def refusing(*_arguments: Any, **_more: Any) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", refusing)


def without_proc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Unnamed files can be made, and not named: nothing is mounted on /proc."""
    real_link = os.link

    def refusing(source: Any, *arguments: Any, **more: Any) -> None:
        if str(source).startswith("/proc/"):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), source)
        real_link(source, *arguments, **more)

    monkeypatch.setattr(os, "link", refusing)


FILE_SYSTEMS = {
    "with-unnamed-files": lambda _monkeypatch: None,
    "without-O_TMPFILE": without_unnamed_files,
    "without-second-names": without_second_names,
    "without-proc": without_proc,
}

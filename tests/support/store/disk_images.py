"""A disk that loses what was not flushed: what would stand on it if the power went at any flush.

Files have the octets of their last flush, none where there was no flush, and folders the names of theirs. One image is
the disk as it surely is; a second one has, besides, half of what was written to the log since, as a disk may have kept
it. Who may read a file counts as it was set, as journals keep the order of that. Everything runs on the real file
system: the disk only remembers.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import apsw
import pytest

_NOT_LASTING = ("-shm", ".lock", ".sock")


@dataclass
class Image:
    """What stands on the disk, by the path below the directory, and what had been promised until then."""

    after: str
    files: Mapping[str, bytes]
    modes: Mapping[str, int]
    promises: tuple[str, ...]


@dataclass
class Disk:
    """Watches one directory; `promises` grows while the store works, `images` with each flush."""

    directory: Path
    promises: list[str] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    _octets: dict[int, bytes] = field(default_factory=dict)  # of an inode, as of its last flush
    _names: dict[Path, dict[str, int]] = field(default_factory=dict)  # of a folder, as of its last flush
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def begin(self) -> None:
        """All that is there now is on the disk."""
        for path in [self.directory, *self.directory.rglob("*")]:
            self._note(path)

    def flushed(self, path: Path) -> None:
        """A file or folder was flushed: the power goes just before, or just after."""
        if self.directory not in (path, *path.parents):
            return
        with self._turn:
            self._keep(f"before {path.name} was flushed")
            self._note(path)
            self._keep(f"after {path.name} was flushed")

    def cut(self, after: str) -> None:
        """The power goes now."""
        with self._turn:
            self._keep(after)

    def flushed_unnamed(self, descriptor: int) -> None:
        """A file was flushed that has no name yet."""
        status = os.fstat(descriptor)
        with self._turn:
            self._octets[status.st_ino] = os.pread(descriptor, status.st_size, 0)

    def put_back(self, image: Image) -> None:
        """Make the directory what it was. Files keep their inode, as they do when a machine starts again."""
        for folder in [each for each in self.directory.rglob("*") if each.is_dir()]:
            folder.chmod(0o700)
        for path in [each for each in self.directory.rglob("*") if not each.is_dir()]:
            if str(path.relative_to(self.directory)) not in image.files:
                path.unlink()
        for name, octets in image.files.items():
            path = self.directory / name
            if not path.exists() or path.read_bytes() != octets:
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(octets)
            path.chmod(image.modes[name])

    def _note(self, path: Path) -> None:
        status = path.lstat()
        if stat.S_ISDIR(status.st_mode):
            self._names[path] = {each.name: each.stat(follow_symlinks=False).st_ino for each in os.scandir(path)}
        elif stat.S_ISREG(status.st_mode):
            self._octets[status.st_ino] = path.read_bytes()

    def _keep(self, after: str) -> None:
        files: dict[str, bytes] = {}
        modes: dict[str, int] = {}
        halves: dict[str, bytes] = {}
        for folder, names in self._names.items():
            for name, inode in names.items():
                path = folder / name
                if path.is_dir() or name.endswith(_NOT_LASTING):
                    continue
                told = str(path.relative_to(self.directory))
                files[told] = self._octets.get(inode, b"")
                there = path.exists() and path.lstat().st_ino == inode
                modes[told] = stat.S_IMODE(path.lstat().st_mode) if there else 0o600
                if there and name.endswith("-wal"):
                    now = path.read_bytes()
                    halves[told] = now[: (len(files[told]) + len(now)) // 2]
        self.images.append(Image(after, files, modes, tuple(self.promises)))
        if any(len(octets) > len(files[told]) for told, octets in halves.items()):
            more = Image(f"{after}, with half of the log", {**files, **halves}, modes, tuple(self.promises))
            self.images.append(more)


@contextlib.contextmanager
def watched(disk: Disk) -> Iterator[None]:
    """Every flush of this process about that directory makes images; for databases that are opened meanwhile."""
    flush = {"fsync": os.fsync, "fdatasync": os.fdatasync}

    def flushing(name: str, descriptor: int) -> None:
        flush[name](descriptor)
        linked = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        if linked.exists():
            disk.flushed(linked)
        else:
            disk.flushed_unnamed(descriptor)

    vfs = _WatchedVfs(disk)
    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fsync", lambda descriptor: flushing("fsync", descriptor))
            patch.setattr(os, "fdatasync", lambda descriptor: flushing("fdatasync", descriptor))
            yield
    finally:
        vfs.unregister()


class _WatchedVfs(apsw.VFS):
    NAME = "watched"

    def __init__(self, disk: Disk) -> None:
        self.disk = disk
        super().__init__(self.NAME, "unix", makedefault=True)

    def xOpen(self, name: object, flags: list[int]) -> apsw.VFSFile:
        return _WatchedFile(self, name, flags)


class _WatchedFile(apsw.VFSFile):
    def __init__(self, vfs: _WatchedVfs, name: object, flags: list[int]) -> None:
        self._disk = vfs.disk
        filename = getattr(name, "filename", None)
        self._path = Path(filename() if filename is not None else str(name))
        super().__init__("unix", name, flags)  # type: ignore[arg-type]  # as the VFS hands it on

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        self._disk.flushed(self._path)

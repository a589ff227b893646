"""The data directory of a hub: who may use it, how full its disk may get, and the file that is there to be deleted.

One process at a time holds the directory, by a lock that the kernel drops when the process ends. Directory and files
are the owner's alone. Below the free-space marks no new message gets in, while pulls, receipts and removal go on; the
ballast gives them room on a disk that is full all the same.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gateway.limits import StoreLimits
from gateway.storage import NO_SPACE, flush_folder
from gateway.store.interface import StoreUnavailable

LARGE_OCTETS = 1 << 20
LOCK_NAME = "lock"
BALLAST_NAME = "ballast"


class DataDirectoryRefused(Exception):
    """The directory cannot be used; the text is one line that says why and what to do."""


class DataDirectoryInUse(DataDirectoryRefused):
    """Another process holds the directory."""


@dataclass(frozen=True, slots=True)
class Space:
    """Room on the file system, in octets."""

    free_octets: int
    total_octets: int


def measure_space(directory: Path) -> Space:
    """What the file system of this directory has left for processes without privileges."""
    found = os.statvfs(directory)
    return Space(found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize)


@dataclass(frozen=True, slots=True, kw_only=True)
class FreeSpaceMarks:
    """Which fraction of the disk has to stay free for large messages, and for any message."""

    large: float = StoreLimits().large_message_free_fraction
    any: float = StoreLimits().any_message_free_fraction

    def leave_room_for(self, ballast_octets: int, space: Space) -> bool:
        """Whether a ballast of that size leaves room above the marks, and as much again."""
        return space.free_octets - ballast_octets >= max(ballast_octets, self.kept_octets(space))

    def kept_octets(self, space: Space) -> int:
        """How much has to stay free for messages of any size."""
        return int(max(self.large, self.any) * space.total_octets)

    def refuse(self, space: Space, wanted_octets: int, *, message_octets: int) -> None:
        """Raise `StoreUnavailable` when this much more of a message of this size would leave too little free."""
        left = space.free_octets - wanted_octets
        mark = self.large if message_octets > LARGE_OCTETS else self.any
        if left < mark * space.total_octets:
            raise StoreUnavailable(f"{space.free_octets} octets free of {space.total_octets}, {wanted_octets} wanted")


def refuse_unusable(path: Path) -> None:
    """Raise `DataDirectoryRefused` where something stands that cannot be a data directory, nor hold one."""
    for each in (path, *path.parents):
        try:
            found = each.stat()
        except OSError as fault:
            if each.is_symlink():
                raise DataDirectoryRefused(
                    f"{each} is a link to {os.readlink(each)}, which cannot be reached ({fault.strerror}); mount the "
                    "disk, or mend the link or remove it"
                ) from None
            if isinstance(fault, FileNotFoundError | NotADirectoryError):
                continue  # it can be made, if what is above it can hold it
            raise
        if not stat.S_ISDIR(found.st_mode):
            raise DataDirectoryRefused(f"{each} is no folder; name another directory, or move it away")
        if each == path and found.st_uid != os.geteuid():
            raise DataDirectoryRefused(f"{path} belongs to another user; start as that user or name another directory")
        if each == path and stat.S_IMODE(found.st_mode) & 0o077:
            raise DataDirectoryRefused(f"{path} is open to others; run: chmod 700 {path}")
        return


def ballast_octets(directory: Path) -> int:
    """How much the ballast would give back; 0 where there is none."""
    path = directory / BALLAST_NAME
    with contextlib.suppress(OSError):
        found = path.lstat()
        if stat.S_ISREG(found.st_mode):
            return found.st_size
    return 0


def release_ballast(directory: Path) -> int:
    """Delete the ballast, whether a process holds the directory or not; returns how many octets that gave back.

    It is a file and nothing more, so that it can go where no database opens any more. It comes back when the hub starts
    with room.
    """
    octets = ballast_octets(directory)
    (directory / BALLAST_NAME).unlink(missing_ok=True)
    return octets


def room_step(directory: Path) -> str:
    """What to do about a disk without room, or with too little."""
    if octets := ballast_octets(directory):
        return (
            f"make room on that disk ({octets} octets come back with: knooppunt store release-ballast --hub SETTINGS)"
        )
    return "make room on that disk"


def _is_at(descriptor: int, path: Path) -> bool:
    """Whether this name leads to what is open: a lock on a file that has none keeps nobody out."""
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


class DataDirectory:
    """A directory that this process holds until `release`."""

    def __init__(
        self,
        path: Path,
        *,
        marks: FreeSpaceMarks,
        measure: Callable[[Path], Space] = measure_space,
    ) -> None:
        self.path = path
        self.reserved_octets = 0  # promised to messages that are still arriving
        self._marks = marks
        self._measure = measure
        refuse_unusable(path)
        if not path.exists():
            path.mkdir(mode=0o700, parents=True)
            flush_folder(path.parent)
        self._lock = os.open(path / LOCK_NAME, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise DataDirectoryInUse(f"{path} is in use by another process; stop that one first") from error
        if not _is_at(self._lock, path / LOCK_NAME):
            os.close(self._lock)
            raise DataDirectoryRefused(f"{path} was replaced just now; look what lies there, then do it again")

    def release(self) -> None:
        """Let the directory go."""
        os.close(self._lock)

    def space(self) -> Space:
        """Room on the disk, less what arriving messages have been promised."""
        found = self._measure(self.path)
        return Space(max(0, found.free_octets - self.reserved_octets), found.total_octets)

    def refuse_below_marks(self, wanted_octets: int, *, message_octets: int) -> None:
        """Raise `StoreUnavailable` when there is no room for this much more of a message of this size."""
        try:
            space = self.space()
        except OSError as fault:  # of a directory that was moved away, say: who reads or flushes next ends the store
            raise StoreUnavailable(f"{self.path}: {fault.strerror}") from fault
        self._marks.refuse(space, wanted_octets, message_octets=message_octets)

    def keep_ballast(self, octets: int) -> None:
        """Have a file of this size that can be given up, where that leaves room above the marks, and as much again.

        The last room is what the ballast is there to give; one that took it would keep the next start from its store.
        """
        path = self.path / BALLAST_NAME
        if path.exists() and path.stat().st_size == octets:
            return
        path.unlink(missing_ok=True)
        space = self.space()
        if octets == 0 or not self._marks.leave_room_for(octets, space):
            return
        try:
            descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600)
        except OSError as error:
            if error.errno in NO_SPACE:  # no room for one more name
                return
            raise
        try:
            os.posix_fallocate(descriptor, 0, octets)
        except OSError:
            path.unlink()
        finally:
            os.close(descriptor)

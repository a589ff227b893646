"""What every room that keeps something on a disk has in common: when a name is durable, and what an error means."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
from collections.abc import Iterator
from pathlib import Path

EXIT_STORAGE = 74  # EX_IOERR of sysexits.h: a process that cannot trust its storage any more ends with it
NO_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
MORE_FILE_OCTETS = "let this process make larger files (`ulimit -f`, LimitFSIZE of a unit)"
_ROOM_OCTETS = 64 * 1024  # the index of a write-ahead log takes 32 KiB at once, its first transaction some pages
_LACKING = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.EINTR)


class DatabaseRefused(Exception):
    """A database is not opened; the text is one line that says why and what to do."""


class DatabaseBroken(DatabaseRefused):
    """What lies there cannot be read as what was written: the disk or the file is damaged."""


class DatabaseLost(DatabaseRefused):
    """No octet of a database is there, and what lies beside it shows that one was; all of it stays as it lies."""


class DatabaseOlder(DatabaseRefused):
    """What lies there was written by an older version of this program, which a start brings up to date."""


class DatabaseBarred(DatabaseRefused):
    """What lies there may be whole, but is not this process's to read and write; `errno` says why."""

    def __init__(self, said: str, errno: int) -> None:
        super().__init__(said)
        self.errno = errno


class DiskFull(Exception):
    """There was no room; nothing was changed."""


class FileLimit(DiskFull):
    """A file would have become larger than this process may make one, whatever room the disk has."""


class CommitUnknown(Exception):
    """The commit was started and its result was not seen: what was asked may or may not have happened."""


class LostUpdate(Exception):
    """A change of state did not meet its row: a fault of this program, undone with its transaction."""


class DatabaseBusy(Exception):
    """Another process kept the lock of a database for longer than one waits; nothing was changed."""


class DatabaseHeld(DatabaseRefused, DatabaseBusy):
    """A database is not opened because another process keeps its lock; what lies there is whole."""


class DatabaseFull(DatabaseRefused, DiskFull):
    """A database is not opened for want of room; what lies there is whole."""


class DatabaseLimited(DatabaseFull, FileLimit):
    """A database is not opened because this process may not make its files as large as they have to be."""


def may_grow(*files: Path) -> bool:
    """Whether this process may make these files larger by what a database needs before it says its first word."""
    most, _ = resource.getrlimit(resource.RLIMIT_FSIZE)
    sizes = [each.stat().st_size for each in files if each.exists()]
    return most == resource.RLIM_INFINITY or max(sizes, default=0) + _ROOM_OCTETS <= most


def has_room(path: Path) -> bool:
    """Whether the file system under a path has room for what a database needs before it says its first word."""
    try:
        found = os.statvfs(path)
    except OSError:
        return True  # whatever is wrong there, nobody knows that it is a lack of room
    no_names = found.f_files > 0 and found.f_favail == 0
    return found.f_bavail * found.f_frsize >= _ROOM_OCTETS and not no_names


def barred(path: Path, *, writes: bool = True) -> OSError | None:
    """Why a file, or a folder with what is made in it, is not this process's to read and write; None where it is, and
    where there is none.

    Nothing is opened for it: to close a descriptor gives up the locks that the process has on the file.
    """
    if not os.path.lexists(path) or os.access(path, os.R_OK | (os.W_OK if writes else 0), effective_ids=True):
        return None
    readable = os.access(path, os.R_OK, effective_ids=True)
    number = errno.EROFS if readable and os.statvfs(path).f_flag & os.ST_RDONLY else errno.EACCES
    return OSError(number, os.strerror(number), str(path))


@contextlib.contextmanager
def placed(path: Path) -> Iterator[None]:
    """What the system says of octets that found no room, with the place: it names a file only when it opens one."""
    try:
        yield
    except OSError as fault:
        if fault.filename is None:
            fault.filename = str(path)
        raise


def flush_folder(path: Path) -> None:
    """Bring the names in a folder onto stable storage."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def lacks_threads(error: BaseException) -> bool:
    """Whether the system gave this process no new thread; Python has no class of its own for that."""
    return type(error) is RuntimeError and str(error) == "can't start new thread"


def is_lack(error: OSError) -> bool:
    """Whether the process itself lacks something: descriptors, memory. It says nothing about the file."""
    return error.errno in _LACKING

"""What SQLite says of a database that it cannot open, in the words of every storage."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import apsw

from gateway.named_file import REMEDIES
from gateway.refused import LOOK_AT_DISK
from gateway.sqlite.faults import is_broken, is_full_at, is_limited_at
from gateway.sqlite.header import beside_of, refuse_in_the_way
from gateway.storage import (
    MORE_FILE_OCTETS,
    DatabaseBarred,
    DatabaseBroken,
    DatabaseFull,
    DatabaseHeld,
    DatabaseLimited,
    DatabaseRefused,
    barred,
    is_lack,
)

_STEPS: Final = {
    errno.ELOOP: "put the file itself in the place of the link, with the database that it belongs to",
    errno.EISDIR: "move that folder away: a database is a file",
    errno.ENOTDIR: "move away what stands there: a folder belongs there, and one belongs above it",
    errno.ENXIO: "move it away, or put back the file that belongs there",
    errno.EROFS: "have its file system mounted for writing",
    **{each: REMEDIES[each] for each in (errno.EACCES, errno.EPERM)},
}
_WAIT: Final = "wait until that one is done, or end it, then do it again"
_BARRED: Final = (apsw.CantOpenError, apsw.ReadOnlyError, apsw.PermissionsError)  # nothing is said of the octets


@contextlib.contextmanager
def refusing(path: Path, *, writes: bool = True) -> Iterator[None]:
    """What SQLite or the disk says of a database becomes `DatabaseRefused`: `DatabaseFull` where there was no room
    (`DatabaseLimited` where this process may use none),
    `DatabaseHeld` where another process keeps its lock, `DatabaseBarred` where it is not this process's to read (and
    write, if it `writes`), `DatabaseBroken` where it is damage.
    """
    try:
        yield
    except (apsw.Error, OSError, UnicodeDecodeError) as error:
        if is_limited_at(path, error):
            said = f"{path} cannot be opened: this process may make no file as large as it needs; {MORE_FILE_OCTETS}"
            raise DatabaseLimited(said) from error
        if is_full_at(path, error):
            raise DatabaseFull(f"{path} cannot be opened: the disk is full; make room on that disk") from error
        if isinstance(error, apsw.BusyError):
            said = f"{path} cannot be opened: another process keeps its lock; {_WAIT}"
            raise DatabaseHeld(said) from error
        if (cause := _barred(path, error, writes=writes)) is not None:
            step = _STEPS.get(cause.errno or 0, "give this process what it lacks, then do it again")
            said = f"{cause.filename or path} cannot be opened: {cause.strerror}; {step}"
            raise DatabaseBarred(said, cause.errno or 0) from error
        broken = is_broken(error) or getattr(error, "errno", None) == errno.EIO
        refused = DatabaseBroken if broken else DatabaseRefused
        raise refused(f"{path} cannot be opened: {_said(error)}; {LOOK_AT_DISK}") from error


def _said(error: Exception) -> str:
    """On one line: SQLite repeats what it stumbled over."""
    if isinstance(error, UnicodeDecodeError):
        return "it holds text that is none"
    return "".join(each if each.isprintable() else "?" for each in str(error))


def refuse_barred(path: Path) -> None:
    """Raise `OSError` for a database, or what lies beside it, that this process may not write to: SQLite would open it
    for reading, and make files beside it that nobody may write to either.
    """
    for each in (path, *(beside_of(path, suffix) for suffix in ("-wal", "-shm"))):
        if (cause := barred(each)) is not None:
            raise cause


def _barred(path: Path, error: Exception, *, writes: bool) -> OSError | None:
    """What the system has against opening a database, which SQLite does not tell; None where it has nothing."""
    if isinstance(error, OSError):
        return error if error.errno in _STEPS or is_lack(error) else None
    try:
        refuse_in_the_way(path)  # of which SQLite says many things, a failing disk among them
    except OSError as there:
        return there
    if not isinstance(error, _BARRED):
        return None
    beside = [beside_of(path, each) for each in ("-wal", "-shm")]
    found = (barred(each, writes=writes) for each in (path, *beside, path.parent))
    if (cause := next((each for each in found if each is not None), None)) is not None:
        return cause
    return OSError(errno.EROFS, str(error)) if isinstance(error, apsw.ReadOnlyError) else _lack()


def _lack() -> OSError | None:
    """What this process has not enough of to open any file."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError as error:
        return OSError(error.errno, error.strerror) if is_lack(error) else None
    return None

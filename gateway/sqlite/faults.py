"""Which errors of SQLite mean that the storage under a database cannot be trusted any more.

A flush that fails may have lost octets and will not say so twice; a page that is not a page, or cannot be read, says
that others may be wrong too. Both end the process, wherever they show: while opening, reading, writing or closing. A
full disk and a lack of memory or descriptors pass, and end nothing.

SQLite calls a full disk by that name where it writes pages, and an error of the disk where it makes room for the index
of its log, with no number of the system's. So while a database is opened, and nothing has been written yet, the file
system itself is asked whether it has room.
"""

from __future__ import annotations

import errno
from pathlib import Path

import apsw

from gateway.storage import NO_SPACE, has_room, may_grow

# ReadOnlyError: of a database that could be written to when it was opened; UnicodeDecodeError: text that is none.
_BROKEN = (apsw.CorruptError, apsw.NotADBError, apsw.IOError, apsw.ReadOnlyError, UnicodeDecodeError)
_MAKING_ROOM = (
    apsw.SQLITE_IOERR_WRITE, apsw.SQLITE_IOERR_TRUNCATE,
    apsw.SQLITE_IOERR_SHMOPEN, apsw.SQLITE_IOERR_SHMSIZE, apsw.SQLITE_IOERR_SHMMAP,
)  # fmt: skip
_UNREADABLE = (
    apsw.SQLITE_IOERR_READ, apsw.SQLITE_IOERR_SHORT_READ, apsw.SQLITE_IOERR_CORRUPTFS, apsw.SQLITE_IOERR_DATA,
)  # fmt: skip
_PASSING = (apsw.SQLITE_IOERR_NOMEM,)


def is_full(error: BaseException, connection: apsw.Connection | None = None) -> bool:
    """Whether a disk without room was the cause, which is known to have changed nothing."""
    if isinstance(error, apsw.FullError):
        return True
    return isinstance(error, apsw.IOError) and connection is not None and connection.system_errno in NO_SPACE


def is_full_at(path: Path, error: BaseException) -> bool:
    """Whether a database at this path could not be opened for want of room."""
    if getattr(error, "errno", None) in NO_SPACE:
        return True
    return is_full(error) or (getattr(error, "extendedresult", None) in _MAKING_ROOM and not has_room(path.parent))


def is_limited_at(path: Path, error: BaseException) -> bool:
    """Whether it could not be opened because this process may make no file as large as one of its files has to be."""
    if getattr(error, "errno", None) == errno.EFBIG:
        return True
    beside = (path.with_name(path.name + suffix) for suffix in ("", "-wal", "-shm", "-journal"))
    lacks = isinstance(error, apsw.FullError) or getattr(error, "extendedresult", None) in _MAKING_ROOM
    return lacks and has_room(path.parent) and not may_grow(*beside)


def is_broken(error: BaseException, connection: apsw.Connection | None = None) -> bool:
    """Whether the storage is broken: the process has to end as after a failed flush."""
    if not isinstance(error, _BROKEN) or is_full(error, connection):
        return False
    return getattr(error, "extendedresult", None) not in _PASSING


def is_damage(error: BaseException | None) -> bool:
    """Whether what lies there cannot be read as what was written, as against what was being written just now."""
    if isinstance(error, (apsw.CorruptError, apsw.NotADBError, UnicodeDecodeError)):
        return True
    return isinstance(error, apsw.IOError) and getattr(error, "extendedresult", None) in _UNREADABLE

"""Which errors of SQLite mean that the storage under a database cannot be trusted any more.

A flush that fails may have lost octets and will not say so twice; a page that is not a page, or cannot be read, says
that others may be wrong too. Both end the process, wherever they show: while opening, reading, writing or closing. A
full disk and a lack of memory or descriptors pass, and end nothing.
"""

from __future__ import annotations

import apsw

from gateway.storage import NO_SPACE

_BROKEN = (apsw.CorruptError, apsw.NotADBError, apsw.IOError, UnicodeDecodeError)  # the last: text that is none
_PASSING = (apsw.SQLITE_IOERR_NOMEM,)


def is_full(error: BaseException, connection: apsw.Connection | None = None) -> bool:
    """Whether a disk without room was the cause, which is known to have changed nothing."""
    if isinstance(error, apsw.FullError):
        return True
    return isinstance(error, apsw.IOError) and connection is not None and connection.system_errno in NO_SPACE


def is_broken(error: BaseException, connection: apsw.Connection | None = None) -> bool:
    """Whether the storage is broken: the process has to end as after a failed flush."""
    if not isinstance(error, _BROKEN) or is_full(error, connection):
        return False
    return getattr(error, "extendedresult", None) not in _PASSING

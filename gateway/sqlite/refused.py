"""What SQLite says of a database that it cannot open, in the words of every storage."""

from __future__ import annotations

import contextlib
import errno
from collections.abc import Iterator
from pathlib import Path

import apsw

from gateway.sqlite.faults import is_broken, is_full_at
from gateway.storage import DatabaseBroken, DatabaseFull, DatabaseRefused


@contextlib.contextmanager
def refusing(path: Path) -> Iterator[None]:
    """What SQLite or the disk says of a database becomes `DatabaseRefused`: `DatabaseFull` where there was no room,
    `DatabaseBroken` where it is damage.
    """
    try:
        yield
    except (apsw.Error, OSError) as error:
        if is_full_at(path, error):
            raise DatabaseFull(f"{path} cannot be opened: the disk is full; make room on that disk") from error
        broken = is_broken(error) or getattr(error, "errno", None) == errno.EIO
        refused = DatabaseBroken if broken else DatabaseRefused
        raise refused(f"{path} cannot be opened: {error}; look at the disk or restore the directory") from error

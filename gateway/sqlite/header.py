"""What lies where a database should be, looked at before SQLite may open it.

SQLite takes a file without octets for a new database: it deletes the log beside it, or begins another over it, and what
was committed last is gone, whoever only wanted to look. So a file that is empty or no database is refused first, and
all of it stays as it lies. SECURITY: nothing that could make a reader wait (a pipe, a device) is opened.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import apsw

from gateway.named_file import kind_of
from gateway.refused import LOOK_AT_DISK
from gateway.storage import DatabaseBroken, DatabaseLost

_MAGIC: Final = b"SQLite format 3\0"
_HEADER_OCTETS: Final = 100
_BESIDE: Final = ("-wal", "-shm", "-journal")
_NOTHING_THERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_BACK: Final = "together with its log ({log}), both as they lay there at the same moment"


def refuse_no_database(path: Path, *, beside: Iterable[Path] = ()) -> None:
    """Raise `DatabaseLost` where there is no octet of a database, and something of what it held lies beside it: its
    log, or the files of `beside`; `DatabaseBroken` where what lies there is none; `OSError` for what is no file.
    """
    refuse_in_the_way(path)
    log = beside_of(path, "-wal")
    left = [each.name for each in (log, *beside) if has_content(each)]  # before: another process may be making it
    octets = octets_of(path)
    if octets is None or octets == 0:
        if left:
            raise DatabaseLost(
                f"{path} is {'not there' if octets is None else 'empty'}, and {', '.join(left)} beside it, which"
                f" {'is' if len(left) == 1 else 'are'} left as found, {'tells' if len(left) == 1 else 'tell'} that"
                f" messages were stored; {put_back(path, log)}"
            )
        return
    if octets_of(beside_of(path, "-journal")) and not octets_of(log):
        return  # its making was broken off; SQLite undoes that
    if (why := _why_none(path, octets)) is not None:
        raise DatabaseBroken(f"{path} cannot be opened: {why}; {LOOK_AT_DISK}, {path.name} {_put_with(log)}")


def put_back(path: Path, log: Path) -> str:
    """What mends it: the log that is there is the newest, and a log from elsewhere belongs to its own database."""
    if octets_of(log):
        return (
            f"put back the {path.name} that belongs to the {log.name} which lies there, for that holds what was stored"
            f" last, or from a backup {path.name} {_put_with(log)}"
        )
    return f"put {path.name} back {_put_with(log)}"


def _put_with(log: Path) -> str:
    return _BACK.format(log=log.name)


def beside_of(path: Path, suffix: str) -> Path:
    """The file that SQLite keeps beside a database under this suffix."""
    return path.with_name(path.name + suffix)


def octets_of(path: Path) -> int | None:
    """How large the file is that this name leads to; None where it leads to none."""
    try:
        return path.stat().st_size
    except OSError as fault:
        if fault.errno in _NOTHING_THERE:
            return None
        raise


def has_content(path: Path) -> bool:
    """Whether a file holds octets, or a folder names."""
    if path.is_dir():
        return any(path.iterdir())
    return bool(octets_of(path))


def is_in_the_way(path: Path) -> bool:
    """Whether something lies at this name that is no plain file, nor a link to one."""
    return _in_the_way(path) is not None


def refuse_in_the_way(path: Path) -> None:
    """Raise `OSError`, with its name, for what is no plain file where a database or one of those beside it belongs."""
    _refuse_kind(path)
    for beside in (beside_of(path, suffix) for suffix in _BESIDE):
        refuse_link(beside)
        _refuse_kind(beside)


def refuse_link(path: Path) -> None:
    """Raise `OSError` for a file beside a database that is a link: what lies behind it is another database's."""
    if path.is_symlink():
        raise OSError(errno.ELOOP, "it is a link, which SQLite does not follow", str(path))


def _in_the_way(path: Path) -> str | None:
    try:
        return kind_of(path.stat().st_mode)
    except OSError as fault:  # what is not there, or may not be seen, is told by who opens it
        if fault.errno in _NOTHING_THERE and path.is_symlink():
            return "it is a link that leads to nothing"
    return None


def _refuse_kind(path: Path) -> None:
    if (kind := _in_the_way(path)) is not None:
        leads_nowhere = path.is_symlink() and not path.exists()
        number = errno.EISDIR if path.is_dir() else errno.ELOOP if leads_nowhere else errno.ENXIO
        raise OSError(number, f"{kind}, and should be a plain file", str(path))


def _why_none(path: Path, octets: int) -> str | None:
    """Why this file is no database; None where it is one, or where who opens it will tell more."""
    try:
        # By SQLite itself: another descriptor, once closed, would give up the locks that this process has on the file.
        file = apsw.VFSFile("unix", str(path), [apsw.SQLITE_OPEN_MAIN_DB | apsw.SQLITE_OPEN_READONLY, 0])
    except apsw.Error:
        return None
    try:
        header = file.xRead(_HEADER_OCTETS, 0)
    except apsw.Error:
        return None
    finally:
        file.xClose()
    if not header.startswith(_MAGIC):
        return "it is no database"
    if len(header) < _HEADER_OCTETS or octets < _page_octets(header):
        return f"it ends after {octets} octets, before the end of its first page"
    return None


def _page_octets(header: bytes) -> int:
    (octets,) = struct.unpack_from(">H", header, len(_MAGIC))
    return 65536 if octets == 1 else int(octets)

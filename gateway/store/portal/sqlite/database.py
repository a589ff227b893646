"""The portal's database where it lies: its name and tables, and how one that is gone is told from one never made.

SECURITY: nothing of a lost one is opened, and none is made in its place: SQLite would delete the log beside it, and a
portal that began anew would have lost the sealed copies of everybody's keys without a word.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from typing import Final

from gateway.sqlite import has_content, is_in_the_way, octets_of, put_back
from gateway.storage import DatabaseLost

DATABASE_NAME: Final = "portal.db"
APPLICATION_ID: Final = 0x4B4E5050  # "KNPP"
MIGRATIONS: Final = files("gateway.store.portal.sqlite.migrations")
_LOG: Final = f"{DATABASE_NAME}-wal"
_MARK: Final = "portal.mark"
_TRACES: Final = (_MARK, "portal.place")


def refuse_lost(directory: Path, *, mark: Path | None) -> None:
    """Raise `DatabaseLost` where a portal's database was and is not; `mark` is the folder outside for its mark."""
    database, log = directory / DATABASE_NAME, directory / _LOG
    left = [directory / each for each in _TRACES if (directory / each).exists()]
    if has_content(log):
        left.append(log)
    if mark is not None and (mark / _MARK).exists():
        left.append(mark / _MARK)
    octets = octets_of(database)  # last, for a hub may be making it
    if octets or is_in_the_way(database) or not left:
        return
    names = ", ".join(each.name if each.parent == directory else str(each) for each in left)
    gone = f"{directory} holds no {DATABASE_NAME}" if octets is None else f"{database} is empty"
    moves = "; ".join(f"mv {each} {each}.lost" for each in left)
    raise DatabaseLost(
        f"{gone}, and of the portal's database are there: {names}; {put_back(database, log)}. If it is lost for good,"
        " so are the links of employees and the sealed copies of the keys of their units: move what is left aside"
        f" ({moves}), start the hub, and have each organisation at a desk pair its employees anew and make new keys"
    )

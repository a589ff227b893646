"""How the files of a folder lie: enough of each to tell at a second look whether anybody wrote since.

Looks and reads nothing. What editors and packages leave behind is passed over, and so is everything whose name begins
with a dot.

SECURITY: what lies there may come from outside. Nothing is opened, a link to a folder is not gone into, and more than
100,000 entries are not looked at.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

LEFTOVERS: Final = ("~", ".swp", ".swo", ".bak", ".old", ".orig", ".rej", ".tmp", ".save", ".rpmnew", ".rpmsave")
LOOKED_AT: Final = 100_000  # entries in the folders below, or a folder more; more is somebody's whole disk

Mark = tuple[int, ...]

NOT_THERE: Final[Mark] = ()
FOLDER: Final[Mark] = (0,)
SETTLED_NANOSECONDS: Final = 2_000_000_000  # no file system counts the time of a change in more


def marks_below(folder: Path, before: Mapping[str, Mark] = MappingProxyType({})) -> dict[str, Mark]:
    """The mark of everything below a folder, by its path seen from there; of the folders in it as well. What lies in
    the folder itself is looked at however much it is. A mark that is as it was `before` is the one of before itself.
    """
    found: dict[str, Mark] = {}
    folders: list[str] = []
    _look_in(folder, "", before, found, folders)
    most = len(found) + LOOKED_AT
    while folders and len(found) < most:
        _look_in(folder, f"{folders.pop()}/", before, found, folders)
    return found


def mark_of(place: Path) -> Mark:
    """Inode, for files that are renamed into place, size, and the times of change, for an mtime alone can be set."""
    try:
        return _mark(place.stat())
    except OSError:  # a link into nothing, or gone
        return NOT_THERE


def unsettled(marks: Mapping[str, Mark], seen_at_nanoseconds: int) -> frozenset[str]:
    """Which files can have changed under the same mark since that look: a second change that follows close upon the
    first leaves the times of a file as they are.
    """
    since = seen_at_nanoseconds - SETTLED_NANOSECONDS
    return frozenset(name for name, mark in marks.items() if len(mark) > 1 and (mark[2] >= since or mark[3] >= since))


def left_behind(name: str) -> bool:
    """Whether a file or folder of that name is what editors and packages leave, or kept aside, and is passed over."""
    return name.startswith((".", "#")) or name.endswith(LEFTOVERS)


def _look_in(folder: Path, at: str, before: Mapping[str, Mark], found: dict[str, Mark], folders: list[str]) -> None:
    """Add what lies in one folder, and which folders are to be gone into."""
    try:
        descriptor = os.open(folder / at, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError:  # whoever reads it says why it cannot be read
        return
    look, is_folder = os.stat, stat.S_ISDIR  # the loop goes over tens of thousands, while others wait for the thread
    try:
        for name in os.listdir(descriptor):
            path = at + name
            known = before.get(path)  # and so nothing that is passed over
            if known is None and left_behind(name):
                continue
            try:
                about = look(name, dir_fd=descriptor)  # by the name alone, which is the quickest of all ways
            except OSError:  # a link into nothing, or gone since it was listed
                found[path] = NOT_THERE
                continue
            if not is_folder(about.st_mode):
                mark = about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns
                found[path] = known if known == mark else mark
                continue
            found[path] = FOLDER
            if not os.path.islink(folder / path):
                folders.append(path)
    except OSError:
        return
    finally:
        os.close(descriptor)


def _mark(about: os.stat_result) -> Mark:
    return about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns

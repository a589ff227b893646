"""How the files lie that a reload reads: enough of each to tell at a second look whether anybody wrote since.

Looks and reads nothing. What lies below the folder of P-Modes counts whole, but for what editors and packages leave
behind; besides it count the files that settings name, and the settings themselves.

SECURITY: what lies there may come from outside. Nothing is opened, a link to a folder is not gone into, and more than
100,000 entries are not looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Final

from pmodes.folder import LOOKED_AT, left_behind

Mark = tuple[int, ...]

_NOT_THERE: Final[Mark] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesSeen:
    """What one look saw; two that are alike saw the same files with the same octets."""

    folder: Path
    below: Mapping[str, Mark]
    named: Mapping[Path, Mark]

    def again(self) -> FilesSeen:
        """The same places, looked at now."""
        return look_at(self.folder, self.named)

    def naming(self, named: Iterable[Path]) -> FilesSeen:
        """As it was seen, with these named beside the folder and no others; what was not seen yet is looked at now."""
        return replace(self, named={each: self.named[each] if each in self.named else _mark(each) for each in named})


def look_at(folder: Path, named: Iterable[Path]) -> FilesSeen:
    """How everything below the folder lies, and how the files beside it do that are named."""
    beside = {each: _mark(each) for each in named}
    return FilesSeen(folder=folder, named=beside, below=dict(islice(_below(folder), LOOKED_AT)))


def _below(folder: Path) -> Iterator[tuple[str, Mark]]:
    folders = [str(folder)]
    while folders:
        try:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if left_behind(entry.name):
                        continue
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.path)
                    else:
                        yield entry.path, _mark(entry)
        except OSError:  # whoever reads it says why it cannot be read
            continue


def _mark(place: Path | os.DirEntry[str]) -> Mark:
    """The inode too, for files that are renamed into place, and the time of its change, for an mtime can be set."""
    try:
        about = place.stat()
    except OSError:  # a link into nothing, or gone since it was listed
        return _NOT_THERE
    return about.st_ino, about.st_size, about.st_mtime_ns, about.st_ctime_ns

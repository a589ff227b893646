"""Whether the files that a process has open are still those that lie at their names.

A file that is moved away, removed or replaced stays open: it takes every write and every flush, and nobody who starts
later finds what it took. So whoever flushes looks afterwards whether each name leads to what was opened, and takes a
flush into another file for none. A look costs one `stat` a name, however much is stored.

What is held is kept from being given to another file by a descriptor with which nothing is opened (O_PATH), so that
closing it leaves the locks that SQLite has on the file.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

_LEADS_NOWHERE: Final = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)
_REMOVED: Final = " (deleted)"  # as Linux writes it behind the name of a file that has none any more


class NotInPlace(OSError):
    """A file or folder in use does not lie at its name any more: what was written since then is not where the next
    process looks for it. The text says what happened; `next_step` what to do.
    """

    def __init__(self, sentence: str, next_step: str) -> None:
        super().__init__(errno.ESTALE, sentence)
        self.sentence = sentence
        self.next_step = next_step

    def __str__(self) -> str:
        return self.sentence


class InPlace:
    """Names with what was opened under them, until `close`."""

    def __init__(self) -> None:
        self._held: dict[str, tuple[int, tuple[int, int]]] = {}  # a descriptor, device and inode

    def hold(self, path: Path) -> None:
        """What lies there now is what is in use until `close`; harmless when repeated."""
        name = str(path)
        if name not in self._held:
            descriptor = os.open(name, os.O_PATH | os.O_CLOEXEC)
            about = os.fstat(descriptor)
            self._held[name] = descriptor, (about.st_dev, about.st_ino)

    def look(self, *paths: Path) -> None:
        """Raise `NotInPlace` for the first of these names, or of all, that leads elsewhere; `OSError` where the disk
        does not tell.
        """
        for name in map(str, paths) if paths else tuple(self._held):
            if (held := self._held.get(name)) is None:
                continue
            descriptor, identity = held
            try:
                about = os.stat(name)
            except OSError as fault:
                if fault.errno not in _LEADS_NOWHERE:
                    raise
                raise _not_in_place(name, descriptor, replaced=False) from None
            if (about.st_dev, about.st_ino) != identity:
                raise _not_in_place(name, descriptor, replaced=True)

    def close(self) -> None:
        """Hold nothing any more; harmless when repeated."""
        while self._held:
            os.close(self._held.popitem()[1][0])


def _not_in_place(name: str, descriptor: int, *, replaced: bool) -> NotInPlace:
    removed = os.fstat(descriptor).st_nlink == 0
    where = None if removed else _lies_now(name, descriptor)
    became = "removed" if removed else f"moved to {where}" if where else "moved away, or covered by a mount"
    sentence = f"{name} was {became} while it was in use{', and another lies in its place' if replaced else ''}"
    aside = f"move aside what lies at {name} now, and " if replaced else ""
    if removed:
        step = f"{aside}put {name} back from a backup, with all that lay beside it at the same moment"
    else:
        step = f"{aside}put {where or 'what lay there'} back as {name}; what lies beside it stays as it is"
    return NotInPlace(sentence, step)


def _lies_now(name: str, descriptor: int) -> str | None:
    """Where it was moved to; None where the system does not tell."""
    try:
        found = os.readlink(f"/proc/self/fd/{descriptor}")
    except OSError:
        return None
    return None if found == name or found.endswith(_REMOVED) else found

"""A path that somebody named on the command line. In a sentence it stands on one line, with everything escaped that a
terminal would obey: the name of a file may come from anybody, and must not forge a message of this program.
"""

from __future__ import annotations

from pathlib import PosixPath

from gateway.written.complaints import printable


class NamedPath(PosixPath):
    """A path, and all that is made of it; only a formatted string has it escaped, the system gets it as it is."""

    __slots__ = ()

    def __format__(self, form: str) -> str:
        return format(printable(str(self)), form)

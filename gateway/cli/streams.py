"""The standard streams of this process, so that what becomes of a sentence never changes what becomes of a message.

A closed descriptor 0, 1 or 2 is opened on /dev/null before anything else opens a file: else a database or a socket
would get its number, and the next line of text would go into it. What cannot be written (a full disk, a pipe that
nobody reads, a descriptor opened for reading) is dropped; characters that the terminal's encoding has not are escaped.
So neither a traceback nor another exit code follows a deed that was done: an exit code speaks of the deed.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
from typing import Any, TextIO


class _Lenient(io.FileIO):
    """A descriptor whose writes do not fail; `fault` is the first that did."""

    fault: OSError | None = None

    def write(self, octets: Any, /) -> int:
        """Write what can be written, and say that all of it was."""
        view = memoryview(octets)
        try:
            # None: somebody made the descriptor non-blocking, and it has no room now.
            while (written := super().write(view)) is None:
                select.select((), (self.fileno(),), ())
        except OSError as fault:
            self.fault = self.fault or fault
            return len(view)
        return written


_closed: set[int] = set()


def input_was_closed() -> bool:
    """Whether there was no standard input when this process began."""
    return 0 in _closed


def open_closed_descriptors() -> None:
    """Have descriptors 0, 1 and 2 be open, on /dev/null where they were not."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            _closed.add(descriptor)
            # The lowest free number is taken, and those below are open by now.
            os.open(os.devnull, os.O_RDONLY if descriptor == 0 else os.O_WRONLY)
            os.set_inheritable(descriptor, True)


def protect() -> None:
    """Open what is closed, and let nothing that is written to standard output or error fail.

    Streams that a test or another program put in the place of the process's own are left alone.
    """
    open_closed_descriptors()
    if sys.stdin is None:
        sys.stdin = open(0, closefd=False, encoding="utf-8", errors="surrogateescape")  # noqa: SIM115 - until the process ends
    if sys.stdout is None or sys.stdout is sys.__stdout__:
        sys.stdout = _stream(1, sys.stdout, line_buffering=False)
    if sys.stderr is None or sys.stderr is sys.__stderr__:
        sys.stderr = _stream(2, sys.stderr, line_buffering=True)


def _stream(descriptor: int, old: TextIO | None, *, line_buffering: bool) -> TextIO:
    if old is not None:
        with contextlib.suppress(OSError, ValueError):
            old.flush()
    return io.TextIOWrapper(
        io.BufferedWriter(_Lenient(descriptor, "w", closefd=False)),
        encoding=getattr(old, "encoding", None) or "utf-8",
        errors="backslashreplace",
        line_buffering=line_buffering or os.isatty(descriptor),
    )


def tell_lost_output() -> None:
    """Say on standard error, if that can be read, that standard output was not written; a reader who left knows."""
    with contextlib.suppress(ValueError, OSError):
        sys.stdout.flush()
    raw = getattr(getattr(sys.stdout, "buffer", None), "raw", None)
    fault = raw.fault if isinstance(raw, _Lenient) else None
    if fault is not None and fault.errno != errno.EPIPE:
        with contextlib.suppress(ValueError, OSError):
            sys.stderr.write(f"knooppunt: the output was lost ({fault.strerror}); the exit code tells what was done\n")
            sys.stderr.flush()

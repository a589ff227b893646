"""Lines of a log into a descriptor that somebody else reads, so that whoever does not read holds nobody up.

A file takes its lines at once, or not at all where its disk is full. A pipe, a terminal or a socket takes none while
its reader stands still: a pager that waits, Ctrl-S, a shipper that hangs. Lines then wait in memory, in their order,
for a thread of their own; what there is no room for is not written, and the next line says how many those were.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import select
import stat
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Final

MOST_WAITING_OCTETS: Final = 4_194_304
LAST_SECONDS: Final = 1.0  # for what still waits when the process ends
_AT_ONCE_OCTETS: Final = select.PIPE_BUF  # what a pipe with any room takes whole


class LogStream:
    """Takes whole lines, from any thread, and never waits for whoever reads them.

    `told` makes the line that says how many were not written. What cannot be written at all is dropped: a log stops
    nothing. What a file did not take, or not whole, is counted as well.
    """

    def __init__(self, descriptor: int, told: Callable[[int], bytes]) -> None:
        self._descriptor = descriptor
        self._told = told
        self._never_waits = stat.S_ISREG(os.fstat(descriptor).st_mode)
        self._waiting: deque[bytes] = deque()
        self._octets = 0
        self._unsaid = 0
        self._is_cut = False  # the file ends within a line
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def write(self, line: bytes) -> None:
        """That line, with its line break, now or when there is room."""
        if self._never_waits:
            with self._changed:
                self._write_to_file(line)
            return
        with self._changed:
            if not self._waiting and len(line) <= _AT_ONCE_OCTETS and self._has_room(0.0):
                with contextlib.suppress(OSError):
                    os.write(self._descriptor, line)
                return
            if self._octets + len(line) > MOST_WAITING_OCTETS:
                self._unsaid += 1
                return
            self._queue(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()
                atexit.register(self.end)
            self._changed.notify_all()

    def end(self) -> None:
        """Wait a little for what still waits to be taken."""
        before = time.monotonic() + LAST_SECONDS
        with self._changed:
            while self._waiting and (left := before - time.monotonic()) > 0:
                self._changed.wait(left)

    def _write_to_file(self, line: bytes) -> None:
        if self._unsaid and self._is_taken(self._told(self._unsaid)):
            self._unsaid = 0
        if self._unsaid or not self._is_taken(line):
            self._unsaid += 1

    def _is_taken(self, line: bytes) -> bool:
        octets = b"\n" + line if self._is_cut else line
        try:
            taken = os.write(self._descriptor, octets)
        except OSError:  # a disk that is full
            return False
        if taken:
            self._is_cut = octets[taken - 1 : taken] != b"\n"
        return taken == len(octets)

    def _queue(self, line: bytes) -> None:
        self._waiting.append(line)
        self._octets += len(line)

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting:
                    self._changed.wait()
                line = self._waiting[0]
            with contextlib.suppress(OSError):
                self._write_whole(line)
            with self._changed:  # only now, so that no later line goes before it
                self._waiting.popleft()
                self._octets -= len(line)
                if self._unsaid and self._octets <= MOST_WAITING_OCTETS // 2:
                    self._queue(self._told(self._unsaid))
                    self._unsaid = 0
                self._changed.notify_all()

    def _write_whole(self, line: bytes) -> None:
        left = memoryview(line)
        while left:
            try:
                left = left[os.write(self._descriptor, left) :]
            except BlockingIOError:  # somebody made the descriptor one that does not wait
                self._has_room(None)

    def _has_room(self, seconds: float | None) -> bool:
        poll = select.poll()
        poll.register(self._descriptor, select.POLLOUT)
        return bool(poll.poll(None if seconds is None else seconds * 1000))

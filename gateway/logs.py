"""The log of a process: one line per event, an event name and fields, as JSON or as text for a terminal.

SECURITY: only the edge logs, and only what its callers name; values are escaped and cut here, so that nothing of a
message can fill a log or forge a line of it. A log file that is made here is its owner's alone. The loggers of
libraries are let through from warnings up, without their arguments' octets, and only so often: a stranger who finds
what makes one complain must not fill a disk with it.
"""

from __future__ import annotations

import errno
import io
import json
import logging
import os
import stat
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from io import UnsupportedOperation
from pathlib import Path
from typing import Final, TextIO, TypeAlias, cast

from gateway.edge.budgets import Buckets
from gateway.edge.quiet_log import BURST_LINES
from gateway.events import EVENTS
from gateway.log_stream import LogStream
from gateway.named_file import real_path

MOST_CHARACTERS = 256  # of a value as it is written, escapes and the mark of the cut counted
MOST_ENTRIES = 8  # of a list
LIBRARY_LINES_PER_SECOND: Final = 5.0  # of each logger, after a burst

_CUT = "…"
_LONGEST_ESCAPE = 12  # a character beyond the basic plane, as two escapes

_LEVELS: Final = {name: logging.WARNING for name, event in EVENTS.items() if event.warning}


_to_json = json.JSONEncoder(ensure_ascii=True, default=str).encode


_Line: TypeAlias = Callable[[float, int, str, Mapping[str, object]], str]  # when, level, event, its fields


class Events:
    """Writes events to the log of this process: each is one line, made here, and one write."""

    def __init__(self, stream: TextIO, level: int, line: _Line) -> None:
        self._stream = stream
        self._level = level
        self._line = line

    def __call__(self, event: str, /, **fields: object) -> None:
        level = _LEVELS.get(event, logging.INFO)
        if level < self._level or self._stream.closed:
            return
        self._stream.write(self._line(time.time(), level, event, fields) + "\n")


class _Unwaited(io.TextIOBase):
    """The text side of a `LogStream`: for our events and for the loggers of libraries, in one order."""

    def __init__(self, stream: TextIO, line: _Line) -> None:
        def told(count: int) -> bytes:
            made = io.StringIO()
            log = Events(made, logging.INFO, line)
            log("log_lines_lost", count=count)
            return _octets(made.getvalue())

        self._of = stream  # whose descriptor it is, for as long as that is open
        self._to = LogStream(stream.fileno(), told)

    def write(self, text: str, /) -> int:
        if not self._of.closed:
            self._to.write(_octets(text))
        return len(text)

    def close(self) -> None:
        """The file of a log that was replaced; the standard streams are nobody's to close."""
        if not self._of.closed and self._of.fileno() > 2:
            self._of.close()
        super().close()


def _octets(text: str) -> bytes:
    return text.encode("ascii", "backslashreplace")


def _unwaited(stream: TextIO, line: _Line) -> TextIO:
    try:
        return cast(TextIO, _Unwaited(stream, line))
    except UnsupportedOperation:  # a stream in memory
        return stream


def json_line(at: float, level: int, event: str, fields: Mapping[str, object]) -> str:
    """One JSON object; ASCII, without its line break."""
    entry: dict[str, object] = {"time": _moment(at), "level": _name_of(level), "event": event}
    for name, value in fields.items():
        if value is not None:
            entry[name] = _cut(value)
    return _to_json(entry)


def text_line(at: float, level: int, event: str, fields: Mapping[str, object]) -> str:
    """Time, event and fields, for a person at a terminal."""
    told = " ".join(f"{name}={_to_json(_cut(value))}" for name, value in fields.items() if value is not None)
    return f"{_moment(at)[11:19]} {event:<18} {told}".rstrip()


class _OfLibraries(logging.Formatter):
    """A library's message may quote octets of a peer: its logger and level have to do, and the kind of an exception."""

    def __init__(self, line: _Line) -> None:
        super().__init__()
        self._line = line

    def format(self, record: logging.LogRecord) -> str:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] is not None else None
        told = {"kind": kind, "unsaid": vars(record).get("unsaid")}
        return self._line(record.created, record.levelno, f"library:{record.name}", told)


class _SoOften(logging.Filter):
    """So many lines a second of each logger of a library; the next one says how many were not written."""

    def __init__(self) -> None:
        super().__init__()
        self._lines = Buckets(LIBRARY_LINES_PER_SECOND, BURST_LINES)
        self._unsaid: Counter[str] = Counter()
        self._lock = threading.Lock()  # libraries log from threads of their own

    def filter(self, record: logging.LogRecord) -> bool:
        now = time.monotonic()
        with self._lock:
            if self._lines.level(record.name, now) < 1.0:
                self._unsaid[record.name] += 1
                return False
            self._lines.take(record.name, 1.0, now)
            vars(record)["unsaid"] = self._unsaid.pop(record.name, None)  # what is None has no place in a line
            return True


_NO_PLAIN_FILE: Final = "it is no plain file; without log.file, the log goes to standard error"


def refuse_log_file(path: Path) -> None:
    """OSError where nothing can be appended; makes nothing."""
    try:
        about = path.stat()
    except FileNotFoundError:
        folder = real_path(path).parent  # of what a link leads to
        if not folder.is_dir():
            raise
        about, path = folder.stat(), folder
    else:
        if not stat.S_ISREG(about.st_mode):
            raise OSError(errno.EINVAL, _NO_PLAIN_FILE, str(path))
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


def _private(path: str, flags: int) -> int:
    refuse_log_file(Path(path))  # a pipe that nobody reads cannot be opened, and the kernel's words for it help nobody
    # Opening does not wait for somebody to read a pipe.
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, _NO_PLAIN_FILE, path)
    return descriptor


def open_log(*, level: str = "info", form: str = "json", file: Path | None = None) -> Events:
    """Send events to standard error or append them to a file; replaces what was open before."""
    line = json_line if form == "json" else text_line
    opened = sys.stderr if file is None else open(file, "a", encoding="utf-8", opener=_private)  # noqa: SIM115 - until the process ends
    stream = _unwaited(opened, line)
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_OfLibraries(line))
    handler.addFilter(_SoOften())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
        old.close()
        if isinstance(old, logging.StreamHandler) and isinstance(old.stream, _Unwaited):
            old.stream.close()
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # no line tells them
    return Events(stream, logging.getLevelNamesMapping()[level.upper()], line)


def _cut(value: object) -> object:
    if isinstance(value, int | float):
        return value
    if isinstance(value, list):
        return [_cut(each) for each in value[:MOST_ENTRIES]]
    if isinstance(value, dict):
        return {name: _cut(each) for name, each in value.items()}
    text = str(value)
    if len(text) <= MOST_CHARACTERS // _LONGEST_ESCAPE or _written(text) <= MOST_CHARACTERS:
        return text
    room, kept = MOST_CHARACTERS - _written(_CUT), 0
    for character in text:
        room -= _written(character)
        if room < 0:
            break
        kept += 1
    return text[:kept] + _CUT


def _written(text: str) -> int:
    """How many characters it takes in the log, without its quotes."""
    return len(_to_json(text[: MOST_CHARACTERS + 1])) - 2


@lru_cache(maxsize=64)
def _name_of(level: int) -> str:
    return logging.getLevelName(level).lower()


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")

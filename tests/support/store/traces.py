"""Reading the record of system calls that strace wrote: what was promised while what was written lay unflushed."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

TRACED = "openat,close,write,pwrite64,fsync,fdatasync,linkat,unlink,unlinkat,rename,renameat,renameat2"
_CALL = re.compile(r"^(\d+)\s+(?:<\.\.\. (\w+) resumed>)?(.*)$")
_FIRST = re.compile(r"^(\w+)\((\d+)<([^>]*)>")


@dataclass
class FlushOrder:
    """The writes of a process to files that a restart reads, and the flushes that made them lasting."""

    directory: Path
    promises: int = 0
    violations: list[str] = field(default_factory=list)
    _dirty: dict[str, str] = field(default_factory=dict)
    _flushing: dict[str, str] = field(default_factory=dict)

    def read(self, lines: Iterable[str], promise: str) -> None:
        """Follow the record; a promise is a write to descriptor 1 that begins with this word."""
        for line in lines:
            match = _CALL.match(line)
            if match is None:
                continue
            thread, resumed, rest = match.groups()
            if resumed is not None:
                self._end(thread, ended=rest.endswith("= 0"))
            else:
                self._begin(thread, rest, promise)

    def _begin(self, thread: str, call: str, promise: str) -> None:
        if call.startswith(("linkat(", "rename", "unlinkat(")):
            self._dirty[str(self.directory / "blobs")] = call
        match = _FIRST.match(call)
        if match is None:
            return
        name, descriptor, path = match.groups()
        if name == "write" and descriptor == "1" and f'"{promise}' in call:
            self.promises += 1
            self.violations.extend(f"{call} while unflushed: {each}" for each in self._dirty.values())
        elif name in ("write", "pwrite64") and self._lasts(path):
            self._dirty[self._key(descriptor, path)] = call
        elif name in ("fsync", "fdatasync"):
            self._flushing[thread] = self._key(descriptor, path)
            if "<unfinished" not in call:
                self._end(thread, ended=call.endswith("= 0"))

    def _end(self, thread: str, *, ended: bool) -> None:
        flushed = self._flushing.pop(thread, None)
        if flushed is not None and ended:
            self._dirty.pop(flushed, None)

    def _lasts(self, path: str) -> bool:
        """The log and the blobs; what a checkpoint copies into the database lies in the log as well."""
        return path.startswith(str(self.directory)) and (path.endswith("-wal") or "/blobs/" in path)

    def _key(self, descriptor: str, path: str) -> str:
        """An unnamed file has the name of its inode until it is linked, so its descriptor stands for it."""
        return f"descriptor {descriptor}" if "/blobs/" in path else path

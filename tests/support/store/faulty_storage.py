"""Storage that fails in ways a disk fails: reads that answer EIO, pages that are none, descriptors that ran out."""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from gateway.store.sqlite.store import DATABASE_NAME


@contextlib.contextmanager
def no_more_descriptors() -> Iterator[None]:
    """This process may open nothing more: the kernel itself answers EMFILE."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest_free = os.open(os.devnull, os.O_RDONLY)
    os.close(lowest_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest_free, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@contextlib.contextmanager
def failing_reads(code: int = errno.EIO, *, of: Path | None = None, times: int = 1_000) -> Iterator[list[int]]:
    """The next reads by position answer with this error, of one file or of any; the list grows with each."""
    real_pread = os.pread
    failed: list[int] = []

    def pread(descriptor: int, octets: int, start: int) -> bytes:
        if len(failed) < times and (of is None or os.path.samestat(os.fstat(descriptor), of.stat())):
            failed.append(start)
            raise OSError(code, os.strerror(code))
        return real_pread(descriptor, octets, start)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "pread", pread)
        yield failed


def spoil_pages(data: Path, *, table: str) -> None:
    """Overwrite the root page of a table in a database that nobody has open."""
    connection = apsw.Connection(str(data / DATABASE_NAME))
    root = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).get
    size = connection.pragma("page_size")
    connection.close()
    with (data / DATABASE_NAME).open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * size)


def change(data: Path, statement: str, *values: object) -> None:
    """Change octets of rows behind the back of a store that is closed, as a disk does that loses some."""
    connection = apsw.Connection(str(data / DATABASE_NAME))
    connection.execute(statement, values)
    connection.close()


class FailingVfs(apsw.VFS):
    """A file system on which one call about a database or its log fails, the `at`-th of its name (FA-04).

    A read, write or flush answers IOERR; with `spoils`, a read gives octets that nobody wrote. What the store flushes
    itself, its log, counts among the flushes.
    """

    NAME = "failing"

    def __init__(self, call: str, at: int, *, spoils: bool = False) -> None:
        self.call = call
        self.spoils = spoils
        self.left = at
        super().__init__(self.NAME, "unix", makedefault=True)

    @property
    def failed(self) -> bool:
        """Whether there were so many calls."""
        return self.left <= 0

    def is_due(self, call: str) -> bool:
        """Asked at each call; once it is True."""
        self.left -= call == self.call
        return call == self.call and self.left == 0

    def xOpen(self, name: object, flags: list[int]) -> apsw.VFSFile:
        return _FailingFile(self, name, flags)


class _FailingFile(apsw.VFSFile):
    def __init__(self, vfs: FailingVfs, name: object, flags: list[int]) -> None:
        self._vfs = vfs
        super().__init__("unix", name, flags)  # type: ignore[arg-type]

    def xRead(self, amount: int, offset: int) -> bytes:
        if not self._vfs.is_due("xRead"):
            return super().xRead(amount, offset)
        if self._vfs.spoils:
            return b"\xff" * amount
        raise apsw.IOError("a read that failed")

    def xWrite(self, octets: bytes, offset: int) -> None:
        if self._vfs.is_due("xWrite"):
            raise apsw.IOError("a write that failed")
        super().xWrite(octets, offset)

    def xSync(self, flags: int) -> None:
        if self._vfs.is_due("xSync"):
            raise apsw.IOError("a flush that failed")
        super().xSync(flags)


@contextlib.contextmanager
def failing_storage(call: str, at: int, *, spoils: bool = False) -> Iterator[FailingVfs]:
    """Every database that is opened meanwhile lies on such a file system."""
    vfs = FailingVfs(call, at, spoils=spoils)
    flush = os.fdatasync

    def fdatasync(descriptor: int) -> None:
        if vfs.is_due("xSync"):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        flush(descriptor)

    try:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, "fdatasync", fdatasync)
            yield vfs
    finally:
        vfs.unregister()


class NotingVfs(apsw.VFS):
    """A file system that notes which thread flushed a database or its log."""

    NAME = "noting"

    def __init__(self) -> None:
        self.threads: list[int] = []
        super().__init__(self.NAME, "unix", makedefault=True)

    def xOpen(self, name: object, flags: list[int]) -> apsw.VFSFile:
        return _NotingFile(self, name, flags)


class _NotingFile(apsw.VFSFile):
    def __init__(self, vfs: NotingVfs, name: object, flags: list[int]) -> None:
        self._vfs = vfs
        super().__init__("unix", name, flags)  # type: ignore[arg-type]  # as the VFS hands it on

    def xSync(self, flags: int) -> None:
        self._vfs.threads.append(threading.get_ident())
        super().xSync(flags)


@contextlib.contextmanager
def noted_flushes() -> Iterator[NotingVfs]:
    """Every database that is opened meanwhile lies on such a file system."""
    vfs = NotingVfs()
    try:
        yield vfs
    finally:
        vfs.unregister()

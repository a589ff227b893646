"""Where the mark of a store lies, and how it is written: two slots of which the newer one counts.

It lies in the directory of the store, or in a folder outside that the settings name (`data.mark`), so that what is put
back over the directory does not bring it back too. One that lies in the directory still, from before the folder was
named, counts until the first one lies outside.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from gateway import failpoints
from gateway.in_place import InPlace
from gateway.named_file import FileRefused, read_named
from gateway.storage import barred, flush_folder
from gateway.store.data_directory import DataDirectoryRefused, refuse_unusable

MARK_NAME = "store.mark"  # of the hub's store; that of a database beside it is called after that
# Why a file is not read, with nothing said of what it holds.
_OF_THE_READER = frozenset((
    errno.EACCES, errno.EPERM, errno.EIO, errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EINTR, errno.ESTALE,
))  # fmt: skip
_GIVEN = "have it and its folder given to you, or run this as their owner"
_SLOT_OCTETS = 4096  # two slots, each a block of its own: one is whole while the other is written, also on a full disk


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """How far a store has come."""

    store: str
    generation: int  # one more with every confirmation that it went back
    commits: int
    running: bool  # a process has it open, or died with it
    log_gone: bool = False  # earlier versions wrote so when they found it gone, and left an empty one
    blobs_gone: bool = False  # an operator said that the files of its messages are lost
    inode: int
    changed_ns: int  # of the file that tells the directory from its copies
    version: int | None = None  # of that inode, which a file system gives out again; None where it tells none


class MarkUnreadable(Exception):
    """The file is there and holds no mark; the text says which file, and why."""


class MarkFile:
    """Where the mark lies: two slots of which the newer one counts."""

    def __init__(self, path: Path, in_place: InPlace | None = None) -> None:
        self.path = path
        self.is_half = False  # one of its slots held nothing when it was read
        self._in_place = in_place
        self._serial = 0

    def read(self) -> Mark | None:
        """What was written last; None when no mark was ever made. Raises `MarkUnreadable`, or `OSError` where nobody
        knows what it holds.
        """
        try:
            self.path.lstat()
        except FileNotFoundError:
            return None
        try:
            octets = read_named(self.path, most_octets=2 * _SLOT_OCTETS)
        except FileRefused as refused:
            if refused.errno in _OF_THE_READER:  # the mark may say that all is well
                raise OSError(refused.errno, os.strerror(refused.errno), str(self.path)) from None
            raise MarkUnreadable(f"{self.path}: {refused}") from None
        if len(octets) < 2 * _SLOT_OCTETS and octets:
            raise MarkUnreadable(f"{self.path}: it was cut short, to {len(octets)} of its {2 * _SLOT_OCTETS} octets")
        found = [each for each in map(_read_slot, (octets[:_SLOT_OCTETS], octets[_SLOT_OCTETS:])) if each is not None]
        if not found:
            raise MarkUnreadable(f"{self.path}: it holds no mark of a store")
        self.is_half = len(found) == 1
        self._serial, mark = max(found, key=lambda each: each[0])
        return mark

    def write(self, mark: Mark) -> None:
        """Put this in the place of what was written before the last time, durably."""
        failpoints.reach("M1.before")
        if self._in_place is not None:
            self._in_place.look(self.path)  # one in the place of that which was written before belongs to nobody here
        self._serial += 1
        slot = _slot(self._serial, mark)
        if is_file(self.path):
            self._overwrite(slot)
        else:
            self._create(slot)
        if self._in_place is not None:
            self._in_place.hold(self.path)
        failpoints.reach("M1.after")

    def remove(self) -> None:
        """It counts no more."""
        with contextlib.suppress(FileNotFoundError):
            self.path.unlink()
            flush_folder(self.path.parent)

    def _overwrite(self, slot: bytes) -> None:
        descriptor = os.open(self.path, os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            os.pwrite(descriptor, slot, self._serial % 2 * _SLOT_OCTETS)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def _create(self, slot: bytes) -> None:
        new = self.path.with_name(self.path.name + ".new")
        new.unlink(missing_ok=True)
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        try:
            os.pwrite(descriptor, slot * 2, 0)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(new, self.path)
        flush_folder(self.path.parent)


def _slot(serial: int, mark: Mark) -> bytes:
    content = json.dumps({"serial": serial, **asdict(mark)}).encode("ascii")
    return (hashlib.sha256(content).hexdigest().encode("ascii") + b" " + content).ljust(_SLOT_OCTETS)


def _read_slot(octets: bytes) -> tuple[int, Mark] | None:
    digest, _, content = octets.rstrip(b" ").partition(b" ")
    if hashlib.sha256(content).hexdigest().encode("ascii") != digest:
        return None
    try:
        fields = json.loads(content)
        return fields.pop("serial"), Mark(**fields)
    except (ValueError, TypeError, KeyError, AttributeError):  # of a version that says more, or of nobody
        return None


class MarkPlace:
    """The mark of one store, wherever it lies."""

    def __init__(
        self, directory: Path, outside: Path | None, *, name: str = MARK_NAME, in_place: InPlace | None = None
    ) -> None:
        self.file = MarkFile((outside or directory) / name, in_place)
        self._before = None if outside is None else MarkFile(directory / name)

    def read(self) -> tuple[Mark, ...]:
        """The marks that the store has to agree with: more than one where it moved, or lies where it did before. One of
        an earlier generation was confirmed away. Raises `MarkUnreadable`.
        """
        found = tuple(self._read())
        return tuple(each for each in found if not any(_later(other, each) for other in found))

    @property
    def is_half(self) -> bool:
        """Whether a slot of what was read held nothing, which may have been the newer one."""
        return self.file.is_half or (self._before is not None and self._before.is_half)

    def write(self, mark: Mark) -> None:
        """From when this returns on, it is the one mark."""
        self.file.write(mark)
        if self._before is not None:
            self._before.remove()

    def _read(self) -> Iterator[Mark]:
        for file in (self.file, self._before):
            if file is not None and (mark := file.read()) is not None:
                yield mark


def refuse_unusable_outside(outside: Path | None) -> None:
    """Raise `DataDirectoryRefused` where the folder is not there, or is not the owner's alone."""
    if outside is None:
        return
    try:
        refuse_unusable(outside)
    except DataDirectoryRefused as fault:
        raise DataDirectoryRefused(f"data.mark: {fault}") from None
    except PermissionError as fault:
        raise DataDirectoryRefused(f"data.mark: {fault.filename}: {fault.strerror}; {_GIVEN}") from None
    if not outside.is_dir():
        raise DataDirectoryRefused(f"data.mark: {outside} is not there; mount its disk, or run: mkdir -m 700 {outside}")
    if not os.access(outside, os.X_OK, effective_ids=True) or getattr(barred(outside), "errno", 0) == errno.EACCES:
        raise DataDirectoryRefused(f"data.mark: {outside}: {os.strerror(errno.EACCES)}; run: chmod 700 {outside}")


def _later(one: Mark, other: Mark) -> bool:
    return one.store == other.store and one.generation > other.generation


def is_file(path: Path) -> bool:
    """Whether a plain file lies there, and no link."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def put_out_of_the_way(path: Path) -> None:
    """What is no file beside its real name, for somebody to look at; a file stays."""
    with contextlib.suppress(FileNotFoundError):
        if stat.S_ISDIR(path.lstat().st_mode):
            path.rename(path.with_name(path.name + ".aside"))
        elif not is_file(path):
            path.unlink()

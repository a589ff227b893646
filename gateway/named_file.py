"""A file that somebody named: read once, whole, as octets, or refused with a sentence that says why.

Whoever asks gets octets and works on these; nothing looks at the file a second time, so what was checked is what is
used. This module imports nothing of ours.

SECURITY: a name may come from a file that another organisation handed over. It cannot lead out of the folder it belongs
to, through links neither; it cannot make the reader wait (a FIFO, a device) nor fill its memory. A secret that others
on the machine can read is no secret and is refused.
"""

from __future__ import annotations

import codecs
import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO, Final, Self

TEXT_OCTETS: Final = 1024 * 1024
KEY_OCTETS: Final = 64 * 1024  # a certificate with its chain, or a private key

_AT_ONCE: Final = 64 * 1024  # octets; room for all that a file may hold, made for thousands of small ones, takes long
_FOLDERS_HELD: Final = 16
# Links are followed by then, and one that appears after that is refused; opening never waits.
_READING: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_KINDS: Final = (
    (stat.S_ISDIR, "it is a folder"),
    (stat.S_ISFIFO, "it is a pipe"),
    (stat.S_ISSOCK, "it is a socket"),
    (stat.S_ISCHR, "it is a device"),
    (stat.S_ISBLK, "it is a device"),
)


# What to do about what the system has against a file, by its number; whoever tells such a fault takes it from here.
REMEDIES: Final = {
    errno.ENOENT: "correct the name, or put the file there",
    errno.EACCES: "have it and its folder given to you, or run this as their owner",
    errno.EPERM: "have it and its folder given to you, or run this as their owner",
    errno.EISDIR: "move that folder away, or put back the file that belongs there",
    errno.ENOTDIR: "correct the name: what stands above it is no folder",
    errno.EFBIG: "look whether it is the right file",
    errno.EIO: "look at the disk",
    errno.EMFILE: "let this process have more descriptors (ulimit -n)",
    errno.ENFILE: "let this machine have more descriptors",
    errno.EINVAL: "correct the name, or put a plain file there",
}


def real_path(path: Path) -> Path:
    """Where a path leads to, as far as its links go; links that go round lead nowhere, and opening them says so."""
    return Path(os.path.realpath(path))


class FileRefused(Exception):
    """A named file is not what can be read; the text says why in one sentence, without the file's name. `errno` is the
    system's number for it, EINVAL where it is our own refusal.
    """

    def __init__(self, sentence: str, number: int | None = None) -> None:
        super().__init__(sentence)
        self.errno = number or errno.EINVAL

    @property
    def remedy(self) -> str:
        """What to do about it; empty where the sentence says that itself."""
        if "; " in str(self):
            return ""
        return REMEDIES.get(self.errno, "put a file there that can be read")

    @property
    def told(self) -> str:
        """The sentence with what to do about it."""
        return "; ".join(filter(None, (str(self), self.remedy)))


class OpenToOthers(FileRefused):
    """A file that should be a secret is none: others on the machine can read or change it."""


def read_named(path: Path, *, most_octets: int, beneath: Path | None = None, secret: bool = False) -> bytes:
    """The octets of a regular file of at most that size; `FileRefused` otherwise. The rest is as of `open_named`."""
    descriptor = _open(path, beneath, secret)
    try:
        return _read(descriptor, most_octets)
    finally:
        os.close(descriptor)


def open_named(path: Path, *, beneath: Path | None = None, secret: bool = False) -> BinaryIO:
    """A regular file, opened for reading; `FileRefused` otherwise.

    `beneath` is the folder that the file, all links followed, has to lie in. A `secret` file may be read by its owner
    and by its group, and written by its owner alone.
    """
    return open(_open(path, beneath, secret), "rb")


class FilesBelow:
    """Reads files below one folder, each as `read_named` does with `beneath` that folder, for whoever reads thousands:
    the folders in which they lie are found once and held open until this ends.

    SECURITY: a folder that is held is the one that was found below, whatever somebody puts at its name meanwhile.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}  # descriptors, the one held longest first

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        while self._held:
            os.close(self._held.popitem()[1])

    def read(self, name: str, *, most_octets: int) -> bytes:
        """The octets of a file, by its path seen from the folder; raises `FileRefused`."""
        descriptor = self._opened(name)
        if descriptor is None:  # a link, or something of which `read_named` says why it cannot be read
            return read_named(self._folder / name, most_octets=most_octets, beneath=self._folder)
        try:
            return _read(descriptor, most_octets)
        finally:
            os.close(descriptor)

    def _opened(self, name: str) -> int | None:
        """A plain file that is there under this very name, opened."""
        place, base = os.path.split(name)
        try:
            folder = self._held.get(place)
            if folder is None:
                folder = self._hold(place)
            if folder is None or not stat.S_ISREG(os.stat(base, dir_fd=folder, follow_symlinks=False).st_mode):
                return None
            descriptor = os.open(base, _READING, dir_fd=folder)
        except (OSError, ValueError):
            return None
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
        os.close(descriptor)
        return None

    def _hold(self, place: str) -> int | None:
        """The folder of that path, opened; None where it does not lie below."""
        found = os.path.realpath(self._folder / place, strict=True)
        if not _is_beneath(os.path.join(found, ""), self._folder):
            return None
        if len(self._held) >= _FOLDERS_HELD:
            os.close(self._held.pop(next(iter(self._held))))
        self._held[place] = os.open(found, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        return self._held[place]


def _open(path: Path, beneath: Path | None, secret: bool) -> int:
    try:
        found = os.path.realpath(path, strict=True)
        if beneath is not None and not _is_beneath(found, beneath):
            raise FileRefused(f"it lies outside {beneath}; put the file itself into that folder")
        _refuse_kind(os.stat(found))  # a device may act when it is opened
        descriptor = os.open(found, _READING)
    except OSError as fault:
        raise FileRefused(_why_not(path, fault), None if fault.errno == errno.ELOOP else fault.errno) from None
    except ValueError:
        raise FileRefused("it is no name of a file") from None
    try:
        about = os.fstat(descriptor)
        _refuse_kind(about)
        if secret and about.st_mode & (stat.S_IWGRP | stat.S_IRWXO):
            raise OpenToOthers(f"others can read or change it; run: chmod 600 {path}")
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _is_beneath(found: str, folder: Path) -> bool:
    """Whether a path without links lies in that folder; where it begins with the folder's name, that has none either,
    and need not be followed for each of thousands of files.
    """
    if found.startswith(f"{folder}/"):
        return True
    return found.startswith(os.path.join(os.path.realpath(folder, strict=True), ""))


def _read(descriptor: int, most_octets: int) -> bytes:
    found = bytearray()
    try:
        while more := os.read(descriptor, min(_AT_ONCE, most_octets + 1 - len(found))):
            found += more
            if len(found) > most_octets:
                raise FileRefused(f"it is longer than {most_octets} octets", errno.EFBIG)
    except OSError as fault:
        raise FileRefused(f"it cannot be read: {fault.strerror}", fault.errno) from None
    return bytes(found)


def kind_of(mode: int) -> str | None:
    """What it is that has this mode, where that is no plain file."""
    return None if stat.S_ISREG(mode) else next((said for is_kind, said in _KINDS if is_kind(mode)), None)


def _refuse_kind(about: os.stat_result) -> None:
    if (said := kind_of(about.st_mode)) is not None:
        raise FileRefused(f"{said}, and should be a plain file")


def _why_not(path: Path, fault: OSError) -> str:
    try:
        _refuse_kind(path.stat())  # a socket cannot be opened, and the kernel's words for it help nobody
    except FileRefused as refused:
        return str(refused)
    except OSError:
        pass
    if isinstance(fault, FileNotFoundError):
        return "there is no such file"
    circle = fault.errno == errno.ELOOP
    return f"it cannot be read: {'its links go round in a circle' if circle else fault.strerror}"


def first_line(octets: bytes) -> bytes:
    """The first line of a file that holds a password and nothing else, without what editors put around it: a mark (BOM)
    before, the end of the line behind, LF or CRLF.
    """
    return octets.removeprefix(codecs.BOM_UTF8).split(b"\n", 1)[0].removesuffix(b"\r")

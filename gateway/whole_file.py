"""Writes a file whole or not at all, in the place of what had its name before.

The octets go under a temporary name beside it, are flushed, and then take the name, which is flushed too. So a full
disk or a crash leaves what was there; a crash leaves the temporary file besides, which the next writing of the same
name takes away. What was made of the file before, as a copy or a link, keeps the old octets.

Each writer has a temporary name of its own, and locks what has it for as long as it writes: of several who write one
file at the same time the last one wins, whole, and none takes away what another still needs.

SECURITY: a secret is its owner's alone from its first octet, whatever stood there and whatever mode that had: a key
that is renewed over a readable one would otherwise be readable too. Nothing is written through a link, nor into a pipe
or a device.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import stat
from pathlib import Path
from typing import Final

from gateway.storage import flush_folder

_SECRET: Final = 0o600
_NO_FLUSH: Final = (errno.EINVAL, errno.EOPNOTSUPP)  # a file system that knows no such thing for a folder


def write_whole(path: Path, octets: bytes, *, is_secret: bool = False, durable: bool = True) -> None:
    """Put these octets in the place of the file, or where there is none. Raises `OSError`.

    One that need not be `durable` waits for no disk: a power cut may leave what was there, or nothing.

    A file that is no secret keeps the mode of what it replaces; without that it has the usual one of the process.
    """
    before = _plain(path)
    prefix = f".new-{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}-"
    _take_away_what_crashes_left(path.parent, prefix)
    temporary, descriptor = _own_file(path.parent, prefix)
    try:
        with open(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            if not is_secret:
                os.fchmod(descriptor, _usual_mode() if before is None else before)
            if durable:
                os.fsync(descriptor)
            os.replace(temporary, path)  # before it is closed, which ends the lock
    except BaseException:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise
    if durable:
        _flush_name(path)


def write_key_file(path: Path, octets: bytes) -> None:
    """Write a file of keys and certificates: one that holds a private key, or is called so, is a secret."""
    write_whole(path, octets, is_secret=path.suffix == ".key" or b"PRIVATE KEY" in octets)


def _flush_name(path: Path) -> None:
    try:
        flush_folder(path.parent)
    except OSError as fault:
        if fault.errno not in _NO_FLUSH:
            raise


def _own_file(folder: Path, prefix: str) -> tuple[Path, int]:
    """A new file that no other writer has, locked, and its descriptor."""
    while True:
        temporary = folder / f"{prefix}{secrets.token_hex(16)}"
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, _SECRET)
        with contextlib.suppress(OSError):  # a file system without locks: nobody takes anything away there
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.path.lexists(temporary):
            return temporary, descriptor
        os.close(descriptor)  # another writer took it for a crash's, before it was locked


def _take_away_what_crashes_left(folder: Path, prefix: str) -> None:
    """Remove the temporary files that no writer holds any more."""
    for name in os.listdir(folder):
        if not name.startswith(prefix):
            continue
        with contextlib.suppress(OSError):  # it has gone, somebody writes it, or it cannot be locked
            descriptor = os.open(folder / name, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                (folder / name).unlink()
            finally:
                os.close(descriptor)


def _plain(path: Path) -> int | None:
    """The mode of the plain file that has the name, None where there is none or a link; FileExistsError otherwise."""
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(mode):
        return None
    if not stat.S_ISREG(mode):
        raise FileExistsError(errno.EEXIST, "this is no plain file", str(path))
    return stat.S_IMODE(mode)


def _usual_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

"""Writes a file whole or not at all, in the place of what had its name before.

The octets go under a temporary name beside it, are flushed, and then take the name, which is flushed too. So a full
disk or a crash leaves what was there; a crash leaves the temporary file besides, which the next writing of the same
name takes away. What was made of the file before, as a copy or a link, keeps the old octets.

Each writer has a temporary name of its own, and locks what has it for as long as it writes: of several who write one
file at the same time the last one wins, whole, and none takes away what another still needs.

What the system says of the temporary file is said of the one that was asked for: the other is nobody's to know.

SECURITY: a secret is its owner's alone from its first octet, whatever stood there and whatever mode that had: a key
that is renewed over a readable one would otherwise be readable too. So it is given to nobody else either, whoever owns
what stood there. Nothing is written through a link, nor into a pipe or a device.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import secrets
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from gateway.storage import flush_folder

_SECRET: Final = 0o600
_NO_FLUSH: Final = (errno.EINVAL, errno.EOPNOTSUPP)  # a file system that knows no such thing for a folder


def write_whole(
    path: Path,
    octets: bytes,
    *,
    is_secret: bool = False,
    durable: bool = True,
    as_its_folder: bool = False,
    last_look: Callable[[], None] = lambda: None,
) -> None:
    """Put these octets in the place of the file, or where there is none. Raises `OSError`.

    One that need not be `durable` waits for no disk: a power cut may leave what was there, or nothing. The `last_look`
    comes when nothing is left but to give the file its name; what it raises leaves all as it was.

    A file that is no secret keeps owner, group and mode of what it replaces, as far as this process may give it away.
    Without that it is this process's and has its usual mode, or `as_its_folder` the owner and group of its folder: so a
    root who writes among another's files writes what that one can read.
    """
    prefix = f".new-{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:16]}-"
    try:
        _write(path, octets, prefix, is_secret=is_secret, durable=durable, own=not as_its_folder, last_look=last_look)
    except OSError as fault:
        named = None if fault.filename is None else os.path.basename(os.fspath(fault.filename))
        if fault.errno is not None and (named is None or named.startswith(prefix)):
            fault.filename = str(path)
            del fault.filename2
        raise


def _write(
    path: Path,
    octets: bytes,
    prefix: str,
    *,
    is_secret: bool,
    durable: bool,
    own: bool,
    last_look: Callable[[], None],
) -> None:
    before = _plain(path)
    _take_away_what_crashes_left(path.parent, prefix)
    temporary, descriptor = _own_file(path.parent, prefix)
    try:
        with open(descriptor, "wb") as file:
            file.write(octets)
            file.flush()
            if not is_secret:
                if before is not None or not own:
                    _give_away(descriptor, before or path.parent.stat())
                os.fchmod(descriptor, _usual_mode() if before is None else stat.S_IMODE(before.st_mode))
            if durable:
                os.fsync(descriptor)
            last_look()
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


def give_as_folder(path: Path) -> None:
    """Give a new folder the owner and group of the one that it lies in, as far as this process may."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        _give_away(descriptor, path.parent.stat())
    finally:
        os.close(descriptor)


def _give_away(descriptor: int, like: os.stat_result) -> None:
    """To the owner and group of another file: who is not root keeps it, and gives it to a group that he is in."""
    now = os.fstat(descriptor)
    if (now.st_uid, now.st_gid) == (like.st_uid, like.st_gid):
        return
    if os.geteuid() == 0:
        os.fchown(descriptor, like.st_uid, like.st_gid)
        return
    with contextlib.suppress(OSError):
        os.fchown(descriptor, -1, like.st_gid)


def _plain(path: Path) -> os.stat_result | None:
    """How the plain file lies that has the name, None where there is none or a link; FileExistsError otherwise."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return None
    if stat.S_ISLNK(found.st_mode):
        return None
    if not stat.S_ISREG(found.st_mode):
        raise FileExistsError(errno.EEXIST, "this is no plain file", str(path))
    return found


def _usual_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask

"""Files that get their name last: what was not finished never had one, and a crash leaves nothing behind.

A file arrives without a name (O_TMPFILE) and is linked under its final one when it is whole and flushed. Not every file
system can do that (overlays of older kernels, many network and user-space file systems), and linking needs /proc; there
a temporary name stands in, is swept when it is left behind, and the caller sees no difference. The hub's blobs and a
participant's folders both stand on this.

SECURITY: every file is the owner's alone (0600) from its first octet, and no name is ever taken from another file.
"""

from __future__ import annotations

import contextlib
import io
import os
import secrets
from collections.abc import Callable
from pathlib import Path

_TEMPORARY = "arriving-"


class UnnamedFiles:
    """One folder in which files get their names last. Its methods may run in any thread.

    `flush` brings a descriptor onto stable storage; who has to know about a failure hands in its own. `temporary` is
    what temporary names begin with: in a folder that is not ours alone, something that no other file begins with.
    """

    def __init__(self, path: Path, *, flush: Callable[[int], None] | None = None, temporary: str = _TEMPORARY) -> None:
        self.path = path
        self._prefix = temporary
        self.folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._flush = flush or (lambda descriptor: os.fsync(descriptor))
        try:
            self._possible = self._try_one()
        except BaseException:
            os.close(self.folder)
            raise

    def close(self) -> None:
        """Let the folder go; harmless when repeated."""
        if self.folder >= 0:
            os.close(self.folder)
            self.folder = -1

    def create(self) -> tuple[int, str | None]:
        """A new empty file: its descriptor, and its temporary name if it needs one."""
        if self._possible:
            return os.open(self.path, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600), None
        name = self._prefix + secrets.token_hex(16)
        flags = os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC
        return os.open(name, flags, 0o600, dir_fd=self.folder), name

    def give_name(self, descriptor: int, temporary: str | None, name: str) -> None:
        """Make a file durable under this name: its octets, the name, then the folder. Raises `FileExistsError`."""
        self._flush(descriptor)
        if temporary is None:
            # linkat with AT_SYMLINK_FOLLOW, the one way to name an unnamed file without privileges; Python passes the
            # flag on only when it is given a folder's descriptor.
            os.link(f"/proc/self/fd/{descriptor}", name, dst_dir_fd=self.folder, follow_symlinks=True)
        else:
            self._rename(temporary, name)
        self._flush(self.folder)

    def discard(self, temporary: str | None) -> None:
        """Take away the temporary name, if there is one, of a file that is not kept; harmless when repeated."""
        if temporary is not None:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(temporary, dir_fd=self.folder)

    def open(self) -> UnnamedFile:
        """A new file as a file object, which is gone when it is closed without a name."""
        return UnnamedFile(self)

    def sweep(self, before_seconds: float | None = None) -> None:
        """Remove the temporary names that a crash left, or those last written before this moment since 1970."""
        with os.scandir(self.folder) as entries:
            for entry in entries:
                if not entry.name.startswith(self._prefix):
                    continue
                with contextlib.suppress(FileNotFoundError):
                    status = entry.stat(follow_symlinks=False)
                    if before_seconds is None or status.st_mtime < before_seconds:
                        os.unlink(entry.name, dir_fd=self.folder)

    def _rename(self, temporary: str, name: str) -> None:
        """As a link and an unlink, because a rename would take the place of another file without a word."""
        try:
            os.link(temporary, name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        except FileExistsError:
            raise
        except OSError:  # a file system without second names: look first, names here are drawn at random
            if os.access(name, os.F_OK, dir_fd=self.folder, follow_symlinks=False):
                raise FileExistsError(name) from None
            os.rename(temporary, name, src_dir_fd=self.folder, dst_dir_fd=self.folder)
        else:
            os.unlink(temporary, dir_fd=self.folder)

    def _try_one(self) -> bool:
        """Whether a file can be made without a name here, and named afterwards."""
        name = self._prefix + secrets.token_hex(16)
        try:
            descriptor = os.open(self.path, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
        except OSError:
            return False
        try:
            os.link(f"/proc/self/fd/{descriptor}", name, dst_dir_fd=self.folder, follow_symlinks=True)
            os.unlink(name, dir_fd=self.folder)
        except OSError:
            return False
        finally:
            os.close(descriptor)
        return True


class UnnamedFile(io.BufferedRandom):
    """A file object over a file that has no name yet."""

    def __init__(self, files: UnnamedFiles) -> None:
        descriptor, self._temporary = files.create()
        self._files = files
        super().__init__(io.FileIO(descriptor, "r+"))

    def give_name(self, name: str) -> None:
        """Make what was written durable under this name."""
        self.flush()
        self._files.give_name(self.fileno(), self._temporary, name)
        self._temporary = None

    def close(self) -> None:
        """Close it; without a name it is gone."""
        super().close()
        temporary, self._temporary = self._temporary, None
        self._files.discard(temporary)

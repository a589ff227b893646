"""Opens what a tester named, if it is a plain file.

SECURITY: a folder or an archive may come from anybody. A pipe, a device or a socket under the name of a document is
told and never opened: reading it could wait for ever.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


def open_plain(path: Path) -> BinaryIO:
    """The file, opened for reading; raises OSError, with the path, for what cannot be read or is no plain file."""
    if not stat.S_ISREG(path.stat().st_mode):  # a device may act when it is opened
        raise _no_plain_file(path)
    # What became a pipe since then does not make us wait, and is found out.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _no_plain_file(path)
    return open(descriptor, "rb")


def read_plain(path: Path, most_octets: int = -1) -> bytes:
    """Its octets, `most_octets` of them at most."""
    with open_plain(path) as file:
        return file.read(most_octets)


def _no_plain_file(path: Path) -> OSError:
    return OSError(errno.EINVAL, "this is no plain file; a stream is read with - in the place of a file", str(path))

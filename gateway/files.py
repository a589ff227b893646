"""Files that configuration names: regular ones of bounded size, read once through one descriptor.

SECURITY: what a file is, is looked at once it is open: a pipe that takes its name waits for nobody, and a device or an
endless file is refused.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

SMALL_OCTETS = 1 << 20  # certificates, keys, settings: larger ones are something else


class FileRefused(Exception):
    """A file is not read; the text says why in a few words, without its name."""


def read_small_file(path: Path, *, limit_octets: int = SMALL_OCTETS) -> bytes:
    """The octets of a regular file; raises `FileRefused` for what is not there, is no such file, or is too large."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except (OSError, ValueError) as fault:
        raise FileRefused(f"cannot be read ({_reason(fault)})") from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise FileRefused("is not a regular file")
        with open(descriptor, "rb", closefd=False) as file:
            octets = file.read(limit_octets + 1)
    except OSError as fault:
        raise FileRefused(f"cannot be read ({_reason(fault)})") from None
    finally:
        os.close(descriptor)
    if len(octets) > limit_octets:
        raise FileRefused(f"has more than {limit_octets} octets")
    return octets


def _reason(fault: Exception) -> str:
    return getattr(fault, "strerror", None) or str(fault)

"""What a tester named, if it is a plain file; the checks are those of every named file (gateway/named_file.py, which
stands below all rooms and knows nothing of the product).

A link to a folder inside a named one is not followed: it could lead to anything on this machine, or in a circle. It is
told instead, for what lies behind it was not looked at.

SECURITY: a folder or an archive may come from anybody. A pipe, a device or a socket under the name of a document is
told and never opened: reading it could wait for ever.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from gateway.named_file import FileRefused, open_named


def open_plain(path: Path) -> BinaryIO:
    """The file, opened for reading; raises OSError, with the path, for what cannot be read or is no plain file."""
    try:
        return open_named(path)
    except FileRefused as fault:
        hint = "; a stream is read with - in the place of a file" if fault.errno == errno.EINVAL else ""
        raise OSError(fault.errno, f"{fault}{hint}", str(path)) from None


def read_plain(path: Path, most_octets: int = -1) -> bytes:
    """Its octets, `most_octets` of them at most."""
    with open_plain(path) as file:
        return file.read(most_octets)


def plain_below(folder: Path) -> list[Path]:
    """Whatever is no folder in that folder and those below it, in the order of their paths; raises OSError, with the
    path, for a folder that cannot be looked into: what it holds may not be passed over as if it were not there. Of
    those it holds, `unfollowed` says which lead to a folder.
    """
    return sorted(_below(folder))


def unfollowed(path: Path) -> str | None:
    """What to tell of a link to a folder; None for anything else."""
    if not os.path.isdir(path):
        return None
    return f"{path}: a link to a folder is not followed"


def _below(folder: Path) -> Iterator[Path]:
    def refuse(fault: OSError) -> None:
        raise fault

    for top, folders, names in os.walk(folder, onerror=refuse):
        links = (each for each in folders if os.path.islink(os.path.join(top, each)))
        yield from (Path(top, each) for each in (*names, *links))

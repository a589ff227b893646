"""What the disk changed: the octets of a participant's inbox and outbox are held against the digest that they were
stored under, before anybody gets them.
"""

from __future__ import annotations

import errno
import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from gateway.client.transport import STEP_OCTETS
from gateway.named_file import FileRefused, open_named

_INBOX: Final = "inbox"
_ACCEPTED: Final = "accepted"
_STORED: Final = "stored"


class DamagedPart(Exception):
    """A part of the inbox is not what was accepted, or one of the outbox not what was stored."""


def changed(box: str, what: object) -> DamagedPart:
    """That this is not what was written to the inbox or outbox."""
    return DamagedPart(f"a part of the {box} is not what was {_ACCEPTED if box == _INBOX else _STORED}: {what}")


_DAMAGE: Final = {
    errno.ENOENT: "is gone",
    errno.EIO: "cannot be read",
    errno.EINVAL: "is no file any more",  # a pipe would be waited for without end
}


def checked(body: bytes | Path, sha256: bytes | None, *, box: str, name: str) -> Iterator[bytes]:
    """The octets of a part of the `inbox` or `outbox`, in a row or in a file; raises `DamagedPart`, at the latest after
    the last of them. Without octets in a file, `name` says which it is.
    """
    digest = hashlib.sha256()
    what = body if isinstance(body, Path) else name
    try:
        with open_named(body) if isinstance(body, Path) else BytesIO(body) as source:
            while chunk := source.read(STEP_OCTETS):
                digest.update(chunk)
                yield chunk
    except FileRefused as fault:
        if fault.errno not in _DAMAGE:
            raise OSError(fault.errno, str(fault), str(what)) from None
        raise DamagedPart(f"a part of the {box} {_DAMAGE[fault.errno]}: {what}") from None
    except OSError as fault:
        if fault.errno != errno.EIO:
            raise
        raise DamagedPart(f"a part of the {box} cannot be read: {what}: {fault.strerror}") from None
    if digest.digest() != sha256:
        raise changed(box, what)

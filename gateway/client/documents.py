"""Hands the documents of the inbox to a folder, for whoever has no program that reads the inbox itself.

Every document gets a name that no other message can have: the moment and type of its message, and a digest over who
sent it to whom, its MessageId and its content. So several participants may share a folder, a state folder may be lost,
and a rerun finds what it wrote before. A name is never taken from a file that holds something else. Each file is
written without a name, flushed, named and its folder flushed; attachments come before the document that names them;
only then is the message marked as processed. A crash at any step leaves whole documents and a message that is handed
over again.

SECURITY: nothing of a name is taken from the message but letters and digits of its type. Files have mode 0600, and a
folder that is made here 0700. What is there under a name already is never followed through a symbolic link.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import os
import re
import stat
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from gateway import failpoints
from gateway.client.damage import DamagedPart, checked
from gateway.client.inbox import Inbox, InboxMessage, InboxPart
from gateway.ebms.names import APPLICATION_PDF, APPLICATION_XML, TEXT_XML
from gateway.unnamed import UnnamedFiles

_ENDINGS: Final = {APPLICATION_XML: "xml", TEXT_XML: "xml", APPLICATION_PDF: "pdf"}
_MOST_NAMES: Final = 100  # of one document: so often may somebody have put something else in its place
_LEFT_OVER_SECONDS: Final = 3600  # a younger temporary file may be another process's


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivered:
    """A message whose documents lie in the folder, the leading one first."""

    message: InboxMessage
    files: tuple[Path, ...]


class OutFolder:
    """An open folder for documents."""

    def __init__(self, path: Path) -> None:
        self.path = path
        _make(path)
        self._files = UnnamedFiles(path, flush=_flush, temporary=".knooppunt-arriving-")
        self._files.sweep(time.time() - _LEFT_OVER_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._files.close()

    def write(self, message: InboxMessage) -> tuple[Path, ...]:
        """Every document of a message, durable on return; those that are there already stay."""
        stem = _stem(message)
        numbered = list(enumerate(message.parts))
        written = {number: self._write(part, f"{stem}-{number}") for number, part in numbered[1:]}
        written |= {number: self._write(part, stem) for number, part in numbered[:1]}
        return tuple(written[number] for number, _ in numbered)

    def _write(self, part: InboxPart, stem: str) -> Path:
        with self._files.open() as file:
            failpoints.reach("D1.before")
            for chunk in _checked(part):
                file.write(chunk)
            failpoints.reach("D1.after")
            for name in _names(stem, _ENDINGS.get(part.mime_type, "bin")):
                failpoints.reach("D2.before")
                try:
                    file.give_name(name)
                except FileExistsError:
                    if not self._holds(name, part):
                        continue
                    _flush(self._files.folder)  # whoever wrote it may have crashed before he did so
                failpoints.reach("D2.after")
                return self.path / name
        raise FileExistsError(f"{self.path / stem}: {_MOST_NAMES} other files have its names")

    def _holds(self, name: str, part: InboxPart) -> bool:
        """Whether what has the name is a file with exactly this content."""
        try:
            descriptor = os.open(self.path / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except OSError:
            return False
        try:
            status = os.fstat(descriptor)
            if not stat.S_ISREG(status.st_mode) or status.st_size != part.octets:
                return False
            with open(descriptor, "rb", closefd=False) as file:
                same = hashlib.file_digest(file, "sha256").digest() == part.sha256
            _flush(descriptor)
            return same
        finally:
            os.close(descriptor)


async def deliver(
    inbox: Inbox, out: OutFolder, *, now: Callable[[], datetime], on_delivered: Callable[[Delivered], None]
) -> None:
    """Write the documents of every message that is not processed yet, and mark it when they are durable.

    What was written is told at once, because the next message may fail with `OSError`. A message whose part is damaged
    keeps nothing behind it waiting: the first `DamagedPart` is raised when all others are written.
    """
    number = 0
    damaged: DamagedPart | None = None
    while (message := await inbox.next(number)) is not None:
        number = message.number
        try:
            files = await asyncio.to_thread(out.write, message)
        except DamagedPart as fault:
            damaged = damaged or fault
            continue
        failpoints.reach("D3.before")
        first = await inbox.mark_processed(number, at=now())
        failpoints.reach("D3.after")
        if first:  # else another process has told it
            on_delivered(Delivered(message=message, files=files))
    if damaged is not None:
        raise damaged


def _make(path: Path) -> None:
    """Make the folder and those above it that are missing, for the owner alone, durably."""
    if path.is_dir():
        return
    _make(path.parent)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not path.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, "is not a folder", str(path)) from None
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _flush(folder)
    finally:
        os.close(folder)


def _flush(descriptor: int) -> None:
    """Bring it onto stable storage; a file system that knows no such thing for a folder is taken as it is."""
    try:
        os.fsync(descriptor)
    except OSError as fault:
        if fault.errno not in (errno.EINVAL, errno.EOPNOTSUPP) or not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise


def _stem(message: InboxMessage) -> str:
    """A name for this message and no other: digits and letters, different also where case is not told apart."""
    said = (message.sender, message.final_recipient or "", message.message_id, *(p.sha256.hex() for p in message.parts))
    digest = hashlib.sha256("".join(f"{len(each)}:{each}" for each in said).encode("utf-8", "surrogatepass"))
    plain = re.sub(r"[^A-Za-z0-9]", "", message.action)[:48] or "message"
    return f"{message.sent_at:%Y%m%d-%H%M%S}-{plain}-{digest.hexdigest()[:32]}"


def _names(stem: str, ending: str) -> Iterator[str]:
    yield f"{stem}.{ending}"
    for number in count(2):
        if number > _MOST_NAMES:
            return
        yield f"{stem}~{number}.{ending}"


def _checked(part: InboxPart) -> Iterator[bytes]:
    """The octets of a part; what is not what was accepted is found before the file gets a name."""
    body = part.file if part.file is not None else part.body or b""
    return checked(body, part.sha256, box="inbox", name=part.content_id)

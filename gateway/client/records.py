"""The folder of an inbox or an outbox: a database, and beside it the files of large parts.

A file gets its name only when everything about it has been judged, with fsync before and after; the row that names it
is committed last. So a crash leaves either nothing, or a file that no row names, which is swept when the folder is
opened. SECURITY: folder and files are for the owner alone; what is not accepted never had a name.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from importlib.resources import files
from io import BytesIO
from pathlib import Path
from typing import IO, TypeVar

import apsw

from gateway.digest import digest
from gateway.in_place import InPlace
from gateway.named_file import FileRefused, open_named
from gateway.sqlite import CommitUnknown, Writer, WriterEnded, is_damage, open_database, read_statements
from gateway.storage import placed
from gateway.unnamed import UnnamedFile, UnnamedFiles

T = TypeVar("T")

IN_ROW_OCTETS = 64 * 1024
_SWEEP_AFTER_SECONDS = 3600  # a younger file may belong to an acceptance that is going on in another process
_STEP_OCTETS = 256 << 10  # read of a file at once
_NAME_OCTETS = 16
_NAME = re.compile(f"[0-9a-f]{{{2 * _NAME_OCTETS}}}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(moment: datetime) -> int:
    """A moment as the databases of a participant keep it."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def moment_of(value: int) -> datetime:
    """The moment that a database keeps as microseconds."""
    return _EPOCH + timedelta(microseconds=value)


class RecordsDamaged(WriterEnded):
    """What lies in the database cannot be read as what was written; nothing more is read of it or written to it."""

    def __init__(self, file: Path, cause: BaseException | None) -> None:
        said = "it holds text that is none" if isinstance(cause, UnicodeDecodeError) else cause
        super().__init__(f"{file} is damaged: {said}")
        self.file = file


@contextlib.contextmanager
def as_written() -> Iterator[None]:
    """A value in a row that is none of ours is damage like a page that is none: no row was ever written so."""
    try:
        yield
    except (ValueError, TypeError, KeyError) as fault:
        raise apsw.CorruptError("a row of it is not as it was written") from fault


@dataclass(frozen=True, slots=True)
class Records:
    """An open folder. Every read and write goes through the one connection that writes."""

    folder: Path
    database: Path
    writer: Writer
    statements: Mapping[str, str]
    unnamed: UnnamedFiles
    is_new: bool  # nobody ever wrote to the database before it was opened

    @property
    def parts_folder(self) -> Path:
        """Where the files of large parts lie."""
        return self.folder / "parts"

    async def run(self, work: Callable[[apsw.Connection], T]) -> T:
        """Do this work in one transaction and return after its commit; raises `RecordsDamaged` besides what the writer
        does.
        """
        try:
            return await self.writer.run(work)
        except (CommitUnknown, WriterEnded) as fault:
            if not is_damage(fault.__cause__):
                raise
            raise RecordsDamaged(self.database, fault.__cause__) from fault.__cause__

    def create_unnamed(self) -> IO[bytes]:
        """A file in the folder that is gone if it is never named; whoever asked for it closes it."""
        return self.unnamed.open()

    def give_name(self, file: IO[bytes], name: str) -> None:
        """Make a file of `create_unnamed` durable under this name: file first, then its directory."""
        if not isinstance(file, UnnamedFile):
            raise TypeError("the file was not made without a name")
        with placed(self.parts_folder):
            file.give_name(name)

    def remove(self, name: str) -> None:
        """Remove the file of a part; harmless when repeated."""
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.parts_folder / name)

    async def aclose(self) -> None:
        """Finish what is queued and close the database."""
        await self.writer.aclose()
        self.unnamed.close()


class GrowingBody:
    """Where octets go of which nobody knows how many will come: memory, then an unnamed file of the folder."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self._file: IO[bytes] = BytesIO()
        self._sha256 = hashlib.sha256()
        self.octets = 0

    def write(self, octets: bytes) -> None:
        """Append."""
        with placed(self._records.parts_folder):
            if isinstance(self._file, BytesIO) and self.octets + len(octets) > IN_ROW_OCTETS:
                kept = self._file.getvalue()
                self._file = self._records.create_unnamed()
                self._file.write(kept)
            self._file.write(octets)
        self._sha256.update(octets)
        self.octets += len(octets)

    @property
    def sha256(self) -> bytes:
        """Of what was written, whatever the disk makes of it."""
        return self._sha256.digest()

    def body(self) -> bytes | IO[bytes]:
        """The octets, or the file that has them."""
        return self._file.getvalue() if isinstance(self._file, BytesIO) else self._file

    def read(self) -> bytes:
        """All octets."""
        self._file.seek(0)
        return self._file.read()

    def close(self) -> None:
        """Give the memory or the file back."""
        self._file.close()


async def open_records(folder: Path, kind: str, application_id: int) -> Records:
    """Open or make the folder of this kind (`inbox`, `outbox`); raises `gateway.storage.DatabaseRefused`."""
    here = files("gateway.client")
    (folder / "parts").mkdir(mode=0o700, parents=True, exist_ok=True)
    database = folder / f"{kind}.sqlite"
    is_new = not database.exists() or not database.stat().st_size
    sha256_of = partial(_sha256_of, folder / "parts")
    functions: Mapping[str, Callable[..., object]] = {"digest": digest, "sha256_of": sha256_of}
    connection = open_database(
        database,
        migrations=here / f"{kind}_migrations",
        application_id=application_id,
        functions=functions,
        # Beside an empty database they would all be swept.
        beside=(folder / "parts",) if _holds_parts(folder / "parts") else (),
    )
    unnamed = UnnamedFiles(folder / "parts")
    in_place = InPlace()
    in_place.hold(folder / "parts")
    writer = Writer(connection, name=f"{kind}-writer", shared=True, in_place=in_place)
    records = Records(folder, database, writer, read_statements(here / f"{kind}_sql"), unnamed, is_new)
    try:
        await _sweep(records)
    except BaseException:
        await records.aclose()
        raise
    return records


def name_of_part() -> str:
    """A new name for the file of a part, that no other file has."""
    return secrets.token_hex(_NAME_OCTETS)


def _holds_parts(folder: Path) -> bool:
    """Whether a file that was given its name lies there: not what arrives, nor what a file system puts down of its
    own, none of which a row ever named.
    """
    with os.scandir(folder) as entries:
        for entry in entries:
            with contextlib.suppress(FileNotFoundError):
                if _NAME.fullmatch(entry.name) and entry.is_file() and entry.stat().st_size:
                    return True
    return False


def _sha256_of(parts_folder: Path, octets: bytes | None, name: str | None) -> bytes | None:
    """The SHA-256 of octets, or of those in a file of that name; None where there are none to read."""
    if name is None:
        return None if octets is None else hashlib.sha256(octets).digest()
    try:
        with open_named(parts_folder / name) as file:
            found = hashlib.sha256()
            while chunk := file.read(_STEP_OCTETS):
                found.update(chunk)
            return found.digest()
    except FileRefused as fault:  # what is no file any more, such as a pipe, is not waited for
        if fault.errno not in (errno.ENOENT, errno.EIO, errno.EINVAL):
            raise OSError(fault.errno, str(fault), str(parts_folder / name)) from fault
        return None
    except OSError as fault:
        if fault.errno not in (errno.ENOENT, errno.EIO):
            raise
        return None


async def _sweep(records: Records) -> None:
    """Remove files that no row names, left by a crash between naming and commit."""
    statement = records.statements["files"]
    named = await records.run(lambda connection: {name for (name,) in connection.execute(statement)})
    oldest = time.time() - _SWEEP_AFTER_SECONDS  # the machine's clock, as what the file system noted
    for entry in records.parts_folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if entry.name not in named and entry.stat().st_ctime < oldest:
                entry.unlink()  # named an hour ago: when it was written does not tell

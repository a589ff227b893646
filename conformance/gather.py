"""Finds the documents a tester names: files, folders, zip archives, and standard input.

Documents come one at a time, so that no more than one of them is in memory, and all of them count against one budget.
What was named and holds no document is a fault: a check of nothing would pass.

SECURITY: nothing but plain files is opened (conformance/plain_files.py). The directory of an archive is measured before
it is read; an archive is read one entry at a time, each up to a limit, and nothing of it is written to disk.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from conformance.plain_files import open_plain, plain_below, read_plain, unfollowed
from conformance.schema_cases import SchemaCase

STANDARD_INPUT = Path("-")
MOST_DOCUMENTS = 100_000
MOST_TOLD = 100  # of what was passed over
MOST_OCTETS = 512 * 1024 * 1024  # of all documents together
MOST_DIRECTORY_OCTETS = 16 * 1024 * 1024  # of one archive: 100,000 entries with names of a hundred octets
_BROKEN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError)


class GatherFault(Exception):
    """Something named cannot be read; the text names it and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentSize:
    """How large one document may be."""

    octets: int


@dataclass(slots=True, kw_only=True)
class _Budget:
    """What is left of the budget of a run."""

    documents: int = field(default_factory=lambda: MOST_DOCUMENTS)
    octets: int = field(default_factory=lambda: MOST_OCTETS)
    passed_over: list[str] | None = None

    def pass_over(self, sentence: str) -> None:
        """Leave something unread and go on, if whoever asked wants to hear of it at the end."""
        shown = _shown(sentence)
        if self.passed_over is None:
            raise GatherFault(shown)
        if len(self.passed_over) < MOST_TOLD:
            self.passed_over.append(shown)

    def spend(self, octets: bytes, name: str) -> bytes:
        self.documents -= 1
        self.octets -= len(octets)
        if self.documents < 0:
            raise GatherFault(f"{_shown(name)}: more than {MOST_DOCUMENTS} documents; check them in several runs")
        if self.octets < 0:
            raise GatherFault(
                f"{_shown(name)}: more than {MOST_OCTETS >> 20} MiB of documents; check them in several runs"
            )
        return octets


def documents(
    paths: Iterable[Path], limits: DocumentSize, standard_input: Callable[[], BinaryIO] | None = None,
    passed_over: list[str] | None = None,
) -> Iterator[SchemaCase]:  # fmt: skip
    """Every document named: a file as it is, the *.xml files and *.zip archives below a folder, the *.xml entries of a
    zip, and `-` as one document from `standard_input`. Raises GatherFault.

    `passed_over` gets a sentence for each file, archive and entry of one that cannot be read, for each archive in an
    archive, and for each link to a folder; without it the first of these is the fault."""
    budget, last_most = (
        _Budget(passed_over=passed_over),
        limits.octets + 1,
    )  # one octet more than the limit: the parser says it is too large
    asked = False
    for path in paths:
        if path == STANDARD_INPUT and standard_input is not None:
            if asked:
                raise GatherFault("- was named twice, and standard input can be read once")
            asked = True
            try:
                octets = standard_input().read(last_most)
            except OSError as fault:
                raise GatherFault(f"standard input cannot be read: {fault.strerror or 'it is no input'}") from fault
            yield _document("(standard input)", path, budget.spend(octets, "-"))
        elif path.is_dir():
            yield from _told_if_empty(
                path, _folder(path, last_most, budget), budget, "a folder is searched for *.xml and *.zip"
            )
        elif _is_archive(path):
            yield from _told_if_empty(
                path, _archive(path, last_most, budget), budget, "an archive is searched for *.xml"
            )
        else:
            yield from _file(path, last_most, budget)


def _told_if_empty(path: Path, found: Iterator[SchemaCase], budget: _Budget, searched: str) -> Iterator[SchemaCase]:
    count, before = 0, len(budget.passed_over or ())
    for document in found:
        count += 1
        yield document
    if not count and len(budget.passed_over or ()) == before:
        raise GatherFault(f"{path}: there is no document in it; {searched}")


def _is_archive(path: Path) -> bool:
    return path.suffix.lower() == ".zip"


def _folder(folder: Path, most_octets: int, budget: _Budget) -> Iterator[SchemaCase]:
    try:
        found = plain_below(folder)
    except OSError as fault:
        raise GatherFault(f"{fault.filename}: {fault.strerror}") from fault
    for path in found:
        if (told := unfollowed(path)) is not None:
            budget.pass_over(told)
        elif _is_archive(path):
            yield from _archive(path, most_octets, budget)
        elif path.suffix.lower() == ".xml":
            yield from _file(path, most_octets, budget)


def _document(name: str, source: Path, octets: bytes) -> SchemaCase:
    """A document under its name, in which what cannot be printed or written into XML becomes a question mark."""
    return SchemaCase(id=_shown(name), source=source, octets=octets, expect=None)


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text)


def _file(path: Path, most_octets: int, budget: _Budget) -> Iterator[SchemaCase]:
    try:
        octets = read_plain(path, most_octets)
    except OSError as fault:
        budget.pass_over(f"{path}: {fault.strerror}")
    else:
        yield _document(str(path), path, budget.spend(octets, str(path)))


def _archive(path: Path, most_octets: int, budget: _Budget) -> Iterator[SchemaCase]:
    try:
        file = open_plain(path)
    except OSError as fault:
        budget.pass_over(f"{path}: {fault.strerror}")
        return
    try:
        with file:
            if _directory_octets(file) > MOST_DIRECTORY_OCTETS:
                budget.pass_over(f"{path}: its directory is larger than {MOST_DIRECTORY_OCTETS >> 20} MiB")
                return
            with zipfile.ZipFile(file) as archive:
                for entry in archive.infolist():
                    name = f"{path}/{entry.filename}"
                    if entry.filename.lower().endswith(".zip"):
                        budget.pass_over(f"{name}: an archive in an archive is not searched")
                    if not entry.filename.lower().endswith(".xml"):
                        continue
                    try:
                        with archive.open(entry) as content:
                            octets = content.read(most_octets)
                    except _BROKEN as fault:
                        budget.pass_over(f"{name}: this entry cannot be read: {_why(entry, fault)}")
                        continue
                    yield _document(name, path, budget.spend(octets, str(path)))
    except _BROKEN:
        budget.pass_over(f"{path}: cannot be read as a zip archive")


def _why(entry: zipfile.ZipInfo, fault: Exception) -> str:
    if entry.flag_bits & 0x1:  # APPNOTE 4.4.4
        return "it is encrypted"
    if isinstance(fault, NotImplementedError):
        return f"it is compressed by a method that is not known here ({entry.compress_type})"
    if isinstance(fault, zipfile.BadZipFile) and "CRC" in str(fault):
        return "it is damaged, its check sum (CRC-32) is another"
    return "it is damaged"


_END, _END_64, _LOCATOR_64 = b"PK\x05\x06", b"PK\x06\x06", b"PK\x06\x07"


def _directory_octets(file: BinaryIO) -> int:
    """The size of an archive's directory as its end says (APPNOTE 4.3.14 to 4.3.16); `zipfile` reads all of that at
    once. 0 where there is no such end, which `zipfile` then says."""
    size = file.seek(0, 2)
    start = max(0, size - 22 - 65_535)
    file.seek(start)
    tail = file.read(size - start)
    at = tail.rfind(_END)
    if at < 0 or len(tail) - at < 22:
        return 0
    octets = int(struct.unpack_from("<L", tail, at + 12)[0])
    if at >= 20 and tail.startswith(_LOCATOR_64, at - 20) and start + at >= 76:
        file.seek(start + at - 76)
        end = file.read(56)
        if end.startswith(_END_64):
            octets = max(octets, int(struct.unpack_from("<Q", end, 40)[0]))
    return octets

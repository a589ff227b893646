"""Finds the documents a tester names: files, folders and zip archives.

SECURITY: an archive is read one entry at a time, each up to a limit, and nothing of it is written to disk.
"""

from __future__ import annotations

import lzma
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from conformance.schema_cases import SchemaCase

MOST_ENTRIES = 100_000
MOST_OCTETS = 512 * 1024 * 1024  # of all documents of an archive together
_BROKEN = (OSError, EOFError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, NotImplementedError, RuntimeError)


class GatherFault(Exception):
    """A named file cannot be read; the text names it and says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large one document may be."""

    octets: int


def documents(paths: Iterable[Path], limits: Limits) -> Iterator[SchemaCase]:
    """Every document named: a file as it is, the *.xml files below a folder, the *.xml entries of a zip."""
    for path in paths:
        if path.is_dir():
            for inner in sorted(path.rglob("*")):
                if inner.suffix == ".zip":
                    yield from _archive(inner, limits)
                elif inner.suffix == ".xml" and inner.is_file():
                    yield _document(str(inner), inner, _read(inner, limits))
        elif path.suffix == ".zip":
            yield from _archive(path, limits)
        else:
            yield _document(str(path), path, _read(path, limits))


def _document(name: str, source: Path, octets: bytes) -> SchemaCase:
    """A document under its name, in which what cannot be printed or written into XML becomes a question mark."""
    shown = "".join(c if c.isprintable() else "?" for c in name)
    return SchemaCase(id=shown, source=source, octets=octets, expect=None)


def _read(path: Path, limits: Limits) -> bytes:
    """One octet more than the limit at most: the parser says that it is too large."""
    try:
        with path.open("rb") as file:
            return file.read(limits.octets + 1)
    except OSError as fault:
        raise GatherFault(f"{path}: {fault.strerror}") from fault


def _archive(path: Path, limits: Limits) -> Iterator[SchemaCase]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if entry.filename.endswith(".xml")]
            if len(entries) > MOST_ENTRIES:
                raise GatherFault(f"{path}: more than {MOST_ENTRIES} documents in one archive")
            left = MOST_OCTETS
            for entry in entries:
                with archive.open(entry) as file:
                    octets = file.read(limits.octets + 1)
                left -= len(octets)
                if left < 0:
                    raise GatherFault(f"{path}: more than {MOST_OCTETS >> 20} MiB of documents in one archive")
                yield _document(f"{path}/{entry.filename}", path, octets)
    except _BROKEN as fault:
        raise GatherFault(f"{path}: cannot be read as a zip archive") from fault

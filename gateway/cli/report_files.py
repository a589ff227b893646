"""The report files of a check and a suite: never in the place of what is read, each written whole or not at all.

What is named as a report and would overwrite a document is refused before anything is read. A report that cannot be
written costs no verdict: it is told when the verdicts have been given.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from gateway.cli.output import USAGE, Failure
from gateway.named_file import real_path
from gateway.storage import EXIT_STORAGE, NO_SPACE
from gateway.whole_file import write_whole

READ_SUFFIXES = (".xml", ".zip", ".yaml", ".yml", ".expect", ".xsd")
"""What is taken from a folder that was named to be read."""
_OF_THE_DISK = (*NO_SPACE, errno.EIO)
_OTHER_NAME = "Give the report a name of its own."


def refuse_overwriting(reports: Sequence[Path | None], read: Iterable[Path]) -> None:
    """Refuse reports that are one file, or that are or would become something that is read: a file under whatever name,
    standard input, or what a folder is searched for."""
    named = [report for report in reports if report is not None]
    if not named:
        return
    if Path("-") in named:
        raise Failure("a report is a file, and - names none", next_step=_OTHER_NAME, code=USAGE)
    if len({_identity(report) for report in named}) < len(named):
        raise Failure(f"{named[-1]}: two reports in one file", next_step=_OTHER_NAME, code=USAGE)
    existing = {inode: report for report in named if (inode := _inode(_resolved(report))) is not None}
    for path in read:
        if not path.is_dir():
            about = _inode(path) if path != Path("-") else _inode(0)
            _refuse(existing.get(about) if about else None)
            continue
        top = real_path(path)
        for report in named:
            place = _resolved(report)
            _refuse(report if place.is_relative_to(top) and place.suffix.lower() in READ_SUFFIXES else None)
        for file in path.rglob("*") if existing else ():
            if file.suffix.lower() in READ_SUFFIXES and (about := _inode(file)) is not None:
                _refuse(existing.get(about))


def _refuse(report: Path | None) -> None:
    if report is not None:
        raise Failure(f"{report}: the report would stand among what is read", next_step=_OTHER_NAME, code=USAGE)


def _inode(path: Path | int) -> tuple[int, int] | None:
    try:
        about = os.stat(path)
    except (OSError, ValueError):
        return None
    return (about.st_dev, about.st_ino) if stat.S_ISREG(about.st_mode) else None


def _resolved(path: Path) -> Path:
    try:
        return real_path(path)
    except (OSError, RuntimeError):  # links in a circle
        return path.absolute()


def _identity(path: Path) -> object:
    place = _resolved(path)  # where it will be written: the system knows nothing below a folder that is not there
    return _inode(place) or place


def unwritten(reports: Iterable[tuple[Path, bytes]]) -> Failure | None:
    """Write each report; what could not be written, as the failure to end with when the verdicts have been given."""
    faults = list(_faults(reports))
    if not faults:
        return None
    wrongly_named = all(code == USAGE for _, code in faults)
    return Failure(
        "; ".join(f"the report {sentence}" for sentence, _ in faults),
        next_step="The verdicts are given all the same. Name a file that can be written, or make room.",
        code=USAGE if wrongly_named else EXIT_STORAGE,
    )


def _faults(reports: Iterable[tuple[Path, bytes]]) -> Iterator[tuple[str, int]]:
    for path, octets in reports:
        try:
            write_whole(real_path(path), octets)  # a link stays, and what it leads to is replaced
        except (OSError, RuntimeError, ValueError) as fault:
            why = fault.strerror if isinstance(fault, OSError) else "no name of a file"
            code = EXIT_STORAGE if isinstance(fault, OSError) and fault.errno in _OF_THE_DISK else USAGE
            yield f"{path} was not written: {why}", code

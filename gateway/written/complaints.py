"""Complaints about configuration: where, and one sentence each; collected, so that an administrator sees them all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Complaint:
    """One thing that is wrong in a file; `path` is the key in question, as `certificates.signing[0]`."""

    file: str
    line: int
    path: str
    sentence: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}: "
        return where + (f"{self.path}: {self.sentence}" if self.path else self.sentence)


class ConfigurationFault(Exception):
    """The configuration cannot be used; `complaints` are all that was found, in the order of files and lines."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(sorted(set(complaints)))
        super().__init__("\n".join(str(each) for each in self.complaints))


def line_of(lines: Mapping[str, int], key: str) -> int:
    """The line of a key, as `certificates.signing[0]`, or of the nearest thing around it."""
    while key and key not in lines:
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return lines.get(key, 1)

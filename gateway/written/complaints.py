"""Complaints about what people wrote: where, and one sentence each; collected, so that they see them all.

SECURITY: a file may come from another organisation. What it says is repeated in a complaint on one line, with signs
that cannot be seen escaped, and cut where it is long: it can neither forge a second complaint nor hide the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias

KeyPath: TypeAlias = tuple[str | int, ...]

_SHOWN_CHARACTERS: Final = 64


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Complaint:
    """One thing that is wrong in a file; `path` is the key in question, as `certificates.signing[0]`, and `line` 0
    where none can be named.
    """

    file: str
    line: int
    path: str
    sentence: str

    def __str__(self) -> str:
        file = repr(self.file) if self.file != self.file.strip() else printable(self.file)
        where = f"{file}:{self.line}: " if self.line else f"{file}: "
        return where + printable(f"{self.path}: {self.sentence}" if self.path else self.sentence)


class ConfigurationFault(Exception):
    """The configuration cannot be used; `complaints` are all that was found, in the order of files and lines."""

    def __init__(self, complaints: Iterable[Complaint]) -> None:
        self.complaints = tuple(sorted(set(complaints)))
        super().__init__("\n".join(str(each) for each in self.complaints))


def shown(value: object) -> str:
    """A value that a file holds, as a sentence may repeat it: on one line, and not longer than a line."""
    text = str(value)
    return printable(text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…")


def printable(text: str) -> str:
    """The text with everything escaped that breaks a line or cannot be seen."""
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


@lru_cache(maxsize=4096)  # thousands of files have the same keys
def dotted(path: KeyPath) -> str:
    """A path as people write it."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{shown(step)}" if text else shown(step)
    return text


def line_of(lines: Mapping[str, int], key: str) -> int:
    """The line of a key, as `certificates.signing[0]`, or of the nearest thing around it."""
    while key and key not in lines:
        key = key[: max(key.rfind("."), key.rfind("["), 0)]
    return lines.get(key, 1)

"""Everything that a page says, from one catalogue: a file a language, the same keys in each.

A text may name values in braces; they are put in as they are, and become markup nowhere: whoever renders escapes the
whole.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Final

DUTCH: Final = "nl"
LANGUAGES: Final = ("nl", "en")


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one language."""

    language: str
    by_key: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """The text under a key with its values; KeyError where there is none, which is a defect."""
        return self.by_key[key].format_map(values) if values else self.by_key[key]

    def counted(self, key: str, count: int) -> str:
        """The text under `key.one` or `key.many`, with the number."""
        return self(f"{key}.{'one' if count == 1 else 'many'}", count=count)

    def day(self, day: date) -> str:
        """A day, as `do 3 dec 2026`."""
        return f"{self(f'day.{day.weekday()}')} {day.day} {self(f'month.{day.month}')} {day.year}"


def read_texts(folder: Path, languages: Iterable[str] = LANGUAGES) -> Mapping[str, Texts]:
    """The catalogue, by language."""
    return MappingProxyType({each: Texts(each, _read(folder / f"{each}.json")) for each in languages})


def _read(path: Path) -> Mapping[str, str]:
    found: dict[str, str] = json.loads(path.read_text("utf-8"))
    return MappingProxyType(found)


def language_of(asked: str | None, remembered: str | None, offered: Iterable[str]) -> str:
    """The language of a page: as asked now, as chosen before, or the first that is offered."""
    languages = tuple(offered)
    return next((each for each in (asked, remembered) if each in languages), languages[0])

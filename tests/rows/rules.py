"""Rules beyond the rows of ebMS and AS4, each with the tests that hold it, as `rules.toml` lists them.

topics()   what is listed, by what it is about
rows()     the rows with an id of their own, with the files of the tests whose names end in it; a test in JavaScript
           tells its rows in brackets at the end of its title
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

TESTS: Final = Path(__file__).parents[1]
LIST: Final = Path(__file__).parent / "rules.toml"
_ROW_OF_A_FOLDER: Final = re.compile(r"[A-Z]+-?[0-9]+[a-z]?")
_TEST: Final = re.compile(r"^ *(?:async )?def (test_\w+)\(", re.MULTILINE)
_NAMED_FOR_ROWS: Final = re.compile(r"^ *(?:async )?def test_\w+?((?:_(?:SR|PO)_[0-9]{2})+)\(", re.MULTILINE)
_TITLED_FOR_ROWS: Final = re.compile(r"^ *(?:describe|test)\(.*\(((?:PO-[0-9]{2}(?:, )?)+)\)[\"`]", re.MULTILINE)
_ROW: Final = re.compile(r"(SR|PO)[_-]([0-9]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One sentence, and what holds it: tests as `file::function` below `tests`, and rows of the tables here."""

    says: str
    held_by: tuple[str, ...]

    @property
    def tests(self) -> tuple[str, ...]:
        return tuple(each for each in self.held_by if not _ROW_OF_A_FOLDER.fullmatch(each))

    @property
    def rows(self) -> tuple[str, ...]:
        return tuple(each for each in self.held_by if _ROW_OF_A_FOLDER.fullmatch(each))


@dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """What some rules are about, and the decision that tells why, where there is one."""

    title: str
    decision: str | None
    rules: tuple[Rule, ...]


def topics() -> tuple[Topic, ...]:
    """All topics in the order of the list."""
    return tuple(
        Topic(
            title=each["title"],
            decision=each.get("decision"),
            rules=tuple(Rule(says=says, held_by=tuple(held_by)) for says, *held_by in each["rules"]),
        )
        for each in tomllib.loads(LIST.read_text(encoding="utf-8"))["about"]
    )


@cache
def rows() -> dict[str, Rule]:
    """Each row that has an id, with every file in which a test is named for it."""
    said = tomllib.loads(LIST.read_text(encoding="utf-8"))["rows"]
    found = set(_named_for_rows())
    return {
        row: Rule(says=says, held_by=tuple(sorted(file for file, of in found if of == row)))
        for row, says in said.items()
    }


@cache
def functions(file: str) -> frozenset[str]:
    """The names of the tests of a file below `tests`; none where there is no such file."""
    place = TESTS / file
    return frozenset(_TEST.findall(place.read_text(encoding="utf-8"))) if place.is_file() else frozenset()


def _named_for_rows() -> Iterator[tuple[str, str]]:
    for pattern, kind in ((_NAMED_FOR_ROWS, "test_*.py"), (_TITLED_FOR_ROWS, "*.test.js")):
        for file in sorted(TESTS.rglob(kind)):
            for names in pattern.findall(file.read_text(encoding="utf-8")):
                for letters, number in _ROW.findall(names):
                    yield file.relative_to(TESTS).as_posix(), f"{letters}-{number}"

"""Reads the documents: their fenced blocks, and texts made equal that differ only in ids, times and ports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w+)(?: +([^\n]*))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: its language, what stands behind the language, its text, and the line of its fence."""

    language: str
    place: str
    text: str
    line: int


def blocks(page: Path) -> tuple[Block, ...]:
    """The fenced blocks of a page, in their order."""
    text = page.read_text("utf-8")
    return tuple(
        Block(found[1], found[2] or "", found[3], text.count("\n", 0, found.start()) + 1)
        for found in _FENCE.finditer(text)
    )


def python_blocks(page: Path) -> tuple[str, ...]:
    """The examples in Python of a page."""
    return tuple(each.text for each in blocks(page) if each.language == "python")


@dataclass(frozen=True, slots=True)
class Step:
    """Commands that a reader types somewhere, and what he then sees."""

    place: str
    commands: str
    shown: str
    line: int


def steps(page: Path) -> Iterator[Step]:
    """Every `sh` block of a page with the `text` or `xml` block that follows it."""
    found = blocks(page)
    for index, block in enumerate(found):
        if block.language == "sh":
            after = found[index + 1] if index + 1 < len(found) else None
            shown = after.text if after is not None and after.language in ("text", "xml") else ""
            yield Step(block.place, block.text, shown, block.line)


_SAME = (
    (re.compile(r"\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b"), "ID"),
    (re.compile(r"\b[0-9a-f]{32}\b"), "ID"),
    (re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)"), "MOMENT"),
    (re.compile(r"\b\d{8}-\d{6}-"), "MOMENT-"),  # as names of files have it
    (re.compile(r"\b\d+\.\d s\b"), "SECONDS"),
    (re.compile(r"process \d+"), "process PID"),
    (re.compile(r"port \d+"), "port PORT"),
    (re.compile(r":\d{4,5}/as4"), ":PORT/as4"),
    (re.compile(r"─+"), "─"),
    (re.compile(r"[ \t]+"), " "),
)


def plain(text: str) -> list[str]:
    """The lines that say something, with what may differ from run to run made equal."""
    for pattern, instead in _SAME:
        text = pattern.sub(instead, text)
    return [line.strip() for line in text.splitlines() if line.strip()]


def assert_shown(shown: str, printed: str) -> None:
    """What a page shows is what was printed; a line `…` of the page stands for any lines."""
    wanted, found = plain(shown), plain(printed)
    pattern = "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line) + r"\n" for line in wanted)
    assert re.fullmatch(pattern, "".join(f"{line}\n" for line in found)), f"shown:\n{shown}\nprinted:\n{printed}"

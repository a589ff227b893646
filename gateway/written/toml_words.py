"""What is wrong with a text that is not TOML, in words for whoever wrote it.

The parser says what it expected next; an administrator has to know what he did, in which line, and what to do about it.
This module imports nothing of ours.
"""

from __future__ import annotations

import re
import tomllib
from typing import Final

NOT_READ: Final = "this line cannot be read; look at its quotes, its brackets and its equals sign"
_OPEN_QUOTE: Final = "a quote is opened here and never closed; close it in the same line"
_OPEN_LIST: Final = "a list that begins with [ here is not closed, or lacks a comma between two values"
_BARE: Final = (
    "a value is missing here, or is no value of TOML: put text in quotes, and write true or false in small letters"
)
_TWO: Final = "something follows the value in this line; put the whole value in quotes, or several in [ ] with commas"
_DATE: Final = "there is no such date or time; write one as 2026-05-15 or 13:45:00, or put it in quotes"
_BACKSLASH: Final = "a backslash in double quotes stands for something else; use single quotes"
_TWICE: Final = "this section or key stands above already; put what belongs to it in one place"
_CONTROL: Final = "there is a sign that cannot be seen; write this line anew"

# What the parser says, and what people did.
_CAUSES: Final[tuple[tuple[str, str], ...]] = (
    ("Unterminated string", _OPEN_QUOTE),
    ('Expected "\'"', _OPEN_QUOTE),
    (r"Illegal character '\n'", _OPEN_QUOTE),
    (r"Illegal character '\r'", _OPEN_QUOTE),
    ("Illegal character", _CONTROL),
    ("Found invalid character", _CONTROL),
    ("Unescaped", _BACKSLASH),
    ("Invalid hex value", _BACKSLASH),
    ("Escaped character", _BACKSLASH),
    ("Unclosed array", _OPEN_LIST),
    (
        "Unclosed inline table",
        "keys that begin with { here are not closed, or lack a comma; close them in the same line",
    ),
    ("end of a table declaration", "a section that begins with [ here is not closed; write ] after its name"),
    ("end of an array declaration", "a section that begins with [[ here is not closed; write ]] after its name"),
    ("Cannot declare", _TWICE),
    ("Cannot overwrite", _TWICE),
    ("Cannot mutate", _TWICE),
    ("Duplicate inline table key", _TWICE),
    ("Expected '='", "a key needs an equals sign after it, and one that holds blanks needs quotes"),
    ("Invalid date", _DATE),
    ("Invalid initial character", "a key or section needs a name of letters, digits, - and _; put any other in quotes"),
    ("Invalid statement", "a line begins with a key, a section in [ ], or # for a remark"),
    ("Expected newline", _TWO),
    ("Invalid value", _BARE),
)
_PLACE: Final = re.compile(r"\(at line (\d+), column \d+\)$")
_DATE_LIKE: Final = re.compile(r"=\s*(?:\d+-\d+-\d|\d+:\d)")
_LIST_BEGINS: Final = re.compile(r"=\s*\[")


def in_our_words(text: str, fault: tomllib.TOMLDecodeError) -> tuple[int, str]:
    """The line, counted from 1, and what to mend there."""
    said = str(fault)
    lines = text.split("\n")
    place = _PLACE.search(said)
    number = int(place.group(1)) if place else len(text.rstrip().split("\n"))
    sentence = next((ours for theirs, ours in _CAUSES if theirs in said), NOT_READ)
    begins = _list_that_is_open(lines[:number])
    if sentence in (_OPEN_LIST, _BARE) and begins:
        return begins, _OPEN_LIST
    if sentence == _OPEN_QUOTE and not place:
        return _quote_that_is_open(lines), sentence
    if sentence in (_TWO, _BARE) and _DATE_LIKE.search(lines[number - 1]):
        return number, _DATE
    return number, sentence


def _list_that_is_open(lines: list[str]) -> int:
    """The line of the last list that begins in these and is not closed in its own line; 0 if there is none."""
    for number in range(len(lines), 0, -1):
        line = lines[number - 1]
        if _LIST_BEGINS.search(line):
            return number if line.count("[") > line.count("]") or number == len(lines) else 0
    return 0


def _quote_that_is_open(lines: list[str]) -> int:
    """The first line with a quote that has no other; the last line if each has."""
    for number, line in enumerate(lines, start=1):
        if any(line.count(quote) % 2 for quote in ('"', "'")):
            return number
    return len(lines)

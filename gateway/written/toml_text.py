"""TOML as settings are written in it: text to values, with the line of each section and key that begins one."""

from __future__ import annotations

import re
import tomllib
from typing import Final

from gateway.written.complaints import KeyPath
from gateway.written.plain import Fault, Written
from gateway.written.toml_words import in_our_words

_SECTION_LINE: Final = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\-]+)\s*\]\]?")
_KEY_LINE: Final = re.compile(r"\s*([A-Za-z0-9_.\-]+)\s*=")


def read_toml(text: str) -> Written:
    """Read one file. A key without a line of its own has that of its section, and what has none line 0."""
    try:
        return Written(tomllib.loads(text), _lines_of(text))
    except tomllib.TOMLDecodeError as fault:
        return Written(None, {}, (Fault((), *in_our_words(text, fault)),))


def _lines_of(text: str) -> dict[KeyPath, int]:
    """tomllib keeps no lines: those of sections and keys that stand at the start of one."""
    found: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    section: KeyPath = ()
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _SECTION_LINE.match(line):
            section = tuple(header.group(1).split("."))
            if line.lstrip().startswith("[["):
                found.setdefault(section, number)
                counts[section] = counts.get(section, -1) + 1
                section = (*section, counts[section])
            found.setdefault(section, number)
        elif key := _KEY_LINE.match(line):
            found.setdefault((*section, *key.group(1).split(".")), number)
    return found

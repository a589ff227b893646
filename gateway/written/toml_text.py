"""TOML as settings are written in it: text to values, with the line of each section and key that begins one.

SECURITY: what costs the parser more with each level, a key of many words, has to fit into a line of bounded length.
"""

from __future__ import annotations

import re
import tomllib
from typing import Final

from gateway.written.complaints import KeyPath
from gateway.written.plain import Fault, Written
from gateway.written.toml_words import in_our_words

MAX_LINE_CHARACTERS: Final = 8192

_SECTION_LINE: Final = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\-]+)\s*\]\]?")
_KEY_LINE: Final = re.compile(r"\s*([A-Za-z0-9_.\-]+)\s*=")


def read_toml(text: str) -> Written:
    """Read one file. A key without a line of its own has that of its section, and what has none line 0."""
    long = next((n for n, line in enumerate(text.splitlines(), start=1) if len(line) > MAX_LINE_CHARACTERS), None)
    if long is not None:
        return Written(None, {}, (Fault((), long, f"the line is longer than {MAX_LINE_CHARACTERS} characters"),))
    try:
        return Written(tomllib.loads(text), _lines_of(text))
    except RecursionError:
        return Written(None, {}, (Fault((), 1, "values are nested too deep to be read"),))
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

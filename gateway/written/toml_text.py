"""TOML as settings are written in it: text to values, with the line of each section and key that begins one.

SECURITY: what costs the parser more with each level, a key of many words, has to fit into a line of bounded length, and
values are nested 16 deep at most, and there are 50 faults at most.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from typing import Any, Final

from gateway.written.complaints import KeyPath
from gateway.written.plain import MAX_DEPTH, MAX_FAULTS, MORE, Fault, Written
from gateway.written.toml_words import in_our_words

MAX_LINE_CHARACTERS: Final = 8192
MOST_NUMBER: Final = 2**63 - 1  # as far as TOML promises whole numbers
LONE_RETURN: Final = "the line ends with CR alone; save the file with LF or CRLF at the end of each line"
TOO_DEEP: Final = f"values are nested deeper than {MAX_DEPTH} levels"
TOO_LARGE: Final = "no setting is so large a number"

_SECTION_LINE: Final = re.compile(r"\s*\[\[?\s*([A-Za-z0-9_.\-]+)\s*\]\]?")
_LONE_RETURN: Final = re.compile(r"\r(?!\n)")
_MANY_DIGITS: Final = re.compile(r"[0-9_]{1000}")
_OPENS: Final = frozenset("[{")
_CLOSES: Final = frozenset("]}")
# A text, a comment, what opens or closes a value, and the end of a line.
_TOKEN: Final = re.compile(
    r'"""(?:\\.|[^\\])*?"""|\'\'\'.*?\'\'\'|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|[\[\]{}\n]', re.DOTALL
)
_KEY_LINE: Final = re.compile(r"\s*([A-Za-z0-9_.\-]+)\s*=")


def read_toml(text: str) -> Written:
    """Read one file. A key without a line of its own has that of its section, and what has none line 0."""
    long = next((n for n, line in enumerate(text.splitlines(), start=1) if len(line) > MAX_LINE_CHARACTERS), None)
    if long is not None:
        return Written(None, {}, (Fault((), long, f"the line is longer than {MAX_LINE_CHARACTERS} characters"),))
    try:
        value = tomllib.loads(text)
    except RecursionError:
        shallow = _without_depths(text)
        return Written(None, {}, (Fault((), 1, TOO_DEEP),)) if shallow is None else read_toml(shallow)
    except tomllib.TOMLDecodeError as fault:
        if (odd := _LONE_RETURN.search(text)) is not None:
            line = 1 + len(text[: odd.start()].splitlines())
            return Written(None, {}, (Fault((), max(1, line - 1), LONE_RETURN),))
        return Written(None, {}, (Fault((), *in_our_words(text, fault)),))
    except ValueError:  # Python reads no number of more than some thousands of digits, and does not say where
        shorter = _MANY_DIGITS.sub(str(MOST_NUMBER + 1), text)
        if shorter != text:
            return read_toml(shorter)  # it is too large still, and the rest of the file is read
        return Written(None, {}, (Fault((), 1, TOO_LARGE),))
    lines = Written(None, _lines_of(text))
    faults = [Fault(path, lines.line(path) or 1, sentence) for path, sentence in sorted(set(_unfit(value)), key=repr)]
    if len(faults) > MAX_FAULTS:
        return Written(None, {}, (*faults[:MAX_FAULTS], Fault((), faults[MAX_FAULTS].line, MORE)))
    for each in faults:
        _take_out(value, each.path)
    return Written(value, lines.lines, tuple(faults))


def _without_depths(text: str) -> str | None:
    """The text without what stands far below the deepest level that is read: then a parser that calls itself comes to
    its end. Each line keeps its number. None where what is opened is not closed, or nothing stands so deep.
    """
    kept: list[str] = []
    depth, at = 0, 0
    for token in _TOKEN.finditer(text):
        if depth <= 2 * MAX_DEPTH:
            kept.append(text[at : token.start()])
        at = token.end()
        depth -= token.group() in _CLOSES
        kept.append(token.group() if depth <= 2 * MAX_DEPTH else "\n" * token.group().count("\n"))
        depth += token.group() in _OPENS
    shallow = "".join((*kept, text[at:]))
    return None if depth or shallow == text else shallow


def _unfit(value: object) -> Iterator[tuple[KeyPath, str]]:
    """What the parser takes and nobody means, whom it would cost more with each level; found without recursion. Of what
    is nested too deep it is the key in its section.
    """
    waiting: list[tuple[KeyPath, object]] = [((), value)]
    while waiting:
        path, each = waiting.pop()
        if len(path) > MAX_DEPTH:
            yield path[:2], TOO_DEEP
        elif isinstance(each, dict):
            waiting += [((*path, key), inner) for key, inner in each.items()]
        elif isinstance(each, list):
            waiting += [((*path, index), inner) for index, inner in enumerate(each)]
        elif isinstance(each, int) and not -MOST_NUMBER <= each <= MOST_NUMBER:
            yield path, TOO_LARGE


def _take_out(value: Any, path: KeyPath) -> None:
    """Put nothing in the place of that value, as far as it is there still."""
    for step in path[:-1]:
        value = value[step]
        if value is None:
            return
    value[path[-1]] = None


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

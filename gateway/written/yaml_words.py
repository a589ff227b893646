"""What is wrong with a text that is not YAML, in words for whoever wrote it.

The parser says what it expected next; an administrator has to know what he did. Each cause below is a slip that people
make: wrong indentation, a colon or a quote too many or too few, a tab. It is told with the line where it was made,
which is not always the line where the parser noticed.
"""

from __future__ import annotations

import re
from typing import Final

import yaml

_INDENTED: Final = "keys of one level begin exactly below each other"
NOT_READ: Final = "this line cannot be read; look at its indentation, its colons and its quotes"

# What the parser says, what people did, and whether they did it where the parser began to read (or where it stopped).
_CAUSES: Final[tuple[tuple[str, str, bool], ...]] = (
    ("unexpected end of stream", "a quote is opened here and never closed", True),
    ("unexpected document indicator", "a quote is opened here and never closed", True),
    ("could not find expected ':'", "a key needs a colon and a blank after it", True),
    ("expected ',' or ']'", "a list that begins with [ here is not closed, or lacks a comma", True),
    ("expected ',' or '}'", "keys that begin with { here are not closed, or lack a comma", True),
    ("unknown escape", "a backslash in double quotes stands for something else; use single quotes", False),
    ("block sequence entries", "a list item cannot stand here; put each item on a line of its own", False),
    ("expected '-' indicator", "this line stands in a list: begin it with a dash below the other dashes", False),
    ("expected key", f"this line is indented in another way than the keys around it; {_INDENTED}", False),
    ("expected <document start>", f"this line is indented less than the first key of the file; {_INDENTED}", False),
    ("expected alphabetic", "a value cannot begin with this sign; put it in quotes", False),
)
_KEY: Final = re.compile(r"""\s*(?:- +)*(?:"[^"]*"|'[^']*'|[^"'\s#:][^:#]*):\s""")


def in_our_words(text: str, fault: yaml.MarkedYAMLError) -> tuple[int, str]:
    """The line, counted from 1, and what to mend there."""
    mark, begun = fault.problem_mark or fault.context_mark, fault.context_mark
    if mark is None:
        return 1, NOT_READ
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    before, at = line[: mark.column], line[mark.column : mark.column + 1]
    problem = fault.problem or ""
    if at == "\t" or "\t" in line[: len(line) - len(line.lstrip())]:
        return mark.line + 1, "there is a tab; YAML is indented with blanks alone"
    if "cannot start any token" in problem:
        return mark.line + 1, f"a value cannot begin with {at}; put it in quotes"
    if "mapping values are not allowed" in problem:
        return mark.line + 1, _about_a_colon(before)
    if "expected key" in problem and before.strip():
        return mark.line + 1, "something follows the value in this line; put the whole value in quotes"
    if "expected key" in problem and at == "-":
        return mark.line + 1, "this line begins with a dash among keys; indent it below the key whose list it is in"
    for theirs, ours, where_begun in _CAUSES:
        if theirs in problem:
            return (begun if where_begun and begun is not None else mark).line + 1, ours
    return mark.line + 1, NOT_READ


def _about_a_colon(before: str) -> str:
    """A colon that cannot be one: the second of its line, or that of a key which the line above took in."""
    if _KEY.match(before):
        return "there is a second colon in this line; put a value that holds a colon in quotes"
    return (
        "this key does not go with the line above it: this line is indented too far, or the line above lacks a blank"
        " after its colon"
    )

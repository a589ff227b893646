"""Patterns of XML Schema as JavaScript reads them, with its flag `u` and anchored by whoever uses them.

The two languages look alike and differ: anchors are ordinary characters in a schema, digits are those of all scripts,
the dot means something else. What has no exact counterpart gives None: then the browser leaves the judgement to the
schema itself, which it has too, rather than be wrong in its own way.
"""

from __future__ import annotations

import re
from typing import Final

_PIECE: Final = re.compile(r"\\(?:[pP]\{[A-Za-z0-9-]+\}|.)|.", re.DOTALL)
_CATEGORY: Final = re.compile(r"\\[pP]\{[A-Z][a-z]?\}")
_INSIDE: Final = {r"\d": r"\p{Nd}", r"\D": r"\P{Nd}", r"\s": r" \t\n\r"}
_OUTSIDE: Final = {
    **_INSIDE,
    r"\s": r"[ \t\n\r]",
    r"\S": r"[^ \t\n\r]",
    r"\w": r"[^\p{P}\p{Z}\p{C}]",
    r"\W": r"[\p{P}\p{Z}\p{C}]",
    r"\-": "-",
    ".": r"[^\n\r]",
    "^": r"\^",
    "$": r"\$",
}
_SAME: Final = frozenset(f"\\{each}" for each in r"nrt\|.?*+(){}[]^")


def javascript_pattern(pattern: str) -> str | None:
    """The same language as an expression of JavaScript with flag `u`, or None."""
    found: list[str] = []
    inside = False
    before = ""
    for piece in _PIECE.findall(pattern):
        if piece == "[" and inside:
            return None  # one class taken from another
        written = _written(piece, inside=inside)
        if written is None:
            return None
        if piece == "[" or (piece == "]" and inside):
            inside = piece == "["
        elif piece == "^" and before == "[":
            written = "^"
        found.append(written)
        before = piece
    return "".join(found)


def _written(piece: str, *, inside: bool) -> str | None:
    known = _INSIDE if inside else _OUTSIDE
    if piece in known:
        return known[piece]
    if inside and piece in ("^", r"\-"):
        return r"\^" if piece == "^" else piece
    if (len(piece) == 1 and piece != "\\") or piece in _SAME or _CATEGORY.fullmatch(piece):
        return piece
    return None

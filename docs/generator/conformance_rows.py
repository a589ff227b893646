"""docs/reference/conformance-rows.md, from the rows that the tests in tests/rows declare."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

from rows.left_out import LEFT_OUT

from generator.markdown import document, table

FOLDER = Path(__file__).parents[2] / "tests" / "rows"

TABLES = {
    "T": "Transport and packaging",
    "H": "The ebMS header",
    "S": "Signature",
    "E": "Encryption",
    "C": "Compression",
    "R": "Receipts",
    "X": "Errors",
    "L": "Reliability",
    "P": "Pull and mailboxes",
    "XP": "Abuse: XML parser",
    "DS": "Abuse: signature",
    "EN": "Abuse: encryption and compression",
    "MI": "Abuse: MIME",
    "HT": "Abuse: HTTP",
    "RP": "Abuse: replay",
    "RC": "Abuse: receipts",
    "PL": "Abuse: pull",
    "CE": "Abuse: certificates",
    "SR": "Rules after a review",
    "LG": "Abuse: logs",
    "OP": "Operations",
}
DECIDED = {
    "P08": "asked for a limit of attempts; there is none: only a receipt or the term ends a message",
    "P12": "asked that an ebMS Error ends a message; it is offered again after a pause",
    "P36": "asked for another encryption when the receiver's certificate changes; what was sealed stays as it is",
    "F08": "asked for a receipt before the schema is judged; the receipt comes after all verdicts",
}
INTRODUCTION = """\
A row is one requirement of ebMS 3.0, of AS4 or of a profile, or one way to abuse a hub. Each is a test in `tests/rows`
that sends real messages over a socket to a running hub, or lets a participant meet a hub that plays a script. Run one
with `pytest tests/rows -k T06`. Every refusal is held against the whole contract of a refusal: code, signature,
reference, nothing stored, one log line, no value repeated, and the next good message taken."""


def page() -> str:
    """The whole page."""
    rows = dict(sorted(_all()))
    known = {letter: [each for each in rows if _letter(each) == letter] for letter in TABLES}
    odd = sorted(each for each in rows if _letter(each) not in TABLES)
    if odd:
        raise LookupError(f"rows of a table without a name: {', '.join(odd)}")
    left = {letter: [each for each in LEFT_OUT if _letter(each) == letter] for letter in TABLES}
    counts = [(letter, title, len(known[letter]), len(left[letter]) or "") for letter, title in TABLES.items()]
    return document(
        "Conformance rows",
        INTRODUCTION,
        table(
            ("table", "about", "rows with a test", "left out"),
            [*(row for row in counts if row[2] or row[3]), ("", "**all**", len(rows), len(LEFT_OUT))],
        ),
        "## Left out\n\n" + table(("row", "why"), LEFT_OUT.items()),
        "## Decided otherwise\n\nRows whose text this hub does not follow, and what it does.\n\n"
        + table(("row", "what"), DECIDED.items()),
        *(
            f"## {letter}: {title}\n\n"
            + table(("row", "what is tested"), ((each, rows[each]) for each in known[letter]))
            for letter, title in TABLES.items()
            if known[letter]
        ),
    )


def _letter(row: str) -> str:
    found = re.match(r"[A-Z]+", row)
    return found.group() if found else row


def _all() -> Iterator[tuple[str, str]]:
    """Every row of the tables of every module, and the ids that a module counts as covered besides."""
    for file in sorted(FOLDER.glob("test_*.py")):
        module = importlib.import_module(f"rows.{file.stem}")
        said = dict(_rows(module))
        yield from said.items()
        yield from ((row, "") for row in getattr(module, "ROWS", ()) if row not in said)


def _rows(module: ModuleType) -> Iterator[tuple[str, str]]:
    for value in vars(module).values():
        for each in value if isinstance(value, tuple | list) else ():
            name, says = getattr(each, "id", None), getattr(each, "says", None)
            if isinstance(name, str) and isinstance(says, str) and re.fullmatch(r"[A-Z]+-?\d+[a-z]?", name):
                yield name, says

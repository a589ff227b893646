"""docs/reference/rules-and-tests.md, from the list of rules in tests/rows."""

from __future__ import annotations

from rows.rules import Rule, rows, topics

from generator.markdown import code, document, table

HEAD = ("what holds", "held by")
INTRODUCTION = """\
What this hub and its client promise beyond the [rows](conformance-rows.md) of ebMS and AS4, and what holds each of
these promises: a file below `tests` and a test in it, or a row. The sentence of a test says the same in more detail."""
ROWS = """\
The name of each test of a row ends in its id: `pytest tests -k SR_01` runs them. A test in JavaScript has its rows in
brackets at the end of its title. SR are rows of the exchange of messages and of the store, PO those of the portal."""


def page() -> str:
    """The whole page."""
    return document(
        "Rules and their tests",
        INTRODUCTION,
        *(f"## {each.title}\n\n" + _why(each.decision) + table(HEAD, map(_line, each.rules)) for each in topics()),
        f"## Rows with an id\n\n{ROWS}\n\n"
        + table(("row", *HEAD), ((row, rule.says, _held_by(rule)) for row, rule in rows().items())),
    )


def _why(decision: str | None) -> str:
    return "" if decision is None else f"Why: [decision {int(decision[:4])}](../decisions/{decision}.md).\n\n"


def _line(rule: Rule) -> tuple[str, str]:
    return rule.says, _held_by(rule)


def _held_by(rule: Rule) -> str:
    return "<br>".join([*(code(each) for each in rule.tests), *rule.rows])

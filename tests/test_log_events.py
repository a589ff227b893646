"""The table of log events and the events that the code writes are the same."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import gateway
from gateway.logs import EVENTS, WARNINGS

ROOMS = ("msh", "edge", "web", "jobs", "store", "wiring", "cli")


def names_in(node: ast.expr) -> Iterator[str]:
    """The constants that an argument may be, through `a if x else b`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from names_in(node.body)
        yield from names_in(node.orelse)


def written() -> set[str]:
    """Every event name that a hub's code hands to its log."""
    folder = Path(gateway.__file__).parent
    found: set[str] = set()
    for file in (each for room in ROOMS for each in (folder / room).rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in ("log", "_log", "_quiet"):
                    found.update(names_in(node.args[0]))
    return found


def test_every_event_that_is_written_is_explained_and_no_other() -> None:
    assert written() == EVENTS.keys()


def test_every_warning_is_an_event() -> None:
    assert EVENTS.keys() >= WARNINGS

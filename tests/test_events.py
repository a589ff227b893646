"""The table of events and the events that the code writes are the same, to the field."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import gateway
from gateway.events import EVENTS, FIELDS
from gateway.metrics import Counted

OF_THE_QUIET_LOG = {"unsaid"}  # written by it beside the fields of whoever calls


def names_in(node: ast.expr) -> Iterator[str]:
    """The constants that an argument may be, through `a if x else b`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from names_in(node.body)
        yield from names_in(node.orelse)


def written() -> dict[str, set[str]]:
    """Every event that the code hands to a log, with the fields of all places that do."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in Path(str(gateway.__file__)).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and node.args:
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called in ("log", "_log", "_quiet"):
                    for name in names_in(node.args[0]):
                        found[name] |= {each.arg or "**" for each in node.keywords}
    return found


WRITTEN = written()


def test_every_event_that_is_written_is_in_the_table_and_no_other() -> None:
    assert WRITTEN.keys() == EVENTS.keys()


@pytest.mark.parametrize("name", EVENTS)
def test_an_event_has_the_fields_of_the_table_and_no_other(name: str) -> None:
    assert WRITTEN[name] == set(EVENTS[name].fields) - OF_THE_QUIET_LOG


def test_every_field_says_what_it_means_and_is_of_some_event() -> None:
    assert FIELDS.keys() == {field for event in EVENTS.values() for field in event.fields}


def test_every_row_of_the_table_is_a_counter_and_what_is_counted_is_logged() -> None:
    lines: list[tuple[str, dict[str, object]]] = []
    moments = (datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=minutes) for minutes in range(1000))
    counted = Counted(lambda event, /, **fields: lines.append((event, fields)), lambda: next(moments))
    assert [(each.event, each.count, each.last_at) for each in counted.counts()] == [(name, 0, None) for name in EVENTS]
    for name in (*EVENTS, "refused"):
        counted(name, code="EBMS:0004")
    assert {each.event: each.count for each in counted.counts()} == {name: 1 + (name == "refused") for name in EVENTS}
    (last,) = (each.last_at for each in counted.counts() if each.event == "refused")
    assert last == datetime(2026, 3, 2, tzinfo=UTC) + timedelta(minutes=len(EVENTS))
    assert lines == [(name, {"code": "EBMS:0004"}) for name in (*EVENTS, "refused")]

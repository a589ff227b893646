"""TOML as settings are written in it: what is refused before it costs, with its line."""

from __future__ import annotations

import pytest

from gateway.written.plain import Fault
from gateway.written.toml_text import MAX_LINE_CHARACTERS, read_toml

TOO_DEEP = "values are nested too deep to be read"
TOO_LONG = f"the line is longer than {MAX_LINE_CHARACTERS} characters"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[hub]\na = " + "[" * 4_000, Fault((), 1, TOO_DEEP)),
        ("[hub]\na = " + "[\n" * 100_000, Fault((), 1, TOO_DEEP)),
        ("[hub]\na = " + "{a=" * 2_000, Fault((), 1, TOO_DEEP)),
        ("[hub]\n" + "a." * 400_000 + "a = 1", Fault((), 2, TOO_LONG)),
        ("[hub]\n[" + "a." * 400_000 + "a]", Fault((), 2, TOO_LONG)),
    ],
    ids=["a list", "a list over many lines", "tables", "a key of many words", "a section of many words"],
)
def test_what_would_cost_more_with_each_level_is_refused(text: str, fault: Fault) -> None:
    assert read_toml(text).faults == (fault,)


def test_a_line_of_the_longest_length_is_read() -> None:
    value = "x" * (MAX_LINE_CHARACTERS - len('a = ""'))
    assert read_toml(f'a = "{value}"').value == {"a": value}

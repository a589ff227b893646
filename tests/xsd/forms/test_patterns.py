"""Patterns of a schema as JavaScript reads them, and those that it cannot."""

from __future__ import annotations

import pytest

from xsd.catalogue import load_catalogue
from xsd.forms.patterns import javascript_pattern
from xsd.schema_model import read_schema_model


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("true|false", "true|false"),
        (r"[0-9]{1,3}\.[0-9]{1,3}", r"[0-9]{1,3}\.[0-9]{1,3}"),
        (r"\+?[0-9]{8,15}", r"\+?[0-9]{8,15}"),
        ("^a$", r"\^a\$"),
        (r"a\-b", "a-b"),
        (r"[a\-b]", r"[a\-b]"),
        ("[^a^]", r"[^a\^]"),
        (r"\d[\d]", r"\p{Nd}[\p{Nd}]"),
        (".", r"[^\n\r]"),
        ("[.$]", "[.$]"),
        (r"\p{Lu}\P{L}", r"\p{Lu}\P{L}"),
        (r"[\s]\s", "[ \\t\\n\\r][ \\t\\n\\r]"),
    ],
)
def test_a_pattern_is_written_so_that_it_means_the_same(pattern: str, written: str) -> None:
    assert javascript_pattern(pattern) == written


@pytest.mark.parametrize("pattern", [r"\i\c*", "[a-z-[aeiou]]", r"\p{IsGreek}", r"[\w]", r"\u0041", "a\\"])
def test_what_has_no_counterpart_is_left_to_the_schema(pattern: str) -> None:
    assert javascript_pattern(pattern) is None


def test_every_pattern_that_is_shipped_has_a_counterpart() -> None:
    for module in load_catalogue().modules:
        for simple in read_schema_model(module.messages[0].schema).simple_types:
            for pattern in simple.values("pattern"):
                assert javascript_pattern(pattern) is not None, simple.name

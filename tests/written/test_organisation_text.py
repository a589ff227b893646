"""The file of an organisation that a command writes says what the command was told, whatever words these are."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gateway.written.organisation_text import organisation_text
from gateway.written.yaml_text import read_yaml

# What our reader takes as a value; signs that no file may hold are refused by it, whoever writes them.
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"], include_characters=" "), min_size=1)
SPECIAL = st.sampled_from(
    ["true", "null", "~", "no", "1", "1.10", "00000099", "- a", "a: b", "# a", "{", "'", '"', "é"]
)
ITEMS = st.lists(WORDS | SPECIAL | st.dictionaries(st.sampled_from(["version", "from"]), WORDS, min_size=1), min_size=1)
KEYS = st.sampled_from(["name", "party", "modules", "access", "certificates", "Schuldregeling"])
VALUES = WORDS | SPECIAL | st.booleans() | st.integers(0, 1000) | ITEMS | st.dictionaries(KEYS, ITEMS, min_size=1)


@given(st.dictionaries(KEYS, VALUES, min_size=1))
def test_what_is_written_is_read_again(content: dict[str, object]) -> None:
    read = read_yaml(organisation_text(content))  # type: ignore[arg-type] # of kinds that no type of ours names
    assert (read.value, read.faults) == (content, ())


def test_what_is_empty_is_left_out() -> None:
    text = organisation_text({"name": "A", "kvk": "", "addresses": [], "agreements": {}, "suspended": False})
    assert read_yaml(text).value == {"name": "A", "suspended": False}

"""YAML as configuration is written in it: plain values, lines, and what is refused."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pmodes.yaml_text import MAX_CHARACTERS, Plain, YamlFault, read_yaml

SCALARS = [
    ("0000123", "0000123"),
    ("1.10", "1.10"),
    ("no", "no"),
    ("on", "on"),
    ("2026-05-15", "2026-05-15"),
    ("0x1F", "0x1F"),
    ("1_000", "1_000"),
    ("12:30:45", "12:30:45"),
    ("1e3", "1e3"),
    (".inf", ".inf"),
    ("true", True),
    ("False", False),
    ("null", None),
    ("~", None),
    ("", None),
    ("0", 0),
    ("-7", -7),
    ("900", 900),
    ("9" * 30, "9" * 30),
    ("'900'", "900"),
    ('"true"', "true"),
    ("''", ""),
    ("|\n  900\n", "900\n"),
]

REFUSED = [
    ("a: 1\na: 2", 2, "the key a stands twice"),
    ("b: {a: 1, 'a': 2}", 1, "the key a stands twice"),
    ("a: &x 1\nb: *x", 1, "anchors and aliases"),
    ("a: &x {b: *x}", 1, "anchors and aliases"),
    ("a: b\nc: *d", 2, "anchors and aliases"),
    ("a: !!python/object:os.system x", 1, "tags are not used"),
    ("a: !!str 12", 1, "tags are not used"),
    ("a: !own {b: 1}", 1, "tags are not used"),
    ("<<: {a: 1}", 1, "a key is a word"),
    ("1: 2", 1, "a key is a word"),
    ("? [a]\n: b", 1, "a key is a word"),
    ("? {a: b}\n: b", 1, "a key is a word"),
    ("a: b\n---\nc: d", 2, "one document"),
    ("a:\n  - b\n c", 3, ""),
    ("[" * 20, 1, "nested deeper"),
    ("[" * 100_000, 1, "nested deeper"),
    ("a: \x00", 1, "characters that YAML does not allow"),
    ("\ud800", 1, "characters that YAML does not allow"),
    ("a: " + "b" * MAX_CHARACTERS, 1, "longer than"),
]


@pytest.mark.parametrize(("written", "value"), SCALARS, ids=[row[0] for row in SCALARS])
def test_only_plain_words_and_whole_numbers_are_anything_but_text(written: str, value: Plain) -> None:
    assert read_yaml(f"key: {written}").value == {"key": value}


@pytest.mark.parametrize(("text", "line", "sentence"), REFUSED, ids=[f"{n} {row[2]}" for n, row in enumerate(REFUSED)])
def test_what_is_no_part_of_the_subset_is_refused_with_its_line(text: str, line: int, sentence: str) -> None:
    with pytest.raises(YamlFault) as caught:
        read_yaml(text)
    assert sentence in caught.value.sentence
    assert caught.value.line in (line, line + 1)  # libyaml may notice at the start of the next line


def test_every_key_and_item_knows_its_line() -> None:
    text = read_yaml("# first\na:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n")
    assert text.line(("a",)) == 2
    assert text.line(("a", "c", 0)) == 5
    assert text.line(("a", "c", 1, "d")) == 6
    assert text.line(("a", "c", 1, "missing")) == 6
    assert text.line(("a", "missing")) == 2
    assert text.line(("missing",)) == 1


keys = st.text(alphabet="abcdef_", min_size=1, max_size=8).filter(lambda key: key not in ("<<",))
# JSON escapes what lies above the basic plane as two halves, which YAML does not know
characters = st.characters(max_codepoint=0xFFFF, exclude_categories=("Cs",))
leaves = st.text(characters, max_size=20) | st.integers(-(10**17), 10**17) | st.booleans() | st.none()
trees = st.recursive(
    leaves,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=20,
)


@given(trees)
def test_what_json_writes_is_read_back(value: Plain) -> None:
    assert read_yaml(json.dumps({"key": value})).value == {"key": value}


@given(st.text(max_size=200))
def test_any_text_is_a_value_or_a_fault_and_nothing_else(text: str) -> None:
    with suppress(YamlFault):
        assert read_yaml(text).lines[()] == 1

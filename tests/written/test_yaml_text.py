"""YAML as configuration is written in it: plain values, lines, and what is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.written.plain import MAX_FAULTS, Plain
from gateway.written.yaml_text import MAX_CHARACTERS, read_yaml

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


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "&a " + "[" * 100_000, "{a: " * 50_000], ids=["a list", "what is skipped", "keys"]
)
def test_what_is_nested_too_deep_ends_the_reading(text: str) -> None:
    """Each level costs the parser more than the one before: a hundred thousand of them are a quarter of a minute."""
    assert read_yaml(text).faults[-1].sentence.startswith(("and more of this kind", "this line cannot be read"))


# A slip that people make, the line where they made it, and what they are told to mend.
SLIPS = [
    ("name: A\nparty: x\n  roles: [a]\n", 3, "indented too far"),
    ("name:A\nparty: x\n", 2, "lacks a blank after its colon"),
    ("  name: A\nparty: x\n", 2, "indented less than the first key"),
    ("mailbox:\n    a: 1\n  b: 2\n", 3, "keys of one level begin exactly below each other"),
    ("a:\n  - b\n c: d\n", 3, "keys of one level begin exactly below each other"),
    ("a:\n\tb: 1\n", 2, "there is a tab"),
    ("a:\n  \tb: 1\n", 2, "there is a tab"),
    ('a: x\nb: "y\nc: z\n', 2, "a quote is opened here and never closed"),
    ("a: x\nb: 'y\nc: z\n", 2, "a quote is opened here and never closed"),
    ("name: Energie: Noord\n", 1, "a second colon in this line"),
    ("roles: [a, b\nname: c\n", 1, "begins with [ here is not closed"),
    ("mailbox: {a: 1\nname: c\n", 1, "begin with { here are not closed"),
    ("name: A\nparty\nroles: [x]\n", 2, "a key needs a colon"),
    ("name: @A\n", 1, "cannot begin with @; put it in quotes"),
    ("name: %A\n", 1, "cannot begin with %; put it in quotes"),
    ("name: *A B\nx: y\n", 1, ""),
    ("file: * x\n", 1, "cannot begin with this sign; put it in quotes"),
    ('file: "C:\\keys"\n', 1, "use single quotes"),
    ("roles: - a\n", 1, "put each item on a line of its own"),
    ("roles:\n  - a\n  b: c\n", 3, "begin it with a dash"),
    ("name: A\n- b\n", 2, "begins with a dash among keys"),
    ("name: 'A' B\n", 1, "put the whole value in quotes"),
    ("name: ]\n", 1, "look at its indentation, its colons and its quotes"),
    ("a: b\nc: \x07\n", 2, "characters that YAML does not allow"),
]
PARSERS_WORDS = ("did not find", "could not find", "mapping values", "while ", "start any token", "block ", "scalar")


@pytest.mark.parametrize(("text", "line", "sentence"), SLIPS, ids=[repr(row[0]) for row in SLIPS])
def test_a_slip_is_told_where_it_was_made_and_in_our_words(text: str, line: int, sentence: str) -> None:
    fault = read_yaml(text).faults[0]
    assert (fault.line, sentence in fault.sentence) == (line, True), fault
    assert not any(each in fault.sentence for each in PARSERS_WORDS)


@pytest.mark.parametrize(("written", "value"), SCALARS, ids=[row[0] for row in SCALARS])
def test_only_plain_words_and_whole_numbers_are_anything_but_text(written: str, value: Plain) -> None:
    assert read_yaml(f"key: {written}").value == {"key": value}


@pytest.mark.parametrize(("text", "line", "sentence"), REFUSED, ids=[f"{n} {row[2]}" for n, row in enumerate(REFUSED)])
def test_what_is_no_part_of_the_subset_is_refused_with_its_line(text: str, line: int, sentence: str) -> None:
    fault = read_yaml(text).faults[0]
    assert sentence in fault.sentence
    assert fault.line in (line, line + 1)  # libyaml may notice at the start of the next line


def test_every_key_and_item_knows_its_line() -> None:
    text = read_yaml("# first\na:\n  b: 1\n  c:\n    - x\n    - {d: 2}\n")
    assert text.line(("a",)) == 2
    assert text.line(("a", "c", 0)) == 5
    assert text.line(("a", "c", 1, "d")) == 6
    assert text.line(("a", "c", 1, "missing")) == 6
    assert text.line(("a", "missing")) == 2
    assert text.line(("missing",)) == 1
    assert text.faults == ()


def test_everything_that_is_not_read_is_told_at_once_and_the_rest_is_read() -> None:
    """Whoever mends one line should not learn of the next by trying again."""
    found = read_yaml(
        "a: 1\na: 2\nb: &x [3]\n7: [{c: d}]\nd:\n  - !!str e\n  - f: {g: *x}\nh: i\n? [j, {k: l}]\n: [m]\nn: 1.10\n"
    )
    assert [(each.line, each.path) for each in found.faults] == [
        (2, ("",)), (3, ("b",)), (4, ("",)), (6, ("d", 0)), (7, ("d", 1, "f", "g")), (9, ("",)),
    ]  # fmt: skip
    assert found.value == {"a": 1, "b": None, "d": [None, {"f": {"g": None}}], "h": "i", "n": "1.10"}


def test_faults_are_counted_before_anybody_has_to_read_them() -> None:
    found = read_yaml("a: [" + "*x, " * 100_000 + "*x]")
    assert len(found.faults) == MAX_FAULTS + 1
    assert "and more of this kind" in found.faults[-1].sentence


def test_a_number_that_names_something_is_to_be_quoted() -> None:
    assert "put it in quotes" in read_yaml("{12: x}").faults[0].sentence


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
    assert read_yaml(text).lines[()] == 1

"""Layer two: each kind of rule, what a rule file may say, and what check digits hold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from stdnum import iban as stdnum_iban
from stdnum.nl import bsn as stdnum_bsn

from gateway.written.plain import Written
from xsd.catalogue import load_catalogue
from xsd.check_digits import CHECKS, account_number, eleven_test
from xsd.checking.layers import rule_violations
from xsd.message_type import MessageType
from xsd.rule_files import RuleFault, read_rules, rules_for
from xsd.rule_kinds import CheckDigit
from xsd.samples import sample, sample_files
from xsd.schema_model import Group, SchemaModel, read_schema_model

CATALOGUE = load_catalogue()
TYPES = [pytest.param(t, id=f"{t.module}-{t.version}-{t.name}") for t in CATALOGUE]
TEXTS = {"nl": "Fout.", "en": "Wrong."}


def check(row: dict[str, Any]) -> Any:
    (entry,) = read_rules(File("rules.yaml"), Written({"rules": [{"code": "PROEF", **TEXTS, **row}]}))
    return entry.rule.check


def broken(row: dict[str, Any], body: str, question: str | None = None) -> list[str]:
    asked = None if question is None else etree.fromstring(f'<V xmlns="urn:x">{question}</V>')
    root = etree.fromstring(f'<A xmlns="urn:x">{body}</A>')
    return [root.getroottree().getelementpath(e).replace("{urn:x}", "") for e in check(row).broken(root, asked)]


@pytest.mark.parametrize("message_type", TYPES)
def test_every_sample_keeps_the_rules(message_type: MessageType) -> None:
    for path in sample_files(message_type.folder, message_type.name):
        assert rule_violations(message_type, etree.fromstring(path.read_bytes())) == (), path.name


SUM = {"kind": "sum", "within": "R", "total": "T", "terms": ["A", "B"]}
ONE = {"kind": "one-of", "when": {"K": ["ja"]}, "choose": ["A", "B"]}
NONE = {"kind": "one-of", "unless": {"K": ["ja"]}, "choose": ["A"], "least": 0, "most": 0}
ORDER = {"kind": "date-order", "earlier": "//E", "later": "L"}
SAME = {"kind": "same-set-as-question", "here": "R/N", "there": "Q/N"}


@pytest.mark.parametrize(
    ("row", "body", "question", "expected"),
    [
        (SUM, "<R><A>1.10</A><B>2.20</B><T>3.30</T></R>", None, []),
        (SUM, "<R><A>1.10</A><B>2.20</B><T>3.31</T></R>", None, ["R/T"]),
        (SUM, "<R><A>0.10</A><A>0.20</A><T>0.30</T></R><R><A>1.00</A><T>2.00</T></R>", None, ["R[2]/T"]),
        (SUM, "<R><T>5.00</T></R>", None, []),
        (ONE, "<K>ja</K><B/>", None, []),
        (ONE, "<K>ja</K>", None, ["."]),
        (ONE, "<K>ja</K><A/><B/>", None, ["B"]),
        (ONE, "<K>nee</K>", None, []),
        (NONE, "<K>nee</K><A/>", None, ["A"]),
        (NONE, "<A/>", None, ["A"]),
        (NONE, "<K>ja</K><A/>", None, []),
        (ORDER, "<R><E>2026-01-01</E></R><L>2026-01-01</L>", None, []),
        (ORDER, "<R><E>2026-01-02</E></R><L>2026-01-01</L>", None, ["R/E"]),
        (ORDER, "<E>2026-01-01</E><L>2026-01-01T00:00:00Z</L>", None, []),
        (ORDER, "<E>2026-01-01T10:00:00Z</E><L>2026-01-01</L>", None, []),
        (ORDER, "<E>2026-01-01T00:00:01Z</E><L>2026-01-01T00:00:00Z</L>", None, ["E"]),
        (ORDER, "<E>2026-01-01</E>", None, []),
        (SAME, "<R><N>1</N></R><R><N>2</N></R>", "<Q><N>2</N></Q><Q><N>1</N></Q>", []),
        (SAME, "<R><N>1</N></R>", "<Q><N>1</N></Q><Q><N>2</N></Q>", ["."]),
        (SAME, "<R><N>1</N></R><R><N>1</N></R>", "<Q><N>1</N></Q>", ["."]),
        (SAME, "<R><N>1</N></R>", None, []),
        ({"kind": "check-digit", "at": "//N", "algorithm": "bsn"}, "<N>999990019</N><R><N>999990018</N></R>", None,
         ["R/N"]),
        ({"kind": "check-digit", "at": "N", "algorithm": "bsn"}, "<N>9999<!-- -->90019</N>", None, []),
    ],
)  # fmt: skip
def test_each_kind_of_rule_finds_what_it_is_for(
    row: dict[str, Any], body: str, question: str | None, expected: list[str]
) -> None:
    assert broken(row, body, question) == expected


@pytest.mark.parametrize(
    "row",
    [
        {"kind": "regular-expression"},
        {"kind": "sum", "total": "T"},
        {"kind": "sum", "total": "T", "terms": ["A"], "python": "1"},
        {"kind": "check-digit", "at": "N", "algorithm": "crc"},
        {"kind": "one-of", "choose": ["A"], "least": "veel"},
        {"kind": "one-of", "choose": ["A"], "when": {}},
        {"kind": "sum", "total": "T", "terms": ["A"], "nl": None},
    ],
)
def test_a_rule_outside_the_closed_list_is_refused_by_its_code(row: dict[str, Any]) -> None:
    with pytest.raises(RuleFault, match="PROEF"):
        check(row)


def test_a_rule_of_a_module_that_misspells_an_element_is_refused() -> None:
    kind = CATALOGUE.message("Schuldregeling", "2.0", "Statusverzoek")
    assert kind is not None
    model = read_schema_model(kind.schema)
    rows = [{"code": "PROEF", "kind": "one-of", "messages": ["Statusverzoek"], "choose": ["Klantnummer"], **TEXTS}]
    entries = read_rules(File("rules.yaml"), Written({"rules": rows}))
    with pytest.raises(RuleFault, match="PROEF"):
        rules_for(File("rules.yaml"), entries, model, model.message("Statusverzoek"), shared=False)


def test_a_rule_about_the_question_runs_only_with_the_question() -> None:
    kind = CATALOGUE.message("Schuldregeling", "2.0", "SaldoverzoekAntwoord")
    assert kind is not None
    answer = etree.fromstring(sample("Schuldregeling", "2.0", "SaldoverzoekAntwoord"))
    question = etree.fromstring(sample("Schuldregeling", "2.0", "Saldoverzoek").replace(b"F-2025-0003", b"F-9"))
    assert rule_violations(kind, answer) == ()
    assert [v.code for v in rule_violations(kind, answer, question)] == ["MATCHEN-ELKE-VRAAG"]
    assert [r.code for r in kind.rules if r.needs_question] == ["MATCHEN-ELKE-VRAAG"]


@given(st.text("0123456789", min_size=9, max_size=9))
def test_the_eleven_test_agrees_with_the_library(number: str) -> None:
    assert eleven_test(number) is stdnum_bsn.is_valid(number)


def with_check_digits(country: str, rest: str) -> str:
    """Modulo 97 by hand: ISO 7064 over the digits and the letters from A=10."""
    return f"{country}{98 - int(''.join(str(int(c, 36)) for c in rest + country + '00')) % 97:02d}{rest}"


@given(st.integers(2, 98), st.from_regex(r"[A-Z]{4}[0-9]{10}", fullmatch=True))
def test_of_all_check_digits_one_pair_is_right(check_digits: int, rest: str) -> None:
    valid = with_check_digits("NL", rest)
    assert account_number(valid)
    assert account_number(f"NL{check_digits:02d}{rest}") is (f"{check_digits:02d}" == valid[2:4])
    assert stdnum_iban.calc_check_digits(valid) == valid[2:4]


@pytest.mark.parametrize(
    ("country", "rest", "good"),
    [
        ("NL", "TEST0123456789", True),
        ("NL", "TEST012345678", False),
        ("NL", "TEST01234567890", False),
        ("NL", "01234567890123", False),
        ("BE", "539007547034", True),
        ("BE", "5390075470341", False),
        ("DE", "370400440532013000", True),
        ("DE", "37040044053201300", False),
        ("MT", "MALT011000012345MTLCAST001S", True),
        ("NO", "86011117947", True),
        ("XX", "TEST0123456789", False),
        ("ZZ", "01234567890", False),
    ],
    ids=lambda value: str(value),
)
def test_an_account_number_has_the_length_and_form_of_its_country(country: str, rest: str, good: bool) -> None:
    assert account_number(with_check_digits(country, rest)) is good


@pytest.mark.parametrize(
    "iban", ["", "NL", "nl13test0123456789", "NL13 TEST 0123 4567 89", "NL13.TEST0123456789", "NL13TEST٠١٢٣٤٥٦٧٨٩"]
)
def test_an_account_number_is_written_in_one_way(iban: str) -> None:
    assert account_number("NL13TEST0123456789")
    assert account_number(iban) is False


@pytest.mark.parametrize(
    ("iban", "alias"),
    [("NL02ABNA0417164059", "NL99ABNA0417164059"), ("NL98ABNA0417164077", "NL01ABNA0417164077"),
     ("NL97ABNA0417164095", "NL00ABNA0417164095")],
)  # fmt: skip
def test_check_digits_that_nobody_gives_out_are_wrong(iban: str, alias: str) -> None:
    assert account_number(iban)
    assert not account_number(alias)


@pytest.mark.parametrize("kind", TYPES)
def test_every_number_with_check_digits_has_a_rule_in_every_message(kind: MessageType) -> None:
    """Elements are found by their type in the schema, so that one with another name is not forgotten."""
    model = read_schema_model(kind.schema)
    judged = {rule.check.at.text.rpartition("/")[2] for rule in kind.rules if isinstance(rule.check, CheckDigit)}
    assert set(numbers_of(model, model.message(kind.name).content)) <= judged


def numbers_of(model: SchemaModel, content: Group) -> Iterator[str]:
    """The names of all elements of a type that has check digits."""
    for element in content.elements():
        inner = model.complex_type(element.type_name)
        if inner is not None:
            yield from numbers_of(model, inner.content)
        elif element.type_name.lower() in CHECKS:
            yield element.name


@pytest.mark.parametrize("number", ["99999001", "9999900190", "99999001x", "٩٩٩٩٩٠٠١٩", "000000000", "", "999.990.019"])
def test_what_is_not_nine_digits_fails_the_eleven_test(number: str) -> None:
    assert eleven_test(number) is False

"""Documents made to cost time: bounded, and refused with few words."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from lxml import etree

from xsd.catalogue import load_catalogue
from xsd.checking.layers import LISTED, rule_violations, violations
from xsd.samples import sample

CATALOGUE = load_catalogue()
NAMESPACE = "urn:knooppunt:Schuldregeling:2.0"
FOUR_MIB = 4 * 1024 * 1024


def with_text(name: str, value: str) -> etree._Element:
    root = etree.fromstring(sample("Schuldregeling", "2.0", "Saldoverzoek"))
    (found, *_) = root.iter(f"{{{NAMESPACE}}}{name}")
    found.text = value
    return root


def many_lines(count: int, number: Callable[[int], str]) -> etree._Element:
    root = etree.fromstring(sample("Schuldregeling", "2.0", "Saldoverzoek"))
    lines = root[-1]
    for k in range(count):
        line = etree.SubElement(lines, f"{{{NAMESPACE}}}Vordering")
        etree.SubElement(line, f"{{{NAMESPACE}}}FactuurnummerSEVolgensSHV").text = number(k)
    return root


@pytest.mark.parametrize(
    "root",
    [
        with_text("KlantnummerSHV", "a" * FOUR_MIB),
        with_text("KlantnummerSHV", "a " * (FOUR_MIB // 2)),
        with_text("KlantnummerSHV", "a" + " " * FOUR_MIB),
        with_text("Emailadres", "a@" * (FOUR_MIB // 2)),
        with_text("Postcode", "S" * FOUR_MIB),
        with_text("Huisnummer", "9" * FOUR_MIB),
        with_text("BSN", "1" * FOUR_MIB),
        many_lines(40_000, lambda k: f"F{k}"),
        many_lines(40_000, lambda k: "F"),
        many_lines(40_000, lambda k: f"{k} " + "x" * 70),
    ],
    ids=["long", "words", "spaces", "at", "letters", "digits", "number", "lines", "same", "wrong"],
)
def test_a_hostile_document_is_refused_within_a_second(root: etree._Element) -> None:
    kind = CATALOGUE.message("Schuldregeling", "2.0", "Saldoverzoek")
    assert kind is not None
    before = time.process_time()
    found = violations(kind, root)
    assert time.process_time() - before < 1.0
    assert 0 < len(found) <= LISTED + 1
    assert max(len(repr(v)) for v in found) < 600


def test_a_namespace_prefix_of_the_sender_does_not_stop_the_report() -> None:
    kind = CATALOGUE.message("Schuldregeling", "2.0", "Saldoverzoek")
    assert kind is not None
    text = sample("Schuldregeling", "2.0", "Saldoverzoek").replace(
        b"<KlantnummerSHV>", b'<x:Geheim xmlns:x="urn:y"/><x:Geheim xmlns:x="urn:y"/><KlantnummerSHV>'
    )
    assert [(v.code, v.path) for v in violations(kind, etree.fromstring(text))] == [
        ("XSD-ELEMENT-UNKNOWN", "/Saldoverzoek/*[2]")
    ]


def test_the_rules_of_a_large_valid_message_take_little_time() -> None:
    kind = CATALOGUE.message("Waarborgfonds", "2.0", "VerwerkSaneringskredietenInformatie")
    assert kind is not None
    root = etree.fromstring(sample("Waarborgfonds", "2.0", "VerwerkSaneringskredietenInformatie"))
    credit = etree.tostring(root[-1][0])
    for k in range(1999):
        again = etree.fromstring(credit)
        again[0].text = f"K-{k}"
        root[-1].append(again)
    before = time.process_time()
    assert violations(kind, root) == ()
    assert rule_violations(kind, root) == ()
    assert time.process_time() - before < 1.0

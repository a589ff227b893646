"""A second validator is asked about the same cases, and where it differs is listed."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.schema_cases import SchemaCase
from conformance.second_judge import JudgeFault, Opinion, SecondJudge
from gateway.limits import PAYLOAD_LIMITS
from xsd.catalogue import load_catalogue
from xsd.samples import sample

CATALOGUE = load_catalogue()
GOOD = sample("Schuldregeling", "2.0", "Saldoverzoek")
WRONG = GOOD.replace(b"1980-02-29", b"1981-02-29")
COMMENTED = GOOD.replace(b"SHV-000123", b"SHV<!-- -->-000123")


def case(name: str, octets: bytes) -> SchemaCase:
    return SchemaCase(id=name, source=Path(name), octets=octets, expect=None)


CASES = [
    case("goed", GOOD),
    case("fout", WRONG),
    case("opmerking", COMMENTED),
    case("alleen regels", GOOD.replace(b"999990019", b"999990018")),
    case("geen xml", b"<a"),
    case("vreemd", b"<a/>"),
]


def test_both_judge_layer_one_and_what_is_no_message_is_not_asked() -> None:
    opinions = list(SecondJudge(CATALOGUE).opinions(CASES, PAYLOAD_LIMITS))
    assert opinions == [
        Opinion(case="goed", ours=True, theirs=True),
        Opinion(case="fout", ours=False, theirs=False),
        Opinion(case="opmerking", ours=True, theirs=True),
        Opinion(case="alleen regels", ours=True, theirs=True),
    ]


def test_a_judge_of_another_opinion_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    class Lenient:
        def is_valid(self, document: Any) -> bool:
            return True

    monkeypatch.setattr(SecondJudge, "_schema", lambda *_: Lenient())
    opinions = SecondJudge(CATALOGUE).opinions(CASES, PAYLOAD_LIMITS)
    assert [each.case for each in opinions if each.ours != each.theirs] == ["fout"]


def test_where_the_library_is_not_installed_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xmlschema", None)
    with pytest.raises(JudgeFault, match="not installed"):
        SecondJudge(CATALOGUE)

"""Forms in the browser's language against schema, rules and canonicalisation in ours, over the same documents.

The documents are every sample, every case of the schema suite that can be read, and random ones made from the schemas.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from lxml import etree
from stdnum import iban
from support.browser.node import node
from support.random_messages import documents

from conformance.schema_cases import SUITE, read_cases, sample_cases
from gateway.limits import PAYLOAD_LIMITS
from xsd.catalogue import Catalogue, load_catalogue
from xsd.check_digits import account_forms, account_number, eleven_test
from xsd.checking.layers import rule_violations, violations
from xsd.document import DocumentFault, parse_document
from xsd.forms.descriptions import Descriptions
from xsd.message_type import MessageType
from xsd.module_files import packaged_modules
from xsd.schema_model import read_schema_model

JUDGE = Path(__file__).parent / "js" / "forms" / "judge.js"
CATALOGUE = load_catalogue()
FORMS = Descriptions(CATALOGUE)
NUMBERS = JUDGE.with_name("numbers.js")
FACETS = ("XSD-CVC-PATTERN", "XSD-CVC-M", "XSD-CVC-LENGTH", "XSD-CVC-ENUM", "XSD-CVC-DATATYPE", "XSD-CVC-IDC")


class Case:
    """One document, with what Python finds in it."""

    def __init__(
        self, name: str, octets: bytes, question: bytes | None = None, *, catalogue: Catalogue = CATALOGUE
    ) -> None:
        self.name = name
        self.catalogue = catalogue
        self.root = parse_document(octets, limits=PAYLOAD_LIMITS)
        self.asked = None if question is None else parse_document(question, limits=PAYLOAD_LIMITS)
        self.type = self.type_of(self.root)
        self.schema = [(each.code, each.path) for each in violations(self.type, self.root)]
        broken = () if self.schema else rule_violations(self.type, self.root, self.asked)
        self.rules = [(each.code, each.path) for each in broken]

    def written(self) -> dict[str, Any]:
        """What Node gets."""
        found: dict[str, Any] = {**self._document(self.root), "expected": self.schema or self.rules}
        return found if self.asked is None else {**found, "question": self._document(self.asked)}

    def type_of(self, root: etree._Element) -> MessageType:
        """The type of a document."""
        found = self.catalogue.of_root(str(root.tag))
        if found is None:
            raise LookupError("no message")
        return found

    def _document(self, root: etree._Element) -> dict[str, str]:
        return {"type": _key(self.type_of(root)), "xml": etree.tostring(root, encoding="unicode")}


def _key(message_type: MessageType) -> str:
    return f"{message_type.module}/{message_type.version}/{message_type.name}"


def judged(cases: Iterable[Case], forms: Descriptions = FORMS) -> list[tuple[Case, dict[str, Any]]]:
    """Each case with what the modules of forms make of it."""
    chosen = list(cases)
    written = [each.written() for each in chosen]
    named = {each["type"] for case in written for each in (case, case.get("question", case))}
    described = {key: json.loads(forms.octets(*key.split("/")) or b"null") for key in named}
    done = node([JUDGE], text=json.dumps({"descriptions": described, "cases": written}))
    assert done.returncode == 0, done.stderr[-4000:]
    return list(zip(chosen, json.loads(done.stdout), strict=True))


@pytest.fixture(scope="module")
def samples() -> list[tuple[Case, dict[str, Any]]]:
    return judged(Case(each.id, each.octets) for each in sample_cases(CATALOGUE))


@pytest.fixture(scope="module")
def suite() -> list[tuple[Case, dict[str, Any]]]:
    found: dict[str, Case] = {}
    for each in read_cases(SUITE, CATALOGUE):
        # Versions share most of their messages and messages most of their types: of each rule the case of each message,
        # of each bound the case of each type.
        message, _, what = each.id.rpartition("/")
        key = f"{message.rpartition('/')[2]} {what}" if what.startswith("rule-") else what
        if key in found:
            continue
        with suppress(DocumentFault, LookupError):  # of what is no message there is no form
            found[key] = Case(each.id, each.octets, each.question)
    return [each for some in batched(found.values()) for each in judged(some)]


def batched(cases: Iterable[Case]) -> Iterator[list[Case]]:
    """So many that one run of Node does not take long."""
    every = iter(cases)
    while some := list(islice(every, 500)):
        yield some


def canonical(root: etree._Element, *, compact: bool = True) -> str:
    """What exclusive canonicalisation makes of a document without its layout, and of values without blanks around
    numbers and dates."""
    fresh = etree.fromstring(etree.tostring(root), etree.XMLParser(remove_blank_text=compact, remove_comments=True))
    return etree.tostring(fresh, method="c14n", exclusive=True).decode()


def test_every_sample_goes_through_its_form_and_back_equal_and_valid_PO_44(
    samples: list[tuple[Case, dict[str, Any]]],
) -> None:
    """Read, shown as a person types it, read from that, written: the same document."""
    assert len(samples) > 100
    for case, made in samples:
        assert (made["strange"], made["misread"]) == ([], []), case.name
        assert made["typed"] == made["written"] == canonical(case.root), case.name
        again = parse_document(made["typed"].encode(), limits=PAYLOAD_LIMITS)
        assert violations(case.type, again) == (), case.name
        assert rule_violations(case.type, again) == (), case.name


def test_a_form_finds_nothing_wrong_with_a_sample(samples: list[tuple[Case, dict[str, Any]]]) -> None:
    assert [(case.name, made["checked"]) for case, made in samples if made["checked"]] == []


def test_rules_find_in_a_browser_what_they_find_in_the_hub_PO_47(suite: list[tuple[Case, dict[str, Any]]]) -> None:
    """Every case of the suite that passes its schema: the same codes at the same places, none more and none less."""
    seen = set()
    for case, made in suite:
        if not case.schema:
            assert sorted(made["rules"]) == sorted(made["expected"]), case.name
            if not case.name.startswith("documents/"):  # these have attributes and blanks that no form keeps
                assert made["written"] == canonical(case.root), case.name
            seen |= {code for code, _ in case.rules}
    everything = {rule.code for each in CATALOGUE for rule in each.rules}
    assert everything - seen == set()


def test_bounds_of_fields_are_those_of_the_schema_PO_47(suite: list[tuple[Case, dict[str, Any]]]) -> None:
    """Where a value breaks a bound, or comes twice: the same fields, each with one of the schema's codes for it."""
    seen = set()
    for case, made in suite:
        if case.schema and all(code.startswith(FACETS) for code, _ in case.schema):
            codes: dict[str, set[str]] = {}
            for code, path in made["expected"]:
                codes.setdefault(path, set()).add(code)
            assert {path for _, path in made["schema"]} == codes.keys(), case.name
            assert all(code in codes[path] for code, path in made["schema"]), (case.name, made["schema"], codes)
            seen |= {code for code, _ in case.schema}
    assert len(seen) >= 6


def test_what_conforms_has_no_fault_by_the_schema(suite: list[tuple[Case, dict[str, Any]]]) -> None:
    assert [(case.name, made["schema"]) for case, made in suite if not case.schema and made["schema"]] == []


TYPES = list(CATALOGUE)


@settings(max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(st.data())
def test_what_is_written_is_canonical_for_any_document_that_a_schema_allows_PO_47(data: st.DataObject) -> None:
    cases = []
    for message_type in data.draw(st.lists(st.sampled_from(TYPES), min_size=4, max_size=4)):
        model = read_schema_model(message_type.schema)
        root = data.draw(documents(model, message_type.name))
        cases.append(Case(_key(message_type), etree.tostring(root)))
    for case, made in judged(cases):
        assert made["written"] == canonical(case.root, compact=False), case.name
        assert made["schema"] == [], case.name
        assert sorted(made["rules"]) == sorted(made["expected"]), case.name


# --- numbers ------------------------------------------------------------------------------------------------------


def accounts() -> st.SearchStrategy[str]:
    """Account numbers of every country: right ones, and some that are a little wrong."""
    kinds = {"n": "0123456789", "a": "ABXYZ", "c": "0189AXZ"}

    def rest(form: str) -> st.SearchStrategy[str]:
        parts = [st.text(kinds[kind], min_size=int(n), max_size=int(n)) for n, kind in re.findall(r"(\d+)!(.)", form)]
        return st.tuples(*parts).map("".join)

    def right(country: str, tail: str) -> str:
        return f"{country}{iban.calc_check_digits(f'{country}00{tail}')}{tail}"

    made = st.sampled_from(sorted(account_forms().items())).flatmap(
        lambda of: rest(of[1]).map(lambda tail: right(of[0], tail))
    )
    worse = [
        str.lower,
        lambda each: each[:-1],
        lambda each: each + "0",
        lambda each: each[:4] + " " + each[4:],
        lambda each: "XX" + each[2:],
        lambda each: each[:2] + "00" + each[4:],
        lambda each: each[::-1],
    ]
    return st.one_of(made, st.tuples(made, st.sampled_from(worse)).map(lambda pair: pair[1](pair[0])), st.text())


@settings(max_examples=5, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    st.lists(accounts(), min_size=200, max_size=200),
    st.lists(st.one_of(st.integers(0, 999_999_999).map("{:09d}".format), st.text()), min_size=200, max_size=200),
)
def test_check_digits_are_the_same_in_both_languages_PO_47(ibans: list[str], numbers: list[str]) -> None:
    asked = {"countries": dict(account_forms()), "ibans": ibans, "numbers": [*numbers, "999990019", "000000000"]}
    done = node([NUMBERS], text=json.dumps(asked))
    assert done.returncode == 0, done.stderr[-2000:]
    found = json.loads(done.stdout)
    assert found["ibans"] == [account_number(each) for each in ibans]
    assert found["numbers"] == [eleven_test(each) for each in asked["numbers"]]


# --- a folder only ------------------------------------------------------------------------------------------------


def test_a_version_that_is_only_a_folder_is_answered_by_its_form(tmp_path: Path) -> None:
    """A new namespace and a new field, in a folder: no file of ours knows of it, and its document is made."""
    folder = tmp_path / "Verzonnen" / "3.7"
    shutil.copytree(packaged_modules() / "Schuldinventarisatie" / "2.0", folder)
    new = '<xs:element name="AantalHuisdieren" type="Aantal"/><xs:element name="KlantnummerSE"'
    for path in (folder / "schema.xsd", *(folder / "samples").glob("SaldoverzoekAntwoord*.xml")):
        text = path.read_text("utf-8").replace("Schuldinventarisatie:2.0", "Verzonnen:3.7")
        text = text.replace("<Versie>2.0", "<Versie>3.7").replace('<xs:element name="KlantnummerSE"', new)
        text = text.replace("<KlantnummerSE>", "<AantalHuisdieren>3</AantalHuisdieren><KlantnummerSE>")
        path.write_text(text, "utf-8")
    catalogue = load_catalogue([tmp_path])
    forms = Descriptions(catalogue)
    answer = (folder / "samples" / "SaldoverzoekAntwoord.xml").read_bytes()
    ((case, made),) = judged([Case("made up", answer, catalogue=catalogue)], forms)
    assert case.type.module == "Verzonnen"
    assert (made["checked"], made["typed"]) == ([], canonical(case.root))
    assert "<AantalHuisdieren>3</AantalHuisdieren>" in made["typed"]
    wrong = answer.replace(b"<AantalHuisdieren>3<", b"<AantalHuisdieren>drie<")
    ((_, told),) = judged([Case("wrong", wrong, catalogue=catalogue)], forms)
    assert [path for _, path in told["checked"]] == ["/SaldoverzoekAntwoord/AantalHuisdieren"]

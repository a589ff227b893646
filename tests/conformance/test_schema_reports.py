"""Reports: JUnit that machines read, a page that people read; both without a value of a message."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from lxml import etree

from conformance.coverage import MessageCoverage
from conformance.gather import DocumentSize, GatherFault, documents
from conformance.reports import CHECK_WORDS, SUITE_WORDS, html, junit
from conformance.schema_cases import SchemaCase
from conformance.schema_runner import CaseResult, run_case
from gateway.limits import PAYLOAD_LIMITS
from xsd.catalogue import load_catalogue
from xsd.samples import sample

CATALOGUE = load_catalogue()
LIMITS = DocumentSize(octets=PAYLOAD_LIMITS.octets)
GOOD = sample("Schuldregeling", "2.0", "Saldoverzoek")
WRONG = GOOD.replace(b"999990019", b"999990018").replace(b"Testenburg", b"Geheimenberg")


def result(name: str, octets: bytes, expect: tuple[str, ...] | None) -> CaseResult:
    return run_case(SchemaCase(id=name, source=Path(name), octets=octets, expect=expect), CATALOGUE)


RESULTS = [
    result("map/goed", GOOD, ()),
    result("map/fout", WRONG, ()),
    result("map/<script>", WRONG, None),
    result("ander/verwacht", WRONG, ("BSN-ELFPROEF /Saldoverzoek/BSN",)),
]


def test_junit_counts_and_names_each_failure() -> None:
    root = etree.fromstring(junit(RESULTS, name="proef"))
    assert (root.get("tests"), root.get("failures")) == ("4", "1")
    failure = root.find("testsuite[@name='map']/testcase[@name='fout']/failure")
    assert failure is not None
    assert failure.text is not None
    assert failure.text.startswith("expected: no violation\nfound: BSN-ELFPROEF /Saldoverzoek/BSN\n")


@pytest.mark.parametrize("name", ["fout", "<script>"])
def test_junit_says_line_and_sentences_of_each_violation(name: str) -> None:
    (case,) = (
        each for each in etree.fromstring(junit(RESULTS, name="proef")).iter("testcase") if each.get("name") == name
    )
    text = case.findtext("failure") or case.findtext("system-out") or ""
    (violation,) = RESULTS[1].judgement.violations
    assert f"line {violation.line}: {violation.code} {violation.path}" in text
    assert violation.line > 1
    assert violation.nl in text
    assert violation.en in text


def test_the_page_shows_numbers_places_and_sentences_and_escapes_names() -> None:
    covered = (MessageCoverage(message="map", covered=3, total=4, missing=("rule X",)),)
    page = html(RESULTS, covered, words=SUITE_WORDS, at="2026-03-02")
    assert "3 / 4" in page
    assert "Het burgerservicenummer voldoet niet aan de elfproef." in page
    assert "expected: no violation" in page
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_junit_has_the_seconds_of_each_case_and_calls_skipped_what_tested_nothing() -> None:
    root = etree.fromstring(junit(RESULTS, name="proef"))
    cases = root.findall("testsuite/testcase")
    assert all(float(case.get("time", "")) > 0 for case in cases)
    assert float(root.get("time", "")) == pytest.approx(sum(float(case.get("time", "")) for case in cases), abs=1e-5)
    skipped = [case.get("name") for case in cases if case.find("skipped") is not None]
    assert skipped == ["<script>"], "it expects nothing in particular"
    assert (root.get("skipped"), root.get("errors")) == ("1", "0")
    for suite in root.findall("testsuite"):
        assert suite.get("tests") == str(len(suite))
        assert suite.get("skipped") == str(len(suite.findall("testcase/skipped")))


def page_of(results: list[CaseResult]) -> etree._Element:
    return etree.HTML(html(results, (), words=CHECK_WORDS, at="2026-03-02"))


def test_each_sentence_on_the_page_says_its_language() -> None:
    page = page_of(RESULTS)
    assert page.get("lang") == "en"
    dutch, english = (page.xpath(f"//li/p[@lang='{language}']/text()") for language in ("nl", "en"))
    assert set(dutch) == {"Het burgerservicenummer voldoet niet aan de elfproef."}
    assert set(english) == {"The citizen service number fails the eleven test."}


def test_the_page_is_filtered_by_verdict_without_a_script() -> None:
    """A choice for each verdict that occurs; a row and its group carry their verdicts, and the style hides the rest."""
    results = [*RESULTS, result("ander/kapot", b"<a", ()), result("ander/vreemd", b"<a/>", ())]
    page = page_of(results)
    choices = [each.get("id") for each in page.iterfind(".//input")]
    assert choices == [
        "show-all", "show-bad", "show-conforms", "show-violates", "show-unreadable", "show-unknown-message",
    ]  # fmt: skip
    assert {each.get("for") for each in page.iterfind(".//label")} == set(choices)
    rows = {row.find("td/code").text: (row.get("class") or "").split() for row in page.iterfind(".//tbody/tr")}
    assert rows["kapot"] == ["row", "bad", "unreadable"]
    assert rows["vreemd"] == ["row", "bad", "unknown-message"]
    assert rows["goed"] == ["row", "conforms"]
    for choice in choices[1:]:
        kind = choice.removeprefix("show-")
        assert f"#{choice}:checked ~ .groups :is(details, .row):not(.{kind})" in etree.tostring(page).decode()
    groups = [(each.get("class") or "").split() for each in page.iterfind(".//details")]
    assert groups[0] == ["bad", "conforms", "violates"]
    assert not page.findall(".//script")


def test_a_page_of_one_verdict_offers_no_other() -> None:
    page = page_of([result("map/goed", GOOD, ())])
    assert [each.get("id") for each in page.iterfind(".//input")] == ["show-all", "show-bad", "show-conforms"]


def test_no_report_repeats_a_value_of_the_message() -> None:
    both = junit(RESULTS, name="proef").decode() + html(RESULTS, (), words=CHECK_WORDS, at="nu")
    assert "999990018" not in both
    assert "Geheimenberg" not in both


def test_files_folders_and_archives_are_gathered_in_one_order(tmp_path: Path) -> None:
    (tmp_path / "map" / "dieper").mkdir(parents=True)
    (tmp_path / "map" / "dieper" / "b.xml").write_bytes(GOOD)
    (tmp_path / "map" / "a.xml").write_bytes(GOOD)
    (tmp_path / "map" / "lees.txt").write_text("niet")
    with zipfile.ZipFile(tmp_path / "c.zip", "w") as archive:
        archive.writestr("d.xml", GOOD)
        archive.writestr("e.txt", "niet")
    found = documents([tmp_path / "map", tmp_path / "c.zip", tmp_path / "map" / "lees.txt"], LIMITS)
    names = [str(Path(case.id).relative_to(tmp_path)) for case in found]
    assert names == ["map/a.xml", "map/dieper/b.xml", "c.zip/d.xml", "map/lees.txt"]


def test_an_archive_entry_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "groot.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bom.xml", b" " * 20_000_000)
    (case,) = documents([tmp_path / "groot.zip"], LIMITS)
    assert len(case.octets) == LIMITS.octets + 1
    assert run_case(case, CATALOGUE).judgement.found == ("DOC-TOO-LARGE /",)


def test_a_file_is_read_no_further_than_the_limit(tmp_path: Path) -> None:
    (tmp_path / "groot.xml").write_bytes(b" " * 20_000)
    (case,) = documents([tmp_path], DocumentSize(octets=100))
    assert len(case.octets) == 101


@pytest.mark.parametrize("octets", [b"", b"PK\x03\x04geen zip"])
def test_a_broken_archive_is_one_clear_fault(tmp_path: Path, octets: bytes) -> None:
    (tmp_path / "x.zip").write_bytes(octets)
    with pytest.raises(GatherFault, match=r"x\.zip"):
        list(documents([tmp_path / "x.zip"], LIMITS))

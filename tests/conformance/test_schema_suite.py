"""The schema suite: the shipped one has no hole and no surprise, and a tester's own cases are judged."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.case_writer import case_file, drafts
from conformance.coverage import coverage
from conformance.mutations import CaseFault, apply, at
from conformance.schema_cases import SUITE, SampleReader, SchemaCase, build, read_cases, sample_cases
from conformance.schema_runner import Verdict, agrees, judge, run_case
from xsd.catalogue import load_catalogue
from xsd.samples import sample
from xsd.schema_model import read_schema_model

CATALOGUE = load_catalogue()
SALDOVERZOEK = sample("Schuldregeling", "2.0", "Saldoverzoek")


@pytest.fixture(scope="module")
def shipped() -> list[SchemaCase]:
    return [*read_cases(SUITE, CATALOGUE), *sample_cases(CATALOGUE)]


def test_every_shipped_case_is_as_expected(shipped: list[SchemaCase]) -> None:
    results = (run_case(case, CATALOGUE) for case in shipped)
    assert [(r.case.id, r.judgement.found) for r in results if r.passed is not True] == []


def test_every_message_is_covered_wholly_and_the_suite_is_large(shipped: list[SchemaCase]) -> None:
    counted = coverage(CATALOGUE, shipped)
    assert {c.message for c in counted if c.missing} == set()
    assert len(counted) == len(list(CATALOGUE))
    assert sum(1 for case in shipped if case.expect) >= 600
    assert len({case.id for case in shipped}) == len(shipped)


def test_a_case_taken_away_is_a_hole_that_coverage_names(shipped: list[SchemaCase]) -> None:
    wanted = "mandatory Persoon/Achternaam"
    rest = [c for c in shipped if not (c.message == "Schuldregeling/2.0/Saldoverzoek" and c.covers == wanted)]
    holes = {c.message: c.missing for c in coverage(CATALOGUE, rest) if c.missing}
    assert holes == {"Schuldregeling/2.0/Saldoverzoek": (wanted,)}


def test_cases_that_say_nothing_about_coverage_are_not_measured_by_it(shipped: list[SchemaCase]) -> None:
    own = [replace(case, covers="") for case in shipped[:20]]
    assert coverage(CATALOGUE, own) == ()


@pytest.mark.parametrize("name", ["SaldoverzoekAntwoord", "Betaalvoorstel"])
def test_the_shipped_cases_are_those_that_the_mutation_rules_make(name: str) -> None:
    kind = CATALOGUE.message("Schuldregeling", "2.0", name)
    assert kind is not None
    made = case_file(kind, list(drafts(CATALOGUE, read_schema_model(kind.schema), kind)))
    assert made == (SUITE / "Schuldregeling" / "2.0" / f"{name}.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("octets", "verdict", "code"),
    [
        (b"not XML", Verdict.UNREADABLE, "DOC-NOT-WELL-FORMED /"),
        (b"", Verdict.UNREADABLE, "DOC-EMPTY /"),
        (b"<Saldoverzoek/>", Verdict.UNKNOWN, "DOC-UNKNOWN-MESSAGE /*"),
        (b"<a xmlns='urn:elders'/>", Verdict.UNKNOWN, "DOC-UNKNOWN-MESSAGE /*"),
    ],
)
def test_what_is_no_known_message_gets_one_clear_sentence(octets: bytes, verdict: Verdict, code: str) -> None:
    judgement = judge(octets, CATALOGUE)
    assert (judgement.verdict, judgement.found) == (verdict, (code,))
    (violation,) = judgement.violations
    assert violation.nl.count(".") == violation.en.count(".") == 1


@pytest.mark.parametrize(
    ("expect", "found", "verdict"),
    [
        (None, ("A /x",), None),
        ((), (), True),
        ((), ("A /x",), False),
        (("A /x",), ("A /x",), True),
        (("A",), ("A /x",), True),
        (("A /y",), ("A /x",), False),
        (("A",), ("A /x", "A /y"), False),
        (("A", "A"), ("A /x", "A /y"), True),
        (("AB",), ("A /x",), False),
    ],
)
def test_expected_and_found_agree_one_to_one(
    expect: tuple[str, ...] | None, found: tuple[str, ...], verdict: bool | None
) -> None:
    assert agrees(expect, found) is verdict


def own_folder(folder: Path) -> list[tuple[str, bool | None]]:
    return [(r.case.id, r.passed) for r in (run_case(c, CATALOGUE) for c in read_cases(folder, CATALOGUE))]


def test_a_testers_own_cases_are_judged(tmp_path: Path) -> None:
    wrong = SALDOVERZOEK.replace(b"999990019", b"999990018")
    (tmp_path / "bsn.xml").write_bytes(wrong)
    (tmp_path / "bsn.expect").write_text("# mijn eerste geval\nBSN-ELFPROEF /Saldoverzoek/BSN\n")
    (tmp_path / "fout.xml").write_bytes(wrong)
    (tmp_path / "fout.expect").write_text("")
    (tmp_path / "zomaar.xml").write_bytes(wrong)
    (tmp_path / "lijst.yaml").write_text(
        "module: Schuldregeling\nversion: '2.0'\ncases:\n"
        "  - {id: zonder-klant, sample: Saldoverzoek.xml, do: [[drop, /Saldoverzoek/Klant]],"
        " expect: [XSD-ELEMENT-UNEXPECTED /Saldoverzoek/BSN]}\n"
    )
    assert own_folder(tmp_path) == [
        ("bsn", True), ("fout", False), ("Schuldregeling/2.0/lijst/zonder-klant", True), ("zomaar", None),
    ]  # fmt: skip


def test_capital_letters_in_the_end_of_a_name_hide_no_case(tmp_path: Path) -> None:
    wrong = SALDOVERZOEK.replace(b"999990019", b"999990018")
    (tmp_path / "A.XML").write_bytes(wrong)
    (tmp_path / "A.EXPECT").write_text("BSN-ELFPROEF /Saldoverzoek/BSN\n")
    (tmp_path / "b.Xml").write_bytes(wrong)
    (tmp_path / "b.expect").write_text("")
    for name in ("C.YAML", "d.yml"):
        (tmp_path / name).write_text(
            "module: Schuldregeling\nversion: '2.0'\ncases: [{id: a, sample: Saldoverzoek.xml, do: [], expect: []}]\n"
        )
    assert own_folder(tmp_path) == [
        ("A", True), ("Schuldregeling/2.0/C/a", True), ("b", False), ("Schuldregeling/2.0/d/a", True),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("A.EXPECT",), "A.xml, of which this is expected, is not beside it"),
        (("a.XML", "a.xml"), "a.XML beside it has the same name"),
        (("a.xml", "a.EXPECT", "a.expect"), "a.EXPECT beside it has the same name"),
    ],
)
def test_cases_that_cannot_be_told_apart_by_their_names_are_told(
    tmp_path: Path, names: tuple[str, ...], said: str
) -> None:
    for name in names:
        (tmp_path / name).write_bytes(SALDOVERZOEK if name.lower().endswith("xml") else b"")
    with pytest.raises(CaseFault, match=said):
        own_folder(tmp_path)


@pytest.mark.parametrize("name", ["more.zip", "deeper/MORE.ZIP"])
def test_an_archive_among_cases_is_told_and_not_passed_over(tmp_path: Path, name: str) -> None:
    (tmp_path / "a.xml").write_bytes(SALDOVERZOEK)
    (tmp_path / "a.expect").write_text("")
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"PK")
    with pytest.raises(CaseFault, match="unpack it"):
        own_folder(tmp_path)


def test_an_answer_is_judged_with_its_question(tmp_path: Path) -> None:
    (tmp_path / "vraag.xml").write_bytes(SALDOVERZOEK.replace(b"F-2025-0003", b"F-2025-0004"))
    (tmp_path / "vraag.expect").write_text("")
    (tmp_path / "antwoord.xml").write_bytes(sample("Schuldregeling", "2.0", "SaldoverzoekAntwoord"))
    (tmp_path / "antwoord.expect").write_text("# question: vraag.xml\nMATCHEN-ELKE-VRAAG /SaldoverzoekAntwoord\n")
    assert own_folder(tmp_path) == [("antwoord", True), ("vraag", True)]


@pytest.mark.parametrize(
    "text",
    [
        "[",
        "module: Schuldregeling\n",
        "module: Schuldregeling\nversion: '7.0'\ncases: []\n",
        "module: Schuldregeling\nversion: '2.0'\ncases: [{id: a}]\n",
        "module: Schuldregeling\nversion: '2.0'\ncases: [{id: a, sample: ../catalogue.yaml, do: [], expect: []}]\n",
        "module: Schuldregeling\nversion: '2.0'\n"
        "cases: [{id: a, sample: Saldoverzoek.xml, do: [[vouw, /x]], expect: []}]\n",
    ],
)
def test_a_list_of_cases_that_cannot_be_used_says_which_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "mijn.yaml").write_text(text)
    with pytest.raises(CaseFault, match=r"mijn\.yaml"):
        list(read_cases(tmp_path, CATALOGUE))


@pytest.mark.parametrize("key", ["id", "covers"])
def test_a_case_that_says_an_empty_name_or_covers_nothing_is_complained_of(tmp_path: Path, key: str) -> None:
    """A coverage that counts a case with an empty word would have a hole that nobody sees."""
    case = {"id": "a", "covers": "b", key: ""}
    (tmp_path / "mijn.yaml").write_text(
        "module: Schuldregeling\nversion: '2.0'\ncases:\n"
        f"  - id: '{case['id']}'\n    covers: '{case['covers']}'\n"
        "    sample: Saldoverzoek.xml\n    do: []\n    expect: []\n"
    )
    with pytest.raises(CaseFault, match=rf"mijn\.yaml:{4 if key == 'id' else 5}: cases\[0\]\.{key}: "):
        list(read_cases(tmp_path, CATALOGUE))


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ("[set]", "set has too few values; its form is [set, PATH, VALUE]"),
        ("[set, /Saldoverzoek/BSN]", "set has too few values; its form is [set, PATH, VALUE]"),
        ("[set, /Saldoverzoek/BSN, [1]]", "VALUE has to be text"),
        ("[set, /Saldoverzoek/BSN, true]", "VALUE has to be text between quotes, not true"),
        ('[set, /Saldoverzoek/BSN, "\\x01"]', "a value has a character that no document can hold"),
        ("[drop, /Saldoverzoek/BSN, x]", "drop has too many values; its form is [drop, PATH]"),
        ("[text]", "its form is [text, PATH]"),
        ("[copy, Saldoverzoek.xml, /Saldoverzoek/BSN]", "its form is [copy, SAMPLE, PATH, PARENT, INDEX]"),
        ("[copy, Saldoverzoek.xml, /Saldoverzoek/Klant, /Saldoverzoek, -1]", "INDEX has to be a number from 0"),
        ("[copy, Saldoverzoek.xml, /Saldoverzoek/Klant, /Saldoverzoek, 99]", "INDEX is 99, and /Saldoverzoek has"),
        ("[repeat, /Saldoverzoek/Klant, veel]", "TIMES has to be a number from 1, not "),
        ("[repeat, /Saldoverzoek/Klant, -1]", "TIMES has to be a number from 1, not -1"),
        ("[repeat, /Saldoverzoek/Klant, 1000000000]", "the document would have more than"),
        ("[repeat, /Saldoverzoek]", "cannot be done to the root element"),
        ("[]", "is no step; steps are drop, set"),
    ],
)
def test_a_step_that_cannot_be_taken_is_told_with_file_line_and_the_form_that_is_expected(
    tmp_path: Path, step: str, said: str
) -> None:
    rows = f"  - id: a\n    sample: Saldoverzoek.xml\n    expect: []\n    do:\n      - {step}\n"
    (tmp_path / "mijn.yaml").write_text(f"module: Schuldregeling\nversion: '2.0'\ncases:\n{rows}{rows}")
    with pytest.raises(CaseFault) as told:
        list(read_cases(tmp_path, CATALOGUE))
    lines = str(told.value).splitlines()
    assert [line.split(" ")[0] for line in lines] == [f"{tmp_path / 'mijn.yaml'}:{line}:" for line in (8, 13)]
    assert all(said in line for line in lines)


@pytest.mark.parametrize(
    "path",
    ["/Ander", "/Saldoverzoek/Geen", "/Saldoverzoek/Klant[2]", "/Saldoverzoek/Klant[0]", "/Saldoverzoek/Kl ant"],
)
def test_a_path_that_leads_nowhere_is_a_fault_of_the_case(path: str) -> None:
    kind = CATALOGUE.message("Schuldregeling", "2.0", "Saldoverzoek")
    assert kind is not None
    with pytest.raises(CaseFault):
        at(SampleReader(kind.folder)("Saldoverzoek.xml"), path)


def test_the_steps_change_a_copy_and_never_the_sample() -> None:
    kind = CATALOGUE.message("Schuldregeling", "2.0", "Saldoverzoek")
    assert kind is not None
    reader = SampleReader(kind.folder)
    before = build(reader, "Saldoverzoek.xml", ())
    root = reader("Saldoverzoek.xml")
    apply(root, [("drop", "/Saldoverzoek/Klant"), ("set", "/Saldoverzoek/BSN", "1")], reader)
    assert build(reader, "Saldoverzoek.xml", ()) == before

"""knooppunt schema list, sample and diff: what a tester types and what comes back."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import main
from gateway.limits import PAYLOAD_LIMITS
from xsd.catalogue import load_catalogue
from xsd.document import parse_document
from xsd.message_type import MessageType
from xsd.module_files import packaged_modules
from xsd.payload_header import PayloadHeader, read_payload_header
from xsd.samples import sample

GOOD = sample("Schuldregeling", "2.0", "Saldoverzoek")


ONE, OTHER = "00000099000001001000", "00000099000001002000"


def knooppunt(*arguments: str | Path, octets: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["schema", *map(str, arguments)], input=octets, catch_exceptions=False)


def test_list_names_every_message_with_its_answers() -> None:
    rows = json.loads(knooppunt("list", "--json").stdout)["facts"]
    assert len(rows) == 77
    (row,) = [r for r in rows if (r["module"], r["version"], r["type"]) == ("Schuldregeling", "2.0", "Betaalvoorstel")]
    assert row["answers"] == ["BetaalvoorstelAntwoord"]
    assert row["term_working_days"] == 10
    assert "Betaalvoorstel" in knooppunt("list").stdout


def test_a_sample_that_is_printed_passes_the_check(tmp_path: Path) -> None:
    printed = knooppunt("sample", "Waarborgfonds", "2.0", "AanvraagBorgstelling")
    (tmp_path / "a.xml").write_text(printed.stdout)
    result = knooppunt("check", tmp_path / "a.xml")
    assert result.exit_code == 0
    assert "1 of 1 documents conform" in result.stdout


def header_of(path: Path) -> PayloadHeader:
    return read_payload_header(parse_document(path.read_bytes(), limits=PAYLOAD_LIMITS))


def test_a_sample_with_parties_is_a_message_of_ones_own_each_time(tmp_path: Path) -> None:
    arguments = ("sample", "Schuldregeling", "2.0", "Saldoverzoek", "--from", ONE, "--to", OTHER)
    for name in ("a.xml", "b.xml"):
        (tmp_path / name).write_text(knooppunt(*arguments).stdout)
    first, second = header_of(tmp_path / "a.xml"), header_of(tmp_path / "b.xml")
    assert (first.afzender, first.ontvanger) == (ONE, OTHER)
    assert first.referentienummer != second.referentienummer
    assert first.conversatie_referentienummer != second.conversatie_referentienummer
    assert abs(datetime.now(UTC) - first.aanmaakmoment) < timedelta(minutes=1)
    assert knooppunt("check", tmp_path / "a.xml").exit_code == 0


def test_a_sample_that_answers_carries_the_references_of_its_question_and_swaps_the_parties(tmp_path: Path) -> None:
    asked, answer = tmp_path / "asked.xml", tmp_path / "answer.xml"
    asked.write_text(knooppunt("sample", "Schuldregeling", "2.0", "Saldoverzoek", "--from", ONE, "--to", OTHER).stdout)
    answer.write_text(knooppunt("sample", "Schuldregeling", "2.0", "SaldoverzoekAntwoord", "--answering", asked).stdout)
    question, reply = header_of(asked), header_of(answer)
    assert (reply.afzender, reply.ontvanger) == (OTHER, ONE)
    assert reply.cross_referentienummer == question.referentienummer
    assert reply.conversatie_referentienummer == question.conversatie_referentienummer
    assert reply.referentienummer != question.referentienummer
    assert knooppunt("check", answer).exit_code == 0


@pytest.mark.parametrize(
    "kind", [each for each in load_catalogue() if each.answers_to], ids=lambda each: f"{each.service}:{each.name}"
)
def test_every_sample_of_an_answer_can_answer_a_question(kind: MessageType, tmp_path: Path) -> None:
    asked = tmp_path / "asked.xml"
    asked.write_bytes(sample(kind.module, kind.version, kind.answers_to[0]))
    answer = tmp_path / "answer.xml"
    answer.write_text(knooppunt("sample", kind.module, kind.version, kind.name, "--answering", asked).stdout)
    assert header_of(answer).cross_referentienummer == header_of(asked).referentienummer


@pytest.mark.parametrize(("module", "version"), [("Schuldregeling", "1.1"), ("Schuldinventarisatie", "2.0")])
def test_a_question_of_another_module_version_is_refused_with_the_command_that_answers_it(
    tmp_path: Path, module: str, version: str
) -> None:
    asked, answer = tmp_path / "asked.xml", tmp_path / "answer.xml"
    asked.write_bytes(sample(module, version, "Saldoverzoek"))
    result = knooppunt("sample", "Schuldregeling", "2.0", "SaldoverzoekAntwoord", "--answering", asked)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"asks in {module} {version}, and an answer uses the module version of its question" in result.stderr
    command = result.stderr.partition("knooppunt schema ")[2].split()
    assert command[:4] == ["sample", module, version, "SaldoverzoekAntwoord"]
    answer.write_text(knooppunt(*command).stdout)
    assert knooppunt("check", answer).exit_code == 0


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (sample("Schuldregeling", "2.0", "SaldoverzoekAntwoord"), "SaldoverzoekAntwoord answers Saldoverzoek, and"),
        (b"<Leeg/>", "is no message"),
        (b"geen xml", "asked.xml: line 1, DOC-NOT-WELL-FORMED: This is not well-formed XML."),
    ],
    ids=["another type", "no message", "no XML"],
)
def test_what_cannot_be_answered_is_refused(content: bytes, said: str, tmp_path: Path) -> None:
    (tmp_path / "asked.xml").write_bytes(content)
    result = knooppunt("sample", "Schuldregeling", "2.0", "SaldoverzoekAntwoord", "--answering", tmp_path / "asked.xml")
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("sample", "Schuldregeling", "9.0", "Saldoverzoek"),
        ("sample", "Schuldregeling", "2.0", "Onbekend"),
        ("sample", "Schuldregeling", "2.0", "Saldoverzoek", "--variant", "geen"),
    ],
)
def test_a_sample_that_does_not_exist_says_how_to_find_the_names(arguments: tuple[str, ...]) -> None:
    result = knooppunt(*arguments)
    assert result.exit_code == 2
    assert "schema list" in result.stderr or "Variants: nuts" in result.stderr


OWN = ("sample", "Schuldregeling", "2.0", "Saldoverzoek")


@pytest.mark.parametrize("value", ["\udcff", "\x00", "\x1b[31m", "\ufffe"])
@pytest.mark.parametrize("option", ["--from", "--to"])
def test_a_party_that_no_document_can_hold_is_wrong_usage(option: str, value: str) -> None:
    result = knooppunt(*OWN, option, value)
    assert (result.exit_code, result.stdout) == (2, "")
    assert f"{option}: characters that are in no party id" in result.stderr


@pytest.mark.parametrize("value", ["abc", "", " ", "0" * 5000])
def test_a_sample_that_would_not_conform_is_refused_with_the_place(value: str) -> None:
    result = knooppunt(*OWN, "--from", value)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the sample would not conform: /Saldoverzoek/Stuurgegevens/Afzender: " in result.stderr


@pytest.mark.parametrize("header", [(), ("--from", ONE)])
def test_a_sample_ends_with_one_newline(header: tuple[str, ...]) -> None:
    printed = knooppunt(*OWN, *header).stdout
    assert printed.endswith(">\n")


@pytest.mark.parametrize("number", ["99999999999999999999999", "1" * 5000, "-1", "0", str(10**15), "1e3"])
@pytest.mark.parametrize("verb", ["check", "suite"])
def test_a_size_that_nothing_has_is_wrong_usage(verb: str, number: str, tmp_path: Path) -> None:
    (tmp_path / "m.xml").write_bytes(GOOD)
    result = knooppunt(verb, tmp_path, "--max-octets", number)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "--max-octets" in result.stderr


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A module version of a tester's own, in a folder of modules."""
    folder = tmp_path / "modules" / "Eigen" / "1.1"
    shutil.copytree(packaged_modules() / "Schuldregeling" / "2.0", folder)
    for file in folder.rglob("*.*"):
        octets = file.read_bytes().replace(b"Schuldregeling:2.0", b"Eigen:1.1").replace(b"Versie>2.0", b"Versie>1.1")
        file.write_bytes(octets.replace(b'previous: "1.1"\n', b""))
    return folder


def test_list_says_what_is_wrong_with_the_samples_of_a_testers_own_module(own: Path) -> None:
    modules = own.parent.parent
    assert knooppunt("list", "--modules", modules).exit_code == 0
    samples = own / "samples"
    (samples / "Saldoverzoek.xml").write_text("rubbish")
    (samples / "GeenMedewerking.xml").unlink()
    (samples / "Kennisgeving.xml").write_bytes((samples / "SaldoverzoekAntwoord.xml").read_bytes())
    (samples / "Anders.xml").write_bytes(GOOD)
    ended = knooppunt("list", "--modules", modules)
    assert (ended.exit_code, "GeenMedewerking" in ended.stdout) == (2, True)
    for name, said in (
        ("Saldoverzoek", "this is no XML document that can be read"),
        ("GeenMedewerking", "GeenMedewerking has no sample; write a complete one"),
        ("Kennisgeving", "its root element is not Kennisgeving"),
        ("Anders", "no message of this module version has that name"),
    ):
        assert f"{samples / name}.xml: {said}" in ended.stderr
    document = json.loads(knooppunt("list", "--modules", modules, "--json").stdout)
    assert (document["outcome"], len(document["facts"]) > 50) == ("usage", True)


@pytest.mark.parametrize("more", [(), ("--from", ONE, "--to", OTHER)])
@pytest.mark.parametrize("octets", [b"rubbish", b"", b"\xff\xfe", b"<a/>"], ids=["text", "nothing", "octets", "other"])
def test_a_sample_that_is_no_message_is_told_in_words(own: Path, octets: bytes, more: tuple[str, ...]) -> None:
    (own / "samples" / "Saldoverzoek.xml").write_bytes(octets)
    ended = knooppunt("sample", "Eigen", "1.1", "Saldoverzoek", *more, "--modules", own.parent.parent)
    expected = 0 if octets == b"<a/>" and not more else 2
    assert (ended.exit_code, "Saldoverzoek.xml" in ended.stderr) == (expected, expected == 2)


@pytest.mark.parametrize("verb", [("list",), ("diff", "Eigen", "1.1", "1.1")])
def test_changes_that_are_no_text_are_told_with_the_file(own: Path, verb: tuple[str, ...]) -> None:
    (own / "changes.md").write_bytes(b"- Saldoverzoek: \xff")
    ended = knooppunt(*verb, "--modules", own.parent.parent)
    assert ended.exit_code == 2
    assert f"{own / 'changes.md'}: the file is no text in UTF-8; save it as UTF-8" in ended.stderr


def test_two_versions_are_compared() -> None:
    result = knooppunt("diff", "Schuldregeling", "1.1", "2.0")
    assert result.exit_code == 0
    assert "SaldoverzoekAntwoord: changed\n" in result.stdout
    assert "  field Matchen is new, mandatory\n" in result.stdout
    answer = json.loads(knooppunt("diff", "Schuldregeling", "1.1", "2.0", "--json").stdout)["facts"]
    assert {each["fate"] for each in answer["messages"]} == {"new", "gone", "changed", "same"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("Schuldregeling", "1.1", "9.9"), "Versions of it: 1.0, 1.1, 2.0"),
        (("Onbekend", "1.0", "2.0"), "knooppunt schema list"),
    ],
)
def test_a_version_that_is_not_there_says_which_are(arguments: tuple[str, ...], said: str) -> None:
    result = knooppunt("diff", *arguments)
    assert (result.exit_code, said in result.stderr) == (2, True)


def test_form_prints_a_message_type_as_a_form_and_refuses_what_is_none() -> None:
    printed = knooppunt("form", "Schuldinventarisatie", "2.0", "GeenMedewerking")
    assert json.loads(printed.stdout)["label"] == {"nl": "Geen medewerking", "en": "No co-operation"}
    told = json.loads(knooppunt("form", "Schuldinventarisatie", "2.0", "GeenMedewerking", "--json").stdout)
    assert told["facts"] == json.loads(printed.stdout)
    assert knooppunt("form", "Schuldinventarisatie", "2.0", "Brief").exit_code == 2

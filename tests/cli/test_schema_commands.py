"""knooppunt schema: what a tester types and what comes back."""

from __future__ import annotations

import errno
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

import gateway
from conformance.second_judge import SecondJudge
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
WRONG = GOOD.replace(b"999990019", b"999990018")


def knooppunt(*arguments: str | Path, octets: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["schema", *map(str, arguments)], input=octets, catch_exceptions=False)


def test_list_names_every_message_with_its_answers() -> None:
    rows = json.loads(knooppunt("list", "--json").stdout)["facts"]
    assert len(rows) == 74
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


def test_check_takes_folders_and_archives_and_ends_with_a_table(tmp_path: Path) -> None:
    (tmp_path / "map").mkdir()
    (tmp_path / "map" / "fout.xml").write_bytes(WRONG)
    (tmp_path / "map" / "vreemd.xml").write_bytes(b"<a/>")
    with zipfile.ZipFile(tmp_path / "alles.zip", "w") as archive:
        archive.writestr("goed.xml", GOOD)
    result = knooppunt("check", tmp_path / "map", tmp_path / "alles.zip")
    assert result.exit_code == 1
    assert "1 of 3 documents conform" in result.stdout
    for word in ("BSN-ELFPROEF", "/Saldoverzoek/BSN", "elfproef", "eleven test", "unknown message"):
        assert word in result.stdout
    assert "999990018" not in result.stdout


def test_check_speaks_json_and_writes_both_reports(tmp_path: Path) -> None:
    (tmp_path / "fout.xml").write_bytes(WRONG)
    junit, html = tmp_path / "r.xml", tmp_path / "r.html"
    result = knooppunt("check", tmp_path / "fout.xml", "--json", "--junit", junit, "--html", html)
    (row,) = json.loads(result.stdout)["facts"]
    assert (row["verdict"], row["type"], row["violations"][0]["code"]) == ("violates", "Saldoverzoek", "BSN-ELFPROEF")
    assert b'failures="1"' in junit.read_bytes()
    assert "BSN-ELFPROEF" in html.read_text()


def test_the_largest_document_is_a_setting(tmp_path: Path) -> None:
    (tmp_path / "goed.xml").write_bytes(GOOD)
    assert knooppunt("check", tmp_path / "goed.xml").exit_code == 0
    assert knooppunt("check", tmp_path / "goed.xml", "--max-octets", "1000").exit_code == 1


def test_the_shipped_suite_passes_and_is_covered_wholly() -> None:
    result = knooppunt("suite", "--json")
    answer = json.loads(result.stdout)["facts"]
    assert (result.exit_code, answer["failed"], answer["judged"]) == (0, 0, 0)
    assert answer["passed"] > 7000
    assert all(row["covered"] == row["total"] for row in answer["coverage"])


def test_a_tester_points_the_suite_at_a_folder_of_his_own(tmp_path: Path) -> None:
    (tmp_path / "mijn-geval.xml").write_bytes(WRONG)
    (tmp_path / "mijn-geval.expect").write_text("BSN-ELFPROEF\n")
    assert knooppunt("suite", tmp_path).exit_code == 0
    (tmp_path / "mijn-geval.expect").write_text("IBAN-CONTROLEGETAL\n")
    result = knooppunt("suite", tmp_path)
    assert result.exit_code == 1
    assert "expected: IBAN-CONTROLEGETAL" in result.stdout
    assert "found: BSN-ELFPROEF /Saldoverzoek/BSN" in result.stdout


@pytest.mark.parametrize("content", [None, "module: x"])
def test_a_folder_without_usable_cases_is_wrong_usage(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "geval.yaml").write_text(content)
    assert knooppunt("suite", tmp_path).exit_code == 2


@pytest.mark.parametrize("name", ["pipe.xml", "pipe.yaml", "geval.expect", "a device", "a pipe"])
def test_a_pipe_or_device_in_a_suite_is_wrong_usage(tmp_path: Path, name: str) -> None:
    """As in `schema check`; what cannot be read is no verdict on anything."""
    os.mkfifo(pipe := tmp_path / (name if "." in name else "pipe"))
    (tmp_path / "geval.xml").write_bytes(GOOD)
    if name.startswith("a "):
        (tmp_path / "geval.expect").write_text(f"# question: {'/dev/zero' if name == 'a device' else pipe}\n")
    result = knooppunt("suite", tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "and should be a plain file" in result.stderr


def test_a_suite_in_which_nothing_is_expected_is_wrong_usage(tmp_path: Path) -> None:
    (tmp_path / "geval.xml").write_bytes(GOOD)
    result = knooppunt("suite", tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing is expected of any case" in result.stderr


def test_an_expectation_without_its_message_is_told(tmp_path: Path) -> None:
    (tmp_path / "geval.xml").write_bytes(GOOD)
    (tmp_path / "geval.expect").write_bytes(b"")
    (tmp_path / "zz.expect").write_bytes(b"")
    result = knooppunt("suite", tmp_path)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "zz.expect: zz.xml, of which this is expected, is not beside it" in result.stderr


def test_a_module_folder_that_cannot_be_read_is_wrong_usage(tmp_path: Path) -> None:
    result = knooppunt("list", "--modules", tmp_path)
    assert result.exit_code == 2
    assert "--modules" in result.stderr


@pytest.mark.parametrize("compression", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_an_archive_with_broken_content_is_refused_in_words(tmp_path: Path, compression: int) -> None:
    path = tmp_path / "kapot.zip"
    with zipfile.ZipFile(path, "w", compression) as archive:
        archive.writestr("a.xml", GOOD)
    octets = bytearray(path.read_bytes())
    start = octets.index(b"a.xml") + 20
    octets[start : start + 30] = b"\xff" * 30
    path.write_bytes(octets)
    result = knooppunt("check", path)
    assert (result.exit_code, "kapot.zip/a.xml: this entry cannot be read: it is damaged" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ("encrypted", "alles.zip/b.xml: this entry cannot be read: it is encrypted"),
        (
            "method",
            "alles.zip/b.xml: this entry cannot be read: it is compressed by a method that is not known here (77)",
        ),
        ("crc", "alles.zip/b.xml: this entry cannot be read: it is damaged, its check sum (CRC-32) is another"),
        ("nested", "alles.zip/B.ZIP: an archive in an archive is not searched"),
    ],
)
def test_an_entry_that_cannot_be_read_costs_the_others_no_verdict(tmp_path: Path, made: str, said: str) -> None:
    with zipfile.ZipFile(tmp_path / "alles.zip", "w") as archive:
        for name in ("a.xml", "B.ZIP" if made == "nested" else "b.xml", "c.xml"):
            archive.writestr(name, GOOD)
    octets = bytearray((tmp_path / "alles.zip").read_bytes())
    local = octets.index(b"PK\x03\x04", 1)
    central = octets.index(b"PK\x01\x02", octets.index(b"PK\x01\x02") + 1)
    for at, offset in ((local, 0), (central, 2)):
        if made == "encrypted":
            octets[at + offset + 6] |= 1
        elif made == "method":
            octets[at + offset + 8] = 77
        elif made == "crc":
            octets[at + offset + 14] ^= 1
    (tmp_path / "alles.zip").write_bytes(octets)
    result = knooppunt("check", tmp_path)
    assert result.exit_code == 2
    assert "2 of 2 documents conform" in result.stdout
    assert said in result.stderr
    document = json.loads(knooppunt("check", tmp_path, "--json").stdout)
    assert (document["outcome"], len(document["facts"]), said in document["error"]) == ("usage", 2, True)


@pytest.mark.parametrize("octets", [b"", b"\x1f\x8b", b"  \n", b"<a>", GOOD, b"\xff\xfe\x00\xd8"])
def test_a_line_counts_from_one_or_is_not_there(octets: bytes, tmp_path: Path) -> None:
    (tmp_path / "m.xml").write_bytes(octets)
    lines = [
        each["line"]
        for size in ("4000000", "1")
        for document in json.loads(knooppunt("check", tmp_path, "--max-octets", size, "--json").stdout)["facts"]
        for each in document["violations"]
    ]
    assert all(line is None or line >= 1 for line in lines)
    assert lines or not octets


@pytest.mark.parametrize(("way", "said"), [("<&-", "there is no standard input"), ("0>made", "cannot be read")])
def test_a_dash_whose_standard_input_is_closed_or_no_input_is_wrong_usage(tmp_path: Path, way: str, said: str) -> None:
    command = f"exec {shlex.quote(sys.executable)} -m gateway.cli schema check - {way}"
    ended = subprocess.run(
        ["sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False,
        env={**os.environ, "PYTHONPATH": str(Path(gateway.__file__).parent.parent)},
    )  # fmt: skip
    assert (ended.returncode, ended.stdout, said in ended.stderr) == (2, "", True)


def test_an_archive_that_unpacks_into_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.gather.MOST_OCTETS", 3 * len(GOOD))
    for count, code in ((3, 0), (4, 2)):
        with zipfile.ZipFile(tmp_path / "veel.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for number in range(count):
                archive.writestr(f"{number}.xml", GOOD)
        assert knooppunt("check", tmp_path / "veel.zip").exit_code == code


def test_a_single_dash_reads_standard_input() -> None:
    result = knooppunt("check", "-", octets=GOOD)
    assert (result.exit_code, "(standard input)" in result.stdout) == (0, True)
    assert knooppunt("check", "-", octets=WRONG).exit_code == 1
    assert knooppunt("check", "-", octets=b"").exit_code == 1


def test_a_dash_without_a_standard_input_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is started with its descriptor 0 closed has none."""
    monkeypatch.setattr(
        "gateway.cli.output.sys", SimpleNamespace(stdin=None, stdout=sys.stdout, stderr=sys.stderr, exit=sys.exit)
    )
    result = knooppunt("check", "-")
    assert (result.exit_code, "there is no standard input" in result.stderr) == (2, True)


def test_a_check_of_nothing_is_wrong_usage(tmp_path: Path) -> None:
    result = knooppunt("check", tmp_path)
    assert (result.exit_code, "there is no document in it" in result.stderr) == (2, True)
    assert knooppunt("check").exit_code == 2


@pytest.mark.parametrize("name", ["wacht.xml", "wacht.zip"])
def test_a_pipe_is_refused_wherever_it_is_named(tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / name)
    for named in (tmp_path, tmp_path / name):
        result = knooppunt("check", named)
        assert (result.exit_code, "and should be a plain file" in result.stderr) == (2, True)
    parties = ("sample", "Schuldregeling", "2.0", "SaldoverzoekAntwoord", "--answering", tmp_path / name)
    assert knooppunt(*parties).exit_code == 2


@pytest.mark.parametrize("name", ["catalogue.yaml", "rules.yaml", "schema.xsd"])
def test_a_pipe_in_a_module_folder_is_refused_too(tmp_path: Path, name: str) -> None:
    shutil.copytree(packaged_modules() / "Knooppunt" / "1.0", tmp_path / "Knooppunt" / "1.1")
    (tmp_path / "Knooppunt" / "1.1" / name).unlink()
    os.mkfifo(tmp_path / "Knooppunt" / "1.1" / name)
    result = knooppunt("list", "--modules", tmp_path)
    assert (result.exit_code, "and should be a plain file" in result.stderr) == (2, True)


@pytest.mark.parametrize(
    ("octets", "line"),
    [
        (GOOD.replace(b"</BSN>", b"</BSM>"), GOOD[: GOOD.index(b"</BSN>")].count(b"\n") + 1),
        (GOOD.replace(b"</BSN>", b"&geheim;</BSN>"), GOOD[: GOOD.index(b"</BSN>")].count(b"\n") + 1),
        (b"<a>\n<!-- <?x ?> -->\n<?geheim ?></a>", 3),
        (b"<!-- <!DOCTYPE -->\n\n<!DOCTYPE a><a/>", 3),
        (b"<a>\n\x00</a>", 2),
        (b"<a>\n\n\xff</a>", 3),
        (b"\xff\xfe" + "<a>\n\n".encode("utf-16-le") + b"\x00\xdc" + "</a>".encode("utf-16-le"), 3),
    ],
    ids=["tag", "entity", "instruction", "doctype", "nul", "utf-8", "utf-16"],
)  # fmt: skip
def test_what_cannot_be_read_has_the_line_where_reading_stopped(octets: bytes, line: int) -> None:
    (row,) = json.loads(knooppunt("check", "-", "--json", octets=octets).stdout)["facts"]
    assert (row["verdict"], [v["line"] for v in row["violations"]]) == ("unreadable", [line])


def test_the_definitions_are_exported_into_a_folder_that_is_new(tmp_path: Path) -> None:
    result = knooppunt("export", tmp_path / "uit", "--json")
    answer = json.loads(result.stdout)["facts"]
    assert result.exit_code == 0
    assert answer["files"] == sum(1 for path in (tmp_path / "uit").rglob("*") if path.is_file())
    assert "Schuldregeling 2.0" in answer["modules"]
    again = knooppunt("export", tmp_path / "uit")
    assert (again.exit_code, "is not empty" in again.stderr) == (2, True)


@pytest.mark.parametrize("there", [True, False], ids=["an empty folder", "a new one"])
def test_an_export_that_finds_no_room_names_the_place_and_leaves_nothing_that_stands_in_the_way_of_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    folder = tmp_path / "above" / "uit"
    if there:
        folder.mkdir(parents=True)
    plain, room = Path.write_bytes, iter(range(30))

    def write(path: Path, octets: bytes) -> int:
        written = plain(path, octets)
        if next(room, None) is None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return written

    with monkeypatch.context() as patched:
        patched.setattr(Path, "write_bytes", write)
        ended = knooppunt("export", folder)
    assert ended.exit_code == 74
    assert re.search(rf"{re.escape(str(folder))}/\S+: No space left on device", ended.stderr)
    assert "make room on that disk, then do it again" in ended.stderr
    assert (folder.exists(), folder.parent.exists()) == (there, there)
    assert knooppunt("export", folder).exit_code == 0


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


def test_a_suite_asks_a_second_judge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "geval.xml").write_bytes(GOOD.replace(b"1980-02-29", b"1981-02-29"))
    answer = json.loads(knooppunt("suite", tmp_path, "--judge", "xmlschema", "--json").stdout)["facts"]
    assert answer["judge"] == {"name": "xmlschema", "asked": 1, "differences": []}
    monkeypatch.setattr(SecondJudge, "_schema", lambda *_: SimpleNamespace(is_valid=lambda _: True))
    result = knooppunt("suite", tmp_path, "--judge", "xmlschema")
    assert result.exit_code == 1
    assert "geval\n  knooppunt: does not conform; xmlschema: conforms\n" in result.stdout
    assert "xmlschema was asked about 1 case and differs in 1\n" in result.stdout


def test_a_second_judge_that_is_not_installed_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xmlschema", None)
    result = knooppunt("suite", "--judge", "xmlschema")
    assert (result.exit_code, "knooppunt[xsd11]" in result.stderr) == (2, True)

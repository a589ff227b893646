"""knooppunt schema check: what is read, what is refused, and what is told of each document."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

import gateway
from gateway.cli.main import main
from xsd.module_files import packaged_modules
from xsd.samples import sample

GOOD = sample("Schuldregeling", "2.0", "Saldoverzoek")


WRONG = GOOD.replace(b"999990019", b"999990018")


def knooppunt(*arguments: str | Path, octets: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["schema", *map(str, arguments)], input=octets, catch_exceptions=False)


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


@pytest.mark.parametrize(
    ("octets", "codes"),
    [(5_000_000, ["DOC-UNKNOWN-MESSAGE"]), (11_000_000, ["DOC-TEXT"])],
    ids=["allowed", "no parser takes it"],
)
def test_a_text_may_be_as_long_as_the_document_and_is_told_as_too_long_where_no_document_may_hold_it(
    tmp_path: Path, octets: int, codes: list[str]
) -> None:
    (tmp_path / "lang.xml").write_bytes(b"<a>" + b"x" * octets + b"</a>")
    result = knooppunt("check", tmp_path, "--max-octets", "20000000", "--json")
    (row,) = json.loads(result.stdout)["facts"]
    assert [each["code"] for each in row["violations"]] == codes
    assert ("bijlage" in row["violations"][0]["nl"]) == (codes == ["DOC-TEXT"])


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


def test_a_file_that_cannot_be_read_costs_the_others_of_its_folder_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"PK\x03\x04 and no more")
    (tmp_path / "b.xml").write_bytes(GOOD)
    for named in ([tmp_path], [tmp_path / "a.zip", tmp_path / "b.xml"]):
        result = knooppunt("check", *named)
        assert result.exit_code == 2
        assert "1 of 1 documents conform" in result.stdout
        assert "a.zip: cannot be read as a zip archive" in result.stderr


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

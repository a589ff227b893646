"""Reports of `schema check` and `schema suite`: in nobody's place, and never at the cost of a verdict."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli import report_files
from gateway.cli.main import main
from xsd.samples import sample

GOOD = sample("Schuldregeling", "2.0", "Saldoverzoek")


def knooppunt(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["schema", *map(str, arguments)], catch_exceptions=False)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "set").mkdir()
    (tmp_path / "set" / "m.xml").write_bytes(GOOD)
    (tmp_path / "set" / "m.expect").write_bytes(b"")
    (tmp_path / "link").symlink_to("set/m.xml")
    (tmp_path / "hard").hardlink_to(tmp_path / "set" / "m.xml")
    (tmp_path / "sets").symlink_to("set")
    return tmp_path


@pytest.mark.parametrize("option", ["--html", "--junit"])
@pytest.mark.parametrize(
    ("verb", "read", "report"),
    [
        ("check", "set/m.xml", "set/m.xml"),
        ("check", "set/m.xml", "set/../set/m.xml"),
        ("check", "set/m.xml", "nowhere/../set/m.xml"),
        ("check", "set/m.xml", "link"),
        ("check", "link", "set/m.xml"),
        ("check", "set/m.xml", "hard"),
        ("check", "set", "hard"),
        ("check", "set", "sets/m.xml"),
        ("check", "set", "set/new.xml"),
        ("suite", "set", "set/m.expect"),
        ("suite", "set", "link"),
    ],
)
def test_a_report_in_the_place_of_what_is_read_is_refused(
    folder: Path, verb: str, read: str, report: str, option: str
) -> None:
    result = knooppunt(verb, read, option, report)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "the report would stand among what is read" in result.stderr
    assert (folder / "set" / "m.xml").read_bytes() == GOOD
    assert (folder / "set" / "m.expect").read_bytes() == b""


@pytest.mark.parametrize("option", ["--html", "--junit"])
def test_a_report_is_a_file_and_a_dash_names_none(folder: Path, option: str) -> None:
    result = knooppunt("check", "set/m.xml", option, "-")
    assert (result.exit_code, "a report is a file, and - names none" in result.stderr) == (2, True)
    assert not (folder / "-").exists()


@pytest.mark.parametrize("other", ["r", "./r", "again"])
def test_two_reports_in_one_file_are_refused(folder: Path, other: str) -> None:
    (folder / "again").symlink_to("r")
    result = knooppunt("check", "set/m.xml", "--html", "r", "--junit", other)
    assert (result.exit_code, result.stdout) == (2, "")
    assert not (folder / "r").exists()


@pytest.mark.parametrize("verb", ["check", "suite"])
@pytest.mark.parametrize("report", ["pipe", "/dev/full", "none/r.html", "n" * 300])
def test_a_report_that_cannot_be_written_costs_no_verdict(folder: Path, verb: str, report: str) -> None:
    os.mkfifo("pipe")
    told = knooppunt(verb, "set", "--html", report)
    assert told.exit_code == 2
    assert ("1 of 1 documents conform" if verb == "check" else "1 case as expected") in told.stdout
    assert f"{report} was not written" in told.stderr
    document = json.loads(knooppunt(verb, "set", "--html", report, "--junit", "r.junit", "--json").stdout)
    assert document["outcome"] == "usage"
    assert document["facts"]
    assert (folder / "r.junit").read_bytes().startswith(b"<?xml")  # the other report is written


def test_a_disk_that_is_full_keeps_the_earlier_report_and_is_told_as_the_disk(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (folder / "r.html").write_text("earlier")
    monkeypatch.setattr(report_files.os, "replace", full)
    result = knooppunt("check", "set", "--html", "r.html", "--json")
    assert (result.exit_code, json.loads(result.stdout)["outcome"]) == (74, "storage")
    assert json.loads(result.stdout)["facts"][0]["verdict"] == "conforms"
    assert (folder / "r.html").read_text() == "earlier"
    assert not list(folder.glob(".new-*"))


def test_a_report_follows_a_link_and_keeps_the_mode_of_what_it_replaces(folder: Path) -> None:
    (folder / "old.html").write_text("earlier")
    (folder / "old.html").chmod(0o640)
    (folder / "to-old").symlink_to("old.html")
    assert knooppunt("check", "set", "--html", "to-old").exit_code == 0
    assert (folder / "to-old").is_symlink()
    assert "<html" in (folder / "old.html").read_text()
    assert (folder / "old.html").stat().st_mode & 0o777 == 0o640

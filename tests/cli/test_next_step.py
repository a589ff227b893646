"""Whatever a command fails on, it ends with what to do next."""

from __future__ import annotations

import json
import shutil
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from gateway.cli.main import main
from gateway.cli.output import OUTCOMES, Failure
from gateway.site.making import make_site
from gateway.site.organisations import planned
from xsd.samples import sample

SAMPLE = ("schema", "sample", "Schuldregeling", "2.0", "SaldoverzoekAntwoord", "--answering")
COMMANDS = {
    "documents to a file": ("pull", "--as", "bank", "--out", "file"),
    "an empty message": ("push", "--as", "bank", "empty.xml"),
    "a message in no UTF-8": ("push", "--as", "bank", "latin.xml"),
    "a message with a DOCTYPE": ("push", "--as", "bank", "doctype.xml"),
    "an empty participant.yaml": ("pull", "--as", "nothing"),
    "an empty archive": ("schema", "check", "empty.zip"),
    "a cut archive": ("schema", "check", "cut.zip"),
    "an archive of archives": ("schema", "check", "nested.zip"),
    "an export below a file": ("schema", "export", "file/below"),
    "an export to a dangling link": ("schema", "export", "dangling"),
    "a sample that answers a device": (*SAMPLE, "/dev/null"),
    "a sample that answers a DOCTYPE": (*SAMPLE, "doctype.xml"),
    "a suite that fails": ("schema", "suite", "cases"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("next")
    made = make_site(folder / "site", [planned("Bank", "shv-fase-2")], at=datetime.now(UTC), port=1)
    shutil.copytree(made.organisations[0].folder, folder / "bank")
    (folder / "nothing").mkdir()
    (folder / "nothing" / "participant.yaml").write_bytes(b"")
    (folder / "file").write_bytes(b"")
    (folder / "empty.xml").write_bytes(b"")
    (folder / "latin.xml").write_bytes("<a>é</a>".encode("latin-1"))
    (folder / "doctype.xml").write_bytes(b"<!DOCTYPE a><a/>")
    (folder / "dangling").symlink_to("nowhere/at/all")
    with zipfile.ZipFile(folder / "empty.zip", "w"):
        pass
    (folder / "cut.zip").write_bytes(b"PK\x03\x04 and no more")
    with zipfile.ZipFile(folder / "nested.zip", "w") as archive:
        archive.write(folder / "empty.zip", "inner.zip")
    (folder / "cases").mkdir()
    (folder / "cases" / "mine.xml").write_bytes(b"<a/>")
    (folder / "cases" / "mine.expect").write_bytes(b"")
    return folder


def run(folder: Path, monkeypatch: pytest.MonkeyPatch, *words: str) -> Result:
    monkeypatch.chdir(folder)
    return CliRunner().invoke(main, list(words), catch_exceptions=False)


@pytest.mark.parametrize("case", COMMANDS)
def test_a_failure_ends_with_what_to_do_next(folder: Path, monkeypatch: pytest.MonkeyPatch, case: str) -> None:
    ended = run(folder, monkeypatch, *COMMANDS[case], "--json")
    said = json.loads(ended.stdout)
    assert ended.exit_code != 0
    assert said["error"]
    assert said["next"]
    assert "other documents" not in said["next"]


@pytest.mark.parametrize("code", [each for each in OUTCOMES if each])
def test_a_failure_that_says_nothing_better_has_the_next_step_of_its_kind(code: int) -> None:
    assert Failure("it failed", code=code).next_step


def test_a_suite_speaks_of_judges_only_where_one_was_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "judges" not in json.loads(run(folder, monkeypatch, "schema", "suite", "cases", "--json").stdout)["error"]
    assert "run the suite again" in run(folder, monkeypatch, "schema", "suite", "cases").stderr


def test_an_expectation_may_begin_with_the_mark_of_an_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = sample("Schuldregeling", "2.0", "Saldoverzoek").replace(b"1980-02-29", b"1980-02-30")
    (tmp_path / "mine.xml").write_bytes(wrong)
    (tmp_path / "mine.expect").write_bytes(b"\xef\xbb\xbfXSD-CVC-DATATYPE-VALID-1-2-1\n")
    said = json.loads(run(tmp_path, monkeypatch, "schema", "suite", ".", "--json").stdout)
    assert (said["facts"]["passed"], said["facts"]["failed"]) == (1, 0)

"""The exit codes of knooppunt schema suite and check: what came of the verdicts, whatever became of the reports."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

import gateway.cli.report_files as report_files
import gateway.cli.schema_suite as schema_suite
from gateway.cli.main import main
from gateway.storage import EXIT_STORAGE
from xsd.samples import sample

GOOD = sample("Schuldregeling", "2.0", "Saldoverzoek")
WRONG = GOOD.replace(b"999990019", b"999990018")
UNKNOWN = b"<unknown/>"
NONE, GIVEN, NOWHERE, FULL = "no report", "a report", "a report in no folder", "a report on a full disk"

# content of the case, whether conformance is expected of it, what becomes of the report, options; exit code, outcome
SUITES = [
    (GOOD, True, NONE, (), 0, "done"),
    (GOOD, True, GIVEN, (), 0, "done"),
    (GOOD, True, NOWHERE, (), 2, "usage"),
    (GOOD, True, FULL, (), EXIT_STORAGE, "storage"),
    (WRONG, True, NONE, (), 1, "refused"),
    (WRONG, True, GIVEN, (), 1, "refused"),
    (WRONG, True, NOWHERE, (), 1, "refused"),
    (WRONG, True, FULL, (), 1, "refused"),
    (GOOD, False, GIVEN, (), 2, "usage"),
    (None, False, GIVEN, (), 2, "usage"),
    (GOOD, False, GIVEN, ("--judge", "xmlschema"), 0, "done"),
    (UNKNOWN, False, GIVEN, ("--judge", "xmlschema"), 2, "usage"),
]
CHECKS = [
    (GOOD, NOWHERE, 2, "usage"),
    (GOOD, FULL, EXIT_STORAGE, "storage"),
    (WRONG, NOWHERE, 1, "refused"),
    (WRONG, FULL, 1, "refused"),
]


def ended(verb: str, folder: Path, report: str, options: tuple[str, ...], patch: pytest.MonkeyPatch) -> tuple[int, str]:
    """The exit code and the outcome in the document of one run."""

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    if report == FULL:
        patch.setattr(report_files.os, "replace", full)
    file = folder.with_name("none") / "r.html" if report == NOWHERE else folder.with_name("r.html")
    asked = () if report == NONE else ("--html", str(file))
    arguments = ["schema", verb, str(folder), *asked, *options, "--json"]
    result = CliRunner().invoke(main, arguments, catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)["outcome"]


@pytest.mark.parametrize(("content", "expected", "report", "options", "code", "outcome"), SUITES)
def test_a_suite_ends_with_the_code_of_its_verdict_and_with_another_only_where_that_was_good(
    content: bytes | None,
    expected: bool,
    report: str,
    options: tuple[str, ...],
    code: int,
    outcome: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = tmp_path / "cases"
    folder.mkdir()
    if content is not None:
        (folder / "one.xml").write_bytes(content)
    if expected:
        (folder / "one.expect").write_bytes(b"")
    assert ended("suite", folder, report, options, monkeypatch) == (code, outcome)


@pytest.mark.parametrize(("content", "report", "code", "outcome"), CHECKS)
def test_and_so_does_a_check(
    content: bytes, report: str, code: int, outcome: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "messages"
    folder.mkdir()
    (folder / "one.xml").write_bytes(content)
    assert ended("check", folder, report, (), monkeypatch) == (code, outcome)


@pytest.mark.parametrize(
    ("number", "code"), [(errno.EIO, EXIT_STORAGE), (errno.EACCES, 2), (errno.EMFILE, 1)], ids=errno.errorcode.get
)
def test_a_case_that_cannot_be_read_is_told_as_what_kept_it_from_being_read(
    number: int, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[object]:
        raise OSError(number, os.strerror(number), "one.xml")

    monkeypatch.setattr(schema_suite, "read_cases", broken)
    assert ended("suite", tmp_path, NONE, (), monkeypatch)[0] == code

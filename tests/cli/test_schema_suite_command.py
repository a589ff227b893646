"""knooppunt schema suite: the shipped cases, a tester's own, and a second judge."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner, Result

from conformance.second_judge import SecondJudge
from gateway.cli.main import main
from xsd.samples import sample

GOOD = sample("Schuldregeling", "2.0", "Saldoverzoek")


WRONG = GOOD.replace(b"999990019", b"999990018")


def knooppunt(*arguments: str | Path, octets: bytes = b"") -> Result:
    return CliRunner().invoke(main, ["schema", *map(str, arguments)], input=octets, catch_exceptions=False)


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

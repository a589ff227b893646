"""What `make test` says at its end: minutes beside budgets, and once what did not run and why."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

TESTS = Path(__file__).parent
ROOT = TESTS.parent


@pytest.fixture(scope="module")
def environments() -> ModuleType:
    """The script, which is no package."""
    spec = importlib.util.spec_from_file_location("environments", ROOT / ".ci" / "environments.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def took(seconds: float, *, success: bool = True) -> dict[str, Any]:
    return {"result": {"success": success, "duration": seconds}}


def test_minutes_stand_beside_the_budget_and_what_failed_is_named(environments: ModuleType) -> None:
    lines = environments.summary(
        {"installed": took(30), "lint": took(6), "types": took(18, success=False), "docs": took(90)}, []
    )
    assert lines[1].startswith("3 of 4 environments passed, in 2.4 minutes on ")
    assert [" ".join(line.split()) for line in lines[2:5]] == [
        "installed 0.5 min", "lint, types 0.4 min of 2; failed: types", "docs 1.5 min of 1, over its budget",
    ]  # fmt: skip
    assert lines[5:] == [], "nothing was skipped"


def test_what_did_not_run_is_told_once_for_all_environments(environments: ModuleType) -> None:
    skipped = [{"reason": "no JDK", "count": 2}, {"reason": "no data", "count": 3}, {"reason": "no JDK", "count": 4}]
    lines = environments.summary({"tests": took(60), "py314": took(6)}, skipped)
    assert lines[-3:] == ["9 TESTS DID NOT RUN:", "  6 × no JDK", "  3 × no data"]
    assert any("py314" in line for line in lines)


def test_reasons_that_differ_in_their_detail_are_told_as_one(environments: ModuleType) -> None:
    """A folder that is absent is one reason, however many files of it were wanted."""
    reasons = ("no data: b.xml is absent", "no data: a.xml is absent\nand a long story", "no JDK: run prepare.sh")
    skipped = [{"reason": reason, "count": 2} for reason in reasons]
    assert environments.summary({"tests": took(60)}, skipped)[-3:] == [
        "6 TESTS DID NOT RUN:",
        "  4 × no data: a.xml is absent (and 1 more of this kind)",
        "  2 × no JDK: run prepare.sh",
    ]


def test_every_environment_that_make_test_runs_has_a_budget(environments: ModuleType) -> None:
    settings = ConfigParser(interpolation=None)
    settings.read(ROOT / "tox.ini", "utf-8")
    listed = {name.strip() for name in settings["tox"]["envlist"].split(",")}
    assert listed == {name for names in environments.BUDGET_MINUTES for name in names}


KINDS = """
import pytest

@pytest.mark.parametrize("number", range(3))
def test_that_is_skipped(number):
    pytest.skip("no JDK here")

def test_that_runs():
    pass
"""


def pytest_in(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """A run of its own under the rules of tests/conftest.py, in a folder with one file of tests below docs/."""
    (folder / "docs").mkdir(exist_ok=True)
    (folder / "docs" / "test_kinds.py").write_text(KINDS)
    (folder / "test_plain.py").write_text("def test_that_runs_too():\n    pass\n")
    shutil.copy(TESTS / "conftest.py", folder)
    settings = "[pytest]\naddopts = --strict-markers -ra\nmarkers =\n    docs: one kind\n"
    (folder / "pytest.ini").write_text(settings)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *arguments]
    inherited = {name: value for name, value in os.environ.items() if name != "KNOOPPUNT_SKIPPED"}
    environment = {**inherited, "PYTHONPATH": os.pathsep.join([str(TESTS), *sys.path]), "CI": "", **variables}
    return subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=120
    )


def test_the_folder_says_the_kind_of_a_test(tmp_path: Path) -> None:
    listed = pytest_in(tmp_path, "-q", "--collect-only", "-m", "docs").stdout
    assert "docs/test_kinds.py::test_that_runs\n" in listed
    assert "test_plain.py" not in listed


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "with workers"])
def test_what_a_run_skips_is_handed_on_once_and_told_elsewhere(tmp_path: Path, workers: tuple[str, ...]) -> None:
    record = tmp_path / "skipped.jsonl"
    told = pytest_in(tmp_path, *workers, KNOOPPUNT_SKIPPED=str(record))
    assert [json.loads(line) for line in record.read_text().splitlines()] == [{"reason": "no JDK here", "count": 3}]
    assert "no JDK here" not in told.stdout
    alone = pytest_in(tmp_path)
    assert "no JDK here" in alone.stdout, "who runs tests alone is told at once"


def test_in_ci_a_test_that_did_not_run_has_failed(tmp_path: Path) -> None:
    done = pytest_in(tmp_path, CI="true")
    assert "3 failed" in done.stdout
    assert "in CI none may be skipped" in done.stdout


def test_make_help_names_every_target_that_somebody_types() -> None:
    told = subprocess.run(["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    named = {name for line in told.splitlines() for name in line.split("  ")[0].split()[1:]}
    (phony,) = re.findall(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(phony.split()) - {"prerequisites"} <= named
    assert all(len(line.split("  ", 1)[-1].strip()) > 5 for line in told.splitlines()), "each with what it does"

"""What `make test` says at its end: minutes beside budgets, and once what did not run and why."""

from __future__ import annotations

import importlib.util
from configparser import ConfigParser
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]


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
    assert lines[-3:] == ["9 tests did not run:", "  6 × no JDK", "  3 × no data"]
    assert any("py314" in line for line in lines)


def test_every_environment_that_make_test_runs_has_a_budget(environments: ModuleType) -> None:
    settings = ConfigParser(interpolation=None)
    settings.read(ROOT / "tox.ini", "utf-8")
    listed = {name.strip() for name in settings["tox"]["envlist"].split(",")}
    assert listed == {name for names in environments.BUDGET_MINUTES for name in names}

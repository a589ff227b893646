"""Every row of the test plan is a test in this folder or left out with a reason; the plan lies beside the checkout."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from rows.left_out import LEFT_OUT
from support.published.reference import ABSENT, FOLDER

PLAN = FOLDER.parent / "briefs" / "as4.md"
TABLES = "THSECRXPL"
MOST_LEFT_OUT = 40
REASONS = ("another suite", "PKIPath", "revocation", "callback", "sub-channels", "UsernameToken", "Two-Way", "TLS")


@cache
def covered() -> tuple[str, ...]:
    """The rows of every test module of this folder that has some."""
    modules = [importlib.import_module(f"rows.{each.stem}") for each in sorted(Path(__file__).parent.glob("test_*.py"))]
    return tuple(row for module in modules for row in getattr(module, "ROWS", ()))


def planned(table: str) -> set[str]:
    """The rows of a table of the plan."""
    if not PLAN.exists():
        pytest.skip(f"{ABSENT}: {PLAN} (set KNOOPPUNT_REFERENCE to the folder beside it)")
    found = set(re.findall(rf"^\| ({table}\d\d) \|", PLAN.read_text(encoding="utf-8"), re.MULTILINE))
    assert found, "the test plan has another form than it had"
    return found


@pytest.mark.parametrize("table", list(TABLES))
def test_every_row_of_a_table_is_covered_or_left_out(table: str) -> None:
    known = {each for each in (*covered(), *LEFT_OUT) if each.startswith(table)}
    assert known == planned(table), {"missing": planned(table) - known, "unknown": known - planned(table)}


def test_no_row_is_covered_twice_or_both_covered_and_left_out() -> None:
    twice = [row for row, times in Counter((*covered(), *LEFT_OUT)).items() if times > 1]
    assert not twice


def test_few_rows_are_left_out_and_each_says_why() -> None:
    assert len(LEFT_OUT) <= MOST_LEFT_OUT
    assert [row for row, reason in LEFT_OUT.items() if not reason.startswith(REASONS)] == []

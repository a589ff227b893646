"""The table of closed days beside the library that made it."""

from __future__ import annotations

import subprocess
import sys
from importlib.resources import files

import pytest

from pmodes.closed_days import IN_TABLE, as_table, closed_by_library, closed_days


def test_the_table_is_what_the_library_says_today() -> None:
    """Where it is not: `python -m pmodes.closed_days > pmodes/closed_days.json`, and look at what changed."""
    assert files("pmodes").joinpath("closed_days.json").read_text(encoding="utf-8") == as_table(IN_TABLE)


@pytest.mark.parametrize("year", [IN_TABLE[0] - 1, IN_TABLE[0], IN_TABLE[-1], IN_TABLE[-1] + 1])
def test_a_year_has_the_same_days_in_the_table_and_beyond_it(year: int) -> None:
    assert len(closed_days(year)) >= 10
    assert closed_days(year) == closed_by_library(year)


@pytest.mark.parametrize(("year", "asked"), [(2026, False), (2099, True)])
def test_the_library_is_loaded_for_a_year_that_is_not_in_the_table_alone(year: int, asked: bool) -> None:
    told = (
        f"import sys; from pmodes.closed_days import closed_days; closed_days({year}); print('holidays' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(asked)

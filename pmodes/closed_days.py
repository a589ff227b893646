"""The days that article 3 of the Algemene termijnenwet closes, Good Friday and 5 May among them in every year.

The library that knows them knows those of every country, and keeps all that in each process that asks it. So its days
of some decades lie beside this module, made by `python -m pmodes.closed_days > pmodes/closed_days.json`; it is asked
itself for another year alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from datetime import date
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

IN_TABLE: Final = range(2020, 2061)


@lru_cache(maxsize=64)
def closed_days(year: int) -> frozenset[date]:
    """The days of a year that the law closes, Sundays among them not left out."""
    return _table().get(year) or closed_by_library(year)


def closed_by_library(year: int) -> frozenset[date]:
    """The same, asked of the library."""
    from holidays import country_holidays

    # "public" has 5 May in lustrum years only; "optional" adds the others, and nothing else.
    return frozenset(country_holidays("NL", years=year, categories=("public", "optional")))


def as_table(years: Iterable[int]) -> str:
    """The days of these years as the table has them: JSON, a line a year."""
    rows = (f'"{year}": {json.dumps([day.isoformat() for day in sorted(closed_by_library(year))])}' for year in years)
    return "{\n" + ",\n".join(rows) + "\n}\n"


@cache
def _table() -> dict[int, frozenset[date]]:
    written = json.loads(files("pmodes").joinpath("closed_days.json").read_text(encoding="utf-8"))
    return {int(year): frozenset(map(date.fromisoformat, days)) for year, days in written.items()}


if __name__ == "__main__":  # for whoever has a newer library
    sys.stdout.write(as_table(IN_TABLE))

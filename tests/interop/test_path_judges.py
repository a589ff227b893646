"""openssl and the Java platform agree with our verdict on every certificate and path of the table, or the table says
why one of them does not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path as Folder

import pytest
from interop import path_judges
from support.keys.path_makers import Path
from support.keys.path_table import ROWS

from crypto.paths import judge_certificate

pytestmark = pytest.mark.interop
Started = Callable[[Callable[[], dict[str, str]]], dict[str, str]]
Judge = Callable[[Mapping[str, Path], Folder], dict[str, str]]


@pytest.fixture(scope="module")
def paths() -> dict[str, Path]:
    return {name: row.made() for name, row in ROWS.items()}


@pytest.fixture(scope="module")
def folder(paths: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Folder:
    written = tmp_path_factory.mktemp("paths")
    path_judges.write_out(paths, written)
    return written


@pytest.mark.parametrize("judge", ["openssl", "java"])
def test_a_foreign_judge_agrees_or_the_table_says_why_not(
    judge: str,
    paths: dict[str, Path],
    folder: Folder,
    started: Callable[[Callable[[], dict[str, str]]], dict[str, str]],
) -> None:
    asked: Judge = getattr(path_judges, judge)
    said = started(lambda: asked(paths, folder))
    differences = {
        name: said[name] or "may be used"
        for name, path in paths.items()
        if (not said[name]) != judge_certificate(path.end, path.policy()).holds
    }
    explained = {name: getattr(row, judge) for name, row in ROWS.items() if getattr(row, judge)}
    assert differences.keys() == explained.keys(), {
        name: differences.get(name, "agrees") for name in differences.keys() ^ explained.keys()
    }


def test_the_table_is_long_enough_and_has_verdicts_of_both_kinds() -> None:
    refused = [name for name, row in ROWS.items() if row.ours]
    assert len(ROWS) >= 40
    assert len(refused) >= 20
    assert len(ROWS) - len(refused) >= 15

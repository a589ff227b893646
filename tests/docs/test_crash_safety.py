"""The page of crash points names each once, with a test that kills a process there."""

from __future__ import annotations

import re

from support.documents.documents import DOCS, ROOT

from gateway.failpoints import POINTS

ROW = re.compile(r"^\| `([A-Z]\d+\.\w+)` \|.*`(tests/[\w/]+\.py)::\w+` \|$", re.MULTILINE)


def test_each_point_is_told_with_a_test_that_kills_there() -> None:
    told = ROW.findall((DOCS / "explanation/crash-safety.md").read_text("utf-8"))
    assert [point for point, _ in told] == list(POINTS)
    assert [point for point, file in told if f'"{point}:' not in (ROOT / file).read_text("utf-8")] == []

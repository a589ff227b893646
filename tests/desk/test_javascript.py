"""The modules of the desk, by Node and the checker of types: whatever `js/**/*.test.js` here says holds."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.browser.node import node, typescript

HERE = Path(__file__).parent
FILES = sorted((HERE / "js").rglob("*.test.js"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.relative_to(HERE / "js").as_posix())
def test_a_module_does_what_its_tests_say(file: Path) -> None:
    done = node(["--test", "--test-reporter=spec", file])
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr[-2000:]
    assert "\nℹ tests 0\n" not in done.stdout, "no test was found in it"


@pytest.mark.parametrize("project", ["tsconfig.json", "tsconfig.workers.json"])
def test_types_hold_strictly(project: str) -> None:
    """Pages and pure modules know the document; Workers, files whose names end in worker.js, know their own world."""
    settings = json.loads((HERE / project).read_text("utf-8"))
    (pattern,) = settings["include"]
    if not any(HERE.glob(pattern)):
        return  # the checker calls it a fault to be given nothing
    done = typescript(HERE / project)
    assert done.returncode == 0, done.stdout

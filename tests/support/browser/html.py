"""Whether pages are HTML: the Nu checker of the W3C, over all of them in one run, for it starts slowly."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.browser.node import JUDGES

_CHECKER = JUDGES / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
_BRIEFLY = ("-Xss2m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""It runs for seconds: code compiled well for later, and threads beside it, come to as much again."""


def html_faults(pages: Mapping[str, bytes]) -> list[str]:
    """What is wrong with pages, warnings too; pages and style sheets by a name that ends as theirs do (.html, .css)."""
    if not _CHECKER.exists():
        pytest.skip("there is no HTML checker: run tests/desk/install_judges.sh")
    with tempfile.TemporaryDirectory() as folder:
        for name, octets in pages.items():
            (Path(folder) / name).write_bytes(octets)
        command = ["java", *_BRIEFLY, "-jar", str(_CHECKER), "--format", "json", "--stdout", "--also-check-css", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)
    told = json.loads(done.stdout)["messages"]
    return [f"{each.get('url', '').rpartition('/')[2]}:{each.get('lastLine')}: {each['message']}" for each in told]

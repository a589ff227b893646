"""Where the public reference data lies, which no copy of the project contains."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_DEFAULT = Path(__file__).resolve().parents[2].parent / "shared" / "reference"


def reference(*names: str) -> Path:
    """A file or folder of the reference data; without it the test is skipped, or fails where CI is set."""
    path = Path(os.environ.get("KNOOPPUNT_REFERENCE", _DEFAULT), *names)
    if not path.exists():
        message = f"no reference data: {path} does not exist, set KNOOPPUNT_REFERENCE"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return path

"""Where the public schemas and messages lie that tests compare with; nothing of them is in the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("KNOOPPUNT_REFERENCE", Path(__file__).parents[2].parent / "shared" / "reference"))


def reference(*names: str) -> Path:
    """A file or folder of the reference data; without the data the test is skipped, and on CI it fails."""
    path = FOLDER.joinpath(*names)
    if path.exists():
        return path
    absent = f"the reference data is absent: {path} (set KNOOPPUNT_REFERENCE)"
    if os.environ.get("CI"):
        pytest.fail(absent)
    pytest.skip(absent)


def envelopes() -> list[Path]:
    """Every file of messages, for tables made while tests are collected; empty without the data."""
    return sorted(path for path in (FOLDER / "as4" / "messages").glob("*/*") if path.is_file())


def envelope_octets(path: Path) -> bytes:
    """The envelope cut out of a file that may be HTTP, MIME or the envelope alone; empty if there is none."""
    octets = path.read_bytes()
    begin = octets.rfind(b"<", 0, octets.find(b"Envelope"))
    return octets[begin : octets.rfind(b"Envelope>") + len(b"Envelope>")]

"""Where the public schemas and messages lie that tests compare with; nothing of them is in the project."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("KNOOPPUNT_REFERENCE", Path(__file__).parents[3].parent / "shared" / "reference"))
ABSENT = "the reference data is absent"


def reference(*names: str) -> Path:
    """A file or folder of the reference data; without it the test is skipped, and the summary of the run says so."""
    path = FOLDER.joinpath(*names)
    if not path.exists():
        pytest.skip(f"{ABSENT}: {path} does not exist, set KNOOPPUNT_REFERENCE")
    return path


def envelopes() -> list[Path]:
    """Every file of messages, for tables made while tests are collected; empty without the data."""
    return sorted(path for path in (FOLDER / "as4" / "messages").glob("*/*") if path.is_file())


def envelope_octets(path: Path) -> bytes:
    """The envelope cut out of a file that may be HTTP, MIME or the envelope alone; empty if there is none."""
    octets = path.read_bytes()
    begin = octets.rfind(b"<", 0, octets.find(b"Envelope"))
    return octets[begin : octets.rfind(b"Envelope>") + len(b"Envelope>")]

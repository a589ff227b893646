"""The reference pages are what the generator makes of the program now."""

from __future__ import annotations

from pathlib import Path

import pytest
from generate import DOCS, PAGES

pytestmark = pytest.mark.docs

BY_HAND = {"messages"}  # a generator of their own


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_up_to_date(name: str) -> None:
    written = (DOCS / "reference" / name).read_text("utf-8")
    assert written == PAGES[name](), f"docs/reference/{name} differs from the code; run: python docs/generate.py"


def test_every_page_of_the_folder_is_generated() -> None:
    assert {each.name for each in Path(DOCS / "reference").iterdir()} == PAGES.keys() | BY_HAND

"""The reference pages are what the generator makes of the program now."""

from __future__ import annotations

from pathlib import Path

import pytest
from generate import DOCS, PAGES, PARTS, SCHEMAS
from generator.messages import pages
from generator.parts import parts
from generator.states import diagram
from generator.verb_schemas import schemas

from gateway.store.states import TRANSITIONS
from xsd.catalogue import load_catalogue

FOLDERS = {"messages", "wire"}


@pytest.mark.parametrize("name", PAGES)
def test_a_reference_page_is_up_to_date(name: str) -> None:
    written = (DOCS / "reference" / name).read_text("utf-8")
    assert written == PAGES[name](), f"docs/reference/{name} differs from the code; run: python docs/generate.py"


def test_the_schema_of_a_command_that_is_a_verb_is_that_of_its_answer() -> None:
    for name, text in schemas().items():
        assert (SCHEMAS / name).read_text("utf-8") == text, f"{name} is out of date; run: python docs/generate.py"


def test_the_list_of_parts_is_that_of_the_lock() -> None:
    assert PARTS.read_text("utf-8") == parts(), "parts.json is out of date; run: python docs/generate.py"


def test_every_page_of_the_folder_is_generated() -> None:
    assert {each.name for each in Path(DOCS / "reference").iterdir()} == PAGES.keys() | FOLDERS


def test_the_diagram_in_the_documents_is_that_of_the_table() -> None:
    assert f"```mermaid\n{diagram()}```" in (DOCS / "reference" / "states.md").read_text("utf-8")


def test_the_diagram_shows_every_transition_once() -> None:
    lines = diagram().splitlines()
    assert lines[0] == "stateDiagram-v2"
    assert lines[1] == "    [*] --> stored: T3 accepted"
    assert lines[-1] == "    removed --> [*]"
    assert len(lines) == len(set(lines)) == len(TRANSITIONS) + 2


def test_the_pages_of_messages_are_those_of_the_schemas() -> None:
    folder = Path(DOCS / "reference" / "messages")
    kept = {str(p.relative_to(folder)): p.read_text("utf-8") for p in folder.rglob("*.md") if p.name != "decisions.md"}
    assert kept == pages(load_catalogue())

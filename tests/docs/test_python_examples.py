"""The examples of the how-tos in Python run as they stand, and need the public package alone."""

from __future__ import annotations

import ast
import asyncio
from pathlib import Path

import pytest
from support.documents.documents import DOCS, python_blocks
from support.hubs.processes import new_site

from gateway.site.hub_process import HubProcess
from gateway.site.organisations import planned
from xsd.samples import sample

BUILDING = DOCS / "how-to" / "build-a-message-in-python.md"
SENDING = DOCS / "how-to" / "send-and-collect-in-python.md"


def run(page: Path) -> dict[str, object]:
    """Every example of a page, one after the other, in one namespace."""
    names: dict[str, object] = {}
    for block in python_blocks(page):
        exec(compile(block, page.name, "exec"), names)
    return names


def test_messages_are_built_checked_and_read_as_the_page_says() -> None:
    assert "lines" in run(BUILDING)


def test_a_question_is_sent_and_collected_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = new_site(
        tmp_path, (planned("Kredietbank Mijnstad", "shv-fase-2"), planned("Energie Mijnstad", "schuldeiser"))
    )
    bank, creditor = (each.party for each in site.organisations)
    question = sample("Schuldregeling", "2.0", "Saldoverzoek", afzender=bank, ontvanger=creditor)
    (tmp_path / "saldoverzoek.xml").write_bytes(question)
    monkeypatch.chdir(tmp_path)
    hub = HubProcess(site.settings, tmp_path / "hub.log")
    asyncio.run(hub.start())
    try:
        assert {"state", "received"} <= run(SENDING).keys()
    finally:
        asyncio.run(hub.stop())


@pytest.mark.parametrize("page", [BUILDING, SENDING], ids=lambda page: page.stem)
def test_an_example_imports_nothing_of_this_project_but_the_public_package(page: Path) -> None:
    trees = [ast.parse(block) for block in python_blocks(page)]
    named = {node.module or "" for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    rooms = {each.partition(".")[0] for each in named}
    assert "knooppunt" in rooms
    assert not rooms & {"bench", "conformance", "crypto", "gateway", "pmodes", "xsd"}

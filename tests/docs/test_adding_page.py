"""Who adds an organisation as the page says, with nothing but the page, ends in a first exchanged message."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from support.documents.documents import DOCS, blocks
from support.documents.two_machines import KNOOPPUNT
from support.hubs.processes import new_site

import gateway
from gateway.cli.main import main
from gateway.site.hub_process import HubProcess
from gateway.site.organisations import planned

PAGE = DOCS / "how-to" / "add-an-organisation.md"
BANK = planned("Bank", "shv-fase-2")
ADDED, WITH_OWN_KEYS = "00000099000001002000", "00000099000001003000"
# What is copied to another place lands in that place's folder.
SCP = """#!/bin/sh
test "$1" = -r && shift
cp -r "$1" "{home}/$(echo "$2" | sed 's/:/\\//')"
"""


class Places:
    """The folders of the page, in which its commands are typed as they stand there."""

    def __init__(self, home: Path, settings: Path, bank: Path) -> None:
        self.home, self.settings = home, settings
        for name, folder in (("hub", settings.parent), ("bank", bank)):
            (home / name).symlink_to(folder)
        (home / "organisation").mkdir()
        self._tools = home / "tools"
        self._tools.mkdir()
        for name, text in (("knooppunt", KNOOPPUNT), ("scp", SCP.format(home=home))):
            (self._tools / name).write_text(text)
            (self._tools / name).chmod(0o755)

    def type(self, place: str, commands: str) -> str:
        """Type commands where the page says; what they print."""
        environment = {
            **os.environ,
            "PATH": f"{self._tools}:{os.environ['PATH']}",
            "PYTHONPATH": str(Path(gateway.__file__).parents[1]),
        }
        ended = subprocess.run(
            ["bash", "-eu", "-c", commands], cwd=self.home / place, env=environment,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, (place, commands, ended.stdout, ended.stderr)
        return ended.stdout

    def facts(self, *words: str) -> Any:
        """What an administrator then sees."""
        ended = CliRunner().invoke(main, [*words, "--hub", str(self.settings), "--json"], catch_exceptions=False)
        assert ended.exit_code == 0, ended.stdout
        return json.loads(ended.stdout)["facts"]


@pytest.fixture
async def places(tmp_path: Path) -> AsyncIterator[Places]:
    """A hub that runs with a bank, and the machine of an organisation that nobody has touched."""
    site = new_site(tmp_path / "site", (BANK,))
    hub = HubProcess(site.settings, site.folder / "hub.log")
    await hub.start()
    try:
        yield Places(tmp_path / "places", site.settings, site.organisation(BANK.slug).folder)
    finally:
        await hub.kill()


@pytest.fixture(autouse=True)
def home(tmp_path: Path) -> None:
    """Where the places lie."""
    (tmp_path / "places").mkdir()


async def test_the_page_shows_what_its_command_writes_and_ends_in_messages_exchanged_with_who_was_not_there(
    places: Places,
) -> None:
    told = blocks(PAGE)
    shown = next(each.text for each in told if each.language == "yaml")
    second = [each for each in told if each.place == "hub"][1]
    for block in told:
        if block.language == "sh" and block.place:
            await asyncio.to_thread(places.type, block.place, block.text)
        if block == second:
            written = (places.settings.parent / "pmodes" / "energie-voorbeeld.yaml").read_text("utf-8")
            assert written.replace('"Energie Voorbeeld"', "Energie Voorbeeld") == shown
    listed = {each["party"] for each in (await asyncio.to_thread(places.facts, "org", "list"))["organisations"]}
    assert {ADDED, WITH_OWN_KEYS} < listed
    log = await asyncio.to_thread(places.facts, "message", "list")
    told = {(each["from"], each["to"], each["type"]): each["state"] for each in log}
    bank = next(party for party in listed if party not in (ADDED, WITH_OWN_KEYS))
    assert told.keys() >= {(bank, ADDED, "Saldoverzoek"), (ADDED, bank, "SaldoverzoekAntwoord")}
    assert set(told.values()) <= {"receipted", "removed"}
    question = next((places.home / "organisation" / "energie" / "in").glob("*-Saldoverzoek-*.xml"))
    assert question.stat().st_size > 0
    assert not (places.settings.parent / "energie").exists(), "no key of the organisation is left at the hub"

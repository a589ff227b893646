"""One organisation's file is broken while the hub runs: nobody notices but its administrator, until a start."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.hubs.processes import COUNSELLOR, CREDITOR, RunningSite, new_site, running_site
from support.longer import longer

from gateway.cli.main import main
from gateway.client.taking import Outcome
from gateway.site.hub_process import HubDidNotStart
from gateway.site.organisations import planned

BANK = planned("Bank", "schuldeiser")


@dataclass
class Broken:
    """A hub that runs, and three organisations of which the bank's file can be broken."""

    running: RunningSite
    state: Path

    @property
    def folder(self) -> Path:
        """The P-Mode files."""
        return self.running.site.settings.parent / "pmodes"

    async def exchanged(self, receiver: str) -> bool:
        """Whether a message from the counsellor goes to that organisation and is collected there."""
        async with (
            self.running.desk(COUNSELLOR.slug, self.state) as sender,
            self.running.desk(receiver, self.state) as owner,
        ):
            sent = await sender.push(self.running.party(receiver))
            pulled = await owner.pull()
            return sent.receipt is not None and pulled.outcome is Outcome.STORED

    async def knooppunt(self, *words: str) -> tuple[int, str]:
        """Exit code and output of a command about this hub."""
        command = [*words, "--hub", str(self.running.site.settings)]
        ended = await asyncio.to_thread(CliRunner().invoke, main, command)
        return ended.exit_code, ended.output

    async def knooppunt_serve(self) -> tuple[int, str]:
        """Exit code and output of a start that is refused."""
        command = [sys.executable, "-P", "-m", "gateway.cli", "serve", str(self.running.site.settings)]
        ended = await asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, timeout=60)
        return ended.returncode, ended.stderr

    def lines(self, event: str) -> list[str]:
        """What the log says of an event, in its details."""
        text = (self.running.site.folder / "hub.log").read_text("utf-8")
        found = [json.loads(each) for each in text[: text.rfind("\n") + 1].splitlines() if each.startswith("{")]
        return [str(each.get("detail", "")) for each in found if each["event"] == event]

    async def logged(self, event: str, number: int = 1) -> None:
        """Wait until the log has so many of an event."""
        async with asyncio.timeout(30):
            while len(self.lines(event)) < number:  # noqa: ASYNC110 - another process writes
                await asyncio.sleep(0.02)


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Broken]:
    site = new_site(tmp_path / "site", (COUNSELLOR, CREDITOR, BANK))
    async with running_site(site) as running:
        yield Broken(running, tmp_path)


def mistyped(folder: Path) -> None:
    place = folder / "bank.yaml"
    place.write_text(place.read_text() + "mailbok: {}\n")


def cut_off(folder: Path) -> None:
    place = folder / "bank.yaml"
    place.write_bytes(place.read_bytes()[:40])


def without_certificate(folder: Path) -> None:
    (folder / "certificates" / "bank-signing.pem").unlink()


def of_another_party(folder: Path) -> None:
    (folder / "bank.yaml").write_text((folder / "creditor.yaml").read_text())


BREAKS = (mistyped, *longer(of_another_party, cut_off, without_certificate))


@pytest.mark.parametrize("broken", BREAKS)
async def test_the_others_and_the_broken_one_itself_are_served_as_before(
    hub: Broken, broken: Callable[[Path], None]
) -> None:
    await hub.running.start()
    assert await hub.exchanged(CREDITOR.slug)
    broken(hub.folder)
    code, said = await hub.knooppunt("reload")
    assert (code, "bank" in said, "all that was in force still is" in said) == (1, True, True), said
    assert await hub.exchanged(CREDITOR.slug)
    assert await hub.exchanged(BANK.slug)
    assert any("bank" in each for each in hub.lines("reload_refused"))
    assert "the last reload was refused" in (await hub.knooppunt("status"))[1]


async def test_a_start_is_refused_and_says_how_the_others_are_served_meanwhile(hub: Broken) -> None:
    mistyped(hub.folder)
    with pytest.raises(HubDidNotStart) as told:
        await hub.running.start()
    assert "bank.yaml" in str(told.value)
    code, said = await hub.knooppunt_serve()
    assert (code, "put aside under a name that begins with a dot" in said) == (2, True), said
    (hub.folder / "bank.yaml").rename(hub.folder / ".bank.yaml")
    await hub.running.start()
    assert await hub.exchanged(CREDITOR.slug)


async def test_every_complaint_of_every_file_is_told_at_once(hub: Broken) -> None:
    await hub.running.start()
    mistyped(hub.folder)
    place = hub.folder / "creditor.yaml"
    place.write_text(place.read_text() + "rolls: []\n")
    (hub.running.site.settings.parent / "keys" / "signing.key").write_bytes(b"torn")
    code, said = await hub.knooppunt("reload")
    assert code == 1
    assert all(each in said for each in ("mailbok", "rolls", "signing.key")), said
    assert await hub.exchanged(BANK.slug)


async def test_a_hub_that_watches_tells_of_a_broken_file_and_takes_over_the_mended_one_by_itself(hub: Broken) -> None:
    settings, place = hub.running.site.settings, hub.folder / "bank.yaml"
    settings.write_text(settings.read_text().replace("[pmodes]\n", "[pmodes]\nwatch = true\n"))
    await hub.running.start()
    whole = place.read_text()
    mistyped(hub.folder)
    await hub.logged("reload_refused")
    assert "the last reload was refused" in (await hub.knooppunt("status"))[1]
    assert await hub.exchanged(BANK.slug)
    place.write_text(whole)
    await hub.logged("reloaded")
    assert "the last reload was refused" not in (await hub.knooppunt("status"))[1]
    place.unlink()
    await hub.logged("reloaded", 2)
    assert len(hub.lines("reload_refused")) == 1
    code, said = await hub.knooppunt("mailbox", "test", hub.running.party(BANK.slug))
    assert (code, "no organisation has the party id" in said) == (1, True)


async def test_without_the_setting_a_hub_waits_until_it_is_told(hub: Broken) -> None:
    """SIGHUP is heard after the change, so that had the hub read by itself there would be a second reload."""
    await hub.running.start()
    (hub.folder / "bank.yaml").unlink()
    code, _ = await hub.knooppunt("mailbox", "test", hub.running.party(BANK.slug))
    assert (code, hub.lines("reloaded")) == (0, [])
    os.kill(hub.running.process.pid, signal.SIGHUP)
    await hub.logged("reloaded")
    code, _ = await hub.knooppunt("mailbox", "test", hub.running.party(BANK.slug))
    assert (code, len(hub.lines("reloaded"))) == (1, 1)

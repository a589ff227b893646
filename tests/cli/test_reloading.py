"""SIGHUP to a hub process: a good change of the P-Modes takes effect, anything else leaves the old ones in force."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.hubs.processes import CREDITOR, new_site

from crypto.pki import Usage, certificates_pem, issue, new_authority
from gateway.cli.main import main
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site

HUB_FILE = "hub.yaml"
CREDITOR_FILE = f"{CREDITOR.slug}.yaml"


class Reloading:
    """A served hub that is told to read its P-Modes again."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.folder = site.settings.parent / "pmodes"
        self.log = site.folder / "hub.log"
        self.process = HubProcess(site.settings, self.log)

    async def reload(self) -> list[tuple[str, str]]:
        """Tell it, and wait for the events that it logs: name and detail."""
        before = len(self._lines())
        os.kill(self.process.pid, signal.SIGHUP)
        async with asyncio.timeout(20):
            while not (found := self._lines()[before:]):  # noqa: ASYNC110 - another process writes
                await asyncio.sleep(0.01)
        return [(each["event"], each.get("detail", "")) for each in found]

    def _lines(self) -> list[dict[str, str]]:
        text = self.log.read_text("utf-8")
        lines = [json.loads(each) for each in text[: text.rfind("\n") + 1].splitlines()]
        return [each for each in lines if each["event"].startswith("pmodes_")]

    async def mailbox(self) -> tuple[int, str]:
        """Ask the hub to lay a test message in the creditor's mailbox: exit code and what was said."""
        party = self.site.organisation(CREDITOR.slug).party
        arguments = ["mailbox", "test", party, "--hub", str(self.site.settings)]
        ended = await asyncio.to_thread(CliRunner().invoke, main, arguments)
        return ended.exit_code, ended.output

    def write(self, name: str, text: str) -> None:
        """Put this in the place of a P-Mode file."""
        (self.folder / name).write_text(text, "utf-8")

    def read(self, name: str) -> str:
        """A P-Mode file as it is."""
        return (self.folder / name).read_text("utf-8")


@pytest.fixture
async def hub(tmp_path: Path) -> AsyncIterator[Reloading]:
    found = Reloading(new_site(tmp_path / "site"))
    await found.process.start()
    try:
        yield found
    finally:
        await found.process.kill()


async def test_a_good_change_takes_effect_without_a_stop(hub: Reloading) -> None:
    assert (await hub.mailbox())[0] == 0
    creditor = hub.read(CREDITOR_FILE)
    (hub.folder / CREDITOR_FILE).unlink()
    assert await hub.reload() == [("pmodes_reloaded", "")]
    code, said = await hub.mailbox()
    assert (code, "no organisation has the party id" in said) == (1, True)
    hub.write(CREDITOR_FILE, creditor)
    assert await hub.reload() == [("pmodes_reloaded", "")]
    assert (await hub.mailbox())[0] == 0


async def test_a_broken_change_is_refused_and_the_log_says_where_it_is_broken(hub: Reloading) -> None:
    hub.write(CREDITOR_FILE, hub.read(CREDITOR_FILE) + "mailbok: {}\n")
    ((event, detail),) = await hub.reload()
    assert event == "pmodes_refused"
    assert f"{CREDITOR_FILE}:" in detail
    assert (await hub.mailbox())[0] == 0, "the P-Modes that were there are in force"


@pytest.mark.parametrize(
    ("usage", "setting"), [("signing", "keys.signing_certificate"), ("encryption", "keys.decryption")]
)
async def test_certificates_whose_keys_the_hub_does_not_have_are_refused(
    hub: Reloading, usage: Usage, setting: str
) -> None:
    at = datetime.now(UTC)
    authority = new_authority("Another authority", at=at, days=30)
    other = issue(
        authority, common_name="Another hub", party_id=hub.site.hub_party, at=at, days=20, usage=usage, key_bits=2048
    )
    hub.write("other.pem", certificates_pem(other.certificate).decode())
    hub.write(HUB_FILE, hub.read(HUB_FILE).replace(f"certificates/hub-{usage}.pem", "other.pem"))
    ((event, detail),) = await hub.reload()
    assert (event, detail.partition(":")[0]) == ("pmodes_refused", setting)
    assert (await hub.mailbox())[0] == 0, "the P-Modes that were there are in force"

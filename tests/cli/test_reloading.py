"""SIGHUP to a hub process: a good change of P-Modes and keys takes effect, anything else leaves the old in force."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from support.documents.json_contract import hold
from support.hubs.processes import CREDITOR, new_site
from support.keys.site_keys import made
from support.longer import longer

from crypto.pki import Usage, certificates_pem, issue, new_authority, private_key_pem
from gateway.cli.main import main
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site

NOW = datetime.now(UTC).replace(microsecond=0)
HUB_FILE = "hub.yaml"
CREDITOR_FILE = f"{CREDITOR.slug}.yaml"


class Reloading:
    """A served hub that is told to read its files again."""

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
        return [each for each in lines if each["event"].startswith("reload")]

    async def mailbox(self) -> tuple[int, str]:
        """Ask the hub to lay a test message in the creditor's mailbox: exit code and what was said."""
        return await self.knooppunt("mailbox", "test", self.site.organisation(CREDITOR.slug).party)

    async def knooppunt(self, *arguments: str) -> tuple[int, str]:
        """Exit code and output of a command about this hub, or of its participants."""
        hub = () if "--as" in arguments else ("--hub", str(self.site.settings))
        ended = await asyncio.to_thread(CliRunner().invoke, main, [*arguments, *hub])
        return ended.exit_code, ended.output

    @property
    def in_force(self) -> str:
        """What a reload of a sound site says."""
        organisations = len(self.site.organisations)
        return (
            f"read again and in force: {organisations} organisations, 1 signing key, 1 decryption key, and for"
            " connections that begin now the TLS certificate\n"
        )

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
    assert await hub.reload() == [("reloaded", "")]
    code, said = await hub.mailbox()
    assert (code, "no organisation has the party id" in said) == (1, True)
    hub.write(CREDITOR_FILE, creditor)
    assert await hub.reload() == [("reloaded", "")]
    assert (await hub.mailbox())[0] == 0


async def test_a_reload_says_in_words_and_in_its_document_what_is_in_force(hub: Reloading) -> None:
    assert await hub.knooppunt("reload") == (0, hub.in_force)
    code, text = await hub.knooppunt("reload", "--json")
    found = {"organisations": len(hub.site.organisations), "signing_keys": 1, "decryption_keys": 1, "tls": True}
    assert (code, hold(text)["facts"]) == (0, {"in_force": found})


async def test_a_broken_change_is_refused_and_the_log_says_where_it_is_broken(hub: Reloading) -> None:
    hub.write(CREDITOR_FILE, hub.read(CREDITOR_FILE) + "mailbok: {}\n")
    ((event, detail),) = await hub.reload()
    assert event == "reload_refused"
    assert f"{CREDITOR_FILE}:" in detail
    assert (await hub.mailbox())[0] == 0, "the P-Modes that were there are in force"


@pytest.mark.parametrize(
    ("usage", "setting"), [("signing", "keys.signing[0].certificate"), *longer(("encryption", "keys.decryption"))]
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
    assert (event, detail.partition(":")[0]) == ("reload_refused", setting)
    assert (await hub.mailbox())[0] == 0, "the P-Modes that were there are in force"


async def test_a_broken_key_is_told_by_log_exit_code_and_status_until_a_reload_is_taken_over(hub: Reloading) -> None:
    key = hub.site.settings.parent / "keys" / "signing.key"
    whole = key.read_bytes()
    key.write_bytes(b"torn")
    ((event, detail),) = await hub.reload()
    assert (event, detail.startswith(f"keys.signing[0].key: {key}: ")) == ("reload_refused", True)
    code, said = await hub.knooppunt("reload")
    assert (code, detail in said, "mend the files, then reload again" in said) == (1, True, True)
    assert (await hub.mailbox())[0] == 0, "the key that was read at the start signs"
    worry = f"worry: the last reload was refused, and all that was in force still is: {detail}"
    said = (await hub.knooppunt("status"))[1]
    assert worry in said, said
    key.write_bytes(whole)
    assert await hub.knooppunt("reload") == (0, hub.in_force)
    assert worry not in (await hub.knooppunt("status"))[1]


async def test_a_reload_takes_other_keys_from_the_settings_and_says_what_else_waits_for_a_start(hub: Reloading) -> None:
    settings = hub.site.settings
    issued = made("signing", begins_at=NOW - timedelta(days=1), ends_at=NOW + timedelta(days=99))
    (settings.parent / "keys" / "next.key").write_bytes(private_key_pem(issued.private_key))
    (settings.parent / "keys" / "next.key").chmod(0o600)
    hub.write("next.pem", certificates_pem(issued.certificate).decode())
    hub.write(HUB_FILE, hub.read(HUB_FILE).replace("  signing:\n", "  signing:\n  - next.pem\n"))
    text = settings.read_text().replace('key = "keys/signing.key"', 'key = "keys/next.key"')
    text = text.replace("pmodes/certificates/hub-signing.pem", "pmodes/next.pem")
    settings.write_text(text.replace("[data]\n", "[data]\nlog_days = 1234\n"))
    assert await hub.knooppunt("reload") == (0, hub.in_force)
    assert "data: the settings file says something else by now; a start takes it over" in hub.log.read_text()
    assert (await hub.mailbox())[0] == 0
    key = hub.site.organisation(CREDITOR.slug).folder / "hub-signing.pem"
    key.write_bytes(certificates_pem(issued.certificate))
    code, said = await hub.knooppunt("pull", "--as", str(key.parent))
    assert code == 0, said


async def test_where_no_hub_runs_a_reload_is_refused_with_what_to_do(tmp_path: Path) -> None:
    site = new_site(tmp_path / "site")
    ended = await asyncio.to_thread(CliRunner().invoke, main, ["reload", "--hub", str(site.settings)])
    assert (ended.exit_code, "no hub runs that could read them" in ended.output) == (1, True)

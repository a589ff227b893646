"""`knooppunt mail test`, and what `knooppunt status` says of mail: a hub as a process of its own, and a mail server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from support.documents.json_contract import facts_of, hold
from support.hubs.processes import new_site
from support.keys.tls import tls_folder
from support.net.mail_taker import PASSWORD, USER, MailTaker, taking_mail
from support.portal.portal_samples import ORGANISATION

from gateway.cli.main import main
from gateway.cli.playing import free_port
from gateway.clock import SystemClock
from gateway.site.hub_process import HubDidNotStart, HubProcess
from gateway.site.making import Site, make_site
from gateway.site.with_portal import make_portal
from gateway.store.portal.mail import MailEvent
from gateway.store.portal.sqlite.store import SqlitePortalStore

MAIL = """
[mail]
server = "localhost"
port = {port}
tls = "starttls"
ca = "{ca}"
from = "meldingen@hub.example"
user = "{user}"
password_file = "mail-password"
"""


def site_with(folder: Path, mail: str) -> Site:
    """A hub with a portal, and what its settings say of mail."""
    at = datetime.now(UTC)
    made = make_portal(folder, port=free_port(), broker_port=free_port(), organisations=[], at=at)
    site = make_site(folder, [], at=at, port=free_port(), settings_text=made.settings_text)
    with site.settings.open("a", encoding="utf-8") as file:
        file.write(mail)
    password = site.settings.parent / "mail-password"
    password.write_text(f"{PASSWORD}\n", "utf-8")
    password.chmod(0o600)
    return site


def section(taker: MailTaker) -> str:
    return MAIL.format(port=taker.port, ca=tls_folder().client_authority, user=USER)


async def asked(site: Site, *words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, [*words, "--hub", str(site.settings)])


async def test_an_operator_tries_his_mail_server_and_sees_what_waits(tmp_path: Path) -> None:
    async with taking_mail(begins="starttls", logs_in=True) as taker:
        site = site_with(tmp_path, section(taker))
        hub = HubProcess(site.settings, tmp_path / "hub.log")
        await hub.start()
        try:
            done = await asked(site, "mail", "test", "operator@hub.example")
            assert (done.exit_code, done.stdout) == (0, "the mail server took the letter\n")
            hold((await asked(site, "mail", "test", "operator@hub.example", "--json")).stdout)
            assert [each["To"] for each in taker.taken] == ["operator@hub.example"] * 2
            assert taker.logins == [(USER.encode(), PASSWORD.encode())] * 2
            standing = facts_of((await asked(site, "status", "--json")).stdout)["mail"]
            assert standing == {"waiting": 0, "failing": 0, "oldest_at": None, "failure": None}
            taker.says_of = lambda _address: "550 5.1.1 no such user"
            refused = await asked(site, "mail", "test", "operator@hub.example")
            assert (refused.exit_code, "550 5.1.1 no such user" in refused.stderr) == (1, True)
            wrong = await asked(site, "mail", "test", "operator")
            assert (wrong.exit_code, "must be a mail address" in wrong.stderr) == (1, True)
        finally:
            await hub.stop()


async def test_a_hub_that_starts_sends_what_waited(tmp_path: Path) -> None:
    async with taking_mail(begins="starttls", logs_in=True) as taker:
        site = site_with(tmp_path, section(taker))
        store = await SqlitePortalStore.open(site.settings.parent / "data", clock=SystemClock())
        await store.write_to("asks@organisatie.example", MailEvent.WELCOME, organisation=ORGANISATION)
        await store.aclose()
        hub = HubProcess(site.settings, tmp_path / "hub.log")
        await hub.start()
        try:
            async with asyncio.timeout(30):
                await taker.came.wait()
        finally:
            await hub.stop()
        assert [each["To"] for each in taker.taken] == ["asks@organisatie.example"]
    log = (tmp_path / "hub.log").read_text("utf-8")
    assert "mail_sent" in log
    assert "asks@organisatie.example" not in log


async def test_a_hub_without_mail_says_so(tmp_path: Path) -> None:
    site = site_with(tmp_path, "")
    hub = HubProcess(site.settings, tmp_path / "hub.log")
    await hub.start()
    try:
        refused = await asked(site, "mail", "test", "operator@hub.example")
        assert (refused.exit_code, "give its settings a section [mail]" in refused.stderr) == (1, True)
        assert facts_of((await asked(site, "status", "--json")).stdout)["mail"] is None
    finally:
        await hub.stop()


async def test_a_hub_whose_mail_password_is_not_there_does_not_start(tmp_path: Path) -> None:
    async with taking_mail(begins="starttls") as taker:
        site = site_with(tmp_path, section(taker))
    (site.settings.parent / "mail-password").unlink()
    with pytest.raises(HubDidNotStart, match=r"mail\.password_file: "):
        await HubProcess(site.settings, tmp_path / "hub.log").start()


def test_no_hub_that_runs_sends_no_letter(tmp_path: Path) -> None:
    refused = CliRunner().invoke(
        main, ["mail", "test", "operator@hub.example", "--hub", str(new_site(tmp_path / "site").settings)]
    )
    assert (refused.exit_code, "no hub runs that could send a letter" in refused.stderr) == (1, True)

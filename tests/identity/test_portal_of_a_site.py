"""A test site with a portal: the hub runs as a process of its own, the broker beside it, and somebody logs in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from gateway.cli.playing import free_port
from gateway.site.broker.app import application, served
from gateway.site.hub_process import HubProcess
from gateway.site.making import make_site
from gateway.site.with_portal import make_portal

FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
ACTION = re.compile(r'<form[^>]* action="(http[^"]+)"')


async def test_a_hub_with_a_portal_sends_who_comes_to_the_broker_and_takes_him_back(tmp_path: Path) -> None:
    """Nobody in this site is at a desk, so the login ends at the page for an organisation that is not known."""
    port, broker_port = free_port(), free_port()
    made = make_portal(
        tmp_path,
        port=port,
        broker_port=broker_port,
        organisations=[("12345678", "Energie Voorbeeld")],
        at=datetime.now(UTC),
    )
    site = make_site(tmp_path, [], at=datetime.now(UTC), port=free_port(), settings_text=made.settings_text)
    secure = aiohttp.CookieJar(treat_as_secure_origin=URL(made.url))  # as browsers treat localhost
    hub = HubProcess(site.settings, tmp_path / "hub" / "hub.log")
    async with (
        served(lambda _url: application(made.broker.broker), port=broker_port),
        aiohttp.ClientSession(cookie_jar=secure) as browser,
    ):
        await hub.start()
        try:
            async with browser.get(f"{made.url}/") as answer:
                start = await answer.text()
                assert answer.status == 200, start
            same = {"Origin": made.url, "Sec-Fetch-Site": "same-origin"}
            fields = {**dict(FIELD.findall(start)), "service": "user"}
            async with browser.post(f"{made.url}/inloggen", data=fields, headers=same) as answer:
                departure = await answer.text()
                assert answer.status == 200, departure
            (action,) = ACTION.findall(departure)
            async with browser.post(action, data=dict(FIELD.findall(departure))) as answer:
                page = await answer.text()
                assert (answer.status, str(answer.url)) == (200, made.broker.broker.login_url), page
            chosen = {**dict(FIELD.findall(page)), "number": "12345678", "person": "Jansen", "action": "login"}
            async with browser.post(f"{made.broker.broker.url}/choose", data=chosen) as answer:
                end = await answer.text()
                assert (answer.status, answer.url.path) == (403, "/eherkenning/1.13/acs"), end
                assert "12345678" in end
        finally:
            await hub.stop()
    log = (tmp_path / "hub" / "hub.log").read_text("utf-8")
    assert "portal_organisation_unknown" in log
    assert "12345678" not in log


@pytest.mark.parametrize("again", [False, True])
def test_the_keys_of_a_portal_stay_when_it_is_made_again(tmp_path: Path, again: bool) -> None:
    at = datetime.now(UTC)
    first = make_portal(tmp_path, port=1, broker_port=2, organisations=[], at=at)
    second = make_portal(tmp_path, port=1, broker_port=2 + again, organisations=[], at=at)
    assert first.broker.broker.key.name == second.broker.broker.key.name
    assert first.settings_text == second.settings_text
    assert (tmp_path / "hub" / "keys" / "login.key").stat().st_mode & 0o077 == 0

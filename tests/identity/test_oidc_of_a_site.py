"""A hub whose settings name an OpenID provider: a process of its own, and a provider on a socket that gives tokens."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
from support.identity.tokens import ISSUER
from support.portal.provider import running_provider
from yarl import URL

from gateway.cli.playing import free_port
from gateway.site.hub_process import HubProcess
from gateway.site.making import make_site
from gateway.site.with_portal import make_portal

FIELD = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
SECTION = """[portal.oidc]
key = "keys/login.key"
certificate = "keys/login.pem"
issuer = "{issuer}"
authorization_url = "{at}/auth"
token_url = "{at}/token"
keys_url = "{at}/jwks"
user = "portal-user"
administrator = "portal-administrator"
"""


async def test_a_hub_with_an_openid_provider_sends_who_comes_there_and_takes_him_back_PO_17(tmp_path: Path) -> None:
    """Nobody in this site is at a desk, so the login ends at the page for an organisation that is not known."""
    made = make_portal(tmp_path, port=free_port(), broker_port=free_port(), organisations=[], at=datetime.now(UTC))
    async with running_provider() as provider:
        section = SECTION.format(issuer=ISSUER, at=f"http://127.0.0.1:{provider.port}")
        text = made.settings_text.partition("[portal.eherkenning]")[0] + section
        site = make_site(tmp_path, [], at=datetime.now(UTC), port=free_port(), settings_text=text)
        hub = HubProcess(site.settings, tmp_path / "hub" / "hub.log")
        secure = aiohttp.CookieJar(treat_as_secure_origin=URL(made.url))  # as browsers treat localhost
        async with aiohttp.ClientSession(cookie_jar=secure) as browser:
            await hub.start()
            try:
                async with browser.get(f"{made.url}/") as answer:
                    fields = {**dict(FIELD.findall(await answer.text())), "service": "user"}
                same = {"Origin": made.url, "Sec-Fetch-Site": "same-origin"}
                async with browser.post(f"{made.url}/inloggen", data=fields, headers=same) as answer:
                    asked = dict(FIELD.findall(await answer.text()))
                assert asked["redirect_uri"] == f"{made.url}/oidc/user/callback"
                now = int(datetime.now(UTC).timestamp())
                provider.said = {"aud": asked["client_id"], "nonce": asked["nonce"]}
                provider.said |= {"iat": now, "auth_time": now, "exp": now + 60}
                back = {"code": "c", "state": asked["state"], "iss": ISSUER}
                async with browser.get(asked["redirect_uri"], params=back) as answer:
                    end = await answer.text()
                    assert (answer.status, "12345678" in end) == (403, True), end
                async with browser.get(f"{made.url}/oidc/keys") as answer:
                    assert len((await answer.json())["keys"]) == 1
            finally:
                await hub.stop()
    log = (tmp_path / "hub" / "hub.log").read_text("utf-8")
    assert "portal_organisation_unknown" in log
    assert "12345678" not in log

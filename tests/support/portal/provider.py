"""An OpenID provider on a loopback socket, which says what a test lets it say, and the portal's road to it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from support.identity.tokens import answered, claims, provider, signed, signing_key, us
from support.portal.portals import Page, TestBrowser

from gateway.identity.oidc import Provider
from gateway.net.fetching import Outbound
from gateway.portal.oidc_road import OidcRoad


@dataclass
class TestProvider:
    """Answers with the claims of a test, signed with the key of that name, and counts who asks for keys."""

    __test__ = False

    port: int = 0
    said: dict[str, Any] = field(default_factory=dict)
    key: str = "one"
    published: tuple[str, ...] = ("one",)
    asked: list[dict[str, str]] = field(default_factory=list)
    keys_asked: int = 0
    status: int = 200
    declined: str = "{}"  # the body beside another status
    keys_status: int = 200
    release: asyncio.Event | None = None  # keys are given when it is set
    gave: asyncio.Queue[str] = field(default_factory=asyncio.Queue)  # a line for each token, in their order
    waits: asyncio.Event = field(default_factory=asyncio.Event)  # somebody asked for keys, and `release` is not set yet

    @property
    def known(self) -> Provider:
        """The provider as the portal knows it."""
        at = f"http://127.0.0.1:{self.port}"
        return replace(provider(), authorization_url=f"{at}/auth", token_url=f"{at}/token", keys_url=f"{at}/jwks")

    def road(self, outbound: Outbound) -> OidcRoad:
        """The portal's road to it."""
        return OidcRoad(us, self.known, outbound, random=os.urandom)

    async def token(self, request: web.Request) -> web.Response:
        """Give a token for any code."""
        self.asked.append({name: value for name, (value,) in parse_qs(await request.text()).items()})
        if self.status != 200:
            return web.Response(status=self.status, text=self.declined, content_type="application/json")
        self.gave.put_nowait(self.key)
        token = signed(claims(**self.said), {"kid": self.key}, signing_key(self.key))
        return web.Response(body=answered(token), content_type="application/json")

    async def jwks(self, _request: web.Request) -> web.Response:
        """Give the keys."""
        self.keys_asked += 1
        if self.release is not None:
            self.waits.set()
            await self.release.wait()
        if self.keys_status != 200:
            return web.Response(status=self.keys_status)
        return web.json_response({"keys": [signing_key(each).as_dict(private=False) for each in self.published]})


@asynccontextmanager
async def running_provider() -> AsyncIterator[TestProvider]:
    """One that listens."""
    made, app = TestProvider(), web.Application()
    app.router.add_post("/token", made.token)
    app.router.add_get("/jwks", made.jwks)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        made.port = runner.addresses[0][1]
        yield made
    finally:
        await runner.cleanup()


async def departed(browser: TestBrowser, provider: TestProvider, service: str = "user") -> dict[str, str]:
    """The fields that the browser is sent to the provider with."""
    start = await browser.get("/")
    page = await browser.post("/inloggen", start.form("/inloggen", service=service))
    assert page.status == 200, page.text
    return page.form(provider.known.authorization_url)


async def logged_in(browser: TestBrowser, provider: TestProvider, service: str = "user", **said: Any) -> Page:
    """The whole way to a session, or to why there is none."""
    fields = await departed(browser, provider, service)
    provider.said = {"aud": fields["client_id"], "nonce": fields["nonce"], **said}
    return await returned(browser, fields["state"], service)


async def returned(browser: TestBrowser, state: str, client: str = "user", *, query: str = "code=c") -> Page:
    """Back from the provider, at the address of that client."""
    issuer = provider().issuer
    return await browser.get(f"/oidc/{client}/callback?{query}&state={state}&iss={issuer}")

"""The desk on one's own machine, before a portal of a test or before one that answers as a test wants."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
from aiohttp import web
from support.portal.portals import Page, TestedPortal

from gateway.client.own_desk.serving import serving
from gateway.desk_files import DeskFiles, read_desk_files


@dataclass
class OwnDesk:
    """A desk and one browser at it, by hand; `told` is what it says of the portal."""

    address: str
    session: aiohttp.ClientSession
    told: list[str] = field(default_factory=list)
    cookies: dict[str, str] = field(default_factory=dict)

    async def ask(
        self, method: str, path: str, *, headers: dict[str, str] | None = None, data: Any = None, document: Any = None
    ) -> Page:
        """One request, as a page of the desk makes it unless `headers` say otherwise; follows nothing."""
        said = {
            "Sec-Fetch-Site": "same-origin",
            "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items()),
            **(headers or {}),
        }
        async with self.session.request(
            method, f"{self.address}{path}", headers=said, data=data, json=document, allow_redirects=False
        ) as response:
            octets = await response.read()
            lines = response.headers.getall("Set-Cookie", [])
            self.cookies |= {name: morsel.value for name, morsel in response.cookies.items()}
            return Page(response.status, dict(response.headers), lines, octets.decode("utf-8", "replace"))

    async def depart(self, service: str = "user") -> dict[str, str]:
        """Begin a login; what the browser carries to the portal."""
        page = await self.ask("POST", "/inloggen", data={"token": "", "service": service})
        assert page.status == 303, page.text
        return {name: value for name, (value,) in parse_qs(urlsplit(page.see or "").query).items()}

    async def log_in(self, portal: TestedPortal, service: str = "user", **chosen: Any) -> Page:
        """The whole way, by the portal's login."""
        return await self.come_back(await code_of(portal, await self.depart(service), **chosen))

    async def come_back(self, back: str) -> Page:
        """Follow the link of the portal."""
        return await self.ask("GET", back.removeprefix(self.address), headers={"Sec-Fetch-Site": "cross-site"})


async def code_of(portal: TestedPortal, asked: dict[str, str], **chosen: Any) -> str:
    """What the portal leads to after a login that a desk asked for."""
    browser = portal.browser()
    page = await browser.get(f"/eigen-computer?{'&'.join(f'{name}={value}' for name, value in asked.items())}")
    assert page.status == 200, page.text
    request_id, handle = browser.departed(await browser.post("/inloggen", page.form("/inloggen")))
    artifact = portal.broker.artifact_for(browser.answer(request_id, asked["service"], **chosen))
    arrived = await browser.arrive(artifact, handle)
    assert arrived.status == 200, arrived.text
    assert "__Host-knooppunt" not in browser.cookies
    links: list[str] = arrived.document.xpath("//a/@href")
    return next(each for each in links if "/terug?" in each)


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@asynccontextmanager
async def own_desk(portal: str, files: DeskFiles | None = None, **named: Any) -> AsyncIterator[OwnDesk]:
    """A desk for the portal at that address; `named` is a name of its own with its TLS, as `serving` takes them."""
    told: list[str] = []
    async with (
        serving(portal, files or read_desk_files(), port=free_port(), told=told.append, **named) as address,
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
    ):
        yield OwnDesk(address, session, told)


@asynccontextmanager
async def portal_that(answers: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> AsyncIterator[str]:
    """Something in the place of a portal."""
    runner = web.ServerRunner(web.Server(answers), shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()

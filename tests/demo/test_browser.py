"""The demo's browser does on a page what a person would, and says what it did not find there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from gateway.demo import browser
from gateway.demo.browser import BrowserFault, open_browser
from gateway.site.desk_needs import find_browser

PAGE = """<!doctype html><title>Een</title><main><form action="/two">
<select id="who" name="who"><option>Jansen<option>De Wit</select><button> Verder </button></form></main>"""


@asynccontextmanager
async def two_pages() -> AsyncIterator[str]:
    async def one(_request: web.Request) -> web.Response:
        return web.Response(text=PAGE, content_type="text/html")

    async def two(request: web.Request) -> web.Response:
        return web.Response(text=f"<main>Dag {request.query['who']}</main>", content_type="text/html")

    app = web.Application()
    app.add_routes([web.get("/", one), web.get("/two", two)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def program() -> str:
    found = find_browser()
    if found is None:
        pytest.skip("there is no Chromium: run tests/interop/prepare.sh")
    return found


async def test_it_chooses_presses_and_sees_the_page_that_comes(tmp_path: Path) -> None:
    async with two_pages() as url, open_browser(program(), tmp_path / "profile") as tab:
        await tab.go(url)
        await tab.choose("who", "De Wit")
        await tab.press("Verder")
        assert await tab.see("Dag") == "Dag De Wit"


async def test_what_is_not_there_is_named_with_the_page_that_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with two_pages() as url, open_browser(program(), tmp_path / "profile") as tab:
        await tab.go(url)
        await tab.choose("who", "Jansen")
        monkeypatch.setattr(browser, "STEP_SECONDS", 0.2)
        with pytest.raises(BrowserFault, match=r"no 'Terug' to press: / says: "):
            await tab.press("Terug")


async def test_a_program_that_is_no_browser_is_a_fault_with_what_it_said(tmp_path: Path) -> None:
    fake = tmp_path / "chromium"
    fake.write_text("#!/bin/sh\necho no display\nexit 1\n")
    fake.chmod(0o755)
    with pytest.raises(BrowserFault, match="did not start: no display"):
        async with open_browser(str(fake), tmp_path / "profile"):
            raise AssertionError("there is no page")

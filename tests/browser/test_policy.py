"""What the pages' policies keep from happening, tried in the browser that has to keep it from happening."""

from __future__ import annotations

import pytest
from aiohttp import web
from playwright.async_api import BrowserContext, Page, Route, expect
from support.browser.chromium import listen
from support.browser.desk_page import served
from support.browser.portal import SeenPortal
from support.portal.portals import UNIT_A1

# Each puts something into the page as an attacker would who got a foothold there, and says which policy stops it.
CSP, TYPES = "Content Security Policy", "Trusted"
ATTEMPTS = {
    "a script in the page": ("add('script', (it) => it.append('window.ran = 1'))", TYPES),
    "a script of another origin": ("add('script', (it) => { it.src = 'https://elsewhere.example/a.js'; })", TYPES),
    "markup out of text": ("document.body.innerHTML = '<img src=x onerror=\"window.ran = 1\">'", TYPES),
    "a handler in an attribute": ("add('p', (it) => it.setAttribute('onclick', 'window.ran = 1'))", TYPES),
    "a policy of types of its own": ("trustedTypes.createPolicy('own', { createHTML: (x) => x })", "Polic"),
    "a style in the page": ("add('style', (it) => it.append('body { display: none }'))", CSP),
    "a call to another origin": ("fetch('https://elsewhere.example/').catch(() => null)", CSP),
    "a picture of another origin": ("add('img', (it) => { it.src = 'https://elsewhere.example/p.png'; })", CSP),
    "a frame": ("add('iframe', (it) => { it.src = '/uitleg'; })", CSP),
    "a form to another origin": ("add('form', (it) => { it.action = 'https://elsewhere.example/'; }).submit()", CSP),
    "another base for addresses": ("add('base', (it) => { it.href = 'https://elsewhere.example/'; })", CSP),
}
ATTEMPT = """() => {
  const add = (name, change) => {
    const it = document.createElement(name);
    change(it);
    document.body.append(it);
    return it;
  };
  try { %s; } catch (fault) { console.error(String(fault)); }
}"""


@pytest.mark.parametrize("attempt", ATTEMPTS)
async def test_what_is_not_ours_does_not_happen_PO_30(seen: SeenPortal, page: Page, attempt: str) -> None:
    script, stopped_by = ATTEMPTS[attempt]
    told = listen(page)
    await page.goto(f"{seen.address}/uitleg")
    assert told.lines == [], "the page itself does nothing of the kind"
    async with page.expect_console_message(lambda message: stopped_by in message.text):
        await page.evaluate(ATTEMPT % script)
    assert await page.evaluate("() => window.ran ?? null") is None
    assert await page.evaluate("() => document.querySelector('h1').checkVisibility()")
    assert page.url == f"{seen.address}/uitleg"


async def test_markup_that_got_into_a_page_on_its_way_runs_nothing_PO_30(seen: SeenPortal, page: Page) -> None:
    """As if a template had let it through."""
    smuggled = (
        "<script>window.ran = 1</script><script src='https://elsewhere.example/a.js'></script>"
        "<script type='module' src='/desk/api/session'></script><img src='/x' onerror='window.ran = 1'>"
        "<a href='javascript:window.ran=1' id='lure'>hier</a><style>body { display: none }</style>"
    )

    async def smuggle(route: Route) -> None:
        response = await route.fetch()
        text = await response.text()
        await route.fulfill(response=response, body=text.replace("</main>", f"{smuggled}</main>"))

    told = listen(page)
    await page.route("**/uitleg", smuggle)
    await page.goto(f"{seen.address}/uitleg")
    await page.locator("#lure").click()
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert await page.evaluate("() => window.ran ?? null") is None
    stopped = (
        "Executing inline script", "Loading the script 'https://elsewhere.example/a.js'", "inline event handler",
        "/desk/api/session integrity", "inline style", "JavaScript URL",
    )  # fmt: skip
    assert [each for each in stopped if not any(each in line for line in told.lines)] == [], told.lines


async def test_no_page_of_another_site_holds_ours_in_a_frame_PO_30(seen: SeenPortal, profile: BrowserContext) -> None:
    async def framing(_: web.Request) -> web.Response:
        return web.Response(text=f'<iframe src="{seen.address}/"></iframe>', content_type="text/html")

    app = web.Application()
    app.router.add_get("/", framing)
    page = await profile.new_page()
    told = listen(page)
    async with served(app) as address:
        await page.goto(address.replace("localhost", "127.0.0.1"))
        await expect(page.frame_locator("iframe").get_by_role("heading")).to_have_count(0)
    assert any("frame-ancestors" in line for line in told.lines), told.lines


async def test_no_page_of_another_site_reaches_the_window_that_it_opened_PO_30(
    seen: SeenPortal, profile: BrowserContext
) -> None:
    async def opening(_: web.Request) -> web.Response:
        return web.Response(text="<!doctype html><title>Elders</title>", content_type="text/html")

    app = web.Application()
    app.router.add_get("/", opening)
    await seen.give(profile, await seen.portal.linked(UNIT_A1))
    page = await profile.new_page()
    async with served(app) as address:
        await page.goto(address.replace("localhost", "127.0.0.1"))
        async with profile.expect_page() as opened:
            await page.evaluate("(to) => { window.other = window.open(to); }", f"{seen.address}/uitleg")
        await expect((await opened.value).get_by_role("heading", level=1)).to_be_visible()
        assert await page.evaluate("() => window.other.closed"), "to its opener the window is gone"

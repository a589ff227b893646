"""Every page and state that people meet, in a real browser: for whoever sees little, uses no mouse, has a small screen
or no scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, Response, ViewportSize, expect
from support.browser.chromium import Told, context, listen
from support.browser.filled import HOSTILE, WAYS, Filled, fill
from support.browser.html import html_faults
from support.browser.looks import (
    DIFFERING_AT_MOST,
    accessibility_faults,
    differing,
    layout_faults,
    walk_by_keyboard,
)
from support.browser.portal import SeenPortal
from support.longer import longer

SIZES: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 320, "height": 640}}
DRAWN = ("key", "key-first", "message", "settings")
"""Pages of which a part is drawn by scripts, for it is made of keys or content."""

PAGES = pytest.mark.parametrize("opened", WAYS, indirect=True)


@dataclass(frozen=True, slots=True)
class Opened:
    """A page that was opened once, for all tests of it: each looks at it and none acts on it."""

    name: str
    page: Page
    told: Told


@dataclass(slots=True)
class Plain:
    """What pages are for a browser without scripts, each opened when it is first asked for."""

    browser: Browser
    filled: Filled
    pages: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    async def of(self, name: str) -> tuple[str, bytes]:
        """What its main part says, and the octets that the server sent."""
        if name not in self.pages:
            async with context(self.browser, java_script_enabled=False) as profile:
                documents: list[Response] = []
                profile.on("response", lambda each: _keep_document(documents, each))
                page = await self.filled.open(name, profile)
                self.pages[name] = await page.locator("main").inner_text(), await documents[-1].body()
        return self.pages[name]


def _keep_document(documents: list[Response], response: Response) -> None:
    if response.request.is_navigation_request():
        documents.append(response)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(seen: SeenPortal) -> AsyncIterator[Filled]:
    yield await fill(seen)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(browser: Browser, filled: Filled, request: pytest.FixtureRequest) -> AsyncIterator[Opened]:
    async with context(browser) as profile:
        listening: list[Told] = []
        profile.on("page", lambda page: listening.append(listen(page)))
        page = await filled.open(request.param, profile)
        yield Opened(request.param, page, listening[0])


@pytest.fixture(scope="module")
def plain(browser: Browser, filled: Filled) -> Plain:
    return Plain(browser, filled)


@pytest.mark.parametrize(
    ("size", "scheme"),
    [("wide", "light"), ("narrow", "dark"), *longer(("wide", "dark"), ("narrow", "light"))],
)
@PAGES
async def test_everybody_can_read_and_use_it_PO_68(opened: Opened, size: str, scheme: Literal["light", "dark"]) -> None:
    """Light and dark, wide and at 320 px, which is what a wide screen has at 400 %."""
    await opened.page.set_viewport_size(SIZES[size])
    await opened.page.emulate_media(color_scheme=scheme)
    assert await layout_faults(opened.page) == []
    assert await accessibility_faults(opened.page) == []


@PAGES
async def test_it_looks_as_it_did_PO_71(opened: Opened) -> None:
    await opened.page.emulate_media(color_scheme="light")
    for size, pixels in SIZES.items():
        await opened.page.set_viewport_size(pixels)
        assert await differing(opened.page, f"{opened.name}-{size}") <= DIFFERING_AT_MOST, (
            "if that is meant: KNOOPPUNT_PICTURES=write, and look at what is left in .tox/pictures"
        )


@PAGES
async def test_it_is_used_by_keyboard_alone_PO_69(opened: Opened) -> None:
    """Tab comes to everything in the order in which it is read, each time to be seen, and leaves the page again."""
    page = opened.page
    await page.set_viewport_size(SIZES["wide"])
    await page.wait_for_load_state("networkidle")  # what scripts draw has come, and is drawn
    reached = ("a[href]", "button", "input", "select", "textarea", "summary")
    count = await page.locator(", ".join(f"{each}:visible" for each in reached)).count()
    names = await walk_by_keyboard(page)
    assert names[0] == ("Skip to content" if opened.name == "start-english" else "Naar de inhoud")
    assert "" not in names
    assert len(names) == count


@PAGES
async def test_it_says_the_same_without_scripts_PO_70(opened: Opened, plain: Plain) -> None:
    scripted = await opened.page.locator("main").inner_text()
    assert opened.told.blocked() == []
    without, _ = await plain.of(opened.name)
    if opened.name in DRAWN:
        assert "JavaScript" in without, "what is drawn by scripts says that it needs them"
    else:
        assert _without_codes(without) == _without_codes(scripted)


def _without_codes(text: str) -> list[str]:
    """Its lines but for numbers of errors, which are new each time."""
    return [line for line in text.splitlines() if line.strip() and "Nummer" not in line]


async def test_pages_are_html_PO_71(plain: Plain) -> None:
    assert html_faults({f"{name}.html": (await plain.of(name))[1] for name in WAYS}) == []


async def test_hostile_text_is_shown_as_text_and_breaks_no_line_PO_31(profile: BrowserContext, filled: Filled) -> None:
    page = await filled.open("message", profile)
    shown = page.get_by_text(HOSTILE, exact=True)
    await expect(shown).to_have_count(3)
    assert await page.locator("main b").count() == 0
    assert {await each.evaluate("each => each.tagName") for each in await shown.all()} == {"BDI"}


async def test_what_ends_soon_says_so_in_words_PO_33(profile: BrowserContext, filled: Filled) -> None:
    page = await filled.open("messages", profile)
    urgent = await page.locator(".haste-soon, .haste-last, .haste-high").all_inner_texts()
    assert urgent
    assert all(each.strip() for each in urgent)


async def test_the_skip_link_leads_to_the_content_PO_69(profile: BrowserContext, filled: Filled) -> None:
    page = await filled.open("messages", profile)
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    within = await page.evaluate("() => document.querySelector('main').contains(document.activeElement)")
    assert within

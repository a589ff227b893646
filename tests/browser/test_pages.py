"""Every page and state that people meet, in a real browser: for whoever sees little, uses no mouse, has a small screen
or no scripts."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Literal

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, ViewportSize, expect
from support.browser.chromium import context, listen
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

SIZES: dict[str, ViewportSize] = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 320, "height": 640}}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
DRAWN = ("key", "key-first", "message", "settings")
"""Pages of which a part is drawn by scripts, for it is made of keys or content."""
ANSWERS = (
    "departure", "joining-wrong", "notifications-wrong-address", "organisation-wrong-code", "own-machine-back",
    "requests-wrong",
)  # fmt: skip
"""Pages that answer what was sent once, and are at no address."""

PAGES = pytest.mark.parametrize("name", WAYS)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(seen: SeenPortal) -> AsyncIterator[Filled]:
    yield await fill(seen)


@PAGES
async def test_everybody_can_read_and_use_it_PO_68(profile: BrowserContext, filled: Filled, name: str) -> None:
    """Light and dark, wide and at 320 px, which is what a wide screen has at 400 %."""
    page = await filled.open(name, profile)
    for size in SIZES.values():
        await page.set_viewport_size(size)
        assert await layout_faults(page) == []
        for scheme in SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            assert await accessibility_faults(page) == []


@PAGES
async def test_it_looks_as_it_did_PO_71(profile: BrowserContext, filled: Filled, name: str) -> None:
    page = await filled.open(name, profile)
    for size, pixels in SIZES.items():
        await page.set_viewport_size(pixels)
        assert await differing(page, f"{name}-{size}") <= DIFFERING_AT_MOST, (
            "if that is meant: KNOOPPUNT_PICTURES=write, and look at what is left in .tox/pictures"
        )


@PAGES
async def test_it_is_used_by_keyboard_alone_PO_69(profile: BrowserContext, filled: Filled, name: str) -> None:
    """Tab comes to everything in the order in which it is read, each time to be seen, and leaves the page again."""
    page = await filled.open(name, profile)
    await page.wait_for_load_state("networkidle")  # what scripts draw has come, and is drawn
    reached = ("a[href]", "button", "input", "select", "textarea", "summary")
    count = await page.locator(", ".join(f"{each}:visible" for each in reached)).count()
    names = await walk_by_keyboard(page)
    assert names[0] == ("Skip to content" if name == "start-english" else "Naar de inhoud")
    assert "" not in names
    assert len(names) == count


@PAGES
async def test_it_says_the_same_without_scripts_PO_70(browser: Browser, filled: Filled, name: str) -> None:
    async with context(browser, java_script_enabled=False) as profile:
        plain = await (await filled.open(name, profile)).locator("main").inner_text()
    async with context(browser) as profile:
        page = await filled.open(name, profile)
        told = listen(page)
        scripted = await page.locator("main").inner_text()
        assert told.blocked() == []
    if name in DRAWN:
        assert "JavaScript" in plain, "what is drawn by scripts says that it needs them"
    else:
        assert _without_codes(plain) == _without_codes(scripted)


def _without_codes(text: str) -> list[str]:
    """Its lines but for numbers of errors, which are new each time."""
    return [line for line in text.splitlines() if line.strip() and "Nummer" not in line]


async def test_pages_are_html_PO_71(browser: Browser, filled: Filled) -> None:
    pages = {}
    for name in WAYS:
        async with context(browser, java_script_enabled=False) as profile:
            page = await filled.open(name, profile)
            answer = None if name in ANSWERS else await page.request.get(page.url)
            pages[f"{name}.html"] = await answer.body() if answer else (await page.content()).encode()
    assert html_faults(pages) == []


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

"""The whole journey of a desk user without a mouse: login, overview, message, answer, gone."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.async_api import BrowserContext, Page, expect
from support.browser.broker_page import answer_as_broker
from support.browser.desk_user import desk
from support.browser.looks import focused

from gateway.store.model import State

MOST_TABS = 60


async def tab_to(page: Page, name: str) -> None:
    """Press Tab until that has the focus; whatever has it on the way can be seen."""
    passed: list[str] = []
    await page.wait_for_load_state()  # a page can be read before its style sheet is there
    while len(passed) < MOST_TABS:
        await page.keyboard.press("Tab")
        told = await focused(page)
        assert told is not None, f"Tab left the page before {name}; it came past {passed}"
        assert told["seen"], f"the focus on {told['name']} cannot be seen"
        if re.match(name, told["name"]):
            return
        passed.append(told["name"])
    raise AssertionError(f"Tab never came to {name}; it came past {passed}")


async def press(page: Page, name: str) -> None:
    """Come to a link or button, and press Enter."""
    await tab_to(page, name)
    await page.keyboard.press("Enter")


async def type_in(page: Page, name: str, text: str) -> None:
    await tab_to(page, name)
    await page.keyboard.type(text)


async def choose(page: Page, first: str, *, downs: int = 0) -> None:
    """Come to the first of several radios, and take one by the space bar or by arrows."""
    await tab_to(page, first)
    for _ in range(downs):
        await page.keyboard.press("ArrowDown")
    if not downs:
        await page.keyboard.press("Space")


async def test_from_login_to_answer_nobody_needs_a_mouse_and_the_focus_is_never_lost_PO_69(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path) as at:
        page = at.page
        await profile.clear_cookies()
        await answer_as_broker(page, at.seen.portal)
        await page.goto(at.seen.address)
        await press(page, "Inloggen met eHerkenning")
        await expect(page.get_by_role("heading", name="Verder naar eHerkenning")).to_be_visible()
        await press(page, "Ga verder")
        await expect(page.get_by_role("link", name="terug")).to_be_visible()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", name="Berichten")).to_be_visible()
        await press(page, "Saldo")
        await expect(page.get_by_label("Wat op uw herstelblad staat")).to_be_visible()
        await type_in(page, "Wat op uw herstelblad staat", at.sheet)
        await page.keyboard.press("Enter")

        await at.says("Herkomst bevestigd")
        await expect(page.locator("#state")).to_be_focused()
        await press(page, "Opgave van het saldo")
        await expect(page.locator("#form-place")).to_be_focused()
        await type_in(page, "Klantnummer bij de schuldeiser", "SE 1")
        await type_in(page, "Naam$", "T. Voorbeeld")
        await choose(page, "Matchen", downs=1)
        await expect(page.get_by_label("Niet matchen")).to_be_focused()
        await tab_to(page, "Overzicht|Eigen overzicht|Mijn eigen")
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_label("Eén totaal")).to_be_focused()
        await type_in(page, "Kenmerk$", "T-1")
        await type_in(page, "Bedrag$", "1.234,5")
        await press(page, "Controleren")
        await at.says("Zo gaat uw antwoord weg")
        await expect(page.locator("#state")).to_be_focused()
        await press(page, "Versturen")
        await at.is_back("Uw antwoord is verstuurd")
        assert await at.states() == [State.RECEIPTED, State.STORED]
        assert at.told.blocked() == []

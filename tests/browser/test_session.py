"""A session that ends, in a real browser: the warning, by keyboard alone, and nothing on the screen after the end."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.async_api import BrowserContext, Page, expect
from support.browser.chromium import listen
from support.browser.looks import accessibility_faults
from support.browser.portal import SeenPortal
from support.portal.portals import UNIT_A1, TestBrowser

HEADING = re.compile("Berichten")


async def logged_in(seen: SeenPortal, profile: BrowserContext, *, person: str = "Jansen") -> tuple[Page, TestBrowser]:
    """The messages page of an employee, the browser's time standing until a test moves it."""
    session = await seen.portal.linked(UNIT_A1, person=person)
    await seen.give(profile, session)
    page = await profile.new_page()
    await page.clock.install()
    await page.goto(f"{seen.address}/berichten")
    await expect(page.get_by_role("heading", level=1)).to_have_text(HEADING)
    return page, session


async def pass_time(seen: SeenPortal, page: Page, minutes: float) -> None:
    """Let that time pass for the portal and for the browser."""
    seen.portal.clock.move(timedelta(minutes=minutes))
    await page.clock.fast_forward(int(minutes * 60_000))


async def test_two_minutes_before_the_end_somebody_is_warned_and_stays_by_one_key_PO_22(
    seen: SeenPortal, profile: BrowserContext
) -> None:
    page, session = await logged_in(seen, profile)
    told = listen(page)
    warning = page.get_by_role("alertdialog", name="U wordt bijna uitgelogd")
    await pass_time(seen, page, 27.9)
    await expect(warning).to_be_hidden()
    await pass_time(seen, page, 0.2)
    await expect(warning).to_be_visible()
    await expect(warning).to_have_accessible_description(re.compile("Minuten tot het einde: 2"))
    await expect(page.get_by_role("button", name="Blijf ingelogd").and_(page.locator(":focus"))).to_be_visible()
    assert await accessibility_faults(page) == []
    await page.keyboard.press("Enter")
    await expect(warning).to_be_hidden()
    await expect(page.get_by_role("heading", level=1)).to_have_text(HEADING)
    await pass_time(seen, page, 27.5)
    found = await seen.portal.store.find_session(session.cookies["__Host-knooppunt"], touch=False)
    assert found is not None, "the session went on"
    await expect(warning).to_be_hidden()
    assert told.blocked() == []


async def test_a_warning_that_was_put_away_by_escape_comes_once_and_the_end_leaves_nothing_PO_22(
    seen: SeenPortal, profile: BrowserContext
) -> None:
    page, _ = await logged_in(seen, profile)
    warning = page.get_by_role("alertdialog")
    await pass_time(seen, page, 28.5)
    await expect(warning).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(warning).to_be_hidden()
    await pass_time(seen, page, 0.5)
    await expect(warning).to_be_hidden()
    await pass_time(seen, page, 1.1)
    await expect(page.get_by_role("status")).to_have_text(re.compile("uitgelogd"))
    await expect(page.get_by_role("button", name="Inloggen met eHerkenning")).to_be_visible()


async def test_the_longest_time_cannot_be_put_off_and_is_said_PO_22(seen: SeenPortal, profile: BrowserContext) -> None:
    page, _ = await logged_in(seen, profile)
    for _ in range(18):  # eight hours, used every 26 minutes
        await pass_time(seen, page, 26)
        await page.reload()
    warning = page.get_by_role("alertdialog")
    await pass_time(seen, page, 10.5)
    await expect(warning).to_contain_text("De langste tijd")
    await expect(warning.get_by_role("button", name="Blijf ingelogd")).to_be_hidden()
    await page.keyboard.press("Enter")
    await expect(warning).to_be_hidden()
    await pass_time(seen, page, 2)
    await expect(page.get_by_role("button", name="Inloggen met eHerkenning")).to_be_visible()


async def test_a_page_that_is_used_puts_off_the_end_of_the_others_PO_22(
    seen: SeenPortal, profile: BrowserContext
) -> None:
    page, _ = await logged_in(seen, profile)
    other = await profile.new_page()
    await other.clock.install()
    await pass_time(seen, page, 20)
    await other.goto(f"{seen.address}/uitleg")
    await expect(other.get_by_role("heading", level=1)).to_be_visible()
    await page.clock.run_for(1000)
    await page.clock.fast_forward(9 * 60_000)
    await expect(page.get_by_role("alertdialog")).to_be_hidden()
    await page.clock.fast_forward(19 * 60_000)
    await expect(page.get_by_role("alertdialog")).to_be_visible()


async def test_after_logging_out_the_back_button_shows_nothing_PO_23(seen: SeenPortal, profile: BrowserContext) -> None:
    page, session = await logged_in(seen, profile)
    await page.goto(f"{seen.address}/verstuurd")
    await page.get_by_role("button", name="Uitloggen").click()
    await expect(page.get_by_role("status")).to_have_text("U bent uitgelogd.")
    for _ in range(2):
        await page.go_back()
        await expect(page.get_by_role("button", name="Inloggen met eHerkenning")).to_be_visible()
        await expect(page.get_by_role("button", name="Uitloggen")).to_have_count(0)
    assert await seen.portal.store.find_session(session.cookies["__Host-knooppunt"]) is None
    assert [each["name"] for each in await profile.cookies() if each["name"] == "__Host-knooppunt"] == []


async def test_logging_out_empties_the_other_pages_of_that_browser_PO_23(
    seen: SeenPortal, profile: BrowserContext
) -> None:
    page, _ = await logged_in(seen, profile)
    other = await profile.new_page()
    await other.goto(f"{seen.address}/berichten")
    await other.get_by_role("button", name="Uitloggen").click()
    await expect(page.get_by_role("button", name="Inloggen met eHerkenning")).to_be_visible()


async def test_another_session_in_the_same_browser_ends_the_pages_of_the_first_PO_87(
    seen: SeenPortal, profile: BrowserContext
) -> None:
    page, _ = await logged_in(seen, profile)
    await seen.give(profile, await seen.portal.linked(UNIT_A1, person="De Boer"))
    other = await profile.new_page()
    async with page.expect_event("framenavigated"):
        await other.goto(f"{seen.address}/uitleg")

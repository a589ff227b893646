"""A colleague who has a lock already and becomes an administrator is let in once more, as one."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import Browser, BrowserContext, expect
from support.browser.chromium import context
from support.browser.key_desk import MAKING_MILLISECONDS, KeyDesk, key_desk
from support.portal.portals import UNIT_A1

WORKS = "De sleutel is van uw afdeling en werkt. Hij is nu weer op slot."


async def test_a_colleague_who_became_an_administrator_is_let_in_once_more_as_one_PO_52(
    browser: Browser, profile: BrowserContext, tmp_path: Path
) -> None:
    async with key_desk(tmp_path) as desk:
        await let_in_twice(desk, profile, browser)


async def let_in_twice(desk: KeyDesk, profile: BrowserContext, browser: Browser) -> None:
    anna = await desk.person(profile, "Jansen", administrator=True, prf=None)
    await anna.make_first_lock("device")
    await anna.make_sheet("device")
    await desk.approve(await anna.words("device"))
    async with context(browser) as another:
        bert = await desk.person(another, "Pieters", prf=None)

        async def let_in(button: str, *, administers: bool) -> None:
            await bert.button(button).click()
            await expect(bert.place.get_by_text("Houd deze pagina open.")).to_be_visible()
            await anna.page.reload()
            await anna.place.get_by_role("button", name="Binnenlaten").click()
            await anna.open_by("device")
            words = await bert.place.locator(".words").inner_text()
            await anna.place.get_by_label("Typ de zeven woorden die uw collega voorleest").fill(words)
            if administers:
                await anna.place.get_by_role("checkbox", name="Deze collega is beheerder").check()
            await anna.button("Binnenlaten").click()
            await anna.open_by("device")
            await bert.button("Mijn collega zegt dat ze kloppen").click()

        await let_in("Dit apparaat toevoegen", administers=False)
        await expect(bert.status).to_have_text("U bent binnengelaten: dit slot werkt.", timeout=MAKING_MILLISECONDS)
        again = "Als beheerder laten binnenlaten, met dit apparaat"
        await expect(bert.button(again)).to_have_count(0)  # he is a colleague

        await desk.seen.give(another, await desk.portal.administrator(person="Pieters"))
        await bert.page.goto(f"{desk.seen.address}/organisatie/instellingen")
        await bert.page.get_by_role("button", name="Instellingen openen").click()
        await bert.page.get_by_role("button", name="Openen met dit apparaat").click()
        how = "kies op Mijn sleutel ‘Als beheerder laten binnenlaten’"
        await expect(bert.page.get_by_text(how)).to_be_visible()
        await bert.page.goto(f"{desk.seen.address}/sleutel")
        await let_in(again, administers=False)
        await expect(bert.status).to_contain_text("dit slot is niet van een beheerder", timeout=MAKING_MILLISECONDS)
        await let_in(again, administers=True)
        await expect(bert.status).to_have_text("U bent binnengelaten: dit slot werkt.", timeout=MAKING_MILLISECONDS)
        await expect(bert.page.locator(".own-locks li", has_text="slot van een beheerder")).to_have_count(1)
        await expect(bert.button(again)).to_have_count(0)
        await bert.check("device")
        await expect(bert.status).to_have_text(WORKS)
        await bert.page.goto(f"{desk.seen.address}/organisatie/instellingen")
        await bert.page.get_by_role("button", name="Instellingen openen").click()
        await bert.page.get_by_role("button", name="Openen met dit apparaat").click()
        await expect(bert.page.get_by_role("button", name="Ondertekenen en opslaan")).to_be_visible()
    assert len(await desk.portal.store.locks(UNIT_A1)) == 5

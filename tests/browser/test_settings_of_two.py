"""Two administrators at the settings of their organisation: one proposes an account, the other agrees with it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser, BrowserContext, expect
from support.browser.chromium import context, listen
from support.browser.key_desk import Person, key_desk
from support.browser.portal import SeenPortal, seen_portal
from support.browser.unit_keys import give_keys
from support.portal.portals import UNIT_A1

from gateway.store.portal.model import DocumentKind

pytestmark = pytest.mark.soak
IBAN, WRITTEN = "NL91ABNA0417164300", "NL91 ABNA 0417 1643 00"
SAVED = "De instellingen zijn ondertekend en opgeslagen. De sleutel is weer op slot."


async def opened(seen: SeenPortal, profile: BrowserContext, person: str, sheet: str) -> Person:
    """The settings, opened by that administrator."""
    await seen.give(profile, await seen.portal.administrator(person=person))
    page = await profile.new_page()
    await page.clock.install(time=seen.portal.clock.now())
    there = Person(page, listen(page), None)
    await page.goto(f"{seen.address}/organisatie/instellingen")
    await there.button("Instellingen openen").click()
    await there.open_by("sheet", sheet)
    await expect(there.button("Ondertekenen en opslaan")).to_be_visible()
    return there


async def test_the_yes_of_a_second_administrator_makes_an_account_usable_at_once_PO_45(
    browser: Browser, profile: BrowserContext, tmp_path: Path
) -> None:
    """And that of the one who proposed it is asked for nowhere."""
    async with seen_portal(tmp_path) as seen, context(browser) as another:
        people = [await seen.portal.linked(UNIT_A1, person=name) for name in ("Jansen", "Pieters")]
        sheets = await give_keys(seen.portal, UNIT_A1, "creditor", *people)
        seen.portal.clock.move(timedelta(days=8))  # since when both have a lock
        anna = await opened(seen, profile, "Jansen", sheets[0])
        await anna.page.get_by_label("IBAN", exact=True).last.fill(IBAN)
        await anna.page.get_by_label("Op naam van").last.fill("Incasso")
        await anna.button("Ondertekenen en opslaan").click()
        await anna.open_by("sheet", sheets[0])
        await expect(anna.status).to_have_text(SAVED)
        await expect(anna.page.get_by_role("button", name="Akkoord")).to_have_count(0)

        seen.portal.clock.move(timedelta(minutes=1))
        bert = await opened(seen, another, "Pieters", sheets[1])
        row = bert.page.get_by_role("row", name=WRITTEN)
        await expect(row).to_contain_text("vanaf")
        await bert.page.get_by_role("button", name=f"Akkoord met {WRITTEN}").click()
        await bert.open_by("sheet", sheets[1])
        await expect(bert.status).to_have_text(SAVED)
        await bert.page.reload()
        await bert.button("Instellingen openen").click()
        await bert.open_by("sheet", sheets[1])
        await expect(row.get_by_role("cell", name="nu", exact=True)).to_be_visible()
        await expect(row.get_by_role("button", name="Akkoord")).to_have_count(0)
        (lock, *_) = await seen.portal.store.locks(UNIT_A1)
        kept = await seen.portal.store.document(DocumentKind.SETTINGS, organisation=lock.organisation)
        assert kept is not None
        (account,) = json.loads(kept.octets)["accounts"]
        assert account["agreedBy"] not in (None, account["by"])


async def test_who_is_let_in_is_judged_by_the_settings_of_that_moment_PO_52(
    browser: Browser, profile: BrowserContext, tmp_path: Path
) -> None:
    """Settings are saved in another tab after the page was drawn, and once more while people are at the telephone."""
    async with key_desk(tmp_path) as desk, context(browser) as another:
        anna = await desk.person(profile, "Jansen", administrator=True, prf=None)
        await anna.make_first_lock("device")
        await anna.make_sheet("device")
        await desk.approve(await anna.words("device"))
        bert = await desk.person(another, "Pieters")
        await bert.button("Passkey toevoegen").click()
        await expect(bert.place.get_by_text("Houd deze pagina open.")).to_be_visible()
        await anna.page.reload()
        settings = Person(await profile.new_page(), anna.told, None)
        await settings.page.goto(f"{desk.seen.address}/organisatie/instellingen")
        await settings.button("Instellingen openen").click()
        await settings.open_by("device")

        async def forbid(kind: str) -> None:
            await settings.page.get_by_role("checkbox", name=kind, exact=True).uncheck()
            await settings.button("Ondertekenen en opslaan").click()
            await settings.open_by("device")
            await expect(settings.status).to_have_text(SAVED)

        await forbid("herstelblad")
        await anna.place.get_by_role("button", name="Binnenlaten").click()
        await anna.open_by("device")
        words = await bert.place.locator(".words").inner_text()
        await anna.place.get_by_label("Typ de zeven woorden die uw collega voorleest").fill(words)
        await forbid("passkey")
        await anna.button("Binnenlaten").click()
        await expect(anna.alert).to_have_text("Uw organisatie staat dit soort slot niet toe.")
        assert {each.lock for each in await desk.portal.store.copies(UNIT_A1)} == {
            each.id for each in await desk.portal.store.locks(UNIT_A1) if each.counts_since is not None
        }

"""The settings of an organisation, read and signed by an administrator in a real browser."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Page, expect
from support.browser.html import html_faults
from support.browser.key_desk import KeyDesk, Person, key_desk
from support.browser.looks import accessibility_faults, layout_faults
from support.portal.portals import UNIT_A1

from gateway.store.portal.model import DocumentKind

FIRST, SECOND = "NL91ABNA0417164300", "NL20INGB0001234567"
SAVED = "De instellingen zijn ondertekend en opgeslagen. De sleutel is weer op slot."
SIZES = ((1280, 900), (320, 640))


async def open_settings(desk: KeyDesk, person: Person) -> Person:
    """A page of its own on which that person reads the settings."""
    page = await person.page.context.new_page()
    await page.goto(f"{desk.seen.address}/organisatie/instellingen")
    there = Person(page, person.told, None)
    await there.button("Instellingen openen").click()
    await there.open_by("device")
    await expect(there.button("Ondertekenen en opslaan")).to_be_visible()
    return there


async def save(person: Person) -> None:
    await person.button("Ondertekenen en opslaan").click()
    await person.open_by("device")


async def add_account(page: Page, iban: str, name: str) -> None:
    await page.get_by_label("IBAN", exact=True).last.fill(iban)
    await page.get_by_label("Op naam van").last.fill(name)


async def kept(desk: KeyDesk) -> dict[str, Any]:
    """What the newest version says."""
    (person, *_) = await desk.portal.store.locks(UNIT_A1)
    found = await desk.portal.store.document(DocumentKind.SETTINGS, organisation=person.organisation)
    assert found is not None
    return dict(json.loads(found.octets))


async def test_accounts_contacts_and_locks_are_signed_and_nothing_typed_is_lost_PO_45(
    tmp_path: Path, profile: BrowserContext
) -> None:
    async with key_desk(tmp_path) as desk:
        anna = await desk.person(profile, "Jansen", administrator=True, prf=None)
        await anna.make_first_lock("device")
        await anna.make_sheet("device")
        await desk.approve(await anna.words("device"))

        one, other = await open_settings(desk, anna), await open_settings(desk, anna)
        await add_account(one.page, "NL91ABNA0417164301", "Incasso")
        await one.button("Ondertekenen en opslaan").click()
        await expect(one.page.get_by_role("link", name="Dit is geen IBAN")).to_be_focused()
        await add_account(one.page, "nl91 abna 0417 1643 00", "Incasso")
        await save(one)
        await expect(one.status).to_have_text(SAVED)
        (account,) = (await kept(desk))["accounts"]
        assert (account["iban"], account["name"], account["agreedBy"]) == (FIRST, "Incasso", None)
        row = one.page.get_by_role("row", name="NL91 ABNA 0417 1643 00")
        await expect(row).to_contain_text("vanaf")
        await expect(row.get_by_role("button", name="Akkoord")).to_have_count(0)

        await add_account(other.page, SECOND, "Kas")
        await save(other)
        await expect(other.alert).to_contain_text("Een collega heeft intussen instellingen opgeslagen.")
        await expect(other.page.get_by_role("row", name="NL91 ABNA 0417 1643 00")).to_be_visible()
        await expect(other.page.get_by_label("Op naam van").last).to_have_value("Kas")
        await save(other)
        await expect(other.status).to_have_text(SAVED)
        assert [each["iban"] for each in (await kept(desk))["accounts"]] == [FIRST, SECOND]
        await expect(other.page.get_by_role("table", name="Versies").locator("tbody tr")).to_have_count(2)

        await other.page.get_by_role("checkbox", name="dit apparaat").uncheck()
        await save(other)
        await expect(other.alert).to_contain_text("Zo mag het slot waarmee u nu opent niet meer.")
        assert (await kept(desk))["counter"] == 2

        await other.page.get_by_role("checkbox", name="dit apparaat").check()
        await other.page.get_by_role("checkbox", name="herstelblad").uncheck()
        await save(other)
        await expect(other.status).to_have_text(SAVED)
        assert (await kept(desk))["lockKinds"] == ["passkey", "device"]
        await anna.page.reload()
        await anna.button("Herstelblad vervangen").click()
        await anna.open_by("device")
        await expect(anna.alert).to_have_text("Uw organisatie staat dit soort slot niet toe.")

        for width, height in SIZES:
            await other.page.set_viewport_size({"width": width, "height": height})
            assert await layout_faults(other.page) == []
            for scheme in ("light", "dark"):
                await other.page.emulate_media(color_scheme=scheme)
                assert await accessibility_faults(other.page) == []
        assert html_faults({"settings-opened.html": (await other.page.content()).encode()}) == []
        assert other.told.blocked() == []

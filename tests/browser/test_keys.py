"""The keys of a unit, made, approved and opened by people in a real browser with a passkey device."""

from __future__ import annotations

import asyncio
import os
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from playwright.async_api import Browser, BrowserContext, expect
from support.browser.chromium import context
from support.browser.key_desk import MAKING_MILLISECONDS, key_desk
from support.portal.portals import UNIT_A1, UNIT_A2

from crypto.certificates import der

UNWRAP = """async ({ unit, wrapped, certificate }) => {
  const base = document.querySelector('script[src$="js/pages/key.js"]').src;
  const load = (name) => import(new URL(name, base).href);
  const [{ unlocked }, { askIn }, { sentences }] =
    await Promise.all(['unlocking.js', 'ask_lock.js', 'sentences.js'].map(load));
  const place = document.querySelector('.key-place .key-work');
  const keys = await unlocked({ unit, ask: askIn(place, await sentences()) });
  const octets = Uint8Array.from(atob(wrapped), (each) => each.charCodeAt(0));
  const opened = await keys.unwrapContentKey(octets, certificate);
  await keys.lock();
  const after = await keys.unwrapContentKey(octets, certificate).catch((fault) => fault.message);
  return [Array.from(opened), after];
}"""


async def test_a_first_key_is_made_approved_by_its_words_and_opens_what_is_sealed_to_it_PO_50(
    tmp_path: Path, profile: BrowserContext
) -> None:
    async with key_desk(tmp_path) as desk:
        anna = await desk.person(profile, "Jansen", administrator=True)
        await anna.make_first_lock()
        await expect(anna.status).to_be_focused()
        await anna.button("Herstelblad maken").click()
        await expect(anna.button("Openen met passkey")).to_be_visible()
        await expect(anna.button("Passkey toevoegen")).to_be_hidden()  # one thing at a time
        await anna.button("Afbreken").click()
        await anna.make_sheet()
        shown = await desk.approve(await anna.words())
        assert shown.keys is not None
        assert sorted(each.kind for each in shown.keys.locks) == ["passkey", "sheet"]
        assert all(each.counts for each in shown.keys.locks)

        await anna.page.reload()
        await anna.check()
        await expect(anna.status).to_have_text("De sleutel is van uw afdeling en werkt. Hij is nu weer op slot.")
        party = desk.portal.hub.hub.configuration().by_party[UNIT_A1]
        (sealed_to,) = party.encryption_certificates
        key = sealed_to.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        content_key = os.urandom(16)
        oaep = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
        said = {
            "unit": UNIT_A1,
            "wrapped": b64encode(key.encrypt(content_key, oaep)).decode(),
            "certificate": b64encode(der(sealed_to)).decode(),
        }
        opening = asyncio.create_task(anna.page.evaluate(UNWRAP, said))
        await anna.open_by("passkey")
        opened, after = await opening
        assert (bytes(opened), after) == (content_key, "locked")
        assert anna.told.blocked() == []


async def test_the_second_unit_of_an_organisation_goes_on_with_its_pair(
    tmp_path: Path, profile: BrowserContext, browser: Browser
) -> None:
    """Whoever makes its keys opens those of the first, and both are of one organisation; others read whom to ask."""
    async with key_desk(tmp_path) as desk:
        anna = await desk.person(profile, "Jansen", administrator=True, prf=None)
        await anna.make_first_lock("device")
        async with context(browser) as another:
            bert = replace(await desk.person(another, "Pieters", administrator=True, prf=None), unit=1)
            await bert.button("Eerste sleutel maken met dit apparaat").click()
            await expect(bert.alert).to_contain_text("heeft al een eigen sleutel", timeout=MAKING_MILLISECONDS)
            await expect(
                bert.button("Alles van de hele organisatie kwijt: nieuwe sleutel met dit apparaat")
            ).to_be_visible()
            assert await desk.portal.store.key_sets(UNIT_A2) == ()
        there = replace(anna, unit=1)
        await there.button("Eerste sleutel maken met dit apparaat").click()
        await there.open_by("device")
        await expect(there.status).to_contain_text("De sleutel is gemaakt.", timeout=MAKING_MILLISECONDS)
        store = desk.portal.store
        (one,), (other,) = await store.key_sets(UNIT_A1), await store.key_sets(UNIT_A2)
        assert one.organisation_key == other.organisation_key
        assert one.signing_certificate != other.signing_certificate


async def test_the_key_of_an_organisation_is_renewed_for_all_its_units_by_who_has_a_lock_in_each_PO_78(
    tmp_path: Path, profile: BrowserContext
) -> None:
    async with key_desk(tmp_path) as desk:
        anna = await desk.person(profile, "Jansen", administrator=True, prf=None)
        await anna.make_first_lock("device")
        await anna.make_sheet("device")
        await desk.approve(await anna.words("device"))
        there = replace(anna, unit=1)
        await there.button("Eerste sleutel maken met dit apparaat").click()
        await there.open_by("device")
        await expect(there.status).to_contain_text("De sleutel is gemaakt.", timeout=MAKING_MILLISECONDS)
        store = desk.portal.store
        (before,), _ = await store.key_sets(UNIT_A1), await store.key_sets(UNIT_A2)

        await anna.page.reload()
        await anna.button("Sleutel van de organisatie vernieuwen").click()
        await anna.open_by("device")
        await anna.place.get_by_role("checkbox", name="herstelblad").uncheck()
        await anna.button("Vernieuwen voor deze sloten").click()
        await expect(anna.place).to_contain_text("heeft de sleutel van uw organisatie. Open daar uw slot.")
        await anna.open_by("device")
        await expect(anna.place.get_by_role("heading", name="Voor wie is de sleutel bij")).to_be_focused()
        await anna.button("Niet vernieuwen").click()
        await expect(anna.button("Sleutel van de organisatie vernieuwen")).to_be_visible()
        assert (await store.key_sets(UNIT_A1)) == (before,), "nothing is kept before all were opened"

        await anna.button("Sleutel van de organisatie vernieuwen").click()
        await anna.open_by("device")
        await anna.place.get_by_role("checkbox", name="herstelblad").uncheck()
        await anna.button("Vernieuwen voor deze sloten").click()
        await anna.open_by("device")
        await anna.button("Vernieuwen voor deze sloten").click()
        await expect(anna.status).to_contain_text(
            "vernieuwd, voor alle afdelingen die hem hebben", timeout=MAKING_MILLISECONDS
        )
        (one,), (other,) = await store.key_sets(UNIT_A1), await store.key_sets(UNIT_A2)
        assert one.organisation_key == other.organisation_key != before.organisation_key
        assert (one.id, one.signing_certificate) == (before.id, before.signing_certificate)
        for each, button in ((anna, "Herstelblad vervangen"), (there, "Herstelblad maken")):
            await each.page.reload()
            await each.make_sheet("device", button=button)
        assert anna.told.blocked() == []

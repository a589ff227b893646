"""A new message from a desk, in a real browser: its kind, a receiver of the address book, its form, and gone."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from playwright.async_api import BrowserContext, expect
from support.browser.desk_user import desk
from support.browser.looks import accessibility_faults, layout_faults
from support.keys.pki import PARTIES
from support.portal.portals import UNIT_A1

from gateway.limits import PAYLOAD_LIMITS
from xsd.document import parse_document


async def test_a_question_begins_at_a_desk_for_a_receiver_of_the_address_book(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path) as at:
        await at.page.goto(f"{at.seen.address}/berichten")
        await at.page.get_by_role("link", name="Nieuw bericht").first.click()
        await at.page.get_by_label("Wat op uw herstelblad staat").fill(at.sheet)
        await at.press("Openen met herstelblad")
        await at.says("Wat wilt u sturen?")
        await at.page.get_by_role("button", name="Vraag naar de status (Schuldregeling 2.0)").click()
        receiver = at.page.get_by_label("Aan wie")
        await expect(receiver.locator("option")).to_have_count(2)
        for width in (1280, 320):
            await at.page.set_viewport_size({"width": width, "height": 900})
            assert await layout_faults(at.page) == []
            assert await accessibility_faults(at.page) == []
        await receiver.select_option(PARTIES["counsellor"][0])
        await at.press("Bericht schrijven")
        await at.page.get_by_label("Toelichting").fill("Hoe staat het ermee?")
        await at.page.get_by_label("Klantnummer bij de schuldeiser").fill("SE 1")
        await at.press("Controleren")
        await at.says("Zo gaat uw bericht weg")
        async with at.page.expect_download() as saved:
            await at.press("Bericht opslaan (XML)")
        await (await saved.value).save_as(tmp_path / "message.xml")
        await at.press("Versturen")
        await expect(at.page.locator("p.said")).to_contain_text("Uw bericht is verstuurd")
        assert at.told.blocked() == []
        (message,) = await at.collected()
        assert (message.action, message.origin, message.cross_reference) == ("Statusverzoek", "verified", None)
        assert (tmp_path / "message.xml").read_bytes() == message.parts[0].read()
        root = parse_document(message.parts[0].read(), limits=PAYLOAD_LIMITS)
        assert [each.text for each in root.iter("{*}Toelichting")] == ["Hoe staat het ermee?"]


async def test_without_an_address_book_that_counts_nobody_is_chosen(profile: BrowserContext, tmp_path: Path) -> None:
    async with desk(profile, tmp_path, book_days=8) as at:
        await at.page.goto(f"{at.seen.address}/nieuw/{quote(UNIT_A1, safe='')}")
        await at.page.get_by_label("Wat op uw herstelblad staat").fill(at.sheet)
        await at.press("Openen met herstelblad")
        await at.says("geen adresboek dat geldt")

"""Writing of one's own accord at a desk: with the document that the legal basis asks for, to one or to several."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import BrowserContext, expect
from support.browser.writing_desk import BALANCE, UNDER_MANDATE, writing_desk

from xsd.samples import sample_attachment


async def test_a_counsellor_under_a_mandate_asks_for_a_balance_with_the_consent_of_the_client(
    profile: BrowserContext, tmp_path: Path
) -> None:
    """What the mandate asks for is missed before anything leaves; the creditor's own client holds origin and octets."""
    async with writing_desk(profile, tmp_path, UNDER_MANDATE) as at:
        await at.begin("Saldoverzoek (Schuldinventarisatie 2.0)")
        await at.choose("creditor")
        await at.fill("Saldoverzoek", BALANCE)
        await at.press("Controleren")
        missing = at.page.locator("#attaching-said")
        await expect(missing).to_have_text("Wat nog mee moet: toestemming van de klant.")
        await at.attach("Toestemmingsverklaring")
        await at.press("Controleren")
        await at.says("Zo gaat uw bericht weg")
        await at.press("Versturen")
        await expect(at.page.locator("p.said")).to_contain_text("Uw bericht is verstuurd")
        assert at.told.blocked() == []
        (asked,) = await at.collected("creditor")
        assert (asked.action, asked.origin) == ("Saldoverzoek", "verified")
        assert asked.parts[1].read() == sample_attachment()

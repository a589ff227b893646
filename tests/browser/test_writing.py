"""Writing of one's own accord at a desk: with the document that the legal basis asks for, to one or to several."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from playwright.async_api import BrowserContext, Route, expect
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


async def test_what_the_hub_refuses_of_a_new_message_stands_at_its_field_and_goes_once_it_is_mended_PO_46(
    profile: BrowserContext, tmp_path: Path
) -> None:
    """The browser is handed a form and a schema that are less strict than the hub's own."""

    def lenient(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: lenient(each) for name, each in value.items() if name != "pattern"}
        return [lenient(each) for each in value] if isinstance(value, list) else value

    async def loosen(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json=lenient(await answer.json()))

    async def allow(route: Route) -> None:
        name = "urn:knooppunt:Schuldinventarisatie:2.0"
        schema = f"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='{name}'>"
        await route.fulfill(json={"schema": f"{schema}<xs:element name='Saldoverzoek'/></xs:schema>", "included": {}})

    async with writing_desk(profile, tmp_path, UNDER_MANDATE) as at:
        await at.page.route("**/desk/forms/**", loosen)
        await at.page.route("**/desk/schemas/**", allow)
        await at.begin("Saldoverzoek (Schuldinventarisatie 2.0)")
        await at.choose("creditor")
        await at.fill("Saldoverzoek", {**BALANCE, "Adres/Postcode": "onbekend"})
        await at.attach("Toestemmingsverklaring")
        await at.press("Controleren")
        await at.press("Versturen")
        await expect(at.page.locator("#f-summary")).to_be_focused()
        postcode = at.field("Saldoverzoek", "Adres/Postcode")
        await expect(postcode).to_have_attribute("aria-invalid", "true")
        await expect(postcode).to_have_value("onbekend")
        await postcode.fill("1234AB")
        await at.press("Controleren")
        await at.press("Versturen")
        await expect(at.page.locator("p.said")).to_contain_text("Uw bericht is verstuurd")
        assert len(await at.collected("creditor")) == 1

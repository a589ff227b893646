"""Answers at a desk that want care: an agreement in advance, an answer that nobody awaits, hours at one message, a
passkey instead of the sheet, and what only the schema objects to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Route, expect
from support.browser.desk_user import desk
from support.browser.key_desk import key_desk
from support.browser.looks import accessibility_faults, layout_faults
from support.client.offices import office, question
from support.keys.pki import PARTIES
from support.portal.portals import UNIT_A1

from gateway.store.model import DeskLease, DeskRequest
from xsd.samples import sample

ARRANGEMENT = ("Schuldregeling", "2.0")
FROM_COUNSELLOR = {"afzender": PARTIES["counsellor"][0], "ontvanger": PARTIES["creditor"][0]}


@pytest.mark.parametrize(
    "takes_part",
    [pytest.param(True, id="takes part", marks=pytest.mark.soak), pytest.param(False, id="takes no part")],
)
async def test_agreement_in_advance_is_given_with_a_warning_to_who_takes_no_part_in_collectief(
    profile: BrowserContext, tmp_path: Path, takes_part: bool
) -> None:
    asked = sample(*ARRANGEMENT, "Saldoverzoek", **FROM_COUNSELLOR)
    options: dict[str, Any] = {"document": asked, "module": ARRANGEMENT, "listed": {"collectief": takes_part}}
    async with desk(profile, tmp_path, **options) as at:
        await at.open()
        await at.press("Opgave van het saldo met vooraf akkoord")
        form = at.page.get_by_label("Klantnummer bij de schuldeiser")
        if not takes_part:
            await at.says("niet mee met Collectief Schuldregelen")
            assert await accessibility_faults(at.page) == []
            await at.press("Toch vooraf akkoord geven")
        await expect(form).to_be_visible()


async def test_after_a_crash_of_an_answer_that_nobody_awaits_only_the_receipt_is_left_to_give_PO_42(
    profile: BrowserContext, tmp_path: Path
) -> None:
    told = sample(*ARRANGEMENT, "Kennisgeving", **FROM_COUNSELLOR)
    async with desk(profile, tmp_path, document=told, action="Kennisgeving", module=ARRANGEMENT) as at:

        async def crash(route: Route) -> None:
            is_receipt = route.request.headers["content-type"].startswith("application/soap+xml")
            await (route.abort() if is_receipt else route.continue_())

        await at.page.route("**/desk/as4/**", crash)
        await at.open()
        await at.press("Geen medewerking")
        await at.page.get_by_label("de klant is onbekend").check()
        await at.press("Controleren")
        await at.press("Versturen")
        await at.says("Uw antwoord is verstuurd en ontvangen")
        await at.page.unroute("**/desk/as4/**")
        await at.open()
        await expect(at.page.get_by_text("Op dit bericht ging al een antwoord")).to_be_visible()
        await expect(at.page.get_by_role("button", name="Geen medewerking")).to_have_count(0)
        await at.press("Ontvangst bevestigen")
        await at.is_back("Het bericht is gelezen")


async def test_whose_lease_ended_opens_the_message_anew_and_finds_what_was_typed_PO_35(
    profile: BrowserContext, tmp_path: Path
) -> None:
    """As after four hours, or after a colleague had it and gave it back."""
    async with desk(profile, tmp_path) as at:
        await at.open()
        await at.fill_answer()
        store = at.seen.portal.hub.store
        (record,) = await store.waiting(UNIT_A1)
        which = {"message_id": record.metadata.message_id, "party": UNIT_A1}
        other = await store.open_at_desk(DeskRequest(**which, person="another", take_over=True))
        assert isinstance(other, DeskLease)
        assert await store.release_desk_lease(**which, token=other.token)
        await at.page.get_by_label("Kenmerk", exact=True).press_sequentially("x")
        await at.page.clock.fast_forward(6 * 60_000)
        await at.says("of u had het vier uur open")
        await at.press("Opnieuw openen")
        await at.unlock()
        await at.press("Opgave van het saldo")
        await expect(at.page.get_by_label("Kenmerk", exact=True)).to_have_value("xT-1")


async def test_what_only_the_schema_objects_to_is_told_in_the_readers_language_PO_46(
    profile: BrowserContext, tmp_path: Path
) -> None:
    """The browser is handed a form that is less strict than the schema."""

    def lenient(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: lenient(each) for name, each in value.items() if name != "pattern"}
        return [lenient(each) for each in value] if isinstance(value, list) else value

    async def loosen(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json=lenient(await answer.json()))

    async with desk(profile, tmp_path) as at:
        await at.page.route("**/desk/forms/**", loosen)
        await at.open()
        await at.fill_answer()
        await at.page.get_by_label("Telefoonnummer").fill("bel maar")
        await at.press("Controleren")
        summary = at.page.locator("#f-summary")
        await expect(summary).to_be_focused()
        await expect(summary).to_contain_text(
            "voldoet niet aan het schema van het bericht: Contactpersoon bij de schuldeiser"
        )
        words = summary.locator("details p").first
        await expect(words).to_be_hidden()
        await summary.get_by_text("In woorden van de controle").first.click()
        await expect(words).to_contain_text("Element")
        for width in (1280, 320):
            await at.page.set_viewport_size({"width": width, "height": 900})
            assert await layout_faults(at.page) == []
            assert await accessibility_faults(at.page) == []


async def test_a_message_opens_by_the_passkey_with_which_its_key_was_made_PO_50(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with key_desk(tmp_path) as keys, office(keys.portal.hub, "counsellor", tmp_path) as counsellor:
        anna = await keys.person(profile, "Jansen", administrator=True)
        await anna.make_first_lock()
        await anna.make_sheet()
        await keys.approve(await anna.words())
        await anna.page.reload()
        await anna.button("Knooppunt vergelijken").click()
        await anna.open_by("passkey")
        await anna.button("Vergeleken: dit is ons knooppunt").click()
        await expect(anna.status).to_have_text("Het knooppunt is vastgelegd en ondertekend.")
        pushed = await counsellor.push(question(), "Saldoverzoek", unchecked=True)
        assert pushed.receipt is not None, pushed.errors
        await keys.seen.give(profile, await keys.portal.linked(UNIT_A1))
        await anna.page.goto(f"{keys.seen.address}/berichten")
        await anna.page.get_by_role("link", name="Saldoverzoek").click()
        await anna.page.get_by_role("button", name="Openen met passkey").click()
        await expect(anna.page.locator(".document")).to_be_visible()

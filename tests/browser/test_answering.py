"""The journey of a desk user in a real browser: keys opened, a question read, answered by its form, and gone.

Sender and receiver of the answer is a participant with our own client, at the same hub.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from playwright.async_api import BrowserContext, Page, expect
from support.browser.chromium import Told, listen
from support.browser.portal import SeenPortal, seen_portal
from support.browser.unit_keys import give_keys
from support.client.offices import Office, office, question
from support.directory.books import book, entry
from support.identity import logins
from support.portal.portals import UNIT_A1

from gateway.client.pull import pull
from gateway.limits import PAYLOAD_LIMITS
from gateway.store.model import MessageFilter, State
from xsd.document import parse_document


@dataclass
class Desk:
    """A desk user at a page, and the counsellor who asked."""

    seen: SeenPortal
    page: Page
    sheet: str
    counsellor: Office
    told: Told

    async def states(self) -> list[State]:
        return [each.state for each in await self.seen.portal.hub.store.messages(MessageFilter())]

    async def open(self) -> None:
        """The page of the message that waits, its key opened by the sheet."""
        (record,) = await self.seen.portal.hub.store.waiting(UNIT_A1)
        unit, message = quote(UNIT_A1, safe=""), quote(record.metadata.message_id, safe="")
        await self.page.goto(f"{self.seen.address}/berichten/{unit}/{message}")
        await self.unlock()

    async def unlock(self) -> None:
        await self.page.get_by_label("Wat op uw herstelblad staat").fill(self.sheet)
        await self.page.get_by_role("button", name="Openen met herstelblad").click()

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def fill_answer(self) -> None:
        """The shortest answer to a question about a balance."""
        await self.press("Opgave van het saldo")
        await self.page.get_by_label("Niet matchen").check()
        await self.page.get_by_label("Eén totaal").check()
        await self.page.get_by_label("Kenmerk", exact=True).fill("T-1")
        await self.page.get_by_label("Bedrag", exact=True).fill("1.234,5")
        await self.page.get_by_label("Klantnummer bij de schuldeiser").fill("SE 1")
        await self.page.get_by_label("Naam", exact=True).fill("T. Voorbeeld")


@asynccontextmanager
async def desk(profile: BrowserContext, folder: Path) -> AsyncIterator[Desk]:
    """A question about a balance waits for unit A1, somebody of which is logged in and has a sheet."""
    books = (book(entry("counsellor"), entry("creditor"), at=logins.AT),)
    async with seen_portal(folder, address_books=books) as seen:
        session = await seen.portal.linked(UNIT_A1)
        await seen.give(profile, session)
        (sheet,) = await give_keys(seen.portal, UNIT_A1, "creditor", session)
        async with office(seen.portal.hub, "counsellor", folder) as counsellor:
            pushed = await counsellor.push(question(), "Saldoverzoek", unchecked=True)
            assert pushed.receipt is not None
            page = await profile.new_page()
            told = listen(page)
            await page.clock.set_fixed_time(seen.portal.clock.now())
            yield Desk(seen, page, sheet, counsellor, told)


async def test_a_question_is_read_and_answered_in_the_browser_and_gone_when_the_hub_has_the_answer_PO_37_PO_41(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path) as at:
        await at.open()
        await expect(at.page.locator("#state")).to_contain_text("Herkomst bevestigd")
        await at.fill_answer()
        await at.press("Controleren")
        await expect(at.page.locator("#state")).to_contain_text("Zo gaat uw antwoord weg")
        await at.press("Versturen")
        await expect(at.page.locator("p.said")).to_contain_text("Uw antwoord is verstuurd")
        assert at.told.blocked() == []
        assert sorted(await at.states()) == [State.RECEIPTED, State.STORED]
        assert await at.seen.portal.hub.store.waiting(UNIT_A1) == ()

        await pull(at.counsellor.who, inbox=at.counsellor.inbox, means=at.counsellor.means)
        answer = await at.counsellor.only()
        assert (answer.action, answer.origin) == ("SaldoverzoekAntwoord", "verified")
        root = parse_document(answer.parts[0].read(), limits=PAYLOAD_LIMITS)
        assert [each.text for each in root.iter("{*}Bedrag")] == ["1234.50"]

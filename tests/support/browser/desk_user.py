"""A desk user at the page of a message in a real browser, and the counsellor who sent it.

The counsellor is a participant with our own client, at the same hub.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from playwright.async_api import BrowserContext, Page, expect
from support.browser.chromium import Told, listen
from support.browser.portal import SeenPortal, seen_portal
from support.browser.unit_keys import give_keys
from support.client.offices import Office, office, question
from support.directory.books import book, entry
from support.identity import logins
from support.portal.portals import UNIT_A1

from gateway.client.inbox import InboxMessage
from gateway.client.pull import pull
from gateway.directory.model import SignedBook
from gateway.store.model import MessageFilter, State


@dataclass
class Desk:
    """A desk user at a page; `sheet` is what stands on the recovery sheet of each colleague."""

    seen: SeenPortal
    page: Page
    sheets: Mapping[str, str]
    counsellor: Office
    told: Told
    sheet: str
    books: list[SignedBook] = field(default_factory=list)  # the last is in force; a test may add one

    async def colleague(self, name: str, profile: BrowserContext) -> Desk:
        """The same desk, with a colleague at a browser of his own."""
        await self.seen.give(profile, await self.seen.portal.linked(UNIT_A1, person=name))
        page = await profile.new_page()
        await page.clock.install(time=self.seen.portal.clock.now())
        return Desk(self.seen, page, self.sheets, self.counsellor, self.told, self.sheets[name])

    async def states(self) -> list[State]:
        """Of all messages at the hub, those that were answered and the answers."""
        return sorted(each.state for each in await self.seen.portal.hub.store.messages(MessageFilter()))

    async def go(self) -> None:
        """The page of the message that waits."""
        (record,) = await self.seen.portal.hub.store.waiting(UNIT_A1)
        unit, message = quote(UNIT_A1, safe=""), quote(record.metadata.message_id, safe="")
        await self.page.goto(f"{self.seen.address}/berichten/{unit}/{message}")

    async def open(self) -> None:
        """The page of the message that waits, its key opened by the sheet."""
        await self.go()
        await self.unlock()

    async def unlock(self) -> None:
        """Open the key by the sheet."""
        await self.page.get_by_label("Wat op uw herstelblad staat").fill(self.sheet)
        await self.press("Openen met herstelblad")

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def says(self, text: str) -> None:
        """What is told of the message, where the focus goes."""
        await expect(self.page.locator("#state")).to_contain_text(text)

    async def fill_answer(self) -> None:
        """The shortest answer to a question about a balance."""
        await self.press("Opgave van het saldo")
        await self.page.get_by_label("Niet matchen").check()
        await self.page.get_by_label("Eén totaal").check()
        await self.page.get_by_label("Kenmerk", exact=True).fill("T-1")
        await self.page.get_by_label("Bedrag", exact=True).fill("1.234,5")
        await self.page.get_by_label("Klantnummer bij de schuldeiser").fill("SE 1")
        await self.page.get_by_label("Naam", exact=True).fill("T. Voorbeeld")

    async def send_answer(self) -> None:
        await self.press("Controleren")
        await self.says("Zo gaat uw antwoord weg")
        await self.press("Versturen")

    async def is_back(self, text: str) -> None:
        """The overview, which says what became of the message."""
        await expect(self.page.locator("p.said")).to_contain_text(text)
        assert await self.seen.portal.hub.store.waiting(UNIT_A1) == ()

    async def collected(self) -> tuple[InboxMessage, ...]:
        """What waited for the counsellor, all of it pulled."""
        await pull(self.counsellor.who, inbox=self.counsellor.inbox, means=self.counsellor.means)
        return await self.counsellor.inbox.messages()


@asynccontextmanager
async def desk(
    profile: BrowserContext,
    folder: Path,
    *colleagues: str,
    document: bytes | None = None,
    action: str = "Saldoverzoek",
    module: tuple[str, str] = ("Schuldinventarisatie", "2.0"),
    book_days: int = 0,
    listed: Mapping[str, object] | None = None,
    keys: Mapping[str, Any] | None = None,
    **options: object,
) -> AsyncIterator[Desk]:
    """A message of the counsellor waits for unit A1, at which Jansen is logged in; each has a sheet there. The
    address book is so many days old, and says this of the counsellor otherwise; `keys` is said to `give_keys`.
    """
    books = [book(entry("counsellor", **(listed or {})), entry("creditor"), at=logins.AT - timedelta(days=book_days))]
    async with seen_portal(folder, address_books=books, **options) as seen:
        people = {name: await seen.portal.linked(UNIT_A1, person=name) for name in ("Jansen", *colleagues)}
        await seen.give(profile, people["Jansen"])
        found = dict(
            zip(
                people, await give_keys(seen.portal, UNIT_A1, "creditor", *people.values(), **(keys or {})), strict=True
            )
        )
        async with office(seen.portal.hub, "counsellor", folder) as counsellor:
            pushed = await counsellor.push(document or question(), action, module=module, unchecked=True)
            assert pushed.receipt is not None, pushed.errors
            page = await profile.new_page()
            told = listen(page)
            await page.clock.install(time=seen.portal.clock.now())
            yield Desk(seen, page, found, counsellor, told, found["Jansen"], books)

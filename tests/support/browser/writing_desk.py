"""A desk in a real browser that writes of its own accord, and the creditors who receive it, each with our own client.

async with writing_desk(profile, tmp_path, UNDER_MANDATE) as at:
    await at.begin("Saldoverzoek (Schuldinventarisatie 2.0)")
    await at.choose("creditor")
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from playwright.async_api import BrowserContext, FilePayload, Locator, Page, expect
from support.browser.chromium import Told, listen
from support.browser.portal import SeenPortal, seen_portal
from support.browser.unit_keys import give_keys
from support.client.offices import Office, office
from support.directory.books import book, entry
from support.hubs.hub import modules_for
from support.identity import logins
from support.keys.pki import PARTIES, identity
from support.portal.portals import UNIT_B

from gateway.client.inbox import InboxMessage
from gateway.client.pull import pull_until_empty
from gateway.directory.model import Entry, ListedVersion
from xsd.samples import sample_attachment

CREDITORS: Final = ("creditor", "counsellor")  # the second is one in these tests, too
CLIENT: Final = {
    "Klant/Voorletters": "T.", "Klant/Achternaam": "Voorbeeld", "Klant/Geboortedatum": "02-03-1980",
    "Contactpersoon/Naam": "B. Voorbeeld",
}  # fmt: skip
BALANCE: Final = {
    **CLIENT, "KlantnummerSHV": "SHV 1", "Adres/Straatnaam": "Dorpsstraat", "Adres/Huisnummer": "1",
    "Adres/Postcode": "1234 AB", "Adres/Woonplaats": "Voorbeeldstad",
    "Vorderingen/Vordering[1]/FactuurnummerSEVolgensSHV": "F 1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Writer:
    """What the unit that writes is, by its P-Mode."""

    roles: tuple[str, ...]
    legal_basis: str


UNDER_MANDATE: Final = Writer(("shv-overig",), "mandate")
UNDER_COURT: Final = Writer(("bewindvoerder",), "court")


@dataclass
class WritingDesk:
    """A person of unit B at a page, and the offices of those who are written to."""

    seen: SeenPortal
    page: Page
    sheet: str
    told: Told
    offices: Mapping[str, Office]

    async def unlock(self) -> None:
        """Open the key by the sheet."""
        await self.page.get_by_label("Wat op uw herstelblad staat").fill(self.sheet)
        await self.press("Openen met herstelblad")

    async def open(self) -> None:
        """The page of a new message, its key opened."""
        await self.page.goto(f"{self.seen.address}/nieuw/{quote(UNIT_B, safe='')}")
        await self.unlock()
        await self.says("Wat wilt u sturen?")

    async def begin(self, kind: str) -> None:
        """From the overview to the receivers of a kind of message."""
        await self.open()
        await self.press(kind)

    async def choose(self, *names: str) -> None:
        """These receivers, and on to the form."""
        for index, name in enumerate(names):
            if index:
                await self.press("Nog een ontvanger")
            await self.page.get_by_label("Aan wie").select_option(PARTIES[name][0])
        await self.press("Bericht schrijven")

    def field(self, message_type: str, path: str) -> Locator:
        """A control of the form."""
        return self.page.locator(f'[name="f/{message_type}/{path}"]')

    async def fill(self, message_type: str, texts: Mapping[str, str], **chosen: str) -> None:
        """Type these texts, by the places of their elements, and choose these values; a client is a woman."""
        for path, text in texts.items():
            await self.field(message_type, path).fill(text)
        for path, value in {"Klant/Geslacht": "V", **chosen}.items():
            await self.page.locator(f'[name="f/{message_type}/{path}"][value="{value}"]').check()

    async def attach(self, kind: str) -> None:
        """The document that the samples have."""
        await self.page.get_by_label("Soort document").select_option(kind)
        file: FilePayload = {"name": "besluit.pdf", "mimeType": "application/pdf", "buffer": sample_attachment()}
        await self.page.get_by_label("Bestanden kiezen").set_input_files([file])
        await expect(self.page.locator("#attaching-said")).to_have_text("Er gaan 1 bestanden mee.")

    async def press(self, name: str) -> None:
        await self.page.get_by_role("button", name=name, exact=True).click()

    async def says(self, text: str) -> None:
        """What is told where the focus goes."""
        await expect(self.page.locator("#state")).to_contain_text(text)

    async def collected(self, name: str) -> tuple[InboxMessage, ...]:
        """All that a creditor has, what waited for it pulled."""
        at = self.offices[name]
        await pull_until_empty(at.who, inbox=at.inbox, means=at.means)
        return await at.inbox.messages()


def _listed(name: str, roles: tuple[str, ...], **changed: Any) -> Entry:
    modules = modules_for(list(roles))
    versions = tuple(ListedVersion(module=each, version=version) for each in modules for version in modules[each])
    return entry(name, roles=roles, **{"versions": versions, **changed})


@asynccontextmanager
async def writing_desk(
    profile: BrowserContext,
    folder: Path,
    writer: Writer,
    *,
    listed: Mapping[str, Mapping[str, Any]] | None = None,
    p_modes: Mapping[str, Mapping[str, object]] | None = None,
) -> AsyncIterator[WritingDesk]:
    """Unit B is what `writer` says, Jansen is logged in there with a sheet; two creditors have systems. `listed` is
    what the address book says otherwise of one of them, `p_modes` what its P-Mode does.
    """
    roles = list(writer.roles)
    usual: dict[str, dict[str, object]] = {
        "administrator": {"roles": roles, "modules": modules_for(roles), "legal_basis": writer.legal_basis},
        "creditor": {"access": "system"},
        "counsellor": {"roles": ["schuldeiser"], "modules": modules_for(["schuldeiser"])},
    }
    extra = {name: {**said, **(p_modes or {}).get(name, {})} for name, said in usual.items()}
    creditors = [_listed(name, ("schuldeiser",), **(listed or {}).get(name, {})) for name in CREDITORS]
    books = (book(_listed("administrator", writer.roles), *creditors, at=logins.AT),)
    async with seen_portal(folder, address_books=books, extra=extra) as seen, AsyncExitStack() as stack:
        session = await seen.portal.linked(UNIT_B)
        await seen.give(profile, session)
        (sheet,) = await give_keys(seen.portal, UNIT_B, "administrator", session)
        offices = {}
        for name in CREDITORS:
            at = await stack.enter_async_context(office(seen.portal.hub, name, folder))
            knows = {PARTIES["administrator"][0]: (identity("administrator").signing.certificate,)}
            at.who = replace(at.who, senders=knows)
            offices[name] = at
        page = await profile.new_page()
        told = listen(page)
        await page.clock.install(time=seen.portal.clock.now())
        yield WritingDesk(seen, page, sheet, told, offices)

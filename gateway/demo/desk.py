"""A desk of the portal, in a real browser: somebody logs in by the mock broker, is linked, and sees what waits.

The browser's profile is kept for the search at the end: what waits there was never to leave a trace in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.demo.browser import Tab
from gateway.demo.report import Report
from gateway.demo.search import search
from gateway.desk_files import FOLDER
from gateway.pages.texts import DUTCH, read_texts
from gateway.site.documents import Document, Drawn

if TYPE_CHECKING:
    from gateway.site.with_portal import MadePortal

SAYS = read_texts(FOLDER / "texts", [DUTCH])[DUTCH]
"""What the portal writes on its buttons."""
READABLE = SAYS("desk.verified")
"""What stands above a message that was opened and whose sender is known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a desk user of this run sits, and as whom he logs in."""

    portal: MadePortal
    program: str  # the browser
    profile: Path
    kvk: str
    name: str  # of the organisation


async def make_keys(tab: Tab, desk: Seat, approve: Callable[[str], Awaitable[None]]) -> None:
    """As an administrator make the unit's keys in the browser, with a sheet for the safe, and have the operator approve
    them by their seven words; say yes to the hub; then be linked to the unit by oneself.
    """
    async with logged_in(tab, desk, SAYS("start.administrator.button")):
        await tab.press(SAYS("nav.keys"))
        await tab.press(SAYS("keys.make_first.device"))
        await tab.see(SAYS("keys.made"))
        await tab.press(SAYS("keys.make.sheet"))
        await tab.press(SAYS("keys.open.device"))
        letters = await tab.text(".sheet-letters")
        await tab.press(SAYS("keys.sheet.ready"))
        await tab.fill(SAYS("keys.sheet.again_label"), letters)
        await tab.press(SAYS("keys.sheet.again"))
        await tab.see(SAYS("keys.lock_made", kind=SAYS("lock.sheet")))
        await tab.press(SAYS("keys.words.show"))
        await tab.press(SAYS("keys.open.device"))
        await approve(await tab.text(".words"))
        await tab.press(SAYS("keys.words.done"))
        await tab.press(SAYS("keys.hub"))
        await tab.press(SAYS("keys.open.device"))
        await tab.press(SAYS("trust.hub.agree"))
        await tab.see(SAYS("keys.hub.done"))
        await tab.press(SAYS("nav.organisation"))
        await tab.press(SAYS("pairing.oneself"))
        await tab.see(SAYS("organisation.since"))


async def answer_at(tab: Tab, desk: Seat, question: Document, drawn: Drawn, report: Report) -> None:
    """As a desk user open the question that waits, read it, and answer it by its form."""
    async with logged_in(tab, desk, SAYS("start.user.button")):
        overview = await tab.see(SAYS("messages.to_do"))
        waits = SAYS.counted("messages.waiting", 1) in overview
        report.fact("the question that waits, in his overview", expected=True, found=waits)
        asked = len(drawn.tokens)
        await tab.press(question.message_type.name)
        await tab.press(SAYS("keys.open.device"))
        page = await tab.see(READABLE)
        read = sum(each in page for each in drawn.tokens[:asked])
        report.fact("names of the question that its page shows", expected=True, found=read > 0)
        await write_answer(tab, drawn)
        await tab.press(SAYS("desk.send"))
        await tab.see(SAYS("messages.answered"))


async def write_answer(tab: Tab, drawn: Drawn) -> None:
    """Fill in the form of a balance for the Saldoverzoek that is open, up to its preview."""
    await tab.press("Opgave van het saldo")
    for choice in ("Niet matchen", "Eén totaal"):
        await tab.press(choice)
    fields = {"Kenmerk": drawn.token(), "Bedrag": "1.234,5", "Klantnummer bij de schuldeiser": drawn.token(),
              "Naam": drawn.token()}  # fmt: skip
    for label, value in fields.items():
        await tab.fill(label, value)
    await tab.press(SAYS("desk.form.check"))
    await tab.see(SAYS("desk.preview"))


@asynccontextmanager
async def logged_in(tab: Tab, desk: Seat, button: str) -> AsyncIterator[None]:
    """Logged in by that button of the start page, and logged out again."""
    await tab.go(desk.portal.url)
    await tab.press(button)
    await tab.press(SAYS("departure.button"))
    await tab.choose("number", desk.kvk)
    await tab.press("Inloggen")  # on the broker's page
    yield
    await tab.press(SAYS("log_out"))
    await tab.see(SAYS("start.out"))


def search_what_the_desk_left(desk: Seat, tokens: Sequence[str], hub_folder: Path, report: Report) -> None:
    """Search the browser's profile for what may not be in it, and for what a browser does keep: a search that finds
    neither proves nothing.
    """
    found = search([*tokens, desk.portal.url], [desk.profile])
    addresses = [each for each in found.hits if each.token == desk.portal.url]
    names = len(found.hits) - len(addresses)
    report.fact("names and numbers found in the browser's profile", expected=0, found=names)
    report.fact("the portal's address, found there", expected=True, found=bool(addresses))
    report.fact("files of the profile that could not be read", expected=0, found=len(found.unread))
    databases = len([*hub_folder.rglob("portal.db")])
    report.fact("the portal's own database, among what the hub wrote", expected=1, found=databases)
    report.tell(f"    {found.files} files of a browser, {found.octets} octets")

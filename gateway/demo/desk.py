"""A desk of the portal, in a real browser: somebody logs in by the mock broker, is linked, and sees what waits.

The browser's profile is kept for the search at the end: what waits there was never to leave a trace in it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gateway.demo.browser import Tab, open_browser
from gateway.demo.report import Report
from gateway.demo.search import search
from gateway.desk_files import FOLDER
from gateway.portal.texts import DUTCH, read_texts
from gateway.site.documents import Document

if TYPE_CHECKING:
    from gateway.site.with_portal import MadePortal

SAYS = read_texts(FOLDER / "texts", [DUTCH])[DUTCH]
"""What the portal writes on its buttons."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where a desk user of this run sits, and as whom he logs in."""

    portal: MadePortal
    program: str  # the browser
    profile: Path
    kvk: str
    name: str  # of the organisation


async def sit_at(desk: Seat, question: Document, report: Report) -> None:
    """Be linked by oneself as an administrator, then see the question that waits, from the overview to its page."""
    report.tell(f"a browser opens the portal; an administrator of {desk.name} logs in, and is linked to its desk")
    async with open_browser(desk.program, desk.profile) as tab:
        async with _logged_in(tab, desk, SAYS("start.administrator.button")):
            await tab.press(SAYS("pairing.oneself"))
            linked = SAYS("organisation.you") in await tab.see(SAYS("organisation.since"))
        report.fact("a desk user linked to his unit, in a real browser", expected=True, found=linked)
        async with _logged_in(tab, desk, SAYS("start.user.button")):
            overview = await tab.see(SAYS("messages.to_do"))
            waits = SAYS.counted("messages.waiting", 1) in overview
            report.fact("the question that waits, in his overview", expected=True, found=waits)
            await tab.press(question.message_type.name)
            page = await tab.see(SAYS("message.reference"))
            report.fact("its reference, on its page", expected=True, found=question.reference in page)


@asynccontextmanager
async def _logged_in(tab: Tab, desk: Seat, button: str) -> AsyncIterator[None]:
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

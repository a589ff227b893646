"""What a desk user's overview costs when very much waits: the first page and a later one, as a browser asks for them.

A hub of its own has a portal and one unit at a desk. So many messages are laid into its mailbox and somebody is logged
in, both while no hub runs; what is told is the time from a request to the last octet of its page, one after another.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
import yaml

from bench.failure import NotMeasured
from bench.hub_load import free_port
from bench.laying import lay
from gateway.clock import SystemClock
from gateway.identity.login import LoginKind, OrganisationNumber, PersonKey
from gateway.portal.cookies import SESSION
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site, make_site
from gateway.site.organisations import CREDIT_BANK, CREDITOR, three
from gateway.site.with_portal import make_portal
from gateway.store.portal.sqlite.store import SqlitePortalStore

MILLISECONDS: Final = 200.0  # what a page may take
PAGES: Final = 40
WARM_UP: Final = 5
PARTS_OCTETS: Final = 200
LIFE: Final = timedelta(days=3)
KVK: Final = "12345678"
_MORE: Final = re.compile(r'href="(/berichten\?[^"]*after=[^"]*)"')


async def measure(folder: Path, waiting: int, tell: Callable[[str], None]) -> dict[str, Any]:
    """The row: so many messages wait for one unit."""
    site, url = await asyncio.to_thread(_site, folder)
    unit = site.organisation(CREDITOR).party
    tell(f"the portal: laying {waiting} messages into the mailbox of a unit at a desk")
    hub = HubProcess(site.settings, folder / "hub.log")
    await hub.start()  # once before, as the mark of the time is made by a hub and missed beside a store in use
    await hub.stop()
    data = site.settings.parent / "data"
    await lay(
        data,
        waiting,
        sender=site.organisation(CREDIT_BANK).party,
        receivers=lambda _number: unit,
        at=SystemClock().now(),
        ends=LIFE,
        parts_octets=PARTS_OCTETS,
    )
    token = await _logged_in(data, unit)
    await hub.start()
    try:
        tell("the portal: asking for pages of the overview")
        async with aiohttp.ClientSession(headers={"Cookie": f"{SESSION}={token}"}) as session:
            first = f"{url}/berichten"
            page = await _page(session, first, about=waiting)
            more = _MORE.search(page)
            if more is None:
                raise NotMeasured("the overview has no further page")
            later = url + more.group(1).replace("&amp;", "&")
            return {
                "waiting": waiting,
                "pages": PAGES,
                "octets": len(page.encode()),
                "first": await _times(session, first),
                "later": await _times(session, later),
            }
    finally:
        await hub.stop()


def passed_bound(row: dict[str, Any]) -> bool:
    """Whether a page takes longer than it may."""
    slowest: float = max(row[each]["median_milliseconds"] for each in ("first", "later"))
    return slowest > MILLISECONDS


def _site(folder: Path) -> tuple[Site, str]:
    at, port = SystemClock().now(), free_port()
    name = next(each.name for each in three() if each.slug == CREDITOR)
    made = make_portal(folder / "site", port=port, broker_port=free_port(), organisations=[(KVK, name)], at=at)
    site = make_site(folder / "site", three(), at=at, port=free_port(), settings_text=made.settings_text)
    file = site.settings.parent / "pmodes" / f"{CREDITOR}.yaml"
    file.write_text(yaml.safe_dump({**yaml.safe_load(file.read_text("utf-8")), "access": "desk", "kvk": KVK}), "utf-8")
    return site, f"http://localhost:{port}"


async def _logged_in(data: Path, unit: str) -> str:
    """The token of an employee of the unit."""
    portal = await SqlitePortalStore.open(data, clock=SystemClock())
    try:
        organisation = OrganisationNumber(kind="KVK", value=KVK)
        person = await portal.find_or_make_person(
            PersonKey(issuer="bench", organisation=organisation, pseudonym="somebody")
        )
        code = (await portal.begin_session(person.id, kind=LoginKind.USER)).session.pairing_code
        await portal.link_by_code(code or "", organisation=organisation, unit=unit, by="bench")
        return (await portal.begin_session(person.id, kind=LoginKind.USER)).token
    finally:
        await portal.aclose()


async def _times(session: aiohttp.ClientSession, url: str) -> dict[str, float]:
    for _ in range(WARM_UP):
        await _page(session, url)
    found = []
    for _ in range(PAGES):
        began = time.perf_counter()
        await _page(session, url)
        found.append(1000 * (time.perf_counter() - began))
    return {"median_milliseconds": statistics.median(found), "longest_milliseconds": max(found)}


async def _page(session: aiohttp.ClientSession, url: str, *, about: int | None = None) -> str:
    async with session.get(url, allow_redirects=False) as answer:
        text = await answer.text()
    if answer.status != 200:
        raise NotMeasured(f"the portal answered {answer.status} to {url}")
    if about is not None and str(about) not in text:
        raise NotMeasured(f"the overview does not say that {about} messages wait")
    return text

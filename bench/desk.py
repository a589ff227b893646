"""What a desk user waits for, in a real browser: a message until it can be read, an answer until the hub has receipted
it and the question is gone, and what a browser that was never there before fetches to show its first message.

A hub with a portal and a mock broker, one unit at a desk with the keys of this browser's device, and one question after
another. Times are of the whole machine, browser included, from pressing the button to the words on the page.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from lxml import etree

from bench.failure import NotMeasured
from bench.hub_load import free_port
from gateway.administration import verbs
from gateway.administration.client import AnsweringHub
from gateway.clock import SystemClock
from gateway.demo.browser import BrowserFault, Tab, open_browser
from gateway.demo.desk import READABLE, SAYS, Seat, logged_in, make_keys, write_answer
from gateway.demo.story import site_of_the_day
from gateway.site.documents import Drawn, make_document
from gateway.site.hub_process import HubProcess
from gateway.site.making import Site
from gateway.site.organisations import CREDIT_BANK, DESK_CREDITOR
from gateway.site.players import Player, acknowledged
from gateway.site.players import cast as players_of
from xsd.catalogue import load_catalogue

READABLE_MILLISECONDS: Final = 300.0  # what opening a message may take
ANSWERED_MILLISECONDS: Final = 1000.0  # what sending an answer may take, until its question is gone
FIRST_VISIT_OCTETS: Final = 1_500_000
LOOK_SECONDS: Final = 0.004


async def measure(folder: Path, messages: int, tell: Callable[[str], None]) -> dict[str, Any] | None:
    """The row: so many questions are opened and answered. None where this machine lacks what a desk needs, which is
    told.
    """
    async with AsyncExitStack() as ending:
        site, desk = await ending.enter_async_context(site_of_the_day(folder, tell, free_port()))
        if desk is None:
            return None
        hub = HubProcess(site.settings, folder / "hub" / "hub.log")
        await hub.start()
        ending.push_async_callback(hub.stop)
        bank = (await ending.enter_async_context(players_of(site.with_systems, load_catalogue())))[CREDIT_BANK]
        drawn = Drawn()
        try:
            tab = await ending.enter_async_context(open_browser(desk.program, desk.profile, look_seconds=LOOK_SECONDS))
            tell("the desk: making the keys of a unit")
            await make_keys(tab, desk, lambda words: approve(site, words))
            await ask(bank, site, drawn, messages + 1)
            tell(f"the desk: opening and answering {messages} messages")
            found = await _answer(tab, desk, drawn, messages)
            tell("the desk: a browser that was never there before")
            stranger = replace(desk, profile=folder / "another browser")
            other = await ending.enter_async_context(open_browser(stranger.program, stranger.profile))
            return {"messages": messages, **found, "first_visit_octets": await _first_visit(other, stranger)}
        except BrowserFault as fault:
            raise NotMeasured(str(fault)) from None


def passed_bounds(row: dict[str, Any]) -> list[str]:
    """What takes longer, or is more, than it may."""
    bounds = (
        ("open", READABLE_MILLISECONDS, "a message is readable after"),
        ("answer", ANSWERED_MILLISECONDS, "an answer is receipted after"),
    )
    found = [
        f"{says} {row[name]['median_milliseconds']:.0f} ms, which may be {most:.0f}"
        for name, most, says in bounds
        if row[name]["median_milliseconds"] > most
    ]
    if row["first_visit_octets"] > FIRST_VISIT_OCTETS:
        found.append(f"a first visit fetches {row['first_visit_octets']} octets, which may be {FIRST_VISIT_OCTETS}")
    return found


async def approve(site: Site, words: str) -> None:
    """Have the operator approve the keys that were made, by their words."""
    client = await AnsweringHub.connect(site.folder / "hub" / "data")
    try:
        (asked,) = await client.ask(verbs.requests)
        await client.ask(verbs.approve_request, asked.request, words)
    finally:
        await client.aclose()


async def ask(bank: Player, site: Site, drawn: Drawn, count: int, *, claims: int | None = None) -> None:
    """Send so many questions to the unit at the desk, with so many claims each, or those of the sample."""
    kind = load_catalogue().message("Schuldregeling", "2.0", "Saldoverzoek")
    if kind is None:
        raise NotMeasured("there is no Saldoverzoek")
    for _ in range(count):
        document = make_document(
            kind,
            drawn,
            sender=bank.made.party,
            receiver=site.organisation(DESK_CREDITOR).party,
            at=SystemClock().now(),
        )
        if claims is not None:
            document = replace(document, octets=_with_claims(document.octets, claims))
        if acknowledged([await bank.push(document)]) != 1:
            raise NotMeasured("a question was not taken")


def _with_claims(octets: bytes, count: int) -> bytes:
    """The question about so many claims: the sample's first ones, and copies of its last with numbers of their own."""
    root = etree.fromstring(octets)
    (within,) = root.iter("{*}Vorderingen")
    for last in list(within)[count:]:
        within.remove(last)
    for number in range(len(within), count):
        copied = deepcopy(within[-1])
        for named in copied.iter("{*}FactuurnummerSEVolgensSHV"):
            named.text = f"F-{number + 1}"
        within.append(copied)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


async def _answer(tab: Tab, desk: Seat, drawn: Drawn, count: int) -> dict[str, Any]:
    opened, answered = [], []
    async with logged_in(tab, desk, SAYS("start.user.button")):
        for _ in range(count):
            await tab.press("Saldoverzoek")
            opened.append(await _milliseconds(tab, SAYS("keys.open.device"), READABLE))
            await write_answer(tab, drawn)
            answered.append(await _milliseconds(tab, SAYS("desk.send"), SAYS("messages.answered")))
    return {"open": _told(opened), "answer": _told(answered)}


async def _milliseconds(tab: Tab, button: str, words: str) -> float:
    """From pressing that button to seeing those words."""
    await tab.see(button)
    began = time.perf_counter()
    await tab.press(button)
    await tab.see(words)
    return 1000 * (time.perf_counter() - began)


async def _first_visit(tab: Tab, desk: Seat) -> int:
    """Log in and open a message up to the question for a lock, which this browser has not: everything was fetched."""
    await tab.count_octets()
    async with logged_in(tab, desk, SAYS("start.user.button")):
        await tab.press("Saldoverzoek")
        await tab.see(SAYS("keys.open.sheet"))
        return tab.received_octets


def _told(found: list[float]) -> dict[str, float]:
    return {"median_milliseconds": statistics.median(found), "longest_milliseconds": max(found)}

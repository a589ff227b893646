"""What a list takes at a desk, in a real browser: questions decrypted and written to a file, the file read and checked
again, and a bulk of answers sent.

Times are of the whole machine, hub and browser together, from pressing a button to the words on the page.
"""

from __future__ import annotations

import asyncio
import csv
import io
import time
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final

import yaml

from bench.desk import LOOK_SECONDS, approve, ask
from bench.failure import NotMeasured
from bench.hub_load import free_port
from gateway.demo.browser import BrowserFault, Tab, open_browser
from gateway.demo.desk import SAYS, Seat, logged_in, make_keys
from gateway.demo.story import site_of_the_day
from gateway.site.documents import Drawn
from gateway.site.hub_process import HubProcess
from gateway.site.organisations import CREDIT_BANK, DESK_CREDITOR
from gateway.site.players import cast as players_of
from xsd.catalogue import load_catalogue

BULK: Final = 120
WRITTEN_SECONDS: Final = 20.0  # of a thousand questions, until the file is saved
READ_SECONDS: Final = 5.0  # of the same file on the same page, until it says what will be sent
SENT_SECONDS: Final = 60.0  # of a bulk of 120
ASKED: Final = 1_000
CLAIMS: Final = 5  # of each question
SAVING_SECONDS: Final = 30.0
_FIELD: Final = "list-files"
_FILLED: Final[Mapping[str, str]] = {
    "Klantnummer SE": "SE-1",
    "Contactpersoon SE naam": "T. Voorbeeld",
    "Datum": "01-03-2026",
    "Matchen": "Ja",
    "Schuldtype": "openstaande schuld",
    "FactuurnummerSE": "F-1",
    "openstaand.Ontstaansdatum": "01-06-2025",
    "openstaand.OrigineleVordering": "1250,00",
    "openstaand.ActueelBedrag": "1300,50",
}


async def measure(folder: Path, questions: int, tell: Callable[[str], None]) -> dict[str, Any] | None:
    """The row: a list of so many questions, and a bulk of as many of them as one has, 120 at most. None where this
    machine lacks what a desk needs, which is told.
    """
    async with AsyncExitStack() as ending:
        site, desk = await ending.enter_async_context(site_of_the_day(folder, tell, free_port()))
        if desk is None:
            return None
        file = site.settings.parent / "pmodes" / f"{DESK_CREDITOR}.yaml"
        text = await asyncio.to_thread(file.read_text, "utf-8")
        said = {**yaml.safe_load(text), "desk": {"lists": True}}
        await asyncio.to_thread(file.write_text, yaml.safe_dump(said), "utf-8")
        hub = HubProcess(site.settings, folder / "hub" / "hub.log")
        await hub.start()
        ending.push_async_callback(hub.stop)
        bank = (await ending.enter_async_context(players_of(site.with_systems, load_catalogue())))[CREDIT_BANK]
        try:
            tab = await ending.enter_async_context(open_browser(desk.program, desk.profile, look_seconds=LOOK_SECONDS))
            tell("lists: making the keys of a unit")
            await make_keys(tab, desk, lambda words: approve(site, words))
            tell(f"lists: asking {questions} questions of {CLAIMS} claims")
            await ask(bank, site, Drawn(), questions, claims=CLAIMS)
            tell(f"lists: writing, reading and sending a list of {questions}")
            return {
                "questions": questions,
                "claims": CLAIMS,
                **await _worked_off(tab, desk, folder / "saved", questions),
            }
        except BrowserFault as fault:
            raise NotMeasured(str(fault)) from None


def passed_bounds(row: dict[str, Any]) -> list[str]:
    """What takes longer than it may; those of writing and reading hold for a thousand questions."""
    share = max(1.0, row["questions"] / ASKED)
    bounds = (
        ("written_seconds", WRITTEN_SECONDS * share, "a list is written after"),
        ("read_seconds", READ_SECONDS * share, "a list is read and checked after"),
        ("sent_seconds", SENT_SECONDS, "a bulk is sent after"),
    )
    return [f"{says} {row[name]:.1f} s, which may be {most:.1f}" for name, most, says in bounds if row[name] > most]


async def _worked_off(tab: Tab, desk: Seat, folder: Path, questions: int) -> dict[str, Any]:
    await asyncio.to_thread(folder.mkdir)
    await tab.save_into(folder)
    async with logged_in(tab, desk, SAYS("start.user.button")):
        await tab.press(SAYS("lists.title"))
        await tab.press(SAYS("keys.open.device"))
        await tab.see(SAYS("lists.down"))
        written = await _seconds(tab.press(SAYS("lists.download")), tab, SAYS("lists.downloaded", count=questions))
        rows = await asyncio.to_thread(_saved, folder)
        await tab.press(SAYS("lists.back"))
        await tab.see(SAYS("lists.down"))
        whole, first = folder / "whole.csv", folder / "first.csv"
        await asyncio.to_thread(whole.write_text, _filled(rows), "utf-8-sig")
        read = await _seconds(tab.upload(_FIELD, whole), tab, SAYS("lists.ready", count=questions))
        sent = list(dict.fromkeys(row["Referentienummer"] for row in rows))[:BULK]
        some = _filled([row for row in rows if row["Referentienummer"] in sent])
        await asyncio.to_thread(first.write_text, some, "utf-8-sig")
        await tab.press(SAYS("lists.again"))
        await tab.see(SAYS("lists.down"))
        await tab.upload(_FIELD, first)
        await tab.see(SAYS("lists.ready", count=len(sent)))
        bulk = await _seconds(tab.press(SAYS("lists.send", count=len(sent))), tab, SAYS("lists.sent", all=len(sent)))
    return {
        "rows": len(rows),
        "written_seconds": written,
        "read_seconds": read,
        "sent": len(sent),
        "sent_seconds": bulk,
    }


async def _seconds(act: Any, tab: Tab, words: str) -> float:
    """From doing that to seeing those words."""
    began = time.perf_counter()
    await act
    await tab.see(words, within_seconds=600)
    return time.perf_counter() - began


def _saved(folder: Path) -> list[dict[str, str]]:
    """The rows of what the browser saved, as soon as it is there."""
    for _ in range(int(SAVING_SECONDS / LOOK_SECONDS)):
        found = list(folder.glob("*.csv"))
        if found and not list(folder.glob("*.crdownload")):
            texts = [io.StringIO(each.read_text("utf-8-sig"), newline="") for each in sorted(found)]
            return [row for text in texts for row in csv.DictReader(text, delimiter=";")]
        time.sleep(LOOK_SECONDS)
    raise NotMeasured("the browser saved no list")


def _filled(rows: list[dict[str, str]]) -> str:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), delimiter=";")
    writer.writeheader()
    writer.writerows({**row, **_FILLED} for row in rows)
    return text.getvalue()

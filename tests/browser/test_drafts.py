"""What was typed and has not gone: there again after a reload, readable nowhere but there, and gone when it went."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, Route, expect
from support.browser.desk_user import Desk, desk
from support.browser.looks import accessibility_faults, layout_faults
from support.browser.writing_desk import BALANCE, UNDER_MANDATE, writing_desk
from support.portal.portals import UNIT_A1

CANARY = "Kanarie-4711"
BALANCE_REQUEST = "Saldoverzoek (Schuldinventarisatie 2.0)"
# All that this origin keeps, with octets as the letters that they would be.
STORED = """async () => {
  const plain = (value) => {
    if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return new TextDecoder().decode(value);
    if (typeof value !== 'object' || value === null) return String(value);
    return Object.entries(value).map(([name, each]) => name + plain(each)).join();
  };
  const found = [location.href, document.title, plain({ ...localStorage }), plain({ ...sessionStorage })];
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((done) => {
      const asked = indexedDB.open(name);
      asked.onsuccess = () => done(asked.result);
    });
    for (const store of database.objectStoreNames) {
      for (const what of ['getAll', 'getAllKeys']) {
        const asked = database.transaction(store).objectStore(store)[what]();
        found.push(plain(await new Promise((done) => { asked.onsuccess = () => done(asked.result); })));
      }
    }
    database.close();
  }
  return found;
}"""


async def stored(page: Page) -> str:
    return "\n".join(await page.evaluate(STORED))


async def is_kept(page: Page) -> None:
    """Something was put away, and what was typed last, too: nothing more comes."""
    before = ""
    for _ in range(500):
        now = await stored(page)
        if now == before and "whole" in now:
            return
        before = now
    raise AssertionError("nothing was kept, or it never ends")


async def begin_answer(at: Desk) -> None:
    await at.open()
    await at.fill_answer()
    await at.page.get_by_label("Kenmerk", exact=True).fill(CANARY)
    await is_kept(at.page)


async def test_an_answer_that_was_begun_is_there_again_after_a_reload_and_readable_nowhere_PO_48_PO_58(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path) as at:
        await begin_answer(at)
        assert CANARY not in await stored(at.page)
        await at.open()
        await expect(at.page.get_by_text("U begon hier eerder aan: Opgave van het saldo.")).to_be_visible()
        for width in (1280, 320):
            await at.page.set_viewport_size({"width": width, "height": 900})
            assert await layout_faults(at.page) == []
            assert await accessibility_faults(at.page) == []
        await at.press("Opgave van het saldo")
        await expect(at.page.get_by_label("Kenmerk", exact=True)).to_have_value(CANARY)
        await at.send_answer()
        await at.is_back("Uw antwoord is verstuurd")
        assert "whole" not in await stored(at.page)


@pytest.mark.soak
async def test_a_draft_can_be_thrown_away(profile: BrowserContext, tmp_path: Path) -> None:
    async with desk(profile, tmp_path) as at:
        await begin_answer(at)
        await at.open()
        await at.press("Weggooien")
        await expect(at.page.get_by_text("U begon hier eerder aan")).to_have_count(0)
        assert "whole" not in await stored(at.page)


@pytest.mark.soak
async def test_a_draft_goes_with_the_term_of_its_message(profile: BrowserContext, tmp_path: Path) -> None:
    async with desk(profile, tmp_path) as at:
        await begin_answer(at)
        portal = at.seen.portal
        (record,) = await portal.hub.store.waiting(UNIT_A1)
        portal.clock.move(record.metadata.expires_at - portal.clock.now() + timedelta(minutes=1))
        portal.hub.hub.time.confirm()
        await at.seen.give(profile, await portal.linked(UNIT_A1))
        await at.page.clock.set_system_time(portal.clock.now())
        await at.page.goto(f"{at.seen.address}/nieuw/{UNIT_A1}")
        await at.page.get_by_label("Wat op uw herstelblad staat").fill(at.sheet)
        await at.press("Openen met herstelblad")
        await at.says("Wat wilt u sturen?")
        assert "whole" not in await stored(at.page)


@pytest.mark.soak
async def test_a_new_message_that_was_begun_is_there_again_with_its_document(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with writing_desk(profile, tmp_path, UNDER_MANDATE) as at:
        await at.begin(BALANCE_REQUEST)
        await at.choose("creditor")
        await at.fill("Saldoverzoek", {**BALANCE, "Klant/Achternaam": CANARY})
        await at.attach("Toestemmingsverklaring")
        await is_kept(at.page)
        found = await stored(at.page)
        assert CANARY not in found
        assert "%PDF" not in found
        await at.open()
        await at.press("Verder schrijven")
        await expect(at.field("Saldoverzoek", "Klant/Achternaam")).to_have_value(CANARY)
        await expect(at.page.locator(".attachments li")).to_have_count(1)
        await at.press("Controleren")
        await at.press("Versturen")
        await expect(at.page.locator("p.said")).to_contain_text("Uw bericht is verstuurd")
        assert "whole" not in await stored(at.page)
        assert len(await at.collected("creditor")) == 1


@pytest.mark.soak
async def test_a_browser_that_keeps_nothing_says_so_and_sends_all_the_same(
    profile: BrowserContext, tmp_path: Path
) -> None:
    await profile.add_init_script("indexedDB.open = () => { throw new DOMException('no storage', 'SecurityError'); };")
    async with desk(profile, tmp_path) as at:
        await at.open()
        await at.fill_answer()
        await expect(at.page.get_by_text("Deze browser bewaart niets")).to_be_visible()
        await at.send_answer()
        await at.is_back("Uw antwoord is verstuurd")


async def test_a_new_message_that_is_open_in_two_tabs_goes_once(profile: BrowserContext, tmp_path: Path) -> None:
    async with writing_desk(profile, tmp_path, UNDER_MANDATE) as at:
        await at.begin(BALANCE_REQUEST)
        await at.choose("creditor")
        await at.fill("Saldoverzoek", BALANCE)
        await at.attach("Toestemmingsverklaring")
        await is_kept(at.page)
        other = replace(at, page=await profile.new_page())
        await other.page.clock.install(time=at.seen.portal.clock.now())
        await other.open()
        await at.press("Controleren")
        await expect(at.page.get_by_role("button", name="Versturen", exact=True)).to_be_visible()
        on_its_way, may_arrive = asyncio.Event(), asyncio.Event()

        async def stalled(route: Route) -> None:
            on_its_way.set()
            await may_arrive.wait()
            await route.continue_()

        await at.page.route("**/desk/as4/**", stalled)
        await at.press("Versturen")
        await on_its_way.wait()
        for tried in ("Verder schrijven", "Weggooien"):
            await other.press(tried)
            await other.says("Dit bericht staat open in een ander tabblad")
        may_arrive.set()
        await expect(at.page.locator("p.said")).to_contain_text("Uw bericht is verstuurd")
        await other.press("Verder schrijven")
        await other.says("in een ander tabblad al verstuurd of weggegooid")
        await expect(other.page.get_by_role("button", name="Verder schrijven")).to_have_count(0)
        assert len(await at.collected("creditor")) == 1


@pytest.mark.soak
async def test_a_tab_that_was_closed_leaves_what_it_wrote_to_another_one(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with writing_desk(profile, tmp_path, UNDER_MANDATE) as at:
        await at.begin(BALANCE_REQUEST)
        await at.choose("creditor")
        await at.fill("Saldoverzoek", {**BALANCE, "Klant/Achternaam": "Eerste"})
        await is_kept(at.page)
        other = replace(at, page=await profile.new_page())
        await other.page.clock.install(time=at.seen.portal.clock.now())
        await other.open()
        await at.field("Saldoverzoek", "Klant/Achternaam").fill("Laatste")
        await is_kept(at.page)
        await at.page.close()
        await other.press("Verder schrijven")
        await expect(other.field("Saldoverzoek", "Klant/Achternaam")).to_have_value("Laatste")

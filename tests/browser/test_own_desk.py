"""A desk user's journey at the desk on his own machine, by a real browser: login, overview, message, answer."""

from __future__ import annotations

from pathlib import Path

from playwright.async_api import BrowserContext, Route, expect
from support.browser.broker_page import answer_as_broker
from support.browser.chromium import listen
from support.browser.desk_user import desk
from support.portal.own_desk import own_desk

from gateway.store.model import State


async def test_login_overview_message_and_answer_and_one_octet_changed_runs_nothing_PO_59_PO_81(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path) as at, own_desk(at.seen.address) as own:
        await profile.clear_cookies()
        page, portal = at.page, at.seen.portal
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        await answer_as_broker(page, portal)
        await page.goto(own.address)
        await page.get_by_role("button", name="Inloggen").first.click()
        await expect(page.get_by_text(own.address, exact=True)).to_be_visible()
        await page.get_by_role("button", name="Ja, verder met inloggen").click()
        await page.get_by_role("button").first.click()  # to the broker
        await page.get_by_role("link", name="terug").click()
        await page.get_by_role("link", name="Verder op uw eigen computer").click()
        await page.wait_for_url(f"{own.address}/berichten")
        asked.clear()

        async def bent(route: Route) -> None:
            answer = await route.fetch()
            await route.fulfill(response=answer, body=(await answer.body()) + b"\n")

        await page.get_by_role("link", name="Saldo").first.click()
        await expect(page.get_by_label("Wat op uw herstelblad staat")).to_be_visible()
        told = listen(bent_page := await profile.new_page())
        await bent_page.route("**/js/pages/opening.js", bent)
        await bent_page.goto(page.url)
        await expect(bent_page.get_by_label("Wat op uw herstelblad staat")).to_have_count(0)
        assert told.blocked() != []
        await bent_page.close()

        await at.unlock()
        await at.says("Herkomst bevestigd")
        await at.fill_answer()
        await at.send_answer()
        await at.is_back("Uw antwoord is verstuurd")
        assert {each.split("/")[2] for each in asked if each.startswith("http")} == {own.address.split("/")[2]}
        assert at.told.blocked() == []
        assert await at.states() == [State.RECEIPTED, State.STORED]
        assert (await at.collected())[0].origin == "verified"

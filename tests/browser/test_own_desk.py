"""A desk user's journey at the desk on his own machine, by a real browser: login, overview, message, answer."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import parse_qs, quote

from lxml import etree
from playwright.async_api import BrowserContext, Page, Route, expect
from support.browser.chromium import listen
from support.browser.desk_user import desk
from support.portal.own_desk import own_desk
from support.portal.portals import TestedPortal

from gateway.store.model import State


async def answer_as_broker(page: Page, portal: TestedPortal) -> None:
    """Let the broker's page of that browser lead back at once, logged in as Jansen."""

    async def lead_back(route: Route) -> None:
        said: Mapping[str, list[str]] = parse_qs(route.request.post_data or "")
        request = etree.fromstring(base64.b64decode(said["SAMLRequest"][0]))
        artifact = portal.broker.artifact_for(portal.browser().answer(request.attrib["ID"]))
        back = f"/eherkenning/1.13/acs?SAMLart={quote(artifact, safe='')}&RelayState={quote(said['RelayState'][0])}"
        to = f"{portal.running.portal.facts.origin}{back}"
        await route.fulfill(content_type="text/html", body=f'<a href="{to.replace("&", "&amp;")}">terug</a>')

    await page.route(f"{portal.broker.mock.login_url}**", lead_back)


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

"""What changes something is done for a page of the portal and for nobody else."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.portal.portals import ORIGIN, UNIT_A1, TestBrowser, read_document, running_portal

from gateway.portal.route import Route, Takes
from gateway.portal.routes import ROUTES

CHANGING = [each for each in ROUTES.routes if each.method != "GET" and each.takes is not Takes.ONE_CLICK]
SAID = {"code": "WRONGONE", "person": "nobody", "name": "Een Ander", "service": "user", "days": "7"}
HERE = {"Sec-Fetch-Site": "same-origin", "Origin": ORIGIN}
FORGED: dict[str, tuple[dict[str, str], bool]] = {
    "without a token": (HERE, False),
    "from another origin": ({"Origin": "https://elders.example"}, True),
    "from another site": ({"Sec-Fetch-Site": "cross-site", "Origin": ORIGIN}, True),
    "from another name of the same site": ({"Sec-Fetch-Site": "same-site"}, True),
    "from nowhere": ({}, True),
}


async def send(browser: TestBrowser, route: Route, headers: dict[str, str], token: str | None) -> Any:
    path = route.path.replace("{unit}", quote(UNIT_A1, safe="")).replace("{message}", "unknown")
    if route.takes is Takes.FORM:
        fields = SAID if token is None else {**SAID, "token": token}
        return await browser.ask("POST", path, headers=headers, data=fields)
    shown = {} if token is None else {"Knooppunt-Token": token}
    return await browser.ask(route.method, path, headers={**headers, **shown}, document=SAID)


@pytest.mark.parametrize("name", FORGED)
async def test_a_forged_request_to_any_route_is_refused_and_changes_nothing_PO_25(name: str, tmp_path: Path) -> None:
    headers, with_token = FORGED[name]
    async with running_portal(tmp_path) as portal:
        browser = await portal.administrator()
        itself = read_document((await browser.call("GET", "/desk/api/session")).text)["person"]["id"]
        token = await browser.token()
        linking = f"/organisatie/{quote(UNIT_A1, safe='')}/koppelen"
        await browser.post(linking, {"token": token, "person": itself})  # so that every route is his to ask
        before = await browser.get("/desk/api/organisation")
        for route in CHANGING:
            page = await send(browser, route, headers, token if with_token else None)
            assert page.status == 403, route
            assert page.cookies == [], route
        assert (await browser.get("/desk/api/organisation")).text == before.text


def test_one_route_alone_is_for_a_mail_program_that_has_no_token() -> None:
    of_mail = [each.path for each in ROUTES.routes if each.takes is Takes.ONE_CLICK]
    assert of_mail == ["/meldingen/afmelden/{link}/in-een-keer"], "its link is the proof"


async def test_the_token_of_another_session_is_none_PO_25(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        one, other = await portal.linked(person="Een"), await portal.linked(person="Ander")
        assert (await one.post("/naam", {"name": "Een", "token": await other.token()})).status == 403
        assert (await one.post("/naam", {"name": "Een", "token": await one.token()})).status == 303


async def test_a_call_whose_type_a_form_can_send_is_none_PO_25(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        token = await browser.token()
        shown = {**HERE, "Knooppunt-Token": token}
        assert (await browser.ask("POST", "/desk/api/name", headers=shown, data={"name": "A"})).status == 415
        typed = {**shown, "Content-Type": "text/plain"}
        assert (await browser.ask("POST", "/desk/api/name", headers=typed, data='{"name":"A"}')).status == 415
        assert (await browser.call("POST", "/desk/api/name", {"name": "A"}, token=token)).status == 200

"""Who gets what: every route of the table, asked by everybody. A route without a row here fails."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import pytest
from support.portal.portals import UNIT_A1, UNIT_A2, UNIT_B, TestBrowser, TestedPortal, running_portal

from gateway.portal import lists, login, organisation
from gateway.portal.route import Route, Takes
from gateway.portal.routes import ROUTES

VISITORS = ("anonymous", "A1", "A2", "admin A", "B")
# In the order of the visitors, asked for unit A1: what each gets. A page without a session leads to the start page
# (303), a call is told so (401); a unit that is not theirs is nowhere (404); what is Beheer's is refused (403).
# 303* is a way on within the portal, of somebody who may.
OVERVIEW = "303 200 200 200 200"
CALL_OVERVIEW = "401 200 200 200 200"
UNIT_MESSAGE = "303 404 404 404 404"  # there is no message: also for who may look
UNIT_CALL = "401 404 404 404 404"
MATRIX = {
    "GET /": "200 303* 303* 303* 303*",
    "GET /desk/api/start": "200 200 200 200 200",
    "GET /uitleg": "200 200 200 200 200",
    "GET /desk/api/explanation": "200 200 200 200 200",
    "GET /uitleg/lijsten": "200 200 200 200 200",
    "GET /desk/api/explanation/lists": "200 200 200 200 200",
    "GET /desk/lists/{module}/{version}/{file}": "200 200 200 200 200",
    "GET /eigen-computer": "400 400 400 400 400",  # without what a desk asks
    "POST /desk/api/own-machine": "403 403 403 403 403",  # without the cookie of the start page
    "GET /desk/files/{edition}/{name...}": "404 404 404 404 404",
    "GET /aansluiten": "404 404 404 404 404",  # the portal of the tests takes no such requests
    "POST /aansluiten": "403 403 403 403 403",  # without the cookie of the form
    "POST /inloggen": "403 403 403 403 403",  # without the cookie of the start page
    "GET /eherkenning/1.13/acs": "403 403 403 403 403",  # without a login that was begun
    "GET /oidc/{client}/callback": "403 403 403 403 403",
    "GET /oidc/keys": "404 404 404 404 404",  # by SAML they are in metadata
    "POST /uitloggen": "303 303* 303* 303* 303*",
    "POST /desk/api/log-out": "401 200 200 200 200",
    "POST /blijf": "303 303* 303* 303* 303*",
    "GET /desk/api/session": CALL_OVERVIEW,
    "POST /desk/api/session": CALL_OVERVIEW,
    "GET /berichten": OVERVIEW,
    "GET /desk/api/messages": CALL_OVERVIEW,
    "GET /desk/api/units/{unit}/messages": "401 200 404 404 404",
    "GET /berichten/{unit}/{message}": UNIT_MESSAGE,
    "GET /desk/api/units/{unit}/messages/{message}": UNIT_CALL,
    "POST /berichten/{unit}/{message}/verlengen": UNIT_MESSAGE,
    "POST /desk/api/units/{unit}/messages/{message}/prolong": UNIT_CALL,
    "POST /desk/api/units/{unit}/messages/{message}/lease": UNIT_CALL,
    "POST /desk/api/units/{unit}/messages/{message}/lease/take-over": UNIT_CALL,
    "POST /desk/api/units/{unit}/messages/{message}/lease/prolong": "401 410 404 404 404",
    "POST /desk/api/units/{unit}/messages/{message}/lease/release": "401 200 404 404 404",
    "GET /desk/api/units/{unit}/messages/{message}/octets": "401 410 404 404 404",
    "GET /desk/api/units/{unit}/directory": UNIT_CALL,  # the hub of the tests makes none
    "GET /desk/api/units/{unit}/endpoint": "401 200 404 200 404",
    "GET /desk/schemas/{module}/{version}": CALL_OVERVIEW,
    "GET /desk/forms/{module}/{version}/{file}": CALL_OVERVIEW,
    "GET /lijsten/{unit}": "303 200 404 404 404",
    "GET /desk/api/units/{unit}/lists": "401 200 404 404 404",
    "POST /desk/api/units/{unit}/lists/open": "401 200 404 404 404",
    "POST /desk/api/units/{unit}/lists/questions": "401 200 404 404 404",
    "POST /desk/api/units/{unit}/lists/prolong": "401 410 404 404 404",  # of a list that nobody has open
    "POST /desk/api/units/{unit}/lists/release": "401 200 404 404 404",
    "GET /nieuw/{unit}": "303 200 404 404 404",
    "GET /desk/api/units/{unit}/new": "401 200 404 404 404",
    "POST /desk/as4/units/{unit}": "401 415 404 404 404",  # what is sent is no AS4
    "GET /verstuurd": OVERVIEW,
    "GET /desk/api/sent": CALL_OVERVIEW,
    "GET /sleutel": OVERVIEW,
    "GET /desk/api/keys": CALL_OVERVIEW,
    # Who may is told that nothing of it can be read, or that there is none.
    "GET /desk/api/units/{unit}/keys": "401 200 404 200 404",
    "POST /desk/api/units/{unit}/keys/locks": "401 400 404 400 404",
    "POST /desk/api/units/{unit}/keys/locks/{lock}/count": UNIT_CALL,
    "POST /desk/api/units/{unit}/keys/locks/{lock}/remove": UNIT_CALL,
    "POST /desk/api/units/{unit}/keys/sets": "401 400 404 400 404",
    "POST /desk/api/units/{unit}/keys/copies": "401 400 404 400 404",
    "POST /desk/api/units/{unit}/keys/organisation": "401 403 404 400 404",
    "POST /desk/api/units/{unit}/keys/settings": "401 400 404 400 404",
    "GET /desk/api/units/{unit}/keys/known": "401 200 404 200 404",
    "POST /desk/api/units/{unit}/keys/known": "401 400 404 400 404",
    "POST /desk/api/units/{unit}/keys/ceremonies": "401 400 404 400 404",
    "POST /desk/api/units/{unit}/keys/ceremonies/{ceremony}": "401 400 404 400 404",
    "POST /desk/api/units/{unit}/keys/ceremonies/{ceremony}/end": UNIT_CALL,
    "GET /organisatie": "303 403 403 200 403",
    "GET /desk/api/organisation": "401 403 403 200 403",
    "GET /organisatie/instellingen": "303 403 403 200 403",
    "GET /desk/api/organisation/settings": "401 403 403 200 403",
    "GET /organisatie/aanvragen": "303 403 403 200 403",
    "GET /desk/api/organisation/requests": "401 403 403 200 403",
    "POST /organisatie/aanvragen": "303 403 403 400 403",  # without a kind
    "POST /desk/api/organisation/requests": "401 403 403 400 403",
    "POST /organisatie/aanvragen/{request}/intrekken": "303 403 403 404 403",
    "POST /desk/api/organisation/requests/{request}/withdraw": "401 403 403 404 403",
    "GET /organisatie/wijzigingen": "303 403 403 200 403",
    "GET /desk/api/organisation/changes": "401 403 403 200 403",
    "GET /organisatie/{unit}/inzage": "303 404 404 200 404",
    "GET /desk/api/units/{unit}/in-hand": "401 404 404 200 404",
    "GET /organisatie/meldingen": "303 403 403 200 403",
    "GET /desk/api/organisation/notifications": "401 403 403 200 403",
    "POST /organisatie/meldingen/toevoegen": "303 403 403 400 403",  # without a unit
    "POST /desk/api/organisation/notifications/add": "401 403 403 400 403",
    "POST /organisatie/meldingen/soorten": "303 403 403 400 403",  # without an address
    "POST /desk/api/organisation/notifications/kinds": "401 403 403 400 403",
    "POST /organisatie/meldingen/verwijderen": "303 403 403 400 403",  # without an address
    "POST /desk/api/organisation/notifications/remove": "401 403 403 400 403",
    "GET /meldingen/bevestigen/{link}": "200 200 200 200 200",  # the link says who reads its letters, not a login
    "POST /meldingen/bevestigen/{link}": "403 403 403 403 403",  # without the cookie of its page
    "GET /meldingen/afmelden/{link}": "200 200 200 200 200",
    "POST /meldingen/afmelden/{link}": "403 403 403 403 403",
    "GET /meldingen/afmelden/{link}/in-een-keer": "200 200 200 200 200",
    "POST /meldingen/afmelden/{link}/in-een-keer": "400 400 400 400 400",  # it says no List-Unsubscribe
    "POST /organisatie/{unit}/koppelen": "303 404 404 422 404",
    "POST /desk/api/units/{unit}/link": "401 404 404 422 404",
    "POST /organisatie/{unit}/ontkoppelen": "303 404 404 404 404",
    "POST /desk/api/units/{unit}/unlink": "401 404 404 404 404",
    "POST /naam": "303 303* 303* 303* 303*",
    "POST /desk/api/name": "401 200 200 200 200",
}
SAID = {"list": "none", "code": "WRONGONE", "name": "Jansen", "service": "user", "days": "7", "token": "none"}


def key(route: Route) -> str:
    return f"{route.method} {route.path}"


def test_every_route_has_its_row_and_every_row_its_route_PO_26() -> None:
    assert [key(each) for each in ROUTES.routes if key(each) not in MATRIX] == []
    assert MATRIX.keys() - {key(each) for each in ROUTES.routes} == set()


VALUES = (
    ("unit", UNIT_A1),
    ("message", "unknown"),
    ("edition", "unknown"),
    ("module", "Schuldregeling"),
    ("version", "2.0"),
    ("file", "Saldoverzoek.json"),
)


def said_to(route: Route) -> dict[str, object]:
    """What a route is told; who unlinks names somebody, and who asks for questions says which."""
    if route.handler is lists.open_questions:
        return {"references": ["unknown"]}
    if route.handler is lists.open_list:
        return {"module": "Schuldregeling", "version": "2.0", "type": "Saldoverzoek"}
    return {**SAID, "person": "nobody"} if route.handler is organisation.unlink else {**SAID}


async def visitor(portal: TestedPortal, name: str) -> TestBrowser:
    match name:
        case "anonymous":
            return portal.browser()
        case "A1":
            return await portal.linked(UNIT_A1, person="Een")
        case "A2":
            return await portal.linked(UNIT_A2, person="Twee")
        case "admin A":
            return await portal.administrator()
        case _:
            return await portal.linked(UNIT_B, person="Bee")


async def ask(browser: TestBrowser, route: Route, token: str) -> str:
    """What that visitor gets of that route, as the matrix writes it."""
    path = route.path.replace("{name...}", "style.css")
    for name, value in VALUES:
        path = path.replace(f"{{{name}}}", quote(value, safe=""))
    before = dict(browser.cookies)
    if route.takes is Takes.FORM:
        page = await browser.post(path, {**said_to(route), "token": token})
    else:
        document = said_to(route) if route.takes is Takes.JSON and route.method == "POST" else None
        page = await browser.call(route.method, path, document, token=token)
    browser.cookies = before
    onward = page.status == 303 and page.see not in ("/", "/?ended=1")
    return f"{page.status}*" if onward else str(page.status)


@pytest.mark.parametrize("name", VISITORS)
async def test_each_visitor_gets_what_the_matrix_says_PO_26(name: str, tmp_path: Path) -> None:
    async with running_portal(tmp_path, extra={"creditor": {"desk": {"lists": True}}}) as portal:
        browser = await visitor(portal, name)
        token = await browser.token() if browser.cookies else "none"
        asked = [each for each in ROUTES.routes if each.handler is not login.leave]
        found = {key(each): await ask(browser, each, token) for each in asked}
        expected = {each: row.split()[VISITORS.index(name)] for each, row in MATRIX.items()}
        for each in ("POST /uitloggen", "POST /desk/api/log-out"):
            expected.pop(each)
        assert found == expected

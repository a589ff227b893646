"""The desk on somebody's own machine: what it shows is its own, and of a portal it takes data and nothing else."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp import web
from support.portal.mail_samples import counting_address
from support.portal.own_desk import OwnDesk, code_of, own_desk, portal_that
from support.portal.portals import (
    HELPDESK,
    KVK_A,
    UNIT_A1,
    UNIT_A2,
    Page,
    TestedPortal,
    read_document,
    running_portal,
)

from gateway.client.own_desk.routes import CALLS, MOST_JSON_OCTETS, PAGES, find, leads_to_page
from gateway.client.own_desk.upstream import portal_origin
from gateway.identity.login import OrganisationNumber
from gateway.pages.headers import safe_headers
from gateway.pages.served import Served
from gateway.portal.routes import ROUTES

HOSTILE = "<script>alert(1)</script>"
VALUES = {
    "unit": "u", "message": "m", "module": "M", "version": "1", "file": "f.json", "lock": "l", "ceremony": "c",
    "request": "r",
}  # fmt: skip
# What of the portal's table the desk answers itself, or leaves to the portal.
ITS_OWN = {
    "GET /", "GET /desk/files/{edition}/{name...}", "POST /inloggen", "POST /blijf", "GET /eigen-computer",
    "GET /aansluiten", "POST /aansluiten",
    "POST /desk/api/own-machine", "GET /eherkenning/1.13/acs", "GET /oidc/{client}/callback", "GET /oidc/keys",
    "GET /meldingen/bevestigen/{link}", "POST /meldingen/bevestigen/{link}", "GET /meldingen/afmelden/{link}",
    "POST /meldingen/afmelden/{link}", "GET /meldingen/afmelden/{link}/in-een-keer",
    "POST /meldingen/afmelden/{link}/in-een-keer",
}  # fmt: skip


def at(portal: TestedPortal) -> str:
    return f"http://127.0.0.1:{portal.port}"


def key(route: Any) -> str:
    return f"{route.method} {route.path}"


def test_the_table_has_every_page_and_call_of_the_portal_with_the_same_templates_PO_81() -> None:
    here = {key(each) for each in (*PAGES, *CALLS)}
    assert here | ITS_OWN == {key(each) for each in ROUTES.routes}
    assert here & ITS_OWN == set()
    shown = {key(each): (each.page, each.twin) for each in ROUTES.routes if each.page or each.twin}
    for page in PAGES:
        template, twin = shown[key(page)]
        assert (page.template or None, page.twin) == (template, twin)


@pytest.mark.parametrize(
    "path", ["/desk", "/desk/api/units/../keys", "/desk/api/units/%2e%2e/keys", "/berichten/u/m/x"]
)
def test_a_path_that_is_not_in_the_table_is_nowhere_PO_81(path: str) -> None:
    assert find("GET", path) is None


@pytest.mark.parametrize("to", ["//a.example", "https://a.example/", "/desk/api/messages", "/x", "/?a=<b>", "/\\a"])
def test_nothing_but_a_page_of_the_desk_is_led_to_PO_81(to: str) -> None:
    assert not leads_to_page(to)
    assert leads_to_page("/berichten/0000%3A1/m%40a?done=sent")


@pytest.mark.parametrize(
    "url", ["http://portaal.example", "https://", "https://a@b.example", "https://a.example/x", "x"]
)
def test_a_portal_is_an_origin_with_TLS(url: str) -> None:
    with pytest.raises(ValueError, match="portal"):
        portal_origin(url)
    assert portal_origin("https://portaal.example/") == "https://portaal.example"


async def test_one_logs_in_at_the_portal_and_reads_pages_made_here_PO_59_PO_81(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        await portal.linked(UNIT_A1)
        async with own_desk(at(portal)) as desk:
            start = await desk.ask("GET", "/")
            assert HELPDESK in start.words
            assert (await desk.ask("GET", "/berichten")).see == "/"
            assert (await desk.log_in(portal)).see == "/berichten"
            for path in ("/berichten", "/verstuurd", "/sleutel", "/uitleg", f"/nieuw/{quote(UNIT_A1, safe='')}"):
                page = await desk.ask("GET", path)
                assert page.status == 200, path
                assert "Jansen" in page.words or "Uitloggen" in page.words
                assert {**page.headers, **safe_headers()} | page.headers == dict(page.headers)
            page = await desk.ask("GET", "/berichten")
            token = page.form("/uitloggen")["token"]
            named = await desk.ask("POST", "/naam", data={"token": token, "name": "Jan Jansen"})
            assert named.see == "/berichten"
            assert "Jan Jansen" in (await desk.ask("GET", "/berichten")).words
            assert (await desk.ask("POST", "/blijf", data={"token": token})).see == "/berichten"
            said = await desk.ask("GET", "/desk/api/session")
            assert read_document(said.text)["token"] == token
            assert (await desk.ask("POST", "/naam", data={"token": "x", "name": "Ander"})).status == 403
            assert (await desk.ask("GET", "/organisatie")).status == 403
            assert (await desk.ask("GET", f"/berichten/{quote(UNIT_A1, safe='')}/none")).status == 404
            assert (await desk.ask("POST", "/uitloggen", data={"token": token})).see == "/?out=1"
            assert (await desk.ask("GET", "/berichten")).see in ("/", "/?ended=1")


async def test_an_administrator_arranges_all_of_the_organisation_on_a_machine_of_his_own_PO_59(tmp_path: Path) -> None:
    """Each page of the own organisation, each of its forms, and each way on that stands there."""
    unit, number = quote(UNIT_A1, safe=""), OrganisationNumber(kind="KVK", value=KVK_A)
    async with running_portal(tmp_path) as portal, own_desk(at(portal)) as desk:
        colleague = await portal.linked(UNIT_A2, person="De Boer")
        person = read_document((await colleague.call("GET", "/desk/api/session")).text)["person"]["id"]
        made = await counting_address(portal.store, organisation=number, unit=UNIT_A1)
        assert (await desk.log_in(portal, "administrator", person="Smit")).status == 303
        token = (await desk.ask("GET", "/organisatie")).form("/uitloggen")["token"]

        async def post(path: str, **said: str) -> Page:
            return await desk.ask("POST", path, data={"token": token, **said})

        asks = "/organisatie/aanvragen"
        wish = {"kind": "extension", "unit": UNIT_A1}
        assert (await post("/naam", name="S. Smit")).see == "/organisatie"
        assert (await post(f"/organisatie/{unit}/koppelen", code="WRONGONE")).status == 422
        assert (await post(f"/organisatie/{unit}/koppelen", person=person)).see == "/organisatie"
        assert (await post(f"/organisatie/{unit}/ontkoppelen", person=person)).see == "/organisatie"
        assert (await post(asks, **wish, days="15")).status == 422
        assert (await post(asks, **wish, days="14", told_to=made.id)).see == asks
        (request,) = await portal.store.requests(organisation=number)
        seen = {}
        for path in ("", "/instellingen", "/aanvragen", "/wijzigingen", f"/{unit}/inzage", "/meldingen"):
            page = await desk.ask("GET", f"/organisatie{path}")
            assert page.status == 200, path
            seen |= {("POST", each.action): path for each in page.document.forms}
            seen |= {("GET", each.partition("?")[0]): path for each in page.document.xpath("//a/@href")}
        here = {way for way in seen if way[1].startswith("/") and way not in {("GET", "/"), ("POST", "/blijf")}}
        assert {way: seen[way] for way in here if find(*way) is None} == {}, "a way that leads nowhere"
        assert (await post(f"{asks}/{request.id}/intrekken")).see == asks
        told = "/organisatie/meldingen"
        assert (await post(f"{told}/toevoegen", unit=UNIT_A2, address="geen adres")).status == 422
        assert (await post(f"{told}/toevoegen", unit=UNIT_A2, address="a@b.example", new="yes")).see == told
        assert (await post(f"{told}/soorten", address=made.id, expired="yes")).see == told
        assert (await post(f"{told}/verwijderen", address=made.id)).see == told
        (left,) = await portal.store.addresses(number)
        assert (left.unit, left.address) == (UNIT_A2, "a@b.example")
        portal.clock.move(timedelta(minutes=16))
        assert "Log uit en log opnieuw in" in (await post(asks, **wish, days="7")).words


async def test_a_session_of_the_portal_stays_in_the_program_and_a_code_counts_once_PO_81(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal, own_desk(at(portal)) as desk:
        back = await code_of(portal, await desk.depart())
        held = dict(desk.cookies)
        assert (await desk.come_back(back)).status == 303
        for cookie in desk.cookies.values():
            assert await portal.store.find_session(cookie) is None
        desk.cookies = held
        assert (await desk.come_back(back)).status == 403


async def test_a_login_link_of_another_is_refused_PO_81(tmp_path: Path) -> None:
    """Somebody logs in himself and sends the last link to a colleague, who would work in his name."""
    async with running_portal(tmp_path) as portal, own_desk(at(portal)) as desk:
        other = OwnDesk(desk.address, desk.session)
        back = await code_of(portal, await other.depart())
        assert (await desk.come_back(back)).status == 403  # without a login of one's own
        await desk.depart()
        assert (await desk.come_back(back)).status == 403  # with one that is another
        assert (await desk.ask("GET", "/berichten")).see == "/"


async def test_a_code_without_its_verifier_is_worth_nothing_PO_81(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal, own_desk(at(portal)) as desk:
        back = await code_of(portal, await desk.depart())
        code = back.partition("code=")[2].partition("&")[0]
        thief = portal.browser()
        token = (await thief.get("/")).form("/inloggen", service="user")["token"]
        told = await thief.call("POST", "/desk/api/own-machine", {"code": code, "verifier": "a" * 43}, token=token)
        assert told.status == 403


@pytest.mark.parametrize(
    "at_", ["http://127.0.0.1:8500", "https://portaal.example:443", "http://localhost.example:1", "http://a.localhost:1",
            "https://localhost:1@a.example:1"],
)  # fmt: skip
async def test_the_portal_sends_nobody_but_to_a_machine_of_their_own_PO_16_PO_81(at_: str, tmp_path: Path) -> None:
    said = {"service": "user", "at": at_, "challenge": "c" * 43, "state": "s" * 43}
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        page = await browser.get(f"/eigen-computer?{'&'.join(f'{a}={quote(b)}' for a, b in said.items())}")
        assert page.status == 400
        start = (await browser.get("/")).form("/inloggen", service="user")
        assert (await browser.post("/inloggen", {**start, **said})).status == 400


async def test_another_host_and_another_origin_get_nothing_PO_81(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal, own_desk(at(portal)) as desk:
        await desk.log_in(portal)
        port = desk.address.rpartition(":")[2]
        for host in (f"rebound.example:{port}", f"127.0.0.1:{port}", "localhost", f"LOCALHOST:{port}"):
            page = await desk.ask("GET", "/berichten", headers={"Host": host})
            assert (page.status, page.text) == (421, "")
        call = "/desk/api/session"
        for headers in (
            {"Origin": "https://a.example"},
            {"Sec-Fetch-Site": "cross-site"},
            {"Sec-Fetch-Site": "same-site"},
            {"Sec-Fetch-Dest": "document"},
        ):
            assert (await desk.ask("GET", call, headers=headers)).status == 403
        for headers in ({"Origin": "https://a.example"}, {"Sec-Fetch-Site": "same-site"}):
            for path, said in (("/inloggen", {"service": "user"}), ("/naam", {"name": "x"}), ("/uitloggen", {})):
                assert (await desk.ask("POST", path, headers=headers, data=said)).status == 403
        assert (await desk.ask("GET", call)).status == 200


def fixed(status: int = 200, **given: Any) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=status, **given)

    return answer


def of_json(document: object, status: int = 200) -> Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]:
    return fixed(status, body=json.dumps(document).encode(), content_type="application/json")


STRANGE = {
    "HTML": fixed(text=f"<html>{HOSTILE}</html>", content_type="text/html"),
    "script": fixed(text="alert(1)", content_type="text/javascript"),
    "SVG": fixed(text="<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg+xml"),
    "HTML with a refusal's status": fixed(403, text=HOSTILE, content_type="text/html"),
    "a status that nobody knows": of_json({"frame": {}, "view": {}}, 499),
    "a redirect": fixed(302, headers={"Location": "https://a.example/"}),
    "compressed": fixed(body=b"{}", content_type="application/json", headers={"Content-Encoding": "gzip"}),
    "more than its route has": fixed(body=b" " * (MOST_JSON_OCTETS + 1), content_type="application/json"),
}


@pytest.mark.parametrize("name", STRANGE)
async def test_nothing_but_data_is_taken_of_a_portal_in_any_route_PO_81(name: str) -> None:
    async with portal_that(STRANGE[name]) as portal, own_desk(portal) as desk:
        for route in (*PAGES, *CALLS):
            path = route.path.format_map(VALUES)
            if route.method == "GET":
                page = await desk.ask("GET", path)
            elif path.startswith("/desk/"):
                page = await desk.ask("POST", path, document={})
            else:
                page = await desk.ask("POST", path, data={"token": "t", "days": "7"})
            assert page.status == 502, (route, page.text)
            assert "alert" not in page.text
            assert "Location" not in page.headers
            assert page.headers["Content-Type"].startswith(("text/html", "application/json"))
        assert (await desk.ask("GET", "/")).status == 502


FRAME: dict[str, Any] = {
    "languages": ["nl", HOSTILE], "here": HOSTILE, "helpdesk": HOSTILE, "notice": HOSTILE, "visitor": None,
}  # fmt: skip


async def test_what_data_says_is_text_on_a_page_and_no_markup_PO_81() -> None:
    async with portal_that(of_json({"frame": FRAME, "view": {}})) as portal, own_desk(portal) as desk:
        for path in ("/", "/uitleg"):
            page = await desk.ask("GET", path)
            assert page.status == 200
            assert HOSTILE not in page.text
            assert HOSTILE in page.words
            assert page.document.xpath("//script[not(@type='importmap' or @src)]") == []


BENT = {
    "no frame": {"view": {}},
    "a frame that is none": {"frame": "x", "view": {}},
    "a list": [1],
    "a view that is none": {"frame": FRAME, "view": None},
    "a word that no catalogue has": {"frame": FRAME, "view": {"said": HOSTILE, "units": []}},
    "a way out": {"see": "https://a.example/"},
    "a way to what is no page": {"see": "/desk/api/messages"},
}


@pytest.mark.parametrize("name", BENT)
async def test_data_that_no_page_can_show_shows_no_half_of_one_PO_81(name: str) -> None:
    async with portal_that(of_json(BENT[name])) as portal, own_desk(portal) as desk:
        page = await desk.ask("GET", "/berichten")
        assert (page.status, page.see) == (502, None)
        assert desk.told


async def test_an_answer_to_a_script_is_saved_at_most_and_runs_nothing_PO_81() -> None:
    async with portal_that(of_json({"a": HOSTILE})) as portal, own_desk(portal) as desk:
        page = await desk.ask("GET", "/desk/api/session")
        assert page.headers["Content-Type"] == "application/json"
        assert page.headers["Content-Disposition"] == "attachment"
        assert page.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
        assert page.headers["X-Content-Type-Options"] == "nosniff"


async def test_what_turns_out_longer_than_its_route_has_breaks_off_PO_81(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.client.own_desk.upstream.MOST_JSON_OCTETS", 100_000)

    async def endless(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        for _ in range(100):
            await response.write(b" " * 10_000)
        await response.write_eof()
        return response

    async with portal_that(endless) as portal, own_desk(portal) as desk:
        with pytest.raises(aiohttp.ClientPayloadError):
            await desk.ask("GET", "/desk/api/session")
        assert desk.told


async def test_a_portal_that_is_silent_is_said_so(tmp_path: Path) -> None:
    async with own_desk("http://127.0.0.1:9") as desk:
        page = await desk.ask("GET", "/")
        assert page.status == 502
        assert "niet te bereiken" in page.words


async def test_the_files_and_their_hashes_are_those_of_the_package_here_and_at_the_portal_PO_59(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal, own_desk(at(portal)) as desk:
        served = Served.of(portal.running.portal.served.files)
        for browser in (desk.ask, portal.browser().ask):
            page = await browser("GET", "/")
            (import_map,) = page.document.xpath("//script[@type='importmap']/text()")
            assert import_map == served.import_map.text
        for path, each in served.files.served.items():
            found = await desk.ask("GET", served.base + path)
            assert (found.status, found.headers["Content-Type"]) == (200, each.media_type)
        assert (await desk.ask("GET", f"{served.base}templates/frame.html.j2")).status == 404

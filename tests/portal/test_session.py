"""Sessions: how they begin, go on and end, and what a browser keeps of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.portal.portals import UNIT_A1, read_document, running_portal

from gateway.portal import server
from gateway.portal.rights import Visitor
from gateway.portal.visiting import find_visitor

SESSION, LOGIN = "__Host-knooppunt", "__Host-login"


async def test_one_person_asks_no_more_than_so_much_from_whatever_address_and_others_go_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "PERSON_PER_SECOND", 0.001)
    monkeypatch.setattr(server, "PERSON_BURST", 20.0)
    async with running_portal(tmp_path) as portal:
        person, other = await portal.linked(UNIT_A1), await portal.linked(UNIT_A1, person="Pieters")
        found = [(await person.get("/berichten")).status for _ in range(25)]
        assert (found[0], found[-1]) == (200, 429)
        assert found == sorted(found)
        assert (await other.get("/berichten")).status == 200


async def test_the_id_of_a_session_is_new_at_each_login_and_the_old_one_is_dead_PO_21(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        await browser.log_in()
        old = browser.cookies[SESSION]
        await browser.post("/uitloggen", (await browser.get("/berichten")).form("/uitloggen"))
        assert SESSION not in browser.cookies
        await browser.log_in()
        assert browser.cookies[SESSION] != old
        browser.cookies[SESSION] = old
        assert (await browser.get("/berichten")).see == "/?ended=1"


async def test_a_login_in_the_same_browser_ends_the_session_before_it_PO_21_PO_87(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser, thief = portal.browser(), portal.browser()
        await browser.log_in()
        thief.cookies[SESSION] = browser.cookies[SESSION]
        request_id, handle = await _depart_again(browser)
        await browser.arrive(portal.broker.artifact_for(browser.answer(request_id, person="Smit")), handle)
        assert (await thief.get("/berichten")).see == "/?ended=1"
        assert (await browser.get("/berichten")).status == 200


async def _depart_again(browser):  # type: ignore[no-untyped-def]
    """Begin a login while a session goes on: the start page is for who has none, so its form is asked without."""
    session = browser.cookies.pop(SESSION)
    begun = await browser.depart()
    browser.cookies[SESSION] = session
    return begun


async def test_a_session_that_somebody_else_chose_is_none_PO_21(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        chosen = "a" * 43
        browser.cookies[SESSION] = chosen
        assert (await browser.get("/berichten")).see == "/?ended=1"
        browser.cookies[SESSION] = chosen
        await browser.log_in()
        assert browser.cookies[SESSION] != chosen
        assert await portal.store.find_session(chosen) is None


async def test_a_session_ends_after_half_an_hour_without_use_PO_22(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        portal.clock.move(timedelta(minutes=29))
        assert (await browser.get("/berichten")).status == 200
        portal.clock.move(timedelta(minutes=29))
        assert (await browser.get("/berichten")).status == 200
        portal.clock.move(timedelta(minutes=30))
        ended = await browser.get("/berichten")
        assert ended.see == "/?ended=1"
        assert "te lang niet bezig" in (await browser.get(ended.see)).words


async def test_a_session_ends_after_eight_hours_however_much_it_is_used_PO_22(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        for _ in range(8 * 3 - 1):
            portal.clock.move(timedelta(minutes=20))
            assert (await browser.get("/berichten")).status == 200
        portal.clock.move(timedelta(minutes=20))
        assert (await browser.get("/berichten")).see == "/?ended=1"


async def test_one_key_goes_on_and_the_page_says_until_when_one_is_logged_in_PO_22(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        portal.clock.move(timedelta(minutes=25))
        page = await browser.get("/berichten")
        portal.clock.move(timedelta(minutes=25))
        assert (await browser.post("/blijf", page.form("/blijf"))).status == 303
        portal.clock.move(timedelta(minutes=25))
        assert "bent u ingelogd tot" in (await browser.get("/berichten")).words
        before = read_document((await browser.call("GET", "/desk/api/session")).text)["idle_ends_at"]
        portal.clock.move(timedelta(minutes=1))
        token = await browser.token()
        after = read_document((await browser.call("POST", "/desk/api/session", {}, token=token)).text)
        assert datetime.fromisoformat(after["idle_ends_at"]) - datetime.fromisoformat(before) >= timedelta(minutes=1)


async def test_after_logging_out_nothing_is_left_of_the_session_PO_23(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        secret = browser.cookies[SESSION]
        page = await browser.get("/berichten")
        out = await browser.post("/uitloggen", page.form("/uitloggen"))
        assert out.see == "/?out=1"
        assert out.headers["Clear-Site-Data"] == '"cache"'
        assert "no-store" in page.headers["Cache-Control"]
        assert SESSION not in browser.cookies
        assert await portal.store.find_session(secret) is None
        assert (await browser.get("/uitloggen")).status == 405
        assert "U bent uitgelogd" in (await browser.get("/?out=1")).words


async def test_every_cookie_is_out_of_reach_and_before_a_login_there_is_only_its_own_PO_24(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        start = await browser.get("/")
        assert [each.partition("=")[0] for each in start.cookies] == [LOGIN]
        assert (await browser.get("/")).cookies == []
        arrived = await browser.log_in()
        for each in (*start.cookies, *arrived.cookies):
            flags = {flag.strip() for flag in each.split(";")[1:]}
            assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= flags, each
            assert not any(flag.startswith("Domain") for flag in flags)
        assert browser.cookies.keys() == {SESSION}


async def test_who_is_unlinked_while_logged_in_is_refused_at_the_next_request_PO_28(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked(UNIT_A1)
        assert (await browser.call("GET", f"/desk/api/units/{UNIT_A1}/messages")).status == 200
        administrator = await portal.administrator()
        page = await administrator.get("/organisatie")
        fields = page.form(f"/organisatie/{UNIT_A1}/ontkoppelen")
        assert (await administrator.post(f"/organisatie/{UNIT_A1}/ontkoppelen", fields)).see == "/organisatie"
        assert (await browser.call("GET", f"/desk/api/units/{UNIT_A1}/messages")).status == 401
        await browser.log_in()
        assert (await browser.call("GET", f"/desk/api/units/{UNIT_A1}/messages")).status == 404


@pytest.mark.parametrize("path", ["/berichten", "/verstuurd", "/sleutel", "/desk/api/session"])
async def test_a_unit_that_left_the_files_while_it_is_asked_for_is_not_there_and_no_defect(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """The rights were judged by the files of before, and the page is made by those of now."""

    async def before(*of: Any, **how: Any) -> Visitor | None:
        found = await find_visitor(*of, **how)
        return None if found is None else replace(found, linked=found.linked | {"gone"})

    async with running_portal(tmp_path) as portal:
        browser = await portal.linked(UNIT_A1)
        monkeypatch.setattr(server, "find_visitor", before)
        page = await browser.get(path)
        assert page.status == 200
        assert "gone" not in page.text

"""Logging in over real sockets: the way to the broker and back, the session, and who gets none."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from support.portal.portals import (
    KVK_A,
    KVK_B,
    KVK_NOBODY,
    KVK_SYSTEM,
    UNIT_A1,
    UNIT_A2,
    TestedPortal,
    read_document,
    running_portal,
)

SESSION, LOGIN = "__Host-knooppunt", "__Host-login"


def numbers_told(portal: TestedPortal) -> list[object]:
    """The details that the log has of refusals, in order."""
    return [each["detail"] for each in portal.log.of("portal_refused")]


async def test_an_employee_of_a_known_organisation_gets_a_session_with_his_units_PO_01(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked(UNIT_A1)
        session = read_document((await browser.call("GET", "/desk/api/session")).text)
        assert session["kind"] == "user"
        assert session["organisation"]["id"] == f"KVK:{KVK_A}"
        assert [each["id"] for each in session["units"]] == [UNIT_A1]
        assert session["administers"] == []
        page = await browser.get("/berichten")
        assert "Incassobureau Proef B.V." in page.words


async def test_nothing_of_the_assertion_stands_in_the_log_PO_01(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        request_id, handle = await browser.depart()
        answer = browser.answer(request_id)
        artifact = portal.broker.artifact_for(answer)
        await browser.arrive(artifact, handle)
        await browser.arrive(artifact, handle)  # a refusal, too
        said = str(portal.log.lines)
        pseudonym = answer.acting[1]
        assert portal.log.of("portal_logged_in")
        assert portal.log.of("portal_refused")
        for secret in (pseudonym, KVK_A, artifact, handle, answer.assertion_id, browser.cookies[SESSION]):
            assert str(secret) not in said


async def test_only_the_service_for_administrators_gives_their_pages_whatever_is_opened_PO_02(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        user = await portal.linked(UNIT_A1)
        for path in ("/organisatie", "/desk/api/organisation", "/organisatie?kind=administrator"):
            assert (await user.get(path)).status == 403
        administrator = await portal.administrator()
        page = await administrator.get("/organisatie")
        assert page.status == 200
        assert UNIT_A2 in page.words


async def test_the_role_is_that_of_the_service_that_was_asked_for_and_answered_PO_02(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        request_id, handle = await browser.depart("user")
        answer = browser.answer(request_id, "administrator")
        page = await browser.arrive(portal.broker.artifact_for(answer), handle)
        assert page.status == 403
        assert SESSION not in browser.cookies


async def test_a_return_without_the_cookie_of_a_login_asks_the_broker_nothing_PO_10_PO_83(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        one, other = portal.browser(), portal.browser()
        request_id, handle = await one.depart()
        artifact = portal.broker.artifact_for(one.answer(request_id))
        assert (await other.arrive(artifact, handle)).status == 403  # no cookie
        await other.depart()
        assert (await other.arrive(artifact, handle)).status == 403  # that of another browser
        assert (await one.arrive(artifact, "unknown")).status == 403
        assert (await one.get(f"/eherkenning/1.13/acs?SAMLart={artifact}")).status == 403
        assert portal.broker.asked == []
        assert (await one.arrive(artifact, handle)).status == 303, "nobody else has used it up"


async def test_a_login_counts_once_and_an_assertion_too_PO_10(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        request_id, handle = await browser.depart()
        answer = browser.answer(request_id)
        artifact = portal.broker.artifact_for(answer)
        cookie = dict(browser.cookies)
        assert (await browser.arrive(artifact, handle)).status == 303
        browser.cookies = cookie
        assert (await browser.arrive(artifact, handle)).status == 403
        assert len(portal.broker.asked) == 1
        again, handle = await browser.depart()
        replayed = browser.answer(again, number=KVK_A)
        one = portal.broker.artifact_for(replayed)
        await portal.store.note_assertion(
            replayed.issuer, replayed.assertion_id, forget_at=portal.clock.now() + timedelta(minutes=5)
        )
        assert (await browser.arrive(one, handle)).status == 403
        assert numbers_told(portal)[-1] == "replay: an assertion that was seen before"


async def test_no_login_begins_with_a_broker_whose_metadata_is_over(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        portal.clock.move(timedelta(days=31))
        start = await browser.get("/")
        page = await browser.post("/inloggen", start.form("/inloggen", service="user"))
        assert page.status == 503
        assert "eHerkenningsmakelaar" in page.words
        assert portal.log.of("portal_defect") == []


async def test_a_login_that_took_more_than_ten_minutes_is_over_PO_10(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        request_id, handle = await browser.depart()
        portal.clock.move(timedelta(minutes=10, seconds=1))
        page = await browser.arrive(portal.broker.artifact_for(browser.answer(request_id)), handle)
        assert page.status == 403
        assert "duurde langer dan tien minuten" in page.words
        assert portal.broker.asked == []


async def test_who_cancels_at_the_broker_comes_back_to_a_calm_page_and_can_try_again_PO_14(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        page = await browser.log_in(status=("Responder", "AuthnFailed"))
        assert (page.status, page.see) == (303, "/?cancelled=1")
        calm = await browser.get("/?cancelled=1")
        assert calm.status == 200
        assert "Het inloggen is afgebroken" in calm.words
        assert portal.log.of("portal_refused") == []
        assert portal.log.of("portal_login_cancelled")
        assert (await browser.log_in()).see == "/berichten"


@pytest.mark.parametrize("content_type", ["text/xml", "application/soap+xml"])
async def test_an_artifact_is_resolved_under_the_type_of_the_settings_PO_15(content_type: str, tmp_path: Path) -> None:
    async with running_portal(tmp_path, content_type=content_type) as portal:
        assert (await portal.browser().log_in()).status == 303
        ((said, action),) = portal.broker.asked
        assert said.partition(";")[0] == content_type
        assert action == '"http://www.oasis-open.org/committees/security"'


BROKEN: dict[str, tuple[Callable[[bytes], web.Response], int]] = {
    "500": (lambda _octets: web.Response(status=500), 502),
    "a redirect": (lambda _octets: web.Response(status=302, headers={"Location": "/elsewhere"}), 502),
    "a megabyte": (lambda octets: web.Response(body=octets + b" " * 1024 * 1024), 502),
    "a DTD": (lambda octets: web.Response(body=octets.replace(b"<soap:", b"<!DOCTYPE a []><soap:", 1)), 403),
    "no XML": (lambda _octets: web.Response(body=b"sorry"), 403),
    "nothing": (lambda _octets: web.Response(body=b""), 403),
}


@pytest.mark.parametrize("name", BROKEN)
async def test_a_broker_that_answers_nothing_usable_gives_no_session_and_no_defect_PO_15(
    name: str, tmp_path: Path
) -> None:
    how, status = BROKEN[name]
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        portal.broker.how = how
        page = await browser.log_in()
        assert page.status == status
        assert SESSION not in browser.cookies
        assert portal.log.of("portal_defect") == []
        assert portal.log.of("portal_refused")[0]["number"] in page.words


async def test_a_broker_that_stays_silent_is_not_waited_for_PO_15(tmp_path: Path) -> None:
    async with running_portal(tmp_path, seconds=0.2) as portal:
        portal.broker.release = asyncio.Event()
        page = await portal.browser().log_in()
        portal.broker.release.set()
        assert page.status == 502
        assert "Uw eHerkenningsmakelaar gaf geen bruikbaar antwoord" in page.words


async def test_nothing_that_a_request_says_leads_off_the_site_PO_16(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        request_id, handle = await browser.depart()
        artifact = portal.broker.artifact_for(browser.answer(request_id))
        elsewhere = "https://elders.example/"
        assert (await browser.arrive(artifact, elsewhere)).status == 403
        for path in (f"/?lang={elsewhere}", "//elders.example/", f"/berichten?after={elsewhere}&unit={elsewhere}"):
            assert "elders.example" not in ((await browser.get(path)).see or "")
        arrived = await browser.arrive(artifact, handle)
        assert arrived.see == "/berichten"


@pytest.mark.parametrize(
    ("number", "said"),
    [(KVK_NOBODY, "is hier niet bekend"), (KVK_SYSTEM, "werkt met een eigen systeem")],
    ids=["unknown", "with a system"],
)
async def test_an_organisation_without_a_desk_is_told_what_to_do_PO_20(number: str, said: str, tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        page = await browser.log_in(number=number)
        assert page.status == 403
        assert said in page.words
        assert "helpdesk" in page.words
        assert SESSION not in browser.cookies
        assert number not in str(portal.log.lines)


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        ({"level": "loa2"}, "niveau 3 of hoger"),
        ({"intermediary": KVK_B}, "vertegenwoordiger"),
        ({"branch": "000099999999"}, "vestiging"),
    ],
    ids=["too low", "an intermediary", "an unknown branch"],
)
async def test_a_login_that_is_not_let_in_says_so_and_leaves_no_session_PO_03_PO_83(
    chosen: dict[str, Any], said: str, tmp_path: Path
) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        page = await browser.log_in(**chosen)
        assert page.status == 403
        assert said in page.words
        assert SESSION not in browser.cookies


async def test_a_mandate_for_one_branch_reaches_that_unit_alone_PO_27(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        await portal.linked(UNIT_A1)
        whole = await portal.linked(UNIT_A2)
        assert len(read_document((await whole.call("GET", "/desk/api/session")).text)["units"]) == 2
        branch = portal.browser()
        await branch.log_in(branch="000012345678")
        session = read_document((await branch.call("GET", "/desk/api/session")).text)
        assert [each["id"] for each in session["units"]] == [UNIT_A2]
        administrator = portal.browser()
        await administrator.log_in("administrator", branch="000012345678")
        session = read_document((await administrator.call("GET", "/desk/api/session")).text)
        assert [each["id"] for each in session["administers"]] == [UNIT_A2]

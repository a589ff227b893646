"""Linking an employee by the code on his screen, and what wrong codes come to."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from support.portal.portals import KVK_B, UNIT_A1, UNIT_A2, read_document, running_portal

PAIR = f"/organisatie/{UNIT_A1}/koppelen"


async def test_an_administrator_links_whoever_reads_out_the_code_PO_20(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        employee = portal.browser()
        await employee.log_in()
        (code,) = (await employee.get("/berichten")).document.xpath("//strong[@class='code']/text()")
        administrator = await portal.administrator()
        fields = {"token": await administrator.token(), "code": f" {code[:4].lower()}-{code[4:]} "}
        assert (await administrator.post(PAIR, fields)).see == "/organisatie"
        session = read_document((await employee.call("GET", "/desk/api/session")).text)
        assert [each["id"] for each in session["units"]] == [UNIT_A1]
        assert (await employee.get("/berichten")).document.xpath("//strong[@class='code']") == []
        (linked,) = portal.log.of("portal_linked")
        assert linked["person"] == session["person"]["id"]


async def test_a_wrong_code_is_said_at_its_field_and_tries_are_limited_PO_20(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        token = await administrator.token()
        first = await administrator.post(PAIR, {"token": token, "code": "ABCDEFGH"})
        assert first.status == 422
        (field,) = first.document.xpath("//input[@aria-invalid='true']")
        described = field.get("aria-describedby").split()
        said = [first.document.get_element_by_id(each).text_content() for each in described]
        assert any("is niet van iemand van uw organisatie" in each for each in said)
        (summary,) = first.document.xpath("//section[@class='faults']//a/@href")
        assert summary == f"#{field.get('id')}"
        for _ in range(9):
            await administrator.post(PAIR, {"token": token, "code": "ABCDEFGH"})
        employee = portal.browser()
        await employee.log_in()
        (code,) = (await employee.get("/berichten")).document.xpath("//strong[@class='code']/text()")
        assert (await administrator.post(PAIR, {"token": token, "code": code})).status == 429, "not even a right one"
        for _ in range(3):
            portal.clock.move(timedelta(minutes=21))
            await administrator.get("/organisatie")
            await employee.get("/berichten")
        assert (await administrator.post(PAIR, {"token": token, "code": code})).status == 403, "that login is old"
        administrator = await portal.administrator()
        token = await administrator.token()
        assert (await administrator.post(PAIR, {"token": token, "code": code})).status == 303


async def test_a_code_of_another_organisation_and_a_unit_of_another_link_nobody_PO_20_PO_27(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        stranger = portal.browser()
        await stranger.log_in(number=KVK_B)
        (code,) = (await stranger.get("/berichten")).document.xpath("//strong[@class='code']/text()")
        administrator = await portal.administrator()
        token = await administrator.token()
        assert (await administrator.post(PAIR, {"token": token, "code": code})).status == 422
        of_b = await portal.administrator(number=KVK_B)
        token = await of_b.token()
        foreign = await of_b.post(PAIR, {"token": token, "code": code})
        nowhere = await of_b.post("/organisatie/00000099000000008888/koppelen", {"token": token, "code": code})
        assert foreign.status == nowhere.status == 404
        assert foreign.document.xpath("string(//main/p[1])") == nowhere.document.xpath("string(//main/p[1])")


async def test_a_link_begins_and_ends_shortly_after_a_login_only(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked(UNIT_A1)
        person = read_document((await browser.call("GET", "/desk/api/session")).text)["person"]["id"]
        administrator = await portal.administrator()
        fields = {"token": await administrator.token(), "person": person}
        unlink = f"/organisatie/{quote(UNIT_A1, safe='')}/ontkoppelen"
        elsewhere = f"/organisatie/{quote(UNIT_A2, safe='')}/koppelen"
        portal.clock.move(timedelta(minutes=15, seconds=1))
        for path in (elsewhere, unlink):
            page = await administrator.post(path, fields)
            assert page.status == 403
            assert "Log uit en log opnieuw in" in page.words
        session = read_document((await browser.call("GET", "/desk/api/session")).text)
        assert [each["id"] for each in session["units"]] == [UNIT_A1]
        administrator = await portal.administrator()
        fields["token"] = await administrator.token()
        for path in (elsewhere, unlink):
            assert (await administrator.post(path, fields)).status == 303


async def test_an_administrator_links_himself_with_one_button(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        page = await administrator.get("/organisatie")
        action = f"/organisatie/{quote(UNIT_A2, safe='')}/koppelen"
        (form,) = page.document.xpath("//form[@action=$action][input[@name='person']]", action=action)
        assert (await administrator.post(action, dict(form.fields))).see == "/organisatie"
        session = read_document((await administrator.call("GET", "/desk/api/session")).text)
        assert [each["id"] for each in session["units"]] == [UNIT_A2]
        nobody = {"token": await administrator.token(), "person": "00000000-0000-4000-8000-000000000000"}
        assert (await administrator.post(action, nobody)).status == 404

"""Pages as a visitor without JavaScript reads them, and what every answer of the portal has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.portal.portals import HELPDESK, UNIT_A1, UNIT_A2, UNIT_B, Page, read_document, running_portal

from gateway.pages.headers import safe_headers
from gateway.portal.routes import ROUTES

ALWAYS = {name: value for name, value in safe_headers().items() if name not in ("Content-Security-Policy", "Pragma")}
PAGES = ("/berichten", "/verstuurd", "/sleutel", "/uitleg")


def assert_safe(page: Page) -> None:
    """The answer has every header that a page of ours has."""
    assert {name: page.headers.get(name) for name in ALWAYS} == ALWAYS
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "require-trusted-types-for 'script'" in policy
    assert "Server" not in page.headers


async def test_every_answer_has_the_headers_refusals_too_PO_30(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        stranger = portal.browser()
        token = await browser.token()
        answers = [
            await stranger.get("/"),
            await stranger.get("/berichten"),  # leads to the start page
            await stranger.call("GET", "/desk/api/session"),  # 401
            await stranger.post("/uitloggen", {}),
            *[await browser.get(each) for each in PAGES],
            await browser.get("/organisatie"),  # 403
            await browser.get("/nowhere"),
            await browser.get(f"/berichten/{UNIT_B}/x"),
            await browser.ask("PUT", "/berichten"),
            await browser.get("/berichten?a=1&a=2"),
            await browser.post("/naam", {"name": "x" * 20_000, "token": token}),  # 413
            await browser.call("POST", "/desk/api/name", [], token=token),
            await browser.call("GET", "/desk/api/messages"),
            await browser.ask("HEAD", "/berichten"),
        ]
        assert {each.status for each in answers} >= {200, 303, 400, 401, 403, 404, 405, 413}
        for each in answers:
            assert_safe(each)


async def test_a_defect_tells_a_number_that_the_log_has_and_nothing_else_PO_30(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()

        async def broken(*_given: object, **_named: object) -> None:
            raise RuntimeError("a value that nobody may read")

        monkeypatch.setattr(portal.hub.store, "waiting", broken)
        page = await browser.get("/berichten")
        assert page.status == 500
        assert_safe(page)
        (defect,) = portal.log.of("portal_defect")
        assert defect["number"] in page.words
        assert HELPDESK in page.words
        assert "RuntimeError" not in page.text
        assert "a value that nobody may read" not in page.text + str(portal.log.lines)


async def test_a_page_has_no_script_or_style_of_its_own_and_names_each_file_by_its_hash_PO_30(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        for path in PAGES:
            document = (await browser.get(path)).document
            for script in document.iter("script"):
                assert script.get("type") == "importmap" or (script.get("src") and script.get("integrity"))
            assert document.xpath("//style | //@style | //*[starts-with(name(@*), 'on')]") == []
            (sheet,) = document.xpath("//link[@rel='stylesheet']")
            served = await browser.get(sheet.get("href"))
            assert served.status == 200
            assert "immutable" in served.headers["Cache-Control"]
            assert served.headers["Content-Type"] == "text/css; charset=utf-8"
            assert served.headers["X-Content-Type-Options"] == "nosniff"


async def test_files_of_the_desk_are_served_by_whole_name_and_edition_alone(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        base = portal.running.portal.served.base
        assert (await browser.get(f"{base}style.css")).status == 200
        for name in ("templates/frame.html.j2", "../routes.py", "..%2Froutes.py", "texts", "", "style.css/"):
            assert (await browser.get(f"{base}{name}")).status == 404, name
        assert (await browser.get("/desk/files/0/style.css")).status == 404


async def test_a_file_of_the_desk_comes_as_gzip_to_whoever_takes_it(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        served = portal.running.portal.served
        browser = portal.browser()
        path = "vendor/libxml2-wasm/libxml2raw.mjs"
        whole = await browser.ask("GET", served.address(path), headers={"Accept-Encoding": "identity"})
        small = await browser.ask("GET", served.address(path), headers={"Accept-Encoding": "gzip, br"})
        assert "Content-Encoding" not in whole.headers
        assert small.headers["Content-Encoding"] == "gzip"
        assert {whole.headers["Vary"], small.headers["Vary"]} == {"Accept-Encoding"}
        assert int(small.headers["Content-Length"]) < int(whole.headers["Content-Length"]) / 2
        assert small.text == whole.text == served.files.files[path].octets.decode()


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_of_metadata_works_without_javascript_PO_70(path: str, tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        page = await browser.get(path)
        assert page.status == 200
        (main,) = page.document.xpath("//main")
        assert len(main.xpath(".//h1")) == 1
        assert page.document.xpath("//html/@lang") == ["nl"]
        assert page.document.xpath("//a[@href='#main']")
        links = page.document.xpath("//nav//a/@href")
        assert {"/berichten", "/verstuurd", "/sleutel", "/uitleg"} <= set(links)
        assert HELPDESK in page.words


async def test_a_page_about_content_says_why_it_needs_javascript_PO_70(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        said = (await browser.get("/sleutel")).document.xpath("string(//noscript)")
        assert "in uw browser en nergens anders" in said


async def test_a_language_is_chosen_once_and_stays(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        assert "Berichten" in (await browser.get("/berichten")).words
        chosen = await browser.get("/berichten?lang=en")
        assert "Messages" in chosen.words
        assert browser.cookies["__Host-taal"] == "en"
        assert (await browser.get("/berichten")).document.xpath("//html/@lang") == ["en"]
        assert (await browser.get("/berichten?lang=xx")).document.xpath("//html/@lang") == ["en"]


async def test_a_notice_of_the_operator_stands_above_every_page(tmp_path: Path) -> None:
    async with running_portal(tmp_path, notice="Zaterdag onderhoud & <rust>") as portal:
        browser = await portal.linked()
        for path in (*PAGES, "/nowhere"):
            assert "Zaterdag onderhoud & <rust>" in (await browser.get(path)).words


async def test_what_a_page_shows_is_what_its_twin_says(tmp_path: Path) -> None:
    compared = set()
    async with running_portal(tmp_path) as portal:
        browser = await portal.administrator()
        for route in ROUTES.routes:
            if route.twin is None or route.method != "GET" or "{" in route.path or route.path == "/":
                continue
            view = read_document((await browser.get(route.twin)).text)
            words = (await browser.get(route.path)).words
            for unit in view.get("units", ()):
                assert (unit["name"] if isinstance(unit, dict) else unit[1]) in words  # or a choice of a form
                compared.add(route.path)
    assert {"/organisatie", "/sleutel"} <= compared


async def test_a_name_is_shown_as_text_whatever_stands_in_it_PO_31(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = await portal.linked()
        token = await browser.token()
        hostile = "<script>alert(1)</script> javascript:'\""
        assert (await browser.post("/naam", {"name": hostile, "token": token})).status == 303
        administrator = await portal.administrator()
        page = await administrator.get("/organisatie")
        assert hostile in page.words
        assert "<script>alert" not in page.text
        for name in ("a\u202eb", "a\u0000b", "a\u2066b", "x" * 61, "   "):
            assert (await browser.post("/naam", {"name": name, "token": token})).status == 400, name


async def test_two_units_are_two_lists_PO_29(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        await portal.linked(UNIT_A1)
        browser = await portal.linked(UNIT_A2)
        page = await browser.get("/berichten")
        headings = [re.sub(r"\s+", " ", each.text_content()) for each in page.document.xpath("//main//h2")]
        assert headings == ["Incassobureau Proef B.V.", "Incassobureau Proef, afdeling Twee"]
        one = read_document((await browser.call("GET", f"/desk/api/messages?unit={UNIT_A2}")).text)
        assert [each["unit"] for each in one["units"]] == [UNIT_A2]


async def test_a_unit_without_keys_says_that_nobody_can_send_it_anything_and_leads_to_making_them(
    tmp_path: Path,
) -> None:
    """Of the units of one organisation, the first has none."""
    extra = {"creditor": {"certificates": {"signing": [], "encryption": []}}}
    async with running_portal(tmp_path, extra=extra) as portal:
        for unit, is_told in ((UNIT_A1, True), (UNIT_A2, False)):
            messages = await (await portal.linked(unit, person=unit)).get("/berichten")
            assert ("nog geen sleutel die in gebruik is" in messages.words) is is_told
            assert bool(messages.document.xpath("//main//a[@href='/sleutel']")) is is_told
            assert ('href="/nieuw/' in messages.text) is not is_told
        organisation = await (await portal.administrator()).get("/organisatie")
        assert organisation.words.count("nog geen sleutel die in gebruik is") == 1
        assert "Koppel eerst uzelf" in organisation.words

"""Aansluiten: a form for anybody, which becomes a request that somebody has to look at."""

from __future__ import annotations

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import ip_address
from pathlib import Path

import pytest
from support.portal.portals import KVK_A, KVK_NOBODY, Page, TestBrowser, TestedPortal, running_portal

from crypto.pki import certificates_pem, private_key_pem, self_issued
from gateway.edge.admission import Admission
from gateway.limits import EdgeLimits
from gateway.portal.joining_budget import OF_ADDRESS, OF_ALL, JoiningBudget
from gateway.store.portal.model import RequestKind
from gateway.store.portal.terms import JOININGS_OF_NUMBER
from gateway.store.portal.wishes import JoiningWish, read_wish

PAGE = "/aansluiten"
FORM = {
    "name": "Energie Proef", "kvk": "1234.56 78", "establishments": "", "role": "schuldeiser", "module-0": "yes",
    "environment": "test", "access": "desk", "signing": "", "encryption": "", "contact": "A. Bos",
    "email": "a.bos@proef.example", "telephone": "(010)\u00a0123.45.67", "connection_agreed": "5-1-2026",
    "processing_agreed": "",
}  # fmt: skip


@asynccontextmanager
async def joinable(tmp_path: Path) -> AsyncIterator[TestedPortal]:
    async with running_portal(tmp_path, joining=True) as portal:
        yield portal


async def send(browser: TestBrowser, **changed: str) -> Page:
    """The form as it was shown, filled in."""
    shown = (await browser.get(PAGE)).form(PAGE)
    return await browser.post(PAGE, {**FORM, **changed, "token": shown["token"]})


async def asked(portal: TestedPortal) -> list[JoiningWish]:
    found = []
    for each in await portal.store.requests():
        assert each.kind is RequestKind.JOINING
        wish = read_wish(each.kind, each.about)
        assert isinstance(wish, JoiningWish)
        found.append(wish)
    return found


async def test_a_form_of_anybody_becomes_a_request_and_says_so(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        browser = portal.browser()
        assert "Uw organisatie aansluiten" in (await browser.get("/")).words
        done = await send(browser)
        assert done.see == f"{PAGE}?done=1"
        assert "Uw aanvraag is ontvangen" in (await browser.get(done.see)).words
        (wish,) = await asked(portal)
        assert (wish.name, wish.kvk, wish.establishments, wish.access) == ("Energie Proef", "12345678", (), "desk")
        assert (wish.contact, wish.email, str(wish.connection_agreed)) == ("A. Bos", FORM["email"], "2026-01-05")
        assert wish.telephone == "(010) 123.45.67"
        assert (len(wish.modules), wish.processing_agreed, wish.signing) == (1, None, None)
        (logged,) = portal.log.of("portal_joining")
        assert logged.keys() == {"request", "address"}


async def test_without_the_setting_there_is_no_such_page(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        browser = portal.browser()
        assert (await browser.get(PAGE)).status == 404
        assert PAGE not in (await browser.get("/")).text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""), ("name", "a\u202eb"), ("name", "a" * 61), ("kvk", "1234567"), ("kvk", "12345678 x"),
        ("establishments", "00001234567"), ("establishments", "000012345678\nx"), ("role", "knooppunt"),
        ("environment", "elsewhere"), ("access", "fax"), ("contact", "\x1b[2J"), ("email", "a@b"),
        ("email", "=?utf-8?q?x?=@example.org"),
        ("email", "a@b.example\nBcc: c@d.example"), ("telephone", "call me"), ("connection_agreed", "2099-01-01"),
        ("processing_agreed", "yesterday"), ("processing_agreed", "1-13-2026"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_said_at_its_field_and_the_rest_stays(
    field: str, value: str, tmp_path: Path
) -> None:
    async with joinable(tmp_path) as portal:
        page = await send(portal.browser(), **{field: value})
        assert page.status == 422
        (wrong,) = page.document.xpath("//*[@aria-invalid='true']")
        assert wrong.get("id") == f"joining-{field}"
        (summary,) = page.document.xpath("//section[@class='faults']//a/@href")
        assert summary == f"#joining-{field}"
        other = "kvk" if field == "name" else "name"
        assert page.document.get_element_by_id(f"joining-{other}").get("value") == FORM[other]
        assert page.document.get_element_by_id("joining-module-0").get("checked") is not None
        assert await asked(portal) == []


async def test_a_module_has_to_be_ticked(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        browser = portal.browser()
        shown = (await browser.get(PAGE)).form(PAGE)
        fields = {name: value for name, value in FORM.items() if name != "module-0"}
        page = await browser.post(PAGE, {**fields, "token": shown["token"]})
        assert (page.status, "ten minste één module" in page.words) == (422, True)


async def test_establishments_are_units_of_a_desk_and_a_system_has_one(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        browser, two = portal.browser(), "0000.1234.5678, 0000 8765-4321\n000012345678"
        assert (await send(browser, establishments=two)).status == 303
        (wish,) = await asked(portal)
        assert wish.establishments == ("000012345678", "000087654321")
        page = await send(browser, establishments=two, access="system")
        assert (page.status, "één vestigingsnummer" in page.words) == (422, True)


async def test_a_system_brings_its_certificates_and_never_a_key(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        browser = portal.browser()
        made = self_issued(
            common_name="x", party_id="1", at=portal.clock.now(), days=300, usage="signing", key_bits=3072
        )
        pem, secret = certificates_pem(made.certificate).decode(), private_key_pem(made.private_key).decode()
        page = await send(browser, access="system", signing=pem, encryption="")
        assert page.document.xpath("//*[@aria-invalid='true']/@id") == ["joining-encryption"]
        page = await send(browser, access="system", signing=secret + pem, encryption=pem)
        assert (page.status, "privésleutel" in page.words, "BEGIN PRIVATE" in page.text) == (422, True, False)
        assert (await send(browser, access="system", signing=pem, encryption=pem)).status == 303
        (wish,) = await asked(portal)
        assert (wish.signing, wish.signing == wish.encryption) == (wish.encryption, True)


async def test_the_answer_is_the_same_whether_somebody_takes_part_already_or_asked_before(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        browser = portal.browser()
        answers = {(await send(browser, kvk=each)).see for each in (KVK_A, KVK_NOBODY, KVK_NOBODY)}
        assert answers == {f"{PAGE}?done=1"}
        assert len(await asked(portal)) == 2


async def test_no_form_of_another_site_or_browser_is_taken_PO_25(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        browser, other = portal.browser(), portal.browser()
        shown, foreign = (await browser.get(PAGE)).form(PAGE), (await other.get(PAGE)).form(PAGE)
        said = {**FORM, "token": foreign["token"]}
        assert (await browser.post(PAGE, said)).status == 403
        said = {**FORM, "token": shown["token"]}
        assert (await browser.post(PAGE, said, **{"Sec-Fetch-Site": "cross-site"})).status == 403
        assert (await browser.post(PAGE, {**said, "name": "a" * 20_000})).status == 413
        assert await asked(portal) == []
        assert (await browser.post(PAGE, said)).status == 303


async def test_of_one_number_few_wait_and_of_one_address_few_come_in_a_day(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        browser = portal.browser()
        for number in range(JOININGS_OF_NUMBER):
            assert (await send(browser, name=f"Proef {number}")).status == 303
        page = await send(browser)
        assert (page.status, "te veel aanvragen" in page.words) == (429, True)
        pages = [await send(browser, kvk=f"{number:08d}") for number in range(OF_ADDRESS - JOININGS_OF_NUMBER + 1)]
        assert [each.status for each in pages] == [303, 303, 429]
        assert "Deze is niet bewaard. Probeer het morgen opnieuw" in pages[-1].words, "and not in a minute"
        assert pages[-1].headers["Retry-After"] == "86400"


async def test_as_few_come_of_one_address_where_they_come_at_once(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        browsers = [portal.browser() for _ in range(2 * OF_ADDRESS)]
        forms = [(await each.get(PAGE)).form(PAGE) for each in browsers]
        said = [{**FORM, "kvk": f"{number:08d}", "token": form["token"]} for number, form in enumerate(forms)]
        pages = await asyncio.gather(*(each.post(PAGE, form) for each, form in zip(browsers, said, strict=True)))
        assert Counter(each.status for each in pages) == {303: OF_ADDRESS, 429: OF_ADDRESS}
        assert len(await asked(portal)) == OF_ADDRESS


def test_a_handful_of_addresses_closes_the_page_for_nobody_else() -> None:
    """Each of their networks sends all that it may; the rest of the day's forms is for those who sent none."""
    budget, admission = JoiningBudget(), Admission(EdgeLimits(), lambda: 0.0)

    def sends(address: str, most: int = 100) -> int:
        keys = admission.keys_of(admission.leaf_of(ip_address(address)))
        taken = 0
        while taken < most and budget.has(keys, 0.0):
            budget.charge(keys, 0.0)
            taken += 1
        return taken

    assert sum(sends(f"{20 + number}.0.0.1") for number in range(16)) == OF_ALL / 2
    assert [sends(f"{60 + number}.0.0.1") for number in range(20)] == [1] * 20
    assert sends("20.0.0.1") == 0, "it had its share"
    assert [sends(f"2001:db8:{number}::1", 1) for number in range(20)] == [1] * 20


def test_an_address_sends_five_forms_at_once_and_nine_in_a_day() -> None:
    budget, admission, taken = JoiningBudget(), Admission(EdgeLimits(), lambda: 0.0), []
    keys = admission.keys_of(admission.leaf_of(ip_address("20.0.0.1")))
    for now in range(0, 86_400, 600):
        if budget.has(keys, float(now)):
            budget.charge(keys, float(now))
            taken.append(now)
    assert (taken[:5], len(taken)) == ([0, 600, 1200, 1800, 2400], 9)


def test_many_addresses_in_eleven_networks_use_up_the_forms_of_all_strangers() -> None:
    """What the how-to admits: nothing tells such strangers from others."""
    budget, admission, of_network = JoiningBudget(), Admission(EdgeLimits(), lambda: 0.0), [0] * 20
    for network, host in itertools.product(range(20), range(50)):
        keys = admission.keys_of(admission.leaf_of(ip_address(f"{20 + network}.0.{host}.1")))
        if budget.has(keys, 0.0):
            budget.charge(keys, 0.0)
            of_network[network] += 1
    assert (sum(of_network), sum(map(bool, of_network))) == (156, 11)


async def test_what_is_no_form_or_has_a_fault_shuts_the_page_for_nobody(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        browser = portal.browser()
        shown = (await browser.get(PAGE)).form(PAGE)
        for _ in range(21):
            assert (await browser.post(PAGE, {})).status == 403
            assert (await browser.post(PAGE, {"token": shown["token"]})).status == 422
        assert (await send(browser)).status == 303


async def test_whoever_logs_in_for_an_organisation_that_is_unknown_is_led_there(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        page = await portal.browser().log_in("administrator", number=KVK_NOBODY)
        assert (page.status, page.document.xpath("//main//a/@href")[0]) == (403, PAGE)


async def test_what_a_stranger_wrote_down_is_seen_by_nobody_of_that_organisation_PO_27(tmp_path: Path) -> None:
    async with joinable(tmp_path) as portal:
        await send(portal.browser(), kvk=KVK_A)
        administrator = await portal.administrator()
        for path in ("/organisatie/aanvragen", "/organisatie/wijzigingen", "/organisatie"):
            assert "A. Bos" not in (await administrator.get(path)).text
        assert "Uw organisatie heeft nog niets gevraagd" in (await administrator.get("/organisatie/aanvragen")).words

"""What an administrator asks of the operator on the page of requests, and how that stands."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from support.keys.pki import PARTIES
from support.portal.mail_samples import all_letters, counting_address
from support.portal.portals import (
    KVK_A,
    KVK_B,
    UNIT_A1,
    UNIT_A2,
    UNIT_B,
    Page,
    TestBrowser,
    read_document,
    running_portal,
)

from crypto.pki import certificates_pem, private_key_pem, self_issued
from gateway.identity.login import OrganisationNumber
from gateway.store.portal.model import OPERATOR, RequestState

PAGE = "/organisatie/aanvragen"
SYSTEM = PARTIES["counsellor"][0]


async def ask(browser: TestBrowser, kind: str, **fields: str) -> Page:
    said = {"token": await browser.token(), "kind": kind, "unit": UNIT_A1, **fields}
    return await browser.post(PAGE, said)


async def rows(browser: TestBrowser) -> list[dict[str, Any]]:
    page = await browser.call("GET", "/desk/api/organisation/requests")
    found: list[dict[str, Any]] = read_document(page.text)["requests"]
    return found


@pytest.mark.parametrize(
    ("kind", "fields", "told"),
    [
        ("extension", {"days": "14"}, "Termijn: 14 dagen erbij mogelijk"),
        ("module", {"module": "Schuldregeling 2.0", "begins": "2099-01-01", "environment": "test"}, None),
        ("unit", {"name": "Afdeling Drie", "establishment": "0000.1234 0003"}, "vestiging 000012340003"),
        ("lists", {"lists": "on"}, "Lijsten gebruiken"),
        ("leaving", {"last_day": "", "sure": "yes"}, None),
    ],
)
async def test_what_is_asked_stands_in_the_list_with_its_state(
    kind: str, fields: dict[str, str], told: str | None, tmp_path: Path
) -> None:
    async with running_portal(tmp_path) as portal:
        day = (portal.clock.now() + timedelta(days=30)).date().isoformat()
        said = {name: day if name in ("begins", "last_day") else value for name, value in fields.items()}
        administrator = await portal.administrator()
        assert (await ask(administrator, kind, **said)).see == PAGE
        (row,) = await rows(administrator)
        assert (row["state"], row["may_withdraw"], row["reason"]) == ("submitted", True, None)
        page = await administrator.get(PAGE)
        assert row["what"] in page.words
        assert "Ingediend" in page.words
        assert told is None or told in row["what"]
        (logged,) = portal.log.of("portal_requested")
        assert (logged["asks"], logged["party"]) == (kind, UNIT_A1)


@pytest.mark.parametrize(
    ("kind", "fields", "field"),
    [
        ("extension", {"days": "15"}, "days"),
        ("extension", {}, "days"),
        ("module", {"module": "Nergens 1.0", "begins": "2026-12-01", "environment": "test"}, "module"),
        ("module", {"module": "Schuldregeling 2.0", "begins": "2001-01-01", "environment": "test"}, "begins"),
        ("module", {"module": "Schuldregeling 2.0", "begins": "20261201", "environment": "test"}, "begins"),
        ("unit", {"name": "a\u202eb", "establishment": "000012340003"}, "name"),
        ("unit", {"name": "a", "establishment": "12340003"}, "establishment"),
        ("lists", {"lists": "maybe"}, "lists"),
        ("leaving", {"last_day": "9999-99-99", "sure": "yes"}, "last_day"),
    ],
)
async def test_what_does_not_fit_is_said_at_its_field_and_nothing_is_asked(
    kind: str, fields: dict[str, str], field: str, tmp_path: Path
) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        page = await ask(administrator, kind, **fields)
        assert page.status == 422
        (wrong,) = page.document.xpath("//*[@aria-invalid='true']")
        assert wrong.get("id") == f"{kind}-{field}"
        described = wrong.get("aria-describedby").split()[-1]
        assert page.document.get_element_by_id(described).text_content().strip()
        (summary,) = page.document.xpath("//section[@class='faults']//a/@href")
        assert summary == f"#{kind}-{field}"
        assert await rows(administrator) == []


async def test_a_module_that_the_unit_has_with_other_days_is_said_at_its_field_and_not_asked(tmp_path: Path) -> None:
    modules = {"Schuldregeling": [{"version": "2.0", "from": "2020-01-01", "until": "2099-12-31"}]}
    async with running_portal(tmp_path, extra={"creditor": {"modules": modules}}) as portal:
        administrator = await portal.administrator()
        day = (portal.clock.now() + timedelta(days=30)).date().isoformat()
        said = {"module": "Schuldregeling 2.0", "begins": day}
        page = await ask(administrator, "module", environment="test", **said)
        assert (page.status, "bel de helpdesk" in page.words) == (422, True)
        assert (await ask(administrator, "module", environment="production", **said)).see == PAGE, "another hub's file"


async def test_what_becomes_of_a_request_is_mailed_where_whoever_asked_chose_and_to_no_address_of_others_PO_26(
    tmp_path: Path,
) -> None:
    a, b = OrganisationNumber(kind="KVK", value=KVK_A), OrganisationNumber(kind="KVK", value=KVK_B)
    async with running_portal(tmp_path) as portal:
        administrator, store = await portal.administrator(), portal.store
        assert "Geef dan eerst een mailadres op" in (await administrator.get(PAGE)).words
        own = await counting_address(store, "ik@organisatie.example", unit=UNIT_A2, organisation=a, kinds=())
        await counting_address(store, "een@organisatie.example", unit=UNIT_A1, organisation=a, kinds=())
        foreign = await counting_address(store, "b@elders.example", unit=UNIT_B, organisation=b, kinds=())
        await all_letters(store)
        page = await ask(administrator, "extension", days="7", told_to=foreign.id)
        assert (page.status, page.document.xpath("//*[@aria-invalid]/@id")) == (422, ["extension-told_to"])
        assert (await ask(administrator, "extension", days="7", told_to=own.id)).see == PAGE
        assert (await ask(administrator, "extension", days="7", told_to="")).status == 409, "it is the same"

        async def told() -> set[str]:
            return {each.address for each in await all_letters(store)}

        assert await told() == {"ik@organisatie.example", "een@organisatie.example"}
        (row,) = await rows(administrator)
        await store.decide_request(row["id"], RequestState.REFUSED, by=OPERATOR, reason="nee")
        assert await told() == {"ik@organisatie.example", "een@organisatie.example"}
        await ask(administrator, "extension", days="14", told_to="")
        assert await told() == {"een@organisatie.example"}


async def test_what_was_typed_stays_beside_a_fault(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        page = await ask(await portal.administrator(), "unit", unit=UNIT_A2, name="Drie <b>", establishment="1")
        assert page.document.get_element_by_id("unit-name").get("value") == "Drie <b>"
        (chosen,) = page.document.xpath("//select[@id='unit-unit']/option[@selected]/@value")
        assert chosen == UNIT_A2


async def test_whoever_asked_takes_it_back_while_it_waits_and_nobody_else_does(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        await ask(administrator, "extension", days="7")
        (row,) = await rows(administrator)
        path = f"{PAGE}/{row['id']}/intrekken"
        for other in (await portal.administrator(person="Ander"), await portal.administrator(number=KVK_B)):
            assert (await other.post(path, {"token": await other.token()})).status == 404
        fields = {"token": await administrator.token()}
        assert await portal.store.begin_approval(row["id"])
        assert (await administrator.post(path, fields)).status == 409, "the operator is about to decide"
        await portal.store.end_approval(row["id"])
        assert (await administrator.post(path, fields)).see == PAGE
        (row,) = await rows(administrator)
        assert (row["state"], row["may_withdraw"]) == ("withdrawn", False)
        assert (await administrator.post(path, fields)).status == 404


async def test_a_refusal_is_read_with_its_reason_and_the_same_may_be_asked_again(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        await ask(administrator, "extension", days="7")
        again = await ask(administrator, "extension", days="7")
        assert (again.status, "al gevraagd" in again.words) == (409, True)
        (row,) = await rows(administrator)
        reason = "eerst de <overeenkomst>"
        assert await portal.store.decide_request(row["id"], RequestState.REFUSED, by=OPERATOR, reason=reason)
        page = await administrator.get(PAGE)
        assert "Afgewezen" in page.words
        assert reason in page.words
        assert (await ask(administrator, "extension", days="7")).status == 303


async def test_nobody_asks_for_a_unit_that_is_not_of_his_organisation_PO_27(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        for unit in (UNIT_B, SYSTEM, "00000099000000009999"):
            assert (await ask(administrator, "extension", unit=unit, days="7")).status == 404
        assert await portal.store.requests() == ()
        await ask(await portal.administrator(number=KVK_B), "extension", unit=UNIT_B, days="7")
        assert await rows(administrator) == [], "of the other organisation"


async def test_a_mandate_for_one_branch_asks_for_its_unit_alone_PO_27(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        await ask(await portal.administrator(), "extension", days="7")
        browser = portal.browser()
        await browser.log_in("administrator", person="Tak", branch="000012345678")
        assert (await ask(browser, "extension", unit=UNIT_A1, days="14")).status == 404
        assert (await ask(browser, "extension", unit=UNIT_A2, days="14")).status == 303
        (row,) = await rows(browser)
        assert "afdeling Twee" in row["unit"]


async def test_nothing_is_asked_long_after_a_login(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        portal.clock.move(timedelta(minutes=15, seconds=1))
        page = await ask(administrator, "extension", days="7")
        assert page.status == 403
        assert "Log uit en log opnieuw in" in page.words


async def test_a_unit_with_a_system_gets_its_next_certificate_and_a_private_key_is_not_kept(tmp_path: Path) -> None:
    async with running_portal(tmp_path, extra={"counsellor": {"kvk": KVK_A}}) as portal:
        made = self_issued(
            common_name="x", party_id=SYSTEM, at=portal.clock.now(), days=300, usage="signing", key_bits=3072
        )
        administrator = await portal.administrator()
        fields = {"unit": SYSTEM, "use": "signing"}
        pem, key = certificates_pem(made.certificate).decode(), private_key_pem(made.private_key).decode()
        for wrong, said in ((pem + key, "privésleutel"), ("x", "niet de tekst"), (pem + pem, "niet de tekst")):
            page = await ask(administrator, "certificate", certificate=wrong, **fields)
            assert (page.status, said in page.words) == (422, True)
            assert "PRIVATE KEY" not in page.text
        assert await rows(administrator) == []
        assert (await ask(administrator, "certificate", certificate=pem, **fields)).see == PAGE
        (row,) = await rows(administrator)
        assert "Nieuw certificaat om te ondertekenen" in row["what"]
        assert (await ask(administrator, "certificate", certificate=pem, **{**fields, "unit": UNIT_A1})).status == 404

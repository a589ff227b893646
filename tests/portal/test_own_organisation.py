"""Mijn organisatie: what an administrator reads of the organisation, its keys and what was changed."""

from __future__ import annotations

import hashlib
from pathlib import Path
from urllib.parse import quote

import pytest
from support.browser.unit_keys import give_keys
from support.keys.pki import PARTIES
from support.portal.mail_samples import asked, counting_address
from support.portal.portal_samples import copy, key_set, lock
from support.portal.portals import KVK_A, KVK_B, UNIT_A1, UNIT_A2, UNIT_B, running_portal

from gateway.identity.login import OrganisationNumber
from gateway.portal.changes import LINES
from gateway.store.portal.mail import MailFault
from gateway.store.portal.model import OPERATOR, DocumentKind, KeptDocument, RequestKind
from gateway.store.portal.wishes import UnitWish, write_wish

ORGANISATION = OrganisationNumber(kind="KVK", value=KVK_A)
SYSTEM = PARTIES["counsellor"][0]
CHANGES = "/organisatie/wijzigingen"


async def test_one_administrator_is_asked_for_a_second_login(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        first = await portal.administrator(person="Een")
        await portal.administrator(person="Bee", number=KVK_B)
        await portal.linked(UNIT_A1)
        assert "een tweede beheerder" in (await first.get("/organisatie")).words
        await portal.administrator(person="Een")
        assert "een tweede beheerder" in (await first.get("/organisatie")).words, "that was the same person"
        await portal.administrator(person="Twee")
        assert "nog geen twee personen met een slot van een beheerder" in (await first.get("/organisatie")).words


async def test_a_second_lock_of_an_administrator_is_asked_for_until_there_is_one_PO_52(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        people = [await portal.linked(UNIT_A1, person=name) for name in ("Een", "Twee")]
        first, _ = [await portal.administrator(person=name) for name in ("Een", "Twee")]
        missing = "nog geen twee personen met een slot van een beheerder"
        await give_keys(portal, UNIT_A1, "creditor", people[0])
        page = await first.get("/organisatie")
        assert missing in page.words
        assert "(slot van een beheerder)" in page.words
        assert "(slot van een beheerder)" in (await people[0].get("/sleutel")).words


@pytest.mark.parametrize("administer", [True, False])
async def test_the_locks_of_two_are_enough_where_they_are_those_of_an_administrator_PO_52(
    tmp_path: Path, administer: bool
) -> None:
    async with running_portal(tmp_path) as portal:
        people = [await portal.linked(UNIT_A1, person=name) for name in ("Een", "Twee")]
        first, _ = [await portal.administrator(person=name) for name in ("Een", "Twee")]
        await give_keys(portal, UNIT_A1, "creditor", *people, administer=administer)
        assert ("een tweede beheerder" not in (await first.get("/organisatie")).words) is administer


async def test_a_first_and_a_second_address_are_asked_for_before_an_account_is_signed_PO_66(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        first = await portal.administrator()
        titles = [f"Nog te doen: een {each} voor meldingen" for each in ("mailadres", "tweede mailadres")]

        async def asked_for() -> tuple[list[bool], list[bool]]:
            page, signing = await first.get("/organisatie"), await first.get("/organisatie/instellingen")
            warnings = ("geen mailadres krijgt bericht van", "één mailadres krijgt bericht van")
            return [each in page.words for each in titles], [each in signing.words for each in warnings]

        assert await asked_for() == ([True, False], [True, False])
        await counting_address(portal.store, "a@b.example", unit=UNIT_A1, organisation=ORGANISATION)
        assert await asked_for() == ([True, False], [False, True]), "of changes of the other unit nobody hears"
        await counting_address(portal.store, "a@b.example", unit="", organisation=ORGANISATION)
        assert await asked_for() == ([False, True], [False, True]), "it is the same address"
        await asked(portal.store, "c@b.example", unit="", organisation=ORGANISATION)
        assert await asked_for() == ([False, True], [False, True]), "nobody confirmed it"
        await counting_address(portal.store, "d@b.example", unit="", organisation=ORGANISATION)
        assert await asked_for() == ([False, False], [False, False])
        await asked(portal.store, "e@b.example", unit="", organisation=ORGANISATION)
        while letter := await portal.store.take_letter():
            refused = letter.address == "d@b.example"
            await portal.store.letter_failed(letter, "550", MailFault.GONE if refused else MailFault.LETTER)
        assert await asked_for() == ([False, True], [False, True]), "a server refused one of them"


async def test_a_hub_that_sends_no_mail_asks_for_no_address(tmp_path: Path) -> None:
    async with running_portal(tmp_path, sends_mail=False) as portal:
        assert "voor meldingen" not in (await (await portal.administrator()).get("/organisatie")).words


async def test_keys_and_locks_stand_there_with_dates_and_who_said_yes_and_without_any_key(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        await administrator.post("/naam", {"name": "Ann Aalders", "token": await administrator.token()})
        (ann,) = await portal.store.persons(ORGANISATION)
        bob_browser = await portal.linked(UNIT_A1, person="Bob")
        await bob_browser.post("/naam", {"name": "Bob Bos", "token": await bob_browser.token()})
        bob = next(each for each in await portal.store.persons(ORGANISATION) if each.id != ann.id)
        locks = [lock(each, UNIT_A1, organisation=ORGANISATION) for each in (ann, bob)]
        for each in locks:
            await portal.store.add_lock(each)
            await portal.store.count_lock(each.id, unit=UNIT_A1, person=each.person)
        made = key_set(ann, UNIT_A1, organisation=ORGANISATION)
        await portal.store.propose_key_set(made, [copy(made, each, b"wrapped") for each in locks])
        await portal.store.activate_key_set(made.id, by=OPERATOR)
        page = await administrator.get("/organisatie")
        assert "In gebruik: gemaakt" in page.words
        assert "goedgekeurd door het knooppunt" in page.words
        assert "passkey: Bob Bos" in page.words
        assert "binnengelaten door Ann Aalders" in page.words
        assert "wrapped" not in page.text
        assert "sealed" not in page.text


async def test_what_was_changed_is_read_page_by_page_and_of_one_organisation_PO_27(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        (person,) = await portal.store.persons(ORGANISATION)
        other = OrganisationNumber(kind="KVK", value=KVK_B)
        about = write_wish(UnitWish(name="Geheim <b>", establishment="000012345678"))
        for organisation, unit in ((other, UNIT_B), (ORGANISATION, UNIT_A1)):
            await portal.store.submit_request(
                RequestKind.UNIT, about, organisation=organisation, unit=unit, by=person.id
            )
        before = b""
        for counter in range(1, LINES + 1):
            octets = str(counter).encode()
            kept = KeptDocument(
                kind=DocumentKind.SETTINGS, organisation=ORGANISATION, counter=counter,
                previous_sha256=before, octets=octets, signature=b"s", kept_by=person.id,
            )  # fmt: skip
            assert await portal.store.keep_document(kept)
            before = hashlib.sha256(octets).digest()
        first = await administrator.get(CHANGES)
        assert len(first.document.xpath("//tbody/tr")) == LINES
        assert f"instellingen, versie {LINES}" in first.words
        (older,) = first.document.xpath("//p[@class='older']/a/@href")
        last = await administrator.get(older)
        (row,) = last.document.xpath("//tbody/tr")
        assert "Aanvraag gedaan: Nieuwe afdeling Geheim <b>" in " ".join(row.text_content().split())
        assert (await administrator.get(f"{CHANGES}?before=x")).status == 400


async def test_whoever_administers_one_branch_reads_of_that_unit_and_of_the_organisation(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        whole = await portal.administrator()
        (person,) = await portal.store.persons(ORGANISATION)
        for unit in (UNIT_A1, UNIT_A2):
            await portal.store.link(person.id, organisation=ORGANISATION, unit=unit, by=person.id)
        browser = portal.browser()
        assert (await browser.log_in("administrator", person="Tak", branch="000012345678")).status == 303
        assert len((await whole.get(CHANGES)).document.xpath("//tbody/tr")) == 2
        rows = (await browser.get(CHANGES)).document.xpath("//tbody/tr")
        assert ["afdeling Twee" in each.text_content() for each in rows] == [True]
        assert (await browser.get(f"/organisatie/{quote(UNIT_A1, safe='')}/inzage")).status == 404
        assert (await browser.get(f"/organisatie/{quote(UNIT_A2, safe='')}/inzage")).status == 200


async def test_of_systems_elsewhere_and_of_units_that_left_a_mandate_for_one_branch_reads_nothing_PO_26(
    tmp_path: Path,
) -> None:
    system = {"counsellor": {"kvk": KVK_A, "establishment": "000087654321"}}
    async with running_portal(tmp_path, extra=system) as portal:
        whole, branch = await portal.administrator(), portal.browser()
        assert (await branch.log_in("administrator", person="Tak", branch="000012345678")).status == 303
        for unit in (UNIT_A2, SYSTEM, "00000003999999990000"):
            wish = UnitWish(name="Nieuw", establishment="000011112222")
            assert await portal.store.submit_request(
                RequestKind.UNIT, write_wish(wish), organisation=ORGANISATION, unit=unit, by="somebody"
            )
        assert len((await whole.get(CHANGES)).document.xpath("//tbody/tr")) == 3
        (row,) = (await branch.get(CHANGES)).document.xpath("//tbody/tr")
        assert "afdeling Twee" in row.text_content()

"""Meldingen per e-mail: an administrator gives addresses, their readers say yes or unsubscribe (PO-67, PO-82)."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest
from support.identity.logins import KVK_NUMBER
from support.portal.mail_samples import arrives, counting_address
from support.portal.portals import (
    KVK_B,
    UNIT_A1,
    UNIT_A2,
    UNIT_B,
    TestBrowser,
    TestedPortal,
    read_document,
    running_portal,
)

from gateway.identity.login import OrganisationNumber
from gateway.store.portal.mail import Letter, MailFault, MailKind
from gateway.store.portal.terms import ADDRESSES_OF_A_DAY

A = OrganisationNumber(kind="KVK", value=KVK_NUMBER)
PAGE = "/organisatie/meldingen"
DESK = "loket@organisatie.example"


async def added(browser: TestBrowser, address: str = DESK, unit: str = UNIT_A1, **kinds: str) -> str:
    """Give an address; where that leads, or what the page says."""
    page = await browser.post(
        f"{PAGE}/toevoegen", {"token": await browser.token(), "unit": unit, "address": address, **kinds}
    )
    return page.see or page.words


async def sent(portal: TestedPortal) -> Letter:
    """The letter that is due, as a server takes it."""
    letter = await portal.store.take_letter()
    assert letter is not None
    await portal.store.letter_sent(letter)
    return letter


async def test_an_address_counts_after_its_link_was_opened_and_a_form_was_sent_PO_67(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        assert await added(administrator, new="yes", expired="yes") == PAGE
        letter = await sent(portal)
        assert "Wacht op bevestiging" in (await administrator.get(PAGE)).words
        reader, link = portal.browser(), f"/meldingen/bevestigen/{letter.token}"
        page = await reader.ask("GET", link, headers={"Sec-Fetch-Site": "cross-site"})
        assert (page.status, DESK in page.words) == (200, True)
        assert [each.counts_since for each in await portal.store.addresses(A)] == [None]
        done = await reader.post(link, page.form(link))
        assert (done.status, done.see) == (303, link)
        assert "is bevestigd" in (await reader.get(link)).words
        (address,) = await portal.store.addresses(A)
        assert (address.kinds, address.unit) == (frozenset({MailKind.NEW, MailKind.EXPIRED}), UNIT_A1)
        assert address.counts_since == portal.clock.now()
        assert "In gebruik" in (await administrator.get(PAGE)).words
        assert [line["by"] for line in portal.log.of("portal_address_added")] == [address.made_by]
        assert letter.token not in str(portal.log.lines)


async def test_a_link_that_opens_nothing_says_what_to_do_and_is_like_one_that_is_over(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        reader = portal.browser()
        administrator = await portal.administrator()
        await added(administrator)
        letter = await sent(portal)
        elsewhere = await reader.get(f"/meldingen/afmelden/{letter.token}")
        assert ("niet meer geldig" in elsewhere.words, DESK in elsewhere.words) == (True, False)
        portal.clock.move(timedelta(days=7))
        pages = [
            await reader.get(path)
            for path in (
                f"/meldingen/bevestigen/{letter.token}",
                "/meldingen/bevestigen/nothing",
                f"/meldingen/afmelden/{letter.token}",
            )
        ]
        assert {each.status for each in pages} == {200}
        assert all("niet meer geldig" in each.words and DESK not in each.words for each in pages)


async def test_a_page_of_a_letter_is_left_open_for_a_day_whatever_becomes_of_a_login(tmp_path: Path) -> None:
    """A browser forgets what its Max-Age says; what a login leaves there and takes away is another cookie."""
    async with running_portal(tmp_path) as portal:
        await added(await portal.administrator())
        link = f"/meldingen/bevestigen/{(await sent(portal)).token}"
        reader = portal.browser()
        for _ in range(2):
            page = await reader.get(link)
            (cookie,) = page.cookies
            assert re.search(r"^__Host-brief=.*; Max-Age=86400$", cookie)
        reader.cookies.pop("__Host-login", None)
        portal.clock.move(timedelta(hours=23))
        assert (await reader.post(link, page.form(link))).status == 303


@pytest.mark.parametrize("what", ["no cookie", "another site", "another token"])
async def test_a_link_changes_nothing_for_another_site(tmp_path: Path, what: str) -> None:
    async with running_portal(tmp_path) as portal:
        await added(await portal.administrator())
        link = f"/meldingen/bevestigen/{(await sent(portal)).token}"
        reader = portal.browser()
        form = (await reader.get(link)).form(link)
        if what == "no cookie":
            reader.cookies.clear()
        if what == "another token":
            form["token"] = "0" * 64
        site = "cross-site" if what == "another site" else "same-origin"
        assert (await reader.post(link, form, **{"Sec-Fetch-Site": site})).status == 403
        assert [each.counts_since for each in await portal.store.addresses(A)] == [None]


async def test_a_reader_unsubscribes_from_a_kind_by_a_form_without_logging_in(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        await counting_address(portal.store, organisation=A, unit=UNIT_A1)
        await arrives(portal.store, portal.clock.now(), unit=UNIT_A1, organisation=A)
        letter = await sent(portal)
        reader, link = portal.browser(), f"/meldingen/afmelden/{letter.token}"
        page = await reader.get(link)
        assert [each.kinds for each in await portal.store.addresses(A)] == [
            frozenset(MailKind(x) for x in ("new", "reminder", "expired"))
        ]
        assert (await reader.post(link, page.form(link, kind="reminder"))).see == link
        again = await reader.get(link)
        assert "krijgt dit adres niet" in again.words
        assert [each.kinds for each in await portal.store.addresses(A)] == [frozenset({MailKind.NEW, MailKind.EXPIRED})]
        administrator = await portal.administrator()
        form = (await administrator.get(PAGE)).form(f"{PAGE}/soorten")
        assert "reminder" not in form, "an administrator cannot tick what the reader ended"
        await administrator.post(f"{PAGE}/soorten", {**form, "reminder": "yes"})  # as an older form does
        assert MailKind.REMINDER not in (await portal.store.addresses(A))[0].kinds
        assert (await reader.post(link, again.form(link, again="yes"))).see == link
        assert MailKind.REMINDER in (await portal.store.addresses(A))[0].kinds
        assert len(portal.log.of("portal_address_begun_again")) == 1
        wrong = await reader.post(link, {**page.form(link, kind="new"), "kind": "keys"})
        assert wrong.status == 404


@pytest.mark.parametrize("form", ["urlencoded", "multipart"])
async def test_one_click_in_a_mail_program_unsubscribes_without_cookie_token_or_question(
    form: str, tmp_path: Path
) -> None:
    """RFC 8058 3: the header's link, opened, asks; a server posts to it from elsewhere, and is not led on."""
    async with running_portal(tmp_path) as portal:
        await counting_address(portal.store, organisation=A, unit=UNIT_A1)
        await arrives(portal.store, portal.clock.now(), unit=UNIT_A1, organisation=A)
        link = f"/meldingen/afmelden/{(await sent(portal)).token}/in-een-keer"
        said = {"List-Unsubscribe": "One-Click"}
        data = said if form == "urlencoded" else aiohttp.FormData(said, default_to_multipart=True)
        assert DESK in (await portal.browser().get(link)).words
        assert (await portal.browser().ask("POST", link, data={"List-Unsubscribe": "Later"})).status == 400
        assert (await portal.browser().ask("POST", link, document=said)).status == 400
        assert len((await portal.store.addresses(A))[0].kinds) == 3
        done = await portal.browser().ask("POST", link, headers={"Origin": "https://mail.example"}, data=data)
        assert (done.status, "krijgt dit adres niet" in done.words) == (200, True)
        assert [each.kinds for each in await portal.store.addresses(A)] == [frozenset()]
        over = await portal.browser().ask("POST", "/meldingen/afmelden/nothing/in-een-keer", data=said)
        assert (over.status, "niet meer geldig" in over.words) == (404, True)


async def test_an_administrator_changes_of_what_an_address_is_told_and_no_other_organisations_PO_26(
    tmp_path: Path,
) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        other = await portal.administrator(person="Ander", number=KVK_B)
        made = await counting_address(portal.store, organisation=A, unit=UNIT_A1)
        page = await administrator.get(PAGE)
        form = page.form(f"{PAGE}/soorten")
        assert form.keys() == {"token", "address", "new", "reminder", "expired"}
        said = {"token": await other.token(), "address": made.id, "new": "yes"}
        assert (await other.post(f"{PAGE}/soorten", said)).status == 404
        del form["new"], form["reminder"]
        assert (await administrator.post(f"{PAGE}/soorten", form)).see == PAGE
        (after,) = await portal.store.addresses(A)
        assert (after.id, after.kinds, after.counts_since) == (made.id, {MailKind.EXPIRED}, made.counts_since)
        assert "expired" in (await administrator.get(PAGE)).form(f"{PAGE}/soorten")
        portal.clock.move(timedelta(minutes=16))
        assert (await administrator.post(f"{PAGE}/soorten", form)).status == 403


@pytest.mark.parametrize(
    "address",
    [
        "",
        "post",
        "a@b.example, c@d.example",
        "a@b.example\r\nBcc: c@d.example",
        "A <a@b.example>",
        "é@b.example",
        "=?utf-8?q?x?=@example.org",
    ],
)
async def test_what_is_no_mail_address_is_said_at_its_field_PO_67(tmp_path: Path, address: str) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        page = await administrator.post(
            f"{PAGE}/toevoegen",
            {"token": await administrator.token(), "unit": UNIT_A2, "address": address, "expired": "yes"},
        )
        assert (page.status, "Dit is geen mailadres" in page.words) == (422, True)
        assert page.document.xpath("//*[@id='add-address']/@aria-invalid") == ["true"]
        assert page.document.xpath("//select[@name='unit']/option[@selected]/@value") == [UNIT_A2]
        assert page.document.xpath("//input[@type='checkbox'][@checked]/@name") == ["expired"]
        assert await portal.store.addresses(A) == ()


async def test_an_address_that_is_there_and_too_many_are_said(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        await counting_address(portal.store, organisation=A, unit=UNIT_A1)
        assert "staat er al" in await added(administrator)
        for number in range(ADDRESSES_OF_A_DAY - 1):
            await portal.store.add_address(f"a{number}@b.example", organisation=A, unit="", kinds=(), by="x")
        assert "te veel mailadressen" in await added(administrator, "another@b.example")


async def test_an_address_of_the_whole_organisation_hears_of_changes_alone(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        assert await added(administrator, unit="organisation", new="yes") == PAGE
        (address,) = await portal.store.addresses(A)
        assert (address.unit, address.kinds) == ("", frozenset())
        assert "De hele organisatie" in (await administrator.get(PAGE)).words


async def test_an_administrator_removes_an_address_and_no_other_organisations_PO_26(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        other = await portal.administrator(person="Ander", number=KVK_B)
        made = await counting_address(portal.store, organisation=A, unit=UNIT_A1)
        fields = {"token": await other.token(), "address": made.id}
        assert (await other.post(f"{PAGE}/verwijderen", fields)).status == 404
        assert DESK not in (await other.get(PAGE)).text
        assert (
            await other.post(
                f"{PAGE}/toevoegen", {"token": await other.token(), "unit": UNIT_A1, "address": "a@b.example"}
            )
        ).status == 404
        fields = {"token": await administrator.token(), "address": made.id}
        assert (await administrator.post(f"{PAGE}/verwijderen", fields)).see == PAGE
        assert await portal.store.addresses(A) == ()
        assert UNIT_B not in (await administrator.get(PAGE)).text


async def test_changing_addresses_asks_for_a_young_login_PO_82(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        made = await counting_address(portal.store, organisation=A, unit=UNIT_A1)
        portal.clock.move(timedelta(minutes=16))
        token = await administrator.token()
        add = {"token": token, "unit": UNIT_A1, "address": "thief@b.example"}
        assert (await administrator.post(f"{PAGE}/toevoegen", add)).status == 403
        assert (await administrator.post(f"{PAGE}/verwijderen", {"token": token, "address": made.id})).status == 403
        assert await portal.store.addresses(A) == (made,)


async def test_what_a_server_said_is_shown_as_text_and_the_address_asked_again(tmp_path: Path) -> None:
    async with running_portal(tmp_path) as portal:
        administrator = await portal.administrator()
        made = await counting_address(portal.store, organisation=A, unit=UNIT_A1)
        await arrives(portal.store, portal.clock.now(), unit=UNIT_A1, organisation=A)
        letter = await portal.store.take_letter()
        assert letter is not None
        await portal.store.letter_failed(letter, "550 <b>no such user</b>", MailFault.GONE)
        page = await administrator.get(PAGE)
        assert "De mailserver zei: 550 <b>no such user</b>" in page.words
        again = page.form(f"{PAGE}/toevoegen", address=DESK)
        assert (await administrator.post(f"{PAGE}/toevoegen", again)).see == PAGE
        (address,) = await portal.store.addresses(A)
        assert address.id != made.id
        assert (address.kinds, address.bounce) == (made.kinds, None)


async def test_a_hub_that_sends_no_mail_says_so_and_takes_no_address(tmp_path: Path) -> None:
    async with running_portal(tmp_path, sends_mail=False) as portal:
        administrator = await portal.administrator()
        page = await administrator.get(PAGE)
        assert "verstuurt geen mail" in page.words
        assert [each.action for each in page.document.forms if "meldingen" in each.action] == []
        token = await administrator.token()
        fields = {"token": token, "unit": UNIT_A1, "address": DESK}
        assert (await administrator.post(f"{PAGE}/toevoegen", fields)).status == 404
        assert read_document((await administrator.get("/desk/api/organisation/notifications")).text)["sends"] is False


async def test_an_address_of_the_whole_organisation_is_for_a_mandate_of_the_whole_organisation_PO_26(
    tmp_path: Path,
) -> None:
    async with running_portal(tmp_path) as portal:
        made = {
            unit: await counting_address(portal.store, f"{name}@organisatie.example", unit=unit, organisation=A)
            for unit, name in (("", "alles"), (UNIT_A1, "een"), (UNIT_A2, "twee"), ("00000003999999990000", "weg"))
        }
        whole, branch = await portal.administrator(), portal.browser()
        await branch.log_in("administrator", person="Tak", branch="000012345678")

        async def seen(browser: TestBrowser) -> set[str]:
            words = (await browser.get(PAGE)).words
            return {each.address.partition("@")[0] for each in made.values() if each.address in words}

        async def remove(browser: TestBrowser, unit: str) -> int:
            said = {"token": await browser.token(), "address": made[unit].id}
            return (await browser.post(f"{PAGE}/verwijderen", said)).status

        assert await seen(whole) == {"alles", "een", "twee", "weg"}
        assert await seen(branch) == {"twee"}
        assert 'value="organisation"' not in (await branch.get(PAGE)).text
        assert "is er niet" in await added(branch, "nieuw@organisatie.example", unit="organisation")
        assert [await remove(branch, unit) for unit in made] == [404, 404, 303, 404]
        assert [await remove(whole, unit) for unit in ("", UNIT_A1, "00000003999999990000")] == [303] * 3

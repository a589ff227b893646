"""Whom a browser at a desk relies on: the hub that its organisation signed for, and those whom its unit knows."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, Route, expect
from support.browser.chromium import context
from support.browser.desk_user import Desk, desk
from support.browser.looks import accessibility_faults, layout_faults
from support.directory.books import DIRECTORY, book, entry, listed
from support.identity import logins
from support.keys.pki import identity
from support.portal.portals import KVK_A, UNIT_A1, desk_configuration

from crypto.certificates import Certificate, der
from gateway.identity.login import OrganisationNumber
from gateway.portal.key_values import base64_text
from gateway.store.model import State
from gateway.store.portal.model import DocumentKind, KeptDocument

STRANGE = "niet het knooppunt dat uw organisatie kent"
AGREE = "Vergeleken: dit is ons knooppunt"
OTHER = identity("stranger", "next")


def hub(**changed: Certificate) -> dict[str, list[str]]:
    """The hub of the tests as settings name it, or another one in a use."""
    own = {
        "signing": identity("hub").signing.certificate,
        "encryption": identity("hub").encryption.certificate,
        "directory": DIRECTORY.certificate,
    }
    return {usage: [base64_text(der(each))] for usage, each in {**own, **changed}.items()}


async def kept(at: Desk, kind: DocumentKind) -> KeptDocument:
    """The newest version that the portal keeps."""
    unit = "" if kind is DocumentKind.SETTINGS else UNIT_A1
    organisation = OrganisationNumber(kind="KVK", value=KVK_A)
    found = await at.seen.portal.store.document(kind, organisation=organisation, unit=unit)
    assert found is not None
    return found


@pytest.mark.parametrize("usage", ["signing", pytest.param("encryption", marks=pytest.mark.soak)])
async def test_a_hub_that_the_organisation_does_not_know_is_seen_and_nothing_is_opened_PO_56(
    usage: str, profile: BrowserContext, tmp_path: Path
) -> None:
    """The portal swapped a certificate, for which no key of the hub vouches."""
    other = OTHER.signing.certificate if usage == "signing" else OTHER.encryption.certificate
    written = base64_text(der(other))

    async def swap(route: Route) -> None:
        answer = await route.fetch()
        swapped = {"hub_signing": [written]} if usage == "signing" else {"hub_encryption": written}
        await route.fulfill(response=answer, json={**await answer.json(), **swapped})

    async with desk(profile, tmp_path, keys={"administer": False}) as at:
        await at.page.route("**/endpoint", swap)
        await at.open()
        await at.says(STRANGE)
        await expect(at.page.get_by_text("Waarschuw een beheerder")).to_be_visible()
        await expect(at.page.get_by_role("button", name=AGREE)).to_have_count(0)
        assert await at.states() == [State.STORED]


@pytest.mark.soak
async def test_an_employee_of_an_organisation_that_named_no_hub_is_told_whom_to_ask(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path, keys={"administer": False, "hub": None}) as at:
        await at.open()
        await at.says("legde nog niet vast met welk knooppunt")
        await expect(at.page.get_by_text("Vraag een beheerder")).to_be_visible()


async def test_an_administrator_compares_the_fingerprints_and_is_asked_once_PO_57(
    profile: BrowserContext, tmp_path: Path
) -> None:
    """Of the hub's signing and of the address book's key; what is said is signed for all."""
    named = hub(signing=OTHER.signing.certificate, directory=OTHER.encryption.certificate)
    async with desk(profile, tmp_path, keys={"hub": named}) as at:
        await at.open()
        await at.says(STRANGE)
        assert await at.page.locator("dd.fingerprint").count() == 4
        for width in (1280, 320):
            await at.page.set_viewport_size({"width": width, "height": 900})
            assert await layout_faults(at.page) == []
            assert await accessibility_faults(at.page) == []
        await at.press(AGREE)
        await at.says("Herkomst bevestigd")
        said = json.loads((await kept(at, DocumentKind.SETTINGS)).octets)
        assert said["counter"] == 2
        party = at.seen.portal.hub.configuration.hub.party_id
        assert said["hub"] == {**hub(), "party": party, "signing": [*hub()["signing"], *named["signing"]]}
        await at.open()
        await at.says("Herkomst bevestigd")


@pytest.mark.soak
async def test_an_address_book_under_another_key_keeps_nobody_from_reading_and_confirms_nothing(
    profile: BrowserContext, tmp_path: Path
) -> None:
    named = hub(directory=OTHER.signing.certificate)
    async with desk(profile, tmp_path, keys={"administer": False, "hub": named}) as at:
        await at.open()
        await at.says("Herkomst niet bevestigd")
        await expect(at.page.get_by_text("een sleutel die uw organisatie niet kent")).to_be_visible()


@pytest.mark.soak
async def test_a_next_certificate_of_the_hub_is_taken_unasked_and_known_when_the_old_one_is_gone(
    profile: BrowserContext, tmp_path: Path
) -> None:
    both = {"signing": ["hub-signing", "hub-next-signing"], "encryption": ["hub-encryption"]}
    async with desk(profile, tmp_path, extra={"hub": {"certificates": both}}, keys={"hub": hub()}) as at:
        await at.open()
        await at.says("Herkomst bevestigd")
        new = {**both, "signing": ["hub-next-signing"]}
        at.seen.portal.hub.take_over(desk_configuration({"hub": {"certificates": new}}))
        await at.open()
        await at.says("Herkomst bevestigd")
        assert json.loads((await kept(at, DocumentKind.SETTINGS)).octets)["counter"] == 1


async def test_a_changed_certificate_of_a_sender_waits_for_a_person_whose_yes_is_remembered(
    profile: BrowserContext, tmp_path: Path
) -> None:
    before = (listed("counsellor", "next"),)
    async with desk(profile, tmp_path, listed={"certificates": before}) as at:
        await at.open()
        await at.says("Herkomst niet bevestigd")
        oldest = await kept(at, DocumentKind.KNOWN)
        at.books.append(book(entry("counsellor"), entry("creditor"), before=at.books[-1], at=logins.AT))
        await at.open()
        await at.says("Herkomst niet bevestigd")
        await at.press("Nieuw certificaat bekijken")
        await at.says("Nieuw certificaat van")
        assert await at.page.locator("dd.fingerprint").count() == 2
        assert await layout_faults(at.page) == []
        assert await accessibility_faults(at.page) == []
        await at.press("Nagevraagd: dit is hun certificaat")
        await at.says("Herkomst bevestigd")
        await at.open()
        await at.says("Herkomst bevestigd")

        at.books.append(at.books[0])
        await at.open()
        await at.says("Herkomst niet bevestigd")
        await expect(at.page.get_by_text("Het adresboek is ouder")).to_be_visible()

        async def older(route: Route) -> None:
            known: dict[str, Any] = {"text": oldest.octets.decode(), "signature": base64_text(oldest.signature)}
            await route.fulfill(json={"known": known})

        await at.page.route("**/keys/known", older)
        await at.open()
        await at.says("ouder dan wat u al zag")
        assert await at.states() == [State.OFFERED]


@pytest.mark.soak
async def test_two_who_remember_at_the_same_moment_both_go_on_PO_57(
    browser: Browser, profile: BrowserContext, tmp_path: Path
) -> None:
    """The one who comes second reads what the first kept, and tries again."""
    async with desk(profile, tmp_path, "De Vries") as at, context(browser) as second:
        kept, answered = asyncio.Event(), []

        async def wait(route: Route) -> None:
            if route.request.method == "POST":
                await kept.wait()
                answer = await route.fetch()
                answered.append(answer.status)
                await route.fulfill(response=answer)
            else:
                await route.continue_()

        await at.page.route("**/keys/known", wait)
        await at.open()
        other = await at.colleague("De Vries", second)
        await other.open()
        await other.says("Herkomst bevestigd")
        kept.set()
        await at.says("heeft dit bericht open")
        assert answered == [409]
        await at.press("Overnemen")
        await at.says("Herkomst bevestigd")

"""The journey of a desk user in a real browser: keys opened, a message read, answered or removed, and gone."""

from __future__ import annotations

import hashlib
import re
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserContext, FilePayload, Route, expect
from support.browser.chromium import context
from support.browser.desk_user import desk
from support.browser.looks import accessibility_faults, layout_faults
from support.keys.pki import PARTIES, identity
from support.portal.portals import UNIT_A1

from crypto.certificates import der
from gateway.limits import PAYLOAD_LIMITS
from gateway.portal.key_values import base64_text
from gateway.store.model import State
from xsd.catalogue import load_catalogue
from xsd.document import parse_document
from xsd.samples import sample, sample_attachment
from xsd.schema_files import packaged_modules

SENT = "Uw antwoord is verstuurd"
DOCUMENTS = '<xs:element name="Bijlagen" type="Bijlagen" minOccurs="0"/>'
LOCKS = """async () => {
  const base = document.querySelector('script[src$="js/pages/message.js"]').src;
  const { keeperOfPage } = await import(new URL('page_keeper.js', base).href);
  await (await keeperOfPage()).ask('lock');
}"""


async def test_a_question_is_answered_in_the_browser_and_gone_when_the_hub_has_the_answer_PO_37_PO_41(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path) as at:
        await at.open()
        await at.says("Herkomst bevestigd")
        await at.fill_answer()
        await at.send_answer()
        await at.is_back(SENT)
        assert at.told.blocked() == []
        assert await at.states() == [State.RECEIPTED, State.STORED]
        (answer,) = await at.collected()
        assert (answer.action, answer.origin) == ("SaldoverzoekAntwoord", "verified")
        root = parse_document(answer.parts[0].read(), limits=PAYLOAD_LIMITS)
        assert [each.text for each in root.iter("{*}Bedrag")] == ["1234.50"]


async def test_an_answer_is_saved_and_printed_where_it_is_checked_with_the_very_octets_that_go(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path) as at:
        await at.open()
        await at.says("Herkomst bevestigd")
        await at.fill_answer()
        await at.press("Controleren")
        await at.says("Zo gaat uw antwoord weg")
        await expect(at.page.get_by_text("Na het versturen is de inhoud hier weg.")).to_be_visible()
        for width in (1280, 320):
            await at.page.set_viewport_size({"width": width, "height": 900})
            assert await layout_faults(at.page) == []
            assert await accessibility_faults(at.page) == []
        await at.page.evaluate("print = () => document.body.classList.add('was-printed')")
        await at.press("Afdrukken")
        await expect(at.page.locator("body.was-printed")).to_have_count(1)
        async with at.page.expect_download() as saved:
            await at.press("Bericht opslaan (XML)")
        download = await saved.value
        assert re.fullmatch(r"SaldoverzoekAntwoord-[\w-]+\.xml", download.suggested_filename)
        await download.save_as(tmp_path / "answer.xml")
        await at.press("Versturen")
        await at.is_back(SENT)
        (answer,) = await at.collected()
        assert (tmp_path / "answer.xml").read_bytes() == answer.parts[0].read()


async def test_what_needs_no_answer_is_removed_after_it_was_asked_once(profile: BrowserContext, tmp_path: Path) -> None:
    module = ("Betalingsregeling", "2.0")
    told = sample(
        *module, "RegelingBeeindigd", afzender=PARTIES["counsellor"][0], ontvanger=PARTIES["creditor"][0]
    )  # fmt: skip
    async with desk(profile, tmp_path, document=told, action="RegelingBeeindigd", module=module) as at:
        await at.open()
        await at.says("Herkomst bevestigd")
        await at.press("Gelezen, verwijderen")
        await at.says("niet opgeslagen of afgedrukt")
        await at.press("Terug naar het bericht")
        async with at.page.expect_download() as saved:
            await at.press("Bericht opslaan (XML)")
        await (await saved.value).save_as(tmp_path / "saved.xml")
        assert (tmp_path / "saved.xml").read_bytes() == told
        await at.press("Gelezen, verwijderen")
        await at.is_back("Het bericht is gelezen")
        assert await at.states() == [State.RECEIPTED]


async def test_a_message_that_is_sealed_to_a_foreign_key_is_a_red_page_and_gets_no_receipt_PO_38(
    profile: BrowserContext, tmp_path: Path
) -> None:
    """The operator swapped the certificate, and the server hides it from the browser."""
    swapped = {"signing": ["creditor-signing"], "encryption": ["creditor-next-encryption"]}
    who = identity("creditor")
    own = [base64_text(der(each.certificate)) for each in (who.signing, who.encryption)]

    async def hide(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json={**await answer.json(), "in_force": own})

    async with desk(profile, tmp_path, extra={"creditor": {"certificates": swapped}}) as at:
        await at.page.route("**/keys", hide)
        await at.open()
        await at.says("niet voor uw sleutel versleuteld")
        await expect(at.page.locator(".danger")).to_be_visible()
        await expect(at.page.locator("#content-place button")).to_have_count(0)
        assert await at.states() == [State.OFFERED]


async def test_after_a_crash_between_answer_and_receipt_only_the_receipt_is_left_to_give_PO_42(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path) as at:

        async def crash(route: Route) -> None:
            is_receipt = route.request.headers["content-type"].startswith("application/soap+xml")
            await (route.abort() if is_receipt else route.continue_())

        await at.page.route("**/desk/as4/**", crash)
        await at.open()
        await at.fill_answer()
        await at.send_answer()
        await at.says("Uw antwoord is verstuurd en ontvangen")
        await at.page.unroute("**/desk/as4/**")
        await at.open()
        await expect(at.page.get_by_text("Op dit bericht ging al een antwoord")).to_be_visible()
        await expect(at.page.get_by_role("button", name="Opgave van het saldo")).to_have_count(0)
        await at.press("Ontvangst bevestigen")
        await at.is_back("Het bericht is gelezen")
        assert len(await at.collected()) == 1


async def test_of_two_who_answer_at_once_one_is_heard_and_the_other_told_PO_43(
    browser: Browser, profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path, "De Vries") as at, context(browser) as second:
        await at.open()
        await at.fill_answer()
        other = await at.colleague("De Vries", second)
        await other.open()
        await other.says("heeft dit bericht open")
        await other.press("Overnemen")
        await other.fill_answer()
        await other.send_answer()
        await other.is_back(SENT)

        await at.send_answer()
        await at.says("een collega nam het over")
        await at.press("Wijzigen")
        await expect(at.page.get_by_label("Klantnummer bij de schuldeiser")).to_have_value("SE 1")
        assert len(await at.collected()) == 1


async def test_what_the_hub_refuses_stands_at_its_field_and_what_was_typed_stays_PO_46(
    profile: BrowserContext, tmp_path: Path
) -> None:
    """The browser is handed a form and a schema that are less strict than the hub's own."""

    def lenient(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: lenient(each) for name, each in value.items() if name != "pattern"}
        return [lenient(each) for each in value] if isinstance(value, list) else value

    async def loosen(route: Route) -> None:
        answer = await route.fetch()
        await route.fulfill(response=answer, json=lenient(await answer.json()))

    async def allow(route: Route) -> None:
        element = "<xs:element name='SaldoverzoekAntwoord' type='xs:anyType'/>"
        namespaces = (
            "xmlns:xs='http://www.w3.org/2001/XMLSchema' targetNamespace='urn:knooppunt:Schuldinventarisatie:2.0'"
        )
        await route.fulfill(json={"schema": f"<xs:schema {namespaces}>{element}</xs:schema>", "included": {}})

    async with desk(profile, tmp_path) as at:
        await at.open()
        await at.says("Herkomst bevestigd")
        await at.page.route("**/desk/forms/**", loosen)
        await at.page.route("**/desk/schemas/**", allow)
        await at.open()
        await at.fill_answer()
        await at.page.get_by_label("Telefoonnummer").fill("bel maar")
        await at.send_answer()
        summary = at.page.locator("#f-summary")
        await expect(summary).to_be_focused()
        await expect(summary.get_by_role("link")).to_have_count(1)
        telephone = at.page.get_by_label("Telefoonnummer")
        await expect(telephone).to_have_value("bel maar")
        await expect(telephone).to_have_attribute("aria-invalid", "true")
        await telephone.fill("0850000000")
        await at.send_answer()
        await at.is_back(SENT)
        assert len(await at.collected()) == 1


async def test_a_message_that_expires_while_it_is_open_leaves_the_page_and_takes_no_answer_PO_33(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path) as at:
        portal = at.seen.portal
        (record,) = await portal.hub.store.waiting(UNIT_A1)
        portal.clock.move(record.metadata.expires_at - portal.clock.now() - timedelta(minutes=5))
        portal.hub.hub.time.confirm()
        again = await portal.linked(UNIT_A1)
        await at.seen.give(profile, again)
        await at.page.clock.set_system_time(portal.clock.now())
        await at.open()
        await at.fill_answer()
        portal.clock.move(timedelta(minutes=6))
        await at.page.clock.fast_forward(6 * 60_000)
        await at.says("De termijn van dit bericht is voorbij")
        await expect(at.page.get_by_label("Klantnummer bij de schuldeiser")).to_have_count(0)


async def test_an_address_book_past_its_date_keeps_nobody_from_reading_and_vouches_for_nobody(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path, book_days=8) as at:
        await at.open()
        await at.says("Herkomst niet bevestigd")
        await expect(at.page.locator(".document")).to_be_visible()


async def test_a_lease_goes_on_for_as_long_as_somebody_types_PO_35(profile: BrowserContext, tmp_path: Path) -> None:
    async with desk(profile, tmp_path) as at:
        await at.open()
        await at.fill_answer()
        for _ in range(4):
            await at.page.get_by_label("Kenmerk", exact=True).press_sequentially("x")
            at.seen.portal.clock.move(timedelta(minutes=6))
            await at.page.clock.fast_forward(6 * 60_000)
            await expect(at.page.get_by_label("Klantnummer bij de schuldeiser")).to_have_value("SE 1")
        at.seen.portal.clock.move(timedelta(minutes=10))
        await at.send_answer()
        await at.is_back(SENT)


async def test_everybody_can_read_and_use_each_state_of_it_PO_68(profile: BrowserContext, tmp_path: Path) -> None:
    async with desk(profile, tmp_path) as at:

        async def judge() -> None:
            for width in (1280, 320):
                await at.page.set_viewport_size({"width": width, "height": 900})
                assert await layout_faults(at.page) == []
                assert await accessibility_faults(at.page) == []

        await at.open()
        await at.says("Herkomst bevestigd")
        await judge()
        await at.fill_answer()
        await at.page.get_by_text("De vraag waarop u antwoordt").click()
        await expect(at.page.locator(".question .document")).to_be_visible()
        await judge()
        await at.page.get_by_label("Naam", exact=True).fill("")
        await at.press("Controleren")
        await expect(at.page.locator("#f-summary")).to_be_focused()
        await judge()
        await at.page.get_by_label("Naam", exact=True).fill("T. Voorbeeld")
        await at.press("Controleren")
        await at.says("Zo gaat uw antwoord weg")
        await judge()


async def test_what_was_typed_is_there_again_after_a_look_at_the_message_and_after_the_keys_were_locked(
    profile: BrowserContext, tmp_path: Path
) -> None:
    async with desk(profile, tmp_path) as at:
        await at.open()
        await at.fill_answer()
        customer = at.page.get_by_label("Klantnummer bij de schuldeiser")
        await at.press("Terug naar het bericht")
        await at.press("Opgave van het saldo")
        await expect(customer).to_have_value("SE 1")
        await at.page.evaluate(LOCKS)
        await at.press("Controleren")
        await at.page.get_by_label("Wat op uw herstelblad staat").fill(at.sheet)
        await at.press("Openen met herstelblad")
        await at.press("Opgave van het saldo")
        await expect(customer).to_have_value("SE 1")


@pytest.fixture
def answer_with_documents(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, tuple[str, str]]:
    """A module version that is only a folder, in which a creditor must send a decision along: the folder of modules,
    and its name. No shipped answer has documents.
    """
    name, version = "Verzonnen", "3.7"
    folder = tmp_path / "modules" / name / version
    shutil.copytree(packaged_modules() / "Schuldinventarisatie" / "2.0", folder)
    for path in (folder / "schema.xsd", *(folder / "samples").glob("*.xml")):
        text = path.read_text("utf-8").replace("Schuldinventarisatie:2.0", f"{name}:{version}")
        path.write_text(text.replace("<Versie>2.0", f"<Versie>{version}"), "utf-8")
    schema = (folder / "schema.xsd").read_text("utf-8")
    before, answer = schema.split('<xs:element name="SaldoverzoekAntwoord">')
    answer = answer.replace('type="StuurgegevensAntwoord"', 'type="AntwoordMetBijlagen"', 1)
    schema = f'{before}<xs:element name="SaldoverzoekAntwoord">{answer}'
    common = (packaged_modules() / "common" / "2.0.xsd").read_text("utf-8")
    own = re.search(r'<xs:complexType name="StuurgegevensAntwoord">.*?</xs:complexType>', common, re.DOTALL)
    assert own is not None
    header = own[0].replace("StuurgegevensAntwoord", "AntwoordMetBijlagen")
    header = header.replace("</xs:sequence>", f"{DOCUMENTS}</xs:sequence>")
    (folder / "schema.xsd").write_text(schema.replace("</xs:schema>", f"{header}</xs:schema>"), "utf-8")
    catalogue = (folder / "catalogue.yaml").read_text("utf-8")
    must = "  SaldoverzoekAntwoord:\n    attachments: [{kind: Beschikking, from: [schuldeiser]}]\n"
    (folder / "catalogue.yaml").write_text(catalogue.replace("  SaldoverzoekAntwoord:\n", must), "utf-8")
    made = load_catalogue([tmp_path / "modules"])
    for user in ("hubs.hub", "portal.portals"):
        monkeypatch.setattr(f"support.{user}.catalogue", lambda: made)
    return tmp_path / "modules", (name, version)


async def test_an_answer_of_a_module_version_that_is_only_a_folder_goes_with_its_documents_PO_41_PO_44(
    profile: BrowserContext, tmp_path: Path, answer_with_documents: tuple[Path, tuple[str, str]]
) -> None:
    folder, module = answer_with_documents
    parties = {"afzender": PARTIES["counsellor"][0], "ontvanger": PARTIES["creditor"][0]}
    asked = sample(*module, "Saldoverzoek", folder=folder, **parties)
    decision, other = sample_attachment(), b"%PDF-1.7 another"
    async with desk(profile, tmp_path, document=asked, module=module) as at:
        await at.open()
        await at.fill_answer()
        await at.press("Controleren")
        said = at.page.locator("#attaching-said")
        await expect(said).to_be_focused()
        await expect(said).to_have_text("Wat nog mee moet: beschikking van de rechter.")

        async def choose(kind: str, *files: tuple[str, bytes]) -> None:
            await at.page.get_by_label("Soort document").select_option(kind)
            chosen: list[FilePayload] = [
                {"name": name, "mimeType": "application/pdf", "buffer": octets} for name, octets in files
            ]
            await at.page.get_by_label("Bestanden kiezen").set_input_files(chosen)
            await expect(said).to_be_focused()

        await choose("Beschikking", ("besluit.pdf", decision), ("pagina.pdf", b"<html>"))
        await expect(said).to_contain_text("pagina.pdf: dit is geen bestand van een soort die mee kan")
        await choose("Overig", ("brief.pdf", other), ("weg.pdf", b"%PDF-1.7 not this one"))
        await at.page.get_by_role("button", name="Weghalen: weg.pdf").press("Enter")
        await expect(said).to_have_text("Er gaan 2 bestanden mee.")
        for width in (1280, 320):
            await at.page.set_viewport_size({"width": width, "height": 900})
            assert await layout_faults(at.page) == []
            assert await accessibility_faults(at.page) == []
        await at.press("Terug naar het bericht")
        await at.press("Opgave van het saldo")
        await at.press("Controleren")
        await at.says("Zo gaat uw antwoord weg")
        await expect(at.page.locator(".attachments li")).to_have_count(2)
        await at.press("Versturen")
        await at.is_back(SENT)
        (answer,) = await at.collected()
        assert [part.read() for part in answer.parts[1:3]] == [decision, other]
        root = parse_document(answer.parts[0].read(), limits=PAYLOAD_LIMITS)
        named = {each.text for each in root.iter("{*}Sha256")}
        assert named == {hashlib.sha256(each).hexdigest() for each in (decision, other)}


@pytest.mark.parametrize("part", ["texts/nl.json", "endpoint"])
async def test_a_page_whose_first_calls_fail_says_so(profile: BrowserContext, tmp_path: Path, part: str) -> None:
    async with desk(profile, tmp_path) as at:
        await at.page.route(f"**/{part}", lambda route: route.abort())
        await at.go()
        await expect(at.page.get_by_role("alert")).to_contain_text("laad de pagina opnieuw")

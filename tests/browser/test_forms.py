"""A form in a real browser, under the policies of the portal: drawn of a description, filled by keyboard, checked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import MappingProxyType

from axe_playwright_python.async_playwright import Axe
from lxml import etree
from playwright.async_api import Page, expect
from support.browser.chromium import listen
from support.browser.desk_page import app, served

from gateway.desk_files import DeskFile, DeskFiles, read_desk_files
from gateway.limits import PAYLOAD_LIMITS
from xsd.catalogue import load_catalogue
from xsd.checking.layers import message_violations
from xsd.document import parse_document
from xsd.forms.descriptions import Descriptions
from xsd.samples import sample

CATALOGUE = load_catalogue()
FORMS = Descriptions(CATALOGUE)
MODULE = ("Schuldinventarisatie", "2.0")

REFUSALS = [
    {"detail": "code=XSD-CVC-PATTERN-VALID line=9 path=/SaldoverzoekAntwoord/KlantnummerSE", "text": "Niet de vorm."},
    {"detail": "code=ONTSTAAN-VOOR-PEILDATUM line=20 path=/SaldoverzoekAntwoord/Peildatum", "text": "Na de peildatum."},
    {"detail": "code=XSD-MORE line=1 path=/SaldoverzoekAntwoord", "text": "Er zijn meer fouten."},
]

PAGE = """
import { opened } from './forms/blank.js';
import { readDocument, writeDocument } from './forms/document.js';
import { draw } from './forms/draw.js';
import { startForm } from './forms/form.js';
import { answering, withHeader } from './forms/header.js';
import { readingView } from './forms/reading_view.js';
import { treeOf } from './forms/tree.js';
import { refusalsAtFields } from './forms/violations.js';
import { XmlDocument } from '../vendor/libxml2-wasm/index.mjs';

const given = GIVEN;
document.querySelector('output').remove();
const main = document.querySelector('main');
const parsed = XmlDocument.fromString(given.xml);
const asked = { description: given.question, values: readDocument(given.question, treeOf(parsed.root)).values };
main.append(draw(readingView(given.question, asked.values, 'nl'), document));
const place = main.appendChild(document.createElement('div'));
const beforehand = { today: '2026-03-04', question: asked, accounts: given.accounts,
  contact: { Naam: 'T. Voorbeeld', Telefoonnummer: '0850000000' } };
const form = startForm(place, given.answer, opened(given.answer, beforehand), beforehand, 'nl');
const button = main.appendChild(document.createElement('button'));
button.textContent = 'Controleer';
const written = main.appendChild(document.createElement('pre'));
const header = { reference: '11111111-1111-4111-8111-111111111111', moment: new Date('2026-03-05T09:00:00Z'),
  ...answering(asked.values) };
const complete = (values) => withHeader(given.answer, values, header);
button.addEventListener('click', () => {
  written.textContent = form.isRight(complete) ? writeDocument(given.answer, complete(form.values())) : '';
});
const refuse = main.appendChild(document.createElement('button'));
refuse.textContent = 'Weiger';
refuse.addEventListener('click', () => {
  const { faults, above } = refusalsAtFields(given.answer, complete(form.values()), given.refusals);
  form.show(faults, above);
});
"""


def files(answer: str, question: bytes) -> DeskFiles:
    """The files of the desk, and a page with a question and the form of an answer to it."""
    described = {name: json.loads(FORMS.octets(*MODULE, name) or b"") for name in ("Saldoverzoek", answer)}
    given = {
        "question": described["Saldoverzoek"],
        "answer": described[answer],
        "xml": question.decode(),
        "refusals": REFUSALS,
        "accounts": [{"iban": "NL13TEST0123456789", "holder": "Crediteur Nergens B.V."}],
    }
    text = PAGE.replace("GIVEN", json.dumps(given))
    one = DeskFile(path="js/proef.js", octets=text.encode(), media_type="text/javascript; charset=utf-8")
    return DeskFiles(files=MappingProxyType({**read_desk_files().files, one.path: one}))


@asynccontextmanager
async def on(page: Page, answer: str, question: bytes | None = None) -> AsyncIterator[bytes]:
    """The page with a question and its form, drawn without a word from the policies; gives the question."""
    asked = question or sample(*MODULE, "Saldoverzoek")
    told = listen(page)
    async with served(app(files(answer, asked))) as address:
        await page.goto(f"{address}/proef")
        await expect(page.locator(".form")).to_be_visible()
        yield asked
    assert told.blocked() == []


async def checked(page: Page, answer: str, question: bytes) -> etree._Element:
    """Press the button; the document that is written then, which the hub's own judge finds right."""
    await page.get_by_role("button", name="Controleer").click()
    await expect(page.locator("pre")).to_contain_text(f"<{answer}")
    root = parse_document((await page.locator("pre").inner_text()).encode(), limits=PAYLOAD_LIMITS)
    message_type = CATALOGUE.message(*MODULE, answer)
    assert message_type is not None
    assert message_violations(message_type, root, question=parse_document(question, limits=PAYLOAD_LIMITS)) == ()
    return root


def values_of(root: etree._Element, name: str) -> list[str | None]:
    return [each.text for each in root.iter("{*}" + name)]


async def test_a_question_is_answered_without_matching_by_one_total_PO_45(page: Page) -> None:
    async with on(page, "SaldoverzoekAntwoord") as question:
        assert await page.get_by_label("Peildatum").input_value() == "04-03-2026"
        await page.get_by_label("Niet matchen").check()
        await page.get_by_label("Eén totaal").check()
        await page.get_by_label("Kenmerk", exact=True).fill("T-1")
        await page.get_by_label("Bedrag", exact=True).fill("1.234,5")
        await page.get_by_label("Klantnummer bij de schuldeiser").fill("SE 1")
        root = await checked(page, "SaldoverzoekAntwoord", question)
    assert values_of(root, "Bedrag") == ["1234.50"]
    assert values_of(root, "FactuurnummerSEVolgensSHV") == []
    asked = parse_document(question, limits=PAYLOAD_LIMITS)
    assert values_of(root, "CrossReferentienummer") == values_of(asked, "Referentienummer")


async def test_matching_answers_each_claim_that_was_asked_for(page: Page) -> None:
    async with on(page, "SaldoverzoekAntwoord") as question:
        await page.get_by_label("Matchen: ik beantwoord").check()
        claims = page.locator("fieldset.group", has=page.locator("legend", has_text="Vordering ")).filter(
            has=page.locator(".fixed")
        )
        asked = values_of(parse_document(question, limits=PAYLOAD_LIMITS), "FactuurnummerSEVolgensSHV")
        lines = page.locator(".fixed bdi")
        await expect(lines).to_have_text([each or "" for each in asked])
        assert await claims.count() >= len(asked)
        for index in range(len(asked)):
            await page.get_by_label("onbekende schuld bij de schuldeiser").nth(index).check()
        await page.get_by_label("Klantnummer bij de schuldeiser").fill("SE 1")
        root = await checked(page, "SaldoverzoekAntwoord", question)
    assert values_of(root, "FactuurnummerSEVolgensSHV") == asked


async def test_what_is_wrong_stands_in_a_summary_that_has_the_focus_and_leads_to_each_field(page: Page) -> None:
    async with on(page, "SaldoverzoekAntwoord"):
        await page.get_by_label("Peildatum").fill("4 maart")
        await page.get_by_role("button", name="Controleer").click()
        summary = page.locator("#f-summary")
        await expect(summary).to_be_focused()
        await expect(summary.get_by_role("link")).to_have_count(2)
        await summary.get_by_role("link", name="Peildatum").click()
        field = page.get_by_label("Peildatum")
        await expect(field).to_be_focused()
        assert await field.input_value() == "4 maart"
        said = "Datum waarop de bedragen in dit bericht gelden. Schrijf een datum als 31-12-2026."
        await expect(field).to_have_accessible_description(said)
        assert (await Axe().run(page)).violations_count == 0


async def test_what_the_hub_refuses_stands_at_its_fields_and_what_was_typed_stays_PO_46(page: Page) -> None:
    async with on(page, "SaldoverzoekAntwoord"):
        await page.get_by_label("Klantnummer bij de schuldeiser").fill("SE 1")
        await page.get_by_label("Niet matchen").check()
        await page.get_by_role("button", name="Weiger").click()
        summary = page.locator("#f-summary")
        await expect(summary).to_be_focused()
        await expect(summary).to_contain_text("Er zijn meer fouten.")
        await expect(summary.get_by_role("link")).to_have_count(2)
        number = page.get_by_label("Klantnummer bij de schuldeiser")
        await expect(number).to_have_accessible_description("Nummer van de klant bij de schuldeiser. Niet de vorm.")
        await expect(number).to_have_value("SE 1")
        await expect(page.get_by_label("Niet matchen")).to_be_checked()
        peildatum = page.locator("[id='f/SaldoverzoekAntwoord/Peildatum-fault']")
        await expect(peildatum).to_have_text("De schuld is ontstaan na de peildatum.")


async def test_a_form_is_filled_by_the_keyboard_alone_and_keeps_the_focus_PO_69(page: Page) -> None:
    async with on(page, "GeenMedewerking") as question:
        await page.get_by_label("Klantnummer bij de schuldhulpverlener").focus()
        await page.keyboard.press("Tab")
        await page.keyboard.press("Space")
        chosen = page.get_by_label("de klant is onbekend")
        await expect(chosen).to_be_checked()
        await expect(chosen).to_be_focused()
        await page.get_by_role("button", name="Contactpersoon bij de schuldeiser toevoegen").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Naam")).to_have_value("T. Voorbeeld")
        await page.get_by_role("button", name="Contactpersoon bij de schuldeiser weghalen").focus()
        await page.keyboard.press("Enter")
        await expect(page.get_by_label("Naam")).to_have_count(0)
        root = await checked(page, "GeenMedewerking", question)
    assert values_of(root, "Reden") == ["KLANT_ONBEKEND"]


async def test_hostile_text_of_a_question_is_text_and_axe_finds_nothing_PO_31(page: Page) -> None:
    hostile = "&lt;script>document.title='x'&lt;/script>&lt;img src=x onerror=alert(1)>"
    question = sample(*MODULE, "Saldoverzoek").replace(b"<Achternaam>", f"<Achternaam>{hostile}".encode(), 1)
    async with on(page, "GeenMedewerking", question):
        await expect(page.locator(".document")).to_contain_text("<script>document.title='x'</script>")
        await expect(page).to_have_title("Proef")
        assert await page.locator(".document script, .document img").count() == 0
        assert (await Axe().run(page)).violations_count == 0

"""Every sample of every module as a form in a real browser: what its controls show is written as the same document."""

from __future__ import annotations

import json

from lxml import etree
from playwright.async_api import Page, expect
from support.browser.chromium import listen
from support.browser.desk_page import app, served, with_module

from conformance.schema_cases import sample_cases
from gateway.limits import PAYLOAD_LIMITS
from xsd.catalogue import load_catalogue
from xsd.checking.layers import rule_violations, violations
from xsd.document import parse_document
from xsd.forms.descriptions import Descriptions

# Each control is told, as by a hand, what it shows; so what a control cannot hold is lost, and missed.
PAGE = """
import { writeDocument, readDocument } from './forms/document.js';
import { entriesOf } from './forms/entries.js';
import { startForm } from './forms/form.js';
import { allPlacesIn } from './forms/places.js';
import { treeOf } from './forms/tree.js';
import { XmlDocument } from '../vendor/libxml2-wasm/index.mjs';

const { descriptions, cases } = GIVEN;
const place = document.querySelector('main').appendChild(document.createElement('div'));
globalThis.made = cases.map(({ type, xml }) => {
  const parsed = XmlDocument.fromString(xml);
  const description = descriptions[type];
  const { values } = readDocument(description, treeOf(parsed.root));
  parsed.dispose();
  const accounts = allPlacesIn(description.items, values, '')
    .filter(({ element }) => element.from === 'accounts')
    .map(({ value }) => ({ iban: value }));
  const beforehand = { today: '2026-03-04', question: null, accounts };
  const form = startForm(place, description, entriesOf(description.items, values), beforehand, 'nl');
  const shown = [...place.querySelectorAll('input[type=text], select, textarea, input[type=radio]:checked')];
  const told = shown.filter((each) => each.dataset.act === undefined);
  for (const each of told) each.dispatchEvent(new Event('input', { bubbles: true }));
  const isRight = form.isRight();
  const faults = [...place.querySelectorAll('.summary a')].map((each) => each.textContent);
  const written = writeDocument(description, form.values());
  form.end();
  return { controls: told.length, isRight, faults, written };
});
document.querySelector('output').value = 'klaar';
"""


async def test_every_sample_is_drawn_as_a_form_and_written_from_its_controls_equal_and_valid_PO_44(page: Page) -> None:
    catalogue = load_catalogue()
    forms = Descriptions(catalogue)
    cases, described = [], {}
    for each in sample_cases(catalogue):
        root = parse_document(each.octets, limits=PAYLOAD_LIMITS)
        found = catalogue.of_root(str(root.tag))
        assert found is not None
        key = f"{found.module}/{found.version}/{found.name}"
        described[key] = json.loads(forms.octets(found.module, found.version, found.name) or b"null")
        cases.append((each.id, found, root, {"type": key, "xml": etree.tostring(root, encoding="unicode")}))
    given = {"descriptions": described, "cases": [said for *_, said in cases]}
    told = listen(page)
    async with served(app(with_module("proef", PAGE.replace("GIVEN", json.dumps(given))))) as address:
        await page.goto(f"{address}/proef")
        await expect(page.locator("output")).to_have_text("klaar", timeout=60_000)
        made = await page.evaluate("() => globalThis.made")
    assert told.blocked() == []
    assert {found.module for _, found, *_ in cases} == {each.name for each in catalogue.modules}
    for (name, found, root, _), each in zip(cases, made, strict=True):
        assert (each["isRight"], each["faults"]) == (True, []), name
        assert each["controls"] > 0 or not described[f"{found.module}/{found.version}/{found.name}"]["by_hand"], name
        assert each["written"] == canonical(root), name
        again = parse_document(each["written"].encode(), limits=PAYLOAD_LIMITS)
        assert violations(found, again) == (), name
        assert rule_violations(found, again) == (), name


def canonical(root: etree._Element) -> str:
    """What exclusive canonicalisation makes of a document without its layout."""
    parser = etree.XMLParser(remove_blank_text=True, remove_comments=True)
    return etree.tostring(etree.fromstring(etree.tostring(root), parser), method="c14n", exclusive=True).decode()

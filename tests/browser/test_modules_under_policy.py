"""Modules of the desk run in a real browser under the policies of the portal, and only with the hashes promised."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect
from support.browser.chromium import WAIT_MILLISECONDS, listen, passkeys
from support.browser.desk_page import BASE, app, served, with_module

from gateway.desk_files import DeskFiles, read_desk_files

READS_XML = """
import { XmlDocument, XsdValidator } from '../vendor/libxml2-wasm/index.mjs';
import { gunzipSync, gzipSync } from '../vendor/fflate/fflate.js';

const schema = XmlDocument.fromString('<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">'
  + '<xs:element name="dag" type="xs:date"/></xs:schema>');
const validator = XsdValidator.fromDoc(schema);
const output = document.querySelector('output');
const said = [];
for (const text of ['<dag>2026-12-03</dag>', '<dag>3 december</dag>']) {
  const octets = gunzipSync(gzipSync(new TextEncoder().encode(text)));
  const read = XmlDocument.fromBuffer(octets);
  try {
    validator.validate(read);
    said.push('goed');
  } catch (fault) {
    said.push(fault.constructor.name);
  }
}
output.textContent = said.join(', ');
"""
STARTS_READER = """
import { utf8 } from './as4/octets.js';
import { remoteParser } from './as4/xml_remote.js';
import { startXmlWorker } from './as4/xml_start.js';

const output = document.querySelector('output');
const policy = trustedTypes.createPolicy('knooppunt-worker', { createScriptURL: (url) => url });
const { integrity } = JSON.parse(document.querySelector('script[type="importmap"]').textContent);
const trusted = (blob) => policy.createScriptURL(blob);
try {
  const reader = await startXmlWorker({ integrityOf: (path) => integrity[path], trusted });
  const read = await remoteParser(reader, () => reader.terminate())(utf8('<dag/>'));
  output.textContent = read.root.name;
} catch (fault) {
  output.textContent = `niet gestart: ${fault.name}`;
}
"""
ASKS_PASSKEY = """
const output = document.querySelector('output');
const salt = crypto.getRandomValues(new Uint8Array(32));
const made = await navigator.credentials.create({ publicKey: {
  challenge: crypto.getRandomValues(new Uint8Array(32)), rp: { name: 'Proef' },
  user: { id: new Uint8Array(16), name: 'proef', displayName: 'Proef' },
  pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  authenticatorSelection: { userVerification: 'required', residentKey: 'required' },
  extensions: { prf: {} },
} });
const secrets = [];
for (let time = 0; time < 2; time += 1) {
  const got = await navigator.credentials.get({ publicKey: {
    challenge: crypto.getRandomValues(new Uint8Array(32)), userVerification: 'required',
    allowCredentials: [{ type: 'public-key', id: made.rawId }],
    extensions: { prf: { evalByCredential: {
      [made.id]: { first: salt } } } },
  } });
  const first = got.getClientExtensionResults().prf?.results?.first;
  secrets.push(first ? String(new Uint8Array(first)) : 'geen');
}
output.textContent = secrets[0] === 'geen' ? 'geen geheim' : String(secrets[0] === secrets[1]);
"""


def spoiled(files: DeskFiles, path: str) -> DeskFiles:
    """The same with one octet more at the end of one file."""
    changed = replace(files.files[path], octets=files.files[path].octets + b" ")
    return DeskFiles(files=MappingProxyType({**files.files, path: changed}))


async def test_xml_is_read_and_validated_where_nothing_may_be_evaluated(page: Page) -> None:
    told = listen(page)
    async with served(app(with_module("proef", READS_XML))) as address:
        await page.goto(f"{address}/proef")
        await expect(page.locator("output")).to_have_text("goed, XmlValidateError")
    assert told.blocked() == []


async def test_a_module_with_one_octet_changed_does_not_run_PO_59(page: Page) -> None:
    """Neither the one that the page starts, nor one that it stands on."""
    files = with_module("proef", READS_XML)
    for path in ("js/proef.js", "vendor/fflate/fflate.js", "vendor/libxml2-wasm/nodes.mjs"):
        told = listen(page)
        async with served(app(spoiled(files, path), promised=files)) as address:
            await page.goto(f"{address}/proef")
            await page.wait_for_load_state("networkidle")
            await expect(page.locator("output")).to_have_text("niet begonnen")
        assert any("integrity" in line and path in line for line in told.lines), told.lines


async def test_the_reader_of_xml_is_a_blob_of_modules_with_their_hashes_PO_79(page: Page) -> None:
    """With one octet changed in what it is made of it does not start."""
    files = with_module("proef", STARTS_READER)
    output = page.locator("output")
    async with served(app(files)) as address:
        await page.goto(f"{address}/proef")
        await expect(output).to_have_text("dag", timeout=WAIT_MILLISECONDS)
    for path in ("js/as4/xml_worker.js", "vendor/libxml2-wasm/nodes.mjs"):
        async with served(app(spoiled(files, path), promised=files)) as address:
            await page.goto(f"{address}/proef")
            await expect(output).to_have_text("niet gestart: TypeError", timeout=WAIT_MILLISECONDS)


async def test_a_module_without_a_hash_does_not_run_PO_59(page: Page) -> None:
    files = with_module("proef", READS_XML)
    told = listen(page)
    async with served(app(files, promised=read_desk_files())) as address:
        await page.goto(f"{address}/proef")
        await page.wait_for_load_state("networkidle")
        await expect(page.locator("output")).to_have_text("niet begonnen")
    assert any(f"{BASE}js/proef.js" in line for line in told.blocked()), told.lines


async def test_a_passkey_tells_the_same_secret_twice(page: Page) -> None:
    await passkeys(page)
    async with served(app(with_module("proef", ASKS_PASSKEY))) as address:
        await page.goto(f"{address}/proef")
        await expect(page.locator("output")).to_have_text("true")


async def test_a_passkey_may_know_no_secret(page: Page) -> None:
    await passkeys(page, prf=False)
    async with served(app(with_module("proef", ASKS_PASSKEY))) as address:
        await page.goto(f"{address}/proef")
        await expect(page.locator("output")).to_have_text("geen geheim")


async def test_the_judge_of_accessibility_runs_under_the_policy(page: Page) -> None:
    """It finds what is wrong, so that none found means something."""
    async with served(app(with_module("leeg", ""))) as address:
        await page.goto(f"{address}/leeg")
        assert (await Axe().run(page)).violations_count == 0
        await page.locator("main").evaluate("main => main.append(document.createElement('button'))")
        (found,) = (await Axe().run(page)).response["violations"]
    assert found["id"] == "button-name"

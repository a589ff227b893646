"""A message is opened and receipted by Chromium, under the policies of the portal, with keys that nobody can export.

What the modules refuse is tried under Node, by the same code; here they meet the browser's own WebCrypto, its Worker
and its policies.
"""

from __future__ import annotations

import base64
import json
from pathlib import Path

from playwright.async_api import Page, expect
from support.browser.asking import key_pair
from support.browser.chromium import WAIT_MILLISECONDS, listen
from support.browser.desk import as_wire
from support.browser.desk_page import app, served, with_module
from support.hubs.hub import running_hub
from support.keys.pki import NOW, PARTIES, identity
from support.messages.wire import mpc_of, post, pull_request, saldoverzoek

from crypto.certificates import der

OPENS = """
import { readCertificate } from './as4/certificates.js';
import { base64, fromBase64, textOf } from './as4/octets.js';
import { openMessage } from './as4/open.js';
import { packReceipt } from './as4/pack.js';
import { remoteParser } from './as4/xml_remote.js';
import { startXmlWorker } from './as4/xml_start.js';
import * as flate from '../vendor/fflate/fflate.js';

const given = GIVEN;
const output = document.querySelector('output');
const octets = (text) => fromBase64(text);
const now = new Date(given.now);
const policy = trustedTypes.createPolicy('knooppunt-worker', { createScriptURL: (url) => url });
const { integrity } = JSON.parse(document.querySelector('script[type="importmap"]').textContent);
const means = { integrityOf: (path) => integrity[path], trusted: (blob) => policy.createScriptURL(blob) };
const reader = await startXmlWorker(means)
  .catch((fault) => {
    output.textContent = String(fault);
    throw fault;
  });
const parseXml = remoteParser(reader, () => reader.terminate());
const OPEN = { name: 'RSA-OAEP', hash: 'SHA-256' };
const SIGN = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
const opening = await crypto.subtle.importKey('pkcs8', octets(given.opening), OPEN, false, ['decrypt']);
const signing = await crypto.subtle.importKey('pkcs8', octets(given.signing), SIGN, false, ['sign']);
try {
  const opened = await openMessage(octets(given.octets), given.contentType, {
    self: given.self,
    keys: {
      certificates: [readCertificate(octets(given.openingCertificate))],
      unwrapContentKey: async (wrapped) => new Uint8Array(await crypto.subtle.decrypt(OPEN, opening, wrapped)),
    },
    hubCertificates: [readCertificate(octets(given.hub))],
    senders: new Map([[given.sender, [readCertificate(octets(given.senderCertificate))]]]),
    now, parseXml, flate,
  });
  const receipt = await packReceipt(
    { messageId: 'receipt@desk.example', at: now, about: opened.facts.messageId, references: opened.references },
    { key: {
      certificate: readCertificate(octets(given.signingCertificate)),
      signSignedInfo: async (said) => new Uint8Array(await crypto.subtle.sign(SIGN.name, signing, said)),
    } },
  );
  output.dataset.receipt = base64(receipt.octets);
  output.dataset.document = textOf(opened.document.octets);
  output.textContent = opened.proof.verdict;
} catch (fault) {
  output.textContent = String(fault);
}
"""


def given(content_type: str, octets: bytes) -> str:
    """What a page has to know to open it as the creditor."""
    who = identity("creditor")
    signing = key_pair(who.signing.certificate, who.signing.private_key)
    opening = key_pair(who.encryption.certificate, who.encryption.private_key)
    binary = {
        "octets": octets,
        "signing": signing["privateKey"],
        "signingCertificate": signing["certificate"],
        "opening": opening["privateKey"],
        "openingCertificate": opening["certificate"],
        "hub": der(identity("hub").signing.certificate),
        "senderCertificate": der(identity("counsellor").signing.certificate),
    }
    values = {
        "contentType": content_type,
        "now": NOW.isoformat(),
        "self": {"partyIds": [who.party_id], "mpc": mpc_of("creditor"), "hub": PARTIES["hub"][0]},
        "sender": PARTIES["counsellor"][0],
    }
    return json.dumps({**{name: base64.b64encode(each).decode() for name, each in binary.items()}, **values})


async def test_chromium_opens_what_the_hub_sealed_and_its_receipt_removes_it_PO_37_PO_40(
    page: Page, tmp_path: Path
) -> None:
    told = listen(page)
    async with running_hub(tmp_path) as hub:
        draft = saldoverzoek()
        assert (await post(hub, draft.wire())).receipt is not None
        pulled = await post(hub, pull_request())
        module = OPENS.replace("GIVEN", given(pulled.headers["Content-Type"], pulled.body))
        async with served(app(with_module("opens", module))) as address:
            await page.goto(f"{address}/opens")
            output = page.locator("output")
            await expect(output).to_have_text("verified", timeout=WAIT_MILLISECONDS)
            assert await output.get_attribute("data-document") == draft.parts[0].octets.decode()
            receipt = base64.b64decode(await output.get_attribute("data-receipt") or "")
        packed = {"contentType": "application/soap+xml; charset=UTF-8", "octets": receipt}
        assert (await post(hub, as_wire(packed))).status == 204
        assert (await post(hub, pull_request())).codes == ("EBMS:0006",)
    assert told.blocked() == []

/** The key Worker and the AS4 modules meet: what one party packs with its keys, another opens with its own. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parserOf } from '../../../../gateway/desk/js/as4/libxml2.js';
import { textOf, utf8 } from '../../../../gateway/desk/js/as4/octets.js';
import { openMessage } from '../../../../gateway/desk/js/as4/open.js';
import { packPush, packReceipt } from '../../../../gateway/desk/js/as4/pack.js';
import { verifyReceipt } from '../../../../gateway/desk/js/as4/answer.js';
import { keysInWorker } from '../../../../gateway/desk/js/as4/worker_keys.js';
import * as flate from '../../../../gateway/desk/vendor/fflate/fflate.js';
import * as libxml2 from '../../../../gateway/desk/vendor/libxml2-wasm/index.mjs';
import { FROM, browser, newUnit, opening } from '../keys/keeping.js';

const parseXml = parserOf(libxml2);
const now = new Date(Date.parse(FROM) + 60_000);

/** A party whose keys are in a Worker of its own. */
async function party() {
  const { ask } = browser();
  const unit = await newUnit(ask);
  const { sets } = await ask('unlock', opening(unit.server, unit.lock));
  return keysInWorker(ask, sets, () => true);
}

// Keys of 3072 bits take their time.
const [sender, receiver] = await Promise.all([party(), party()]);

/** What the one sends to the other. @param {string} text */
function packed(text) {
  const part = { mimeType: 'application/xml', contentId: 'p@x.example', salt: new Uint8Array(16) };
  const push = {
    messageId: 'm@x.example', at: now, from: { value: '1', type: 't' }, to: { value: '2', type: 't' }, service: 'urn:s',
    action: 'a', conversationId: 'c', trackingIdentifier: 'r', crossReference: null, originalSender: '1',
    finalRecipient: '2', parts: [{ ...part, octets: utf8(text) }], rootId: 'root@x.example', boundary: 'b',
  }; // prettier-ignore
  return packPush(push, { key: sender.signing, hub: receiver.decryption.certificates[0], flate });
}

test('a message is signed and opened by keys that stay in their Workers, and its receipt holds', async () => {
  const sent = await packed('<a/>');
  const opened = await openMessage(sent.octets, sent.contentType, {
    self: { partyIds: ['2'], mpc: /** @type {any} */ (null), hub: '1' },
    keys: receiver.decryption,
    hubCertificates: [sender.signing.certificate],
    senders: new Map(),
    now,
    parseXml,
    flate,
  });
  assert.equal(textOf(opened.document.octets), '<a/>');
  assert.equal(opened.facts.finalRecipient, '2');
  const receipt = await packReceipt(
    { messageId: 'r@x.example', at: now, about: opened.facts.messageId, references: opened.references },
    { key: receiver.signing },
  );
  const means = { hubCertificates: [receiver.signing.certificate], now, parseXml };
  const about = { messageId: 'm@x.example', references: sent.references };
  const found = await verifyReceipt(receipt.octets, receipt.contentType, about, means);
  assert.equal(found.messageId, 'r@x.example');
});

test('what is sealed to another party is said to be, and no Worker is asked', async () => {
  const sent = await packed('<a/>');
  const refused = openMessage(sent.octets, sent.contentType, {
    self: { partyIds: ['2'], mpc: /** @type {any} */ (null), hub: '1' },
    keys: { ...sender.decryption, unwrapContentKey: () => assert.fail('it was asked') },
    hubCertificates: [sender.signing.certificate],
    senders: new Map(),
    now,
    parseXml,
    flate,
  });
  await assert.rejects(refused, { name: 'Refused', check: 'sealed-to' });
});

/** Letters of which nobody knows whether they arrived stay what they are; what never left may be changed. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { keysInWorker } from "../../../../gateway/desk/js/as4/worker_keys.js";
import { chanceOf, isUnderWay, lettersTo, mayHaveArrived } from "../../../../gateway/desk/js/drafts/letters.js";
import { CallFault } from "../../../../gateway/desk/js/pages/calling.js";
import { pushOf } from "../../../../gateway/desk/js/pages/outgoing.js";
import { postLetters } from "../../../../gateway/desk/js/pages/posting.js";
import * as flate from "../../../../gateway/desk/vendor/fflate/fflate.js";
import { browser, FROM, newUnit, opening } from "../keys/keeping.js";

const now = new Date(Date.parse(FROM) + 60_000);
const chance = { uuid: () => crypto.randomUUID(), octets: (/** @type {number} */ count) => crypto.getRandomValues(new Uint8Array(count)) };
const endpoint = { unit: { value: "u", type: "t" }, hub: { value: "h", type: "t" } };
const description = { service: "urn:x:A:1.0", type: "Vraag", namespace: "urn:a", items: [] };

const { ask } = browser();
const unit = await newUnit(ask);
const keys = keysInWorker(ask, (await ask("unlock", opening(unit.server, unit.lock))).sets, () => true);

/** Two letters that go where that comes of it, and how often something left. @param {unknown} fault */
async function posted(fault, letters = lettersTo([{ party: "a", name: "A" }, { party: "b", name: "B" }], chance)) {
  let [left, kept] = [0, ""];
  const push = async () => {
    left += 1;
    throw fault;
  };
  const sending = { calls: { push }, key: keys.signing, hub: keys.recipient, hubCertificates: [], flate, now: () => now };
  const keep = async () => void (kept = JSON.stringify(letters));
  const headers = letters.map(({ party, conversation, reference }) => ({ reference, conversation, sender: "u", receiver: party, moment: now }));
  const written = { draft: { entries: new Map(), attached: [] }, values: new Map(), headers };
  const post = { endpoint, chance, sending, keep, progress: () => undefined };
  await assert.rejects(postLetters(/** @type {any} */ (description), letters, /** @type {any} */ (written), /** @type {any} */ (post)), (thrown) => thrown === fault);
  assert.deepEqual(JSON.parse(kept), JSON.parse(JSON.stringify(letters)), "what is kept is what is so");
  return { left, letters };
}

const NETWORK = new TypeError("fetch failed");
const REFUSED = new CallFault(403, { error: "error.not_allowed" });

for (const [what, fault] of /** @type {const} */ ([
  ["nobody answered", NETWORK],
  ["something between answered", new CallFault(404, {})],
  ["the portal failed over", new CallFault(502, { error: "error.defect" })],
])) {
  test(`a letter to which ${what} is not changed any more, and those after it are`, async () => {
    const { left, letters } = await posted(fault);
    assert.deepEqual([left, mayHaveArrived(letters)], [1, true]);
    assert.deepEqual(letters.map(({ moment, drawn }) => [moment !== null, drawn.length > 1]), [[true, true], [false, false]]);
  });
}

test("a letter has its id from its beginning, and keeps it where it never left and is changed", async () => {
  const { letters } = await posted(REFUSED);
  const ids = letters.map(({ drawn }) => drawn[0]);
  await posted(REFUSED, letters);
  assert.deepEqual(letters.map(({ drawn }) => drawn), ids.map((id) => [id]));
  const means = { endpoint, at: now, chance: chanceOf(letters[0], chance) };
  const header = { reference: "r", conversation: "c", sender: "u", receiver: "p", moment: now };
  const { messageId } = pushOf(/** @type {any} */ (description), new Map(), header, means);
  assert.equal(messageId, `${ids[0]}@desk.knooppunt`);
});

test("letters that the portal itself refused never left, unless they may have before", async () => {
  const { letters } = await posted(REFUSED);
  assert.deepEqual([mayHaveArrived(letters), isUnderWay(letters)], [false, false]);
  const before = await posted(NETWORK, letters);
  const { drawn } = before.letters[0];
  await posted(REFUSED, letters);
  assert.ok(mayHaveArrived(letters));
  assert.deepEqual(letters[0].drawn, drawn, "it is the same message");
});

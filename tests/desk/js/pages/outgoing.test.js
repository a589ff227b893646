/**
 * What a desk sends has its ids before it goes, and what the hub refused comes back as the engine of forms reads it.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { treeOf } from "../../../../gateway/desk/js/pages/opening.js";
import { dayOf, pushOf, refusalsOf } from "../../../../gateway/desk/js/pages/outgoing.js";

test("a push says of the document what its header says", () => {
  let number = 0;
  const chance = { uuid: () => `id-${(number += 1)}`, octets: (/** @type {number} */ count) => new Uint8Array(count) };
  const endpoint = { unit: { value: "u", type: "t" }, hub: { value: "h", type: "t" } };
  const header = { reference: "r", conversation: "c", question: "q", sender: "u", receiver: "s", moment: new Date(0) };
  const description = { service: "urn:x:A:1.0", type: "Antwoord", namespace: "urn:a", items: [] };
  const made = pushOf(/** @type {any} */ (description), new Map(), header, /** @type {any} */ ({ endpoint, at: new Date(0), chance }));
  const said = [made.crossReference, made.trackingIdentifier, made.conversationId, made.finalRecipient, made.originalSender];
  assert.deepEqual(said, ["q", "r", "c", "s", "u"]);
  assert.equal(new TextDecoder().decode(made.parts[0].octets), '<Antwoord xmlns="urn:a"></Antwoord>');
  assert.equal(new Set([made.messageId, made.parts[0].contentId, made.rootId]).size, 3);
  assert.equal(made.parts[0].salt.length, 16);
});

test("a refusal keeps its code and path, and one without them its text", () => {
  const [first, second] = refusalsOf([
    { code: "EBMS:0004", severity: "failure", text: "Niet goed.", language: "nl", kind: "XSD-X", line: 9, path: "/A/B" },
    { code: "EBMS:0303", severity: "failure", text: null, language: null, kind: null, line: null, path: null },
  ]);
  assert.deepEqual(first, { detail: "code=XSD-X line=9 path=/A/B", text: "Niet goed." });
  assert.deepEqual(second, { detail: "", text: "EBMS:0303" });
});

test("the day of an answer is that of the Netherlands", () => {
  assert.equal(dayOf(new Date("2026-12-31T23:30:00Z")), "2027-01-01");
});

test("a parsed element is read as forms read it, text around comments whole", () => {
  const element = (/** @type {string} */ name, /** @type {any[]} */ children) => ({ name, attributes: [], children, line: 1, number: 0 });
  const tree = treeOf(element("{urn:a}A", ["x", { comment: "c" }, "y", element("{urn:a}B", [])]));
  assert.deepEqual([tree.name, tree.namespace, tree.text, tree.children[0].name], ["A", "urn:a", "xy", "B"]);
});

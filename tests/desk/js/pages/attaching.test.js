/**
 * Which documents may travel with a message is what its form says; what a file is, its octets (PO-86).
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { allowedWith, attach, MOST_ATTACHED_OCTETS, missingOf } from "../../../../gateway/desk/js/pages/attaching.js";
import { pushOf } from "../../../../gateway/desk/js/pages/outgoing.js";

/** @typedef {import("../../../../gateway/desk/js/pages/attaching.js").Attached} Attached */

const octets = (/** @type {string} */ text) => new TextEncoder().encode(text);
const PDF = octets("%PDF-1.7 one");
const list = (/** @type {string} */ name, /** @type {string[]} */ ...values) => ({
  kind: "field",
  name,
  value: { kind: "list", values: values.map((value) => ({ value, nl: value, en: value })) },
});
const item = { kind: "group", name: "Bijlage", most: 2, items: [list("Soort", "Besluit", "Overig"), list("Mediatype", "application/pdf")] };
const header = { kind: "group", filled: "header", items: [{ kind: "group", filled: "attachments", items: [item] }] };
const attachments = [{ kind: "Besluit", from: ["a", "b"] }, { kind: "Overig", from: ["a"] }];
const description = /** @type {any} */ ({ items: [header], from: ["a", "b"], attachments });
const allowed = /** @type {NonNullable<ReturnType<typeof allowedWith>>} */ (allowedWith(description));

test("what a form allows is read from it; a kind that every sender must send is asked for", () => {
  assert.deepEqual([allowed.most, allowed.required], [2, ["Besluit"]]);
  assert.deepEqual(missingOf([], allowed).map(({ value }) => value), ["Besluit"]);
  assert.equal(allowedWith({ ...description, items: [{ ...header, items: [] }] }), null);
});

test("a file is a document with the digest of its octets, and one that was attached is missed no more", async () => {
  const found = /** @type {Attached} */ (await attach({ octets: PDF, name: "../Besluit.pdf" }, "Besluit", [], allowed));
  assert.deepEqual([found.kind, found.name, found.mediatype, found.sha256.length], ["Besluit", "Besluit.pdf", "application/pdf", 64]);
  assert.deepEqual(missingOf([found], allowed), []);
});

test("what is of another type, too large, one too many or there already is told apart", async () => {
  const first = /** @type {Attached} */ (await attach({ octets: PDF, name: "a" }, "Overig", [], allowed));
  const judged = (/** @type {Uint8Array<ArrayBuffer>} */ file, /** @type {Attached[]} */ ...before) =>
    attach({ octets: file, name: "a.pdf" }, "Overig", before, allowed);
  assert.equal(await judged(octets("<html>")), "desk.attaching.type");
  assert.equal(await judged(Uint8Array.of(0xff, 0xd8, 0xff)), "desk.attaching.type");
  assert.equal(await judged(PDF, first), "desk.attaching.twice");
  assert.equal(await judged(octets("%PDF-2"), first, first), "desk.attaching.many");
  assert.equal(await judged(PDF, { ...first, octets: new Uint8Array(MOST_ATTACHED_OCTETS) }), "desk.attaching.large");
});

test("each document is a part of its own behind the message, as its octets are", () => {
  let number = 0;
  const chance = { uuid: () => `id-${(number += 1)}`, octets: (/** @type {number} */ count) => new Uint8Array(count) };
  const facts = { reference: "r", conversation: "c", sender: "u", receiver: "s", moment: new Date(0) };
  const means = /** @type {any} */ ({ endpoint: { unit: {}, hub: {} }, at: new Date(0), chance });
  const attached = [{ kind: "Besluit", name: "a.pdf", mediatype: "application/pdf", sha256: "", octets: PDF }];
  const { parts } = pushOf({ ...description, type: "A", namespace: "urn:a", items: [] }, new Map(), facts, means, attached);
  assert.deepEqual(parts.map(({ mimeType }) => mimeType), ["application/xml", "application/pdf"]);
  assert.deepEqual(parts[1].octets, PDF);
  assert.equal(new Set(parts.map(({ contentId }) => contentId)).size, 2);
});

/**
 * What is written is the same when it comes back; sealed, it opens with the unit's keys and in its own place alone; a
 * letter is the same message each time that it goes.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { keysInWorker } from "../../../../gateway/desk/js/as4/worker_keys.js";
import { chanceOf, isUnderWay, lettersTo, mayHaveArrived, noteOutcome, stillToGo, unsentOf } from "../../../../gateway/desk/js/drafts/letters.js";
import { sealingOf } from "../../../../gateway/desk/js/drafts/sealing.js";
import { fromOctets, toOctets } from "../../../../gateway/desk/js/drafts/written.js";
import { KeyFault } from "../../../../gateway/desk/js/keys/keeper.js";
import { clearGone } from "../../../../gateway/desk/js/pages/clearing.js";
import { browser, FROM, newUnit, opening, UNTIL } from "../keys/keeping.js";

const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
const RSA = { name: "RSA-OAEP", hash: "SHA-256", modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) };

/** A unit whose decryption key is here instead of in the Worker. @param {string} name */
async function unit(name) {
  const pair = await crypto.subtle.generateKey(RSA, false, ["encrypt", "decrypt"]);
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", pair.publicKey));
  const certificate = /** @type {any} */ ({ der: utf8(name), publicKey });
  const unwrapContentKey = async (/** @type {any} */ octets) =>
    new Uint8Array(await crypto.subtle.decrypt({ name: "RSA-OAEP" }, pair.privateKey, octets));
  return { certificates: [certificate], unwrapContentKey };
}

/** As where the set of the first certificate is in force. @param {any} keys */
const sealing = (keys) => sealingOf(keys, keys.certificates[0]);

let drawn = 0;
const chance = {
  uuid: () => `id-${(drawn += 1)}`,
  octets: (/** @type {number} */ count) => new Uint8Array(count).fill((drawn += 1)),
};

test("values, lists, files and what is blank come back as they were", async () => {
  const file = utf8("%PDF-1.7");
  const value = { entries: new Map([["A", ["x", new Map([["map", [""]]])]]]), attached: [{ octets: file, name: "octets" }], none: null };
  const written = toOctets(value, () => "first");
  assert.deepEqual(await fromOctets(written, async (name) => (name === "first" ? file : null)), value);
  assert.equal(await fromOctets(written, async () => null), null, "one of its files is not there");
});

test("what is sealed opens with the keys of the unit, also after newer ones, and nowhere but in its place", async () => {
  const [old, other, newer] = [await unit("old"), await unit("other"), await unit("newer")];
  const sealed = await (await sealing(old)).seal(utf8("Jansen"), ["unit", "message"]);
  assert.ok(!new TextDecoder().decode(sealed.octets).includes("Jansen"));
  const both = { ...old, certificates: [...newer.certificates, ...old.certificates] };
  assert.deepEqual(await (await sealing(both)).open(sealed, ["unit", "message"]), utf8("Jansen"));
  assert.equal(await (await sealing(old)).open(sealed, ["unit", "another"]), null);
  assert.equal(await (await sealing(other)).open(sealed, ["unit", "message"]), null);
});

test("what is sealed is sealed to the set in force, and opens after the newer one was refused", async () => {
  const { ask } = browser();
  const { lock, set, server } = await newUnit(ask);
  server.inForce = Object.values((await ask("unlock", opening(server, lock))).sets[0].certificates);
  const made = await ask("rotate", { set: "newer", name: "Incasso Noord", from: FROM, until: UNTIL, without: [], secret: lock.secret });
  const keys = async () => {
    const { sets } = await ask("unlock", opening(server, lock));
    return keysInWorker(ask, sets, (signing) => server.inForce.includes(signing));
  };
  server.roster = made.roster;
  const older = server.kept.get(lock.record.id);
  server.kept.set(lock.record.id, [{ set: "newer", copy: made.copies[0].copy }, ...older]);
  const waiting = await keys();
  const sealed = await (await sealingOf(waiting.decryption, waiting.recipient)).seal(utf8("Jansen"), ["place"]);
  server.kept.set(lock.record.id, older); // the operator refused it
  assert.deepEqual(older.map((each) => each.set), [set]);
  const after = await keys();
  assert.deepEqual(await (await sealingOf(after.decryption, after.recipient)).open(sealed, ["place"]), utf8("Jansen"));
});

test("what was sealed to keys that are gone is nothing, and keys that are locked are told", async () => {
  const own = await unit("own");
  const sealed = await (await sealing(own)).seal(utf8("Jansen"), ["place"]);
  const opened = async (/** @type {string} */ why) => {
    const unwrapContentKey = async () => Promise.reject(new KeyFault(why));
    return (await sealing({ ...own, unwrapContentKey })).open(sealed, ["place"]);
  };
  assert.deepEqual([await opened("stranger"), await opened("does-not-open")], [null, null]);
  await assert.rejects(opened("locked"), /locked/u);
});

test("a letter draws the same again, and another one something else", () => {
  const [first, second] = lettersTo([{ party: "a", name: "A" }, { party: "b", name: "B", conversation: "known" }], chance);
  const draw = (/** @type {any} */ letter) => {
    const own = chanceOf(letter, chance);
    return [own.uuid(), [...own.octets(3)], own.uuid()];
  };
  const before = draw(first);
  assert.deepEqual(draw(JSON.parse(JSON.stringify(first))), before);
  assert.notDeepEqual(draw(second), before);
  assert.deepEqual([second.conversation, second.goesOn, first.goesOn], ["known", true, false]);
});

test("what was refused goes as another message; what may have left, and what went, stay what they are", () => {
  const letters = lettersTo([..."abc"].map((party) => ({ party, name: party })), chance);
  assert.equal(isUnderWay(letters), false);
  Object.assign(letters[0], { moment: "m", receipt: "r" });
  Object.assign(letters[1], { moment: "m", refused: [{}] });
  Object.assign(letters[2], { moment: "m" });
  assert.equal(isUnderWay(letters), true);
  const next = stillToGo(letters, chance);
  assert.deepEqual(next.map((each, at) => each.reference === letters[at].reference), [true, false, true]);
  assert.deepEqual([next[1].moment, next[1].conversation, unsentOf(next).length], [null, letters[1].conversation, 2]);
});

for (const [what, again, kind, isOpen] of /** @type {const} */ ([
  ["refused when it first went", false, null, false],
  ["refused for its text when it went again", true, "XSD-X", false],
  ["refused by its id when it went again", true, null, true],
])) {
  test(`a letter that was ${what} ${isOpen ? "keeps its id, and may have arrived" : "goes as another one"}`, () => {
    const [letter] = lettersTo([{ party: "a", name: "A" }], chance);
    letter.moment = "m";
    assert.ok(mayHaveArrived([letter]), "nobody answered yet");
    const error = { code: "EBMS:0003", severity: "failure", text: "?", language: "nl", kind, line: null, path: null };
    noteOutcome(letter, { errors: [error] }, again);
    const [next] = stillToGo([letter], chance);
    assert.deepEqual([mayHaveArrived([letter]), next.reference === letter.reference], [isOpen, isOpen]);
    noteOutcome(letter, { receipt: "r" }, true);
    assert.deepEqual([mayHaveArrived([letter]), letter.refused, unsentOf([letter])], [false, [], []]);
  });
}

test("answers whose message has gone are dropped, and new messages are not", async () => {
  /** @type {string[]} */
  const dropped = [];
  const names = async () => ["gone@hub", "here@hub", "new 1"];
  const drop = async (/** @type {string} */ name) => dropped.push(name);
  await clearGone(/** @type {any} */ ({ names, drop }), async (message) => message === "here@hub");
  assert.deepEqual(dropped, ["gone@hub"]);
});

/** The hub as settings name it: what a server shows beside it is seen, and people compare fingerprints. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprintOf, isHub, unknownOf } from "../../../../gateway/desk/js/keys/hub.js";

const HUB = { signing: ["AAAA"], encryption: ["AAAB"], directory: ["AAAC"] };

test("what is shown and not known is told by its use, and nothing where all of it is known", () => {
  assert.deepEqual(unknownOf(HUB, HUB), []);
  const other = { ...HUB, signing: ["AAAA", "AAAD"], directory: ["AAAE"] };
  assert.deepEqual(unknownOf(other, HUB), [
    { usage: "signing", certificate: "AAAD" },
    { usage: "directory", certificate: "AAAE" },
  ]);
  assert.equal(unknownOf(HUB, null).length, 3);
});

test("a certificate of one use is not known for another", () => {
  assert.deepEqual(unknownOf({ ...HUB, encryption: ["AAAA"] }, HUB), [{ usage: "encryption", certificate: "AAAA" }]);
});

test("a fingerprint is SHA-256 in groups of four", async () => {
  // Three octets of zero, by the words of sha256sum.
  const expected = "709e 80c8 8487 a241 1e1e e4df b9f2 2a86 1492 d20c 4765 150c 0c79 4abd 70f8 147c";
  assert.equal(await fingerprintOf("AAAA"), expected);
});

test("its party id is one word that hides nothing, and settings from before it was compared have none", () => {
  const parties = ["00000001001234567000", "urn:hub:1", "", "a b", "a\u202eb", 1, null, "x".repeat(201)];
  assert.deepEqual(parties.map((party) => isHub({ ...HUB, party })), [true, true, ...Array(6).fill(false)]);
  assert.equal(isHub({ ...HUB, other: [] }), false);
});

test("what is no object is no hub", () => {
  assert.deepEqual([null, 1, "hub", [], HUB].map(isHub), [false, false, false, false, true]);
});

/** The hub that is known, and what an administrator says yes to: what was on the screen, and nothing that was not. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { agreedHub, hubOf } from "../../../../gateway/desk/js/pages/hub_known.js";

const NOW = new Date("2026-12-03T12:00:00Z");
const NAMED = { signing: ["AAAA"], encryption: ["AAAB"], directory: ["AAAC"] };
const shows = (/** @type {object} */ changed = {}) => /** @type {any} */ ({
  hub: { value: "00000001001234567000", type: null }, hub_signing: ["AAAA"], hub_encryption: "AAAB", directory: ["AAAC"], vouched: [], ...changed,
}); // prettier-ignore

test("the key of the address book stays known where the portal shows none beside another certificate", async () => {
  const hub = await hubOf(shows({ hub_encryption: "AAAD", directory: [] }), NAMED, []);
  const { encryption, directory } = agreedHub(hub, NOW);
  assert.deepEqual([encryption, directory], [["AAAD"], ["AAAC"]]);
});

test("another key of the address book that was compared takes the place of the one before", async () => {
  assert.deepEqual(agreedHub(await hubOf(shows({ directory: ["AAAE"] }), NAMED, []), NOW).directory, ["AAAE"]);
});

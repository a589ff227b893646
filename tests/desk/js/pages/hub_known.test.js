/** The hub that is known, and what an administrator says yes to: what was on the screen, and nothing that was not. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { agreedHub, bearsAnothers, hubOf, partyToCompare } from "../../../../gateway/desk/js/pages/hub_known.js";

const NOW = new Date("2026-12-03T12:00:00Z");
const HUB = "00000001001234567000";
const NAMED = { signing: ["AAAA"], encryption: ["AAAB"], directory: ["AAAC"] };
const shows = (/** @type {object} */ changed = {}) => /** @type {any} */ ({
  hub: { value: HUB, type: null }, hub_signing: ["AAAA"], hub_encryption: "AAAB", directory: ["AAAC"], vouched: [], ...changed,
}); // prettier-ignore

test("the key of the address book stays known where the portal shows none beside another certificate", async () => {
  const hub = await hubOf(shows({ hub_encryption: "AAAD", directory: [] }), NAMED, []);
  const { encryption, directory } = agreedHub(hub, NOW);
  assert.deepEqual([encryption, directory], [["AAAD"], ["AAAC"]]);
});

test("another key of the address book that was compared takes the place of the one before", async () => {
  assert.deepEqual(agreedHub(await hubOf(shows({ directory: ["AAAE"] }), NAMED, []), NOW).directory, ["AAAE"]);
});

test("the party id is compared with the fingerprints, and said yes to with them", async () => {
  const hub = await hubOf(shows({ hub_encryption: "AAAD" }), NAMED, []);
  assert.deepEqual(partyToCompare(hub), { known: null, strange: HUB });
  assert.equal(agreedHub(hub, NOW).party, HUB);
  assert.equal(partyToCompare(await hubOf(shows(), { ...NAMED, party: HUB }, [])), null);
});

test("a hub bears somebody else's id where the settings name another one, or, naming none yet, where one who is known has it", async () => {
  const before = await hubOf(shows(), NAMED, []);
  const bears = [[], ["1"], [HUB], [`${HUB}:0001`]].map((others) => bearsAnothers(before, others));
  assert.deepEqual(bears, [false, false, true, true]);
  assert.equal(bearsAnothers(await hubOf(shows(), { ...NAMED, party: HUB }, []), [HUB]), false);
  assert.equal(bearsAnothers(await hubOf(shows(), { ...NAMED, party: "1" }, []), []), true);
});

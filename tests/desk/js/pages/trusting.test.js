/** On which hub a page relies: its party id is the one that was signed, and never that of somebody who is known (PO-56). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { agreeHub, checkHub, StrangeHub } from "../../../../gateway/desk/js/pages/trusting.js";
import { portalOf } from "./portals.js";

const HUB = "00000001001234567000";
const CREDITOR = "00000001009876543000";
const NAMED = { signing: ["AAAA"], encryption: ["AAAB"], directory: [] };

/** The hub of these certificates under a party id, to an organisation that signed for that hub. */
const portal = (/** @type {string} */ value, /** @type {object} */ named) =>
  portalOf({ hub: { value, type: null }, hub_signing: ["AAAA"], hub_encryption: "AAAB", directory: [], vouched: [] }, { named, knows: CREDITOR });

test("the hub under the party id that the organisation signed for is its hub", async () => {
  const { hub } = await checkHub(await portal(HUB, { ...NAMED, party: HUB }));
  assert.deepEqual(hub.strange, []);
});

test("the hub's own certificates under another party id are not the hub that the organisation knows", async () => {
  await assert.rejects(checkHub(await portal(CREDITOR, { ...NAMED, party: HUB })), StrangeHub);
  await assert.rejects(checkHub(await portal("nobody", { ...NAMED, party: HUB })), StrangeHub);
});

test("where no party id was signed yet, the hub may have none of a party that the unit knows", async () => {
  await assert.rejects(checkHub(await portal(CREDITOR, NAMED)), StrangeHub);
  await checkHub(await portal(HUB, NAMED));
});

test("an administrator who says yes signs the party id too", async () => {
  const means = await portal(CREDITOR, NAMED);
  const strange = await checkHub(means).catch((fault) => fault);
  await agreeHub(means, strange.hub);
  assert.equal(means.kept[0].hub.party, CREDITOR);
});

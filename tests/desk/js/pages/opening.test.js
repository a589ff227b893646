/** Who vouches for a message: its sender, the hub of what it wrote itself, or nobody. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { openView } from "../../../../gateway/desk/js/pages/message_views.js";
import { vouchedBy } from "../../../../gateway/desk/js/pages/opening.js";

const HUB = "00000001001234567000";
const came = (/** @type {string | null} */ originalSender, /** @type {string | null} */ verdict = null) =>
  /** @type {any} */ ({ facts: { originalSender }, proof: verdict === null ? null : { verdict } });

for (const [what, opened, vouched] of [
  ["a proof that holds is the sender's word", came("1", "verified"), "sender"],
  ["a proof of somebody unknown is nobody's", came("1", "unverified"), null],
  ["without a proof the hub speaks for itself", came(HUB), "hub"],
  ["and for nobody else", came("1"), null],
  ["a proof of somebody unknown is not the hub's either", came(HUB, "unverified"), null],
]) {
  test(what, () => assert.equal(vouchedBy(opened, HUB), vouched));
}

test("what the hub wrote is told to be the hub's, and not a sender's of the address book", () => {
  const said = ["sender", "hub", null].map((vouched) => {
    const description = { type: "T", label: { nl: "t", en: "t" }, items: [], answers: [] };
    const content = /** @type {any} */ ({ opened: came(HUB), description, values: {}, vouched, wrong: 0 });
    const [told] = openView(content, { attachments: [], answers: [], isAnswered: false, begun: [], doubt: [] }, "en", (key) => key);
    return /** @type {any} */ (told).children[0].children[0];
  });
  assert.deepEqual(said, ["desk.verified", "desk.from_hub", "desk.unverified"]);
});

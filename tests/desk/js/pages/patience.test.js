/** What a page does while the portal is too busy. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { CallFault } from "../../../../gateway/desk/js/pages/calling.js";
import { patiently } from "../../../../gateway/desk/js/pages/patience.js";

/** @param {number} status @param {number | null} after */
function busy(status, after) {
  const fault = new CallFault(status, {});
  fault.after = after;
  return fault;
}

/** @param {(CallFault | string)[]} answers in turn */
function asked(answers) {
  const [left, waited] = [[...answers], /** @type {number[]} */ ([])];
  const work = async () => {
    const next = left.shift();
    if (next instanceof CallFault) throw next;
    return next;
  };
  return { waited, done: patiently(work, async (seconds) => void waited.push(seconds)) };
}

test("asks again after as long as the portal says, and never waits longer than a minute", async () => {
  const { waited, done } = asked([busy(429, 3), busy(503, 900), "done"]);
  assert.equal(await done, "done");
  assert.deepEqual(waited, [3, 60]);
});

for (const fault of [busy(429, null), busy(410, 3), busy(500, 3)]) {
  test(`tells ${fault.status} at once where nobody says that it passes`, async () => {
    const { waited, done } = asked([fault, "never"]);
    await assert.rejects(done, fault);
    assert.deepEqual(waited, []);
  });
}

test("gives up after ten times", async () => {
  const { waited, done } = asked(Array.from({ length: 11 }, () => busy(503, 1)));
  await assert.rejects(done);
  assert.equal(waited.length, 9);
});

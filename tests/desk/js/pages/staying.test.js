/** Whoever types keeps the keys open, and the key Worker hears of it now and then. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { stayAtWork } from "../../../../gateway/desk/js/pages/staying.js";
import { browser, newUnit, opening } from "../keys/keeping.js";

test("the Worker hears of work at once, and once a minute at most", () => {
  const where = new EventTarget();
  let [now, told] = [0, 0];
  stayAtWork(() => (told += 1), where, () => now);
  assert.equal(told, 0, "nobody did anything");
  for (now = 0; now < 180_000; now += 20_000) where.dispatchEvent(new Event("input"));
  assert.equal(told, 3);
  now += 60_000;
  for (const sign of ["pointerdown", "keydown"]) where.dispatchEvent(new Event(sign));
  assert.equal(told, 4);
});

test("keys stay open for whoever types longer than an idle page keeps them", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 0 });
  const [where, { ask, events }] = [new EventTarget(), browser()];
  const unit = await newUnit(ask);
  await ask("unlock", opening(unit.server, unit.lock));
  let told = Promise.resolve();
  stayAtWork(() => (told = ask("stay")), where, () => Date.now());
  for (let minutes = 0; minutes < 40; minutes += 2) {
    context.mock.timers.tick(2 * 60_000);
    where.dispatchEvent(new Event("input"));
    await told;
  }
  await ask("facts");
  assert.deepEqual(events, []);
});

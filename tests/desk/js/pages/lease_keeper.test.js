/**
 * A lease is prolonged for work alone, and its end is told once.
 */

import assert from "node:assert/strict";
import { mock, test } from "node:test";

import { CallFault } from "../../../../gateway/desk/js/pages/calling.js";
import { keepLease } from "../../../../gateway/desk/js/pages/lease_keeper.js";

const ROUND = 5 * 60_000;

/** A page on which somebody works, and what was asked and told. @param {() => void} [answer] */
function page(answer = () => undefined) {
  mock.timers.enable({ apis: ["setInterval"] });
  const where = new EventTarget();
  const seen = { asked: 0, lost: 0 };
  const ask = async () => {
    seen.asked += 1;
    answer();
  };
  const stop = keepLease(ask, () => (seen.lost += 1), where);
  const pass = async () => {
    mock.timers.tick(ROUND);
    await new Promise((done) => setImmediate(done));
  };
  const end = () => {
    stop();
    mock.timers.reset();
  };
  return { where, seen, pass, end };
}

test("a page that is left alone asks nothing", async () => {
  const { seen, pass, end } = page();
  await pass();
  assert.equal(seen.asked, 0);
  end();
});

test("work is asked for once a round", async () => {
  const { where, seen, pass, end } = page();
  for (const sign of ["keydown", "input", "pointerdown"]) where.dispatchEvent(new Event(sign));
  await pass();
  await pass();
  assert.equal(seen.asked, 1);
  end();
});

test("a lease that is another's is told once, and nothing is asked after that", async () => {
  const { where, seen, pass, end } = page(() => {
    throw new CallFault(410, {});
  });
  where.dispatchEvent(new Event("input"));
  await pass();
  where.dispatchEvent(new Event("input"));
  await pass();
  assert.deepEqual(seen, { asked: 1, lost: 1 });
  end();
});

test("a portal that is busy is asked again", async () => {
  const { where, seen, pass, end } = page(() => {
    throw new CallFault(503, {});
  });
  where.dispatchEvent(new Event("input"));
  await pass();
  await pass();
  assert.deepEqual(seen, { asked: 2, lost: 0 });
  end();
});

/** What one tab has in hand no other takes; locks of a browser are as here, but across its tabs. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { handsOf } from "../../../../gateway/desk/js/drafts/in_hand.js";

/** A browser's locks, as far as they are asked `ifAvailable`. @returns {any} */
function browserLocks() {
  const taken = new Set();
  return {
    request: async (/** @type {string} */ name, /** @type {{ifAvailable: true}} */ { ifAvailable }, /** @type {(lock: any) => any} */ work) => {
      assert.ok(ifAvailable);
      if (taken.has(name)) return work(null);
      taken.add(name);
      try {
        return await work({ name });
      } finally {
        taken.delete(name);
      }
    },
  };
}

test("what one tab took another has only after it let go, and each name and unit stands for itself", async () => {
  const locks = browserLocks();
  const [here, there, elsewhere] = [handsOf("u", locks), handsOf("u", locks), handsOf("other", locks)];
  assert.equal(await here.take("one"), true);
  assert.equal(await here.take("one"), true, "it has it already");
  assert.deepEqual([await there.take("one"), there.has("one"), here.has("one")], [false, false, true]);
  assert.deepEqual([await there.take("two"), await elsewhere.take("one")], [true, true]);
  there.letGo("one");
  assert.equal(await there.take("one"), false, "nobody lets go of what another one has");
  here.letGo("one");
  await new Promise((done) => setTimeout(done));
  assert.deepEqual([await there.take("one"), await here.take("one"), here.has("one")], [true, false, false]);
});

test("a browser that lends no locks is told, not waited for", async () => {
  const hands = handsOf("u", /** @type {any} */ ({ request: async () => Promise.reject(new DOMException("no", "SecurityError")) }));
  await assert.rejects(hands.take("one"), DOMException);
});

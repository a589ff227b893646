/** What lies in this browser goes when its time is over, and nothing else goes with it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { clearOld } from "../../../../gateway/desk/js/drafts/shelf.js";

/**
 * A database with one store, of which each transaction sees what there is when it begins; between two of them another
 * tab of the browser does `meanwhile`. Node has none.
 * @param {Map<string, {until: number}>} lies
 * @param {() => void} meanwhile
 */
function databaseOf(lies, meanwhile) {
  const request = () => Object.assign(new EventTarget(), { result: /** @type {any} */ (null), onsuccess: null });
  /** @param {any} asked @param {unknown} result @param {() => void} [after] */
  function answer(asked, result, after = () => undefined) {
    queueMicrotask(() => {
      asked.result = result;
      asked.onsuccess?.();
      asked.dispatchEvent(new Event("success"));
      after();
    });
    return asked;
  }
  const keys = () => [...lies.keys()].sort();

  function transaction() {
    const running = { oncomplete: () => undefined, objectStore: () => store };
    const complete = () => setTimeout(() => (running.oncomplete(), meanwhile()));
    const store = {
      getAllKeys: () => answer(request(), keys(), complete),
      getAll: () => answer(request(), keys().map((key) => lies.get(key)), complete),
      delete: (/** @type {string} */ key) => answer(request(), lies.delete(key), complete),
      openCursor() {
        const [walk, all] = [request(), keys()];
        const next = () => {
          const key = all.shift();
          if (key === undefined) return answer(walk, null, complete);
          return answer(walk, { value: lies.get(key), delete: () => lies.delete(key), continue: next });
        };
        return next();
      },
    };
    return running;
  }
  return { open: () => answer(request(), { transaction, close: () => undefined }) };
}

test("what is over goes, and nothing of what another tab puts there meanwhile", async () => {
  const lies = new Map([["b", { until: 1 }], ["c", { until: 9 }]]);
  const database = databaseOf(lies, () => lies.set("a", { until: 9 }));
  Object.assign(globalThis, { indexedDB: database });
  await clearOld(new Date(5));
  assert.deepEqual([...lies.keys()].sort(), ["a", "c"]);
});

/** The list of a page: one however much is opened, prolonged while somebody works, and given up when the page is left. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { listOfPage } from "../../../../gateway/desk/js/pages/list_lease.js";

/** A portal that answers with one list, and what it was asked. @param {(string | null)[]} lists of each answer */
function portal(lists) {
  /** @type {any[][]} */
  const asked = [];
  const answer = () => ({ questions: [/** @type {any} */ ({ reference: `r-${asked.length}` })], left: 0, list: lists.shift() ?? null });
  const calls = /** @type {any} */ ({
    openList: async (/** @type {any} */ kind, /** @type {any} */ list) => (asked.push(["open", kind, list]), answer()),
    openQuestions: async (/** @type {any} */ references, /** @type {any} */ list) => (asked.push(["ask", references.length, list]), answer()),
    prolongList: async (/** @type {any} */ list) => asked.push(["prolong", list]),
    releaseList: async (/** @type {any} */ list) => asked.push(["release", list]),
  });
  /** @type {{prolong: () => Promise<unknown>, lost: () => void, stopped: boolean}[]} */
  const kept = [];
  const keep = (/** @type {any} */ prolong, /** @type {any} */ lost) => {
    const lease = { prolong, lost, stopped: false };
    kept.push(lease);
    return () => void (lease.stopped = true);
  };
  return { asked, kept, list: listOfPage(calls, keep) };
}

const KIND = /** @type {any} */ ("kind");

test("whatever a page opens joins the list that it has, also the second thousand of a file (PO-85)", async () => {
  const { asked, list } = portal(["one", "one", "one", null]);
  await list.open(KIND);
  const questions = await list.ask(Array.from({ length: 1_001 }, (_, at) => `r-${at}`));
  await list.ask(["confirmed"]);
  assert.deepEqual(asked, [["open", KIND, null], ["ask", 1_000, "one"], ["ask", 1, "one"], ["ask", 1, "one"]]);
  assert.equal(questions.length, 2);
});

test("a list is kept once, and the next one instead of it", async () => {
  const { asked, kept, list } = portal(["one", "one", "two"]);
  for (let at = 0; at < 3; at += 1) await list.open(KIND);
  assert.deepEqual(kept.map(({ stopped }) => stopped), [true, false]);
  await kept[1]?.prolong();
  assert.deepEqual(asked.at(-1), ["prolong", "two"]);
});

test("a page that is left, or locked, gives its list up, once (PO-35)", async () => {
  const { asked, kept, list } = portal(["one"]);
  await list.open(KIND);
  list.letGo();
  list.letGo();
  assert.deepEqual([asked.slice(1), kept[0]?.stopped], [[["release", "one"]], true]);
});

test("a list that ended meanwhile is not asked for again", async () => {
  const { asked, kept, list } = portal(["one"]);
  await list.open(KIND);
  kept[0]?.lost();
  list.letGo();
  assert.equal(asked.length, 1);
});

test("while answers are on their way their questions are kept from colleagues, also when the page is left (PO-65)", async () => {
  const { asked, list } = portal(["one", "two"]);
  await list.open(KIND);
  list.need("list 1");
  list.letGo();
  assert.deepEqual(asked.length, 1);
  await list.open(KIND);
  list.spare("list 1");
  list.letGo();
  assert.deepEqual(asked.at(-1), ["release", "two"]);
});

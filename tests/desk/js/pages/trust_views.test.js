/** What people compare: names that others chose stand by themselves in it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { changedView, hubView } from "../../../../gateway/desk/js/pages/trust_views.js";

const say = (/** @type {string} */ key, values = {}) => [key, ...Object.values(values)].join(" ");

/** @type {(found: any) => any[]} every node of a tree */
const nodesOf = (found) => (typeof found === "string" ? [] : [found, ...(found.children ?? []).flatMap(nodesOf)]);

test("the name of a counterpart turns nothing of the line that says whose the new certificate is (PO-31)", () => {
  const name = "Noord\u202eneflA";
  const changed = [{ party: "1", name, fingerprint: "ab".repeat(32), known: [] }];
  const nodes = changedView(changed, say).flatMap(nodesOf);
  const bearing = nodes.filter(({ children = [] }) => children.some((/** @type {unknown} */ each) => String(each).includes(name)));
  assert.deepEqual(bearing.map(({ tag, attributes }) => [tag, attributes.dir]), [["bdi", "auto"]]);
});

test("the party id of a hub is shown with the fingerprints that an administrator compares", () => {
  const uses = /** @type {any} */ ([{ usage: "signing", known: [], strange: ["abcd"] }]);
  const shown = (/** @type {object} */ compared, /** @type {boolean} */ first) =>
    hubView(/** @type {any} */ (compared), { first, administers: true }, say).flatMap(nodesOf).filter(({ tag }) => tag === "bdi").map(({ children }) => children[0]);
  assert.deepEqual(shown({ party: { known: null, strange: "hub-1" }, uses }, true), ["hub-1"]);
  assert.deepEqual(shown({ party: { known: "hub-1", strange: "creditor-1" }, uses: [] }, false), ["hub-1", "creditor-1"]);
  assert.deepEqual(shown({ party: null, uses }, false), []);
});

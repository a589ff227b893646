/** What people compare: names that others chose stand by themselves in it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { changedView } from "../../../../gateway/desk/js/pages/trust_views.js";

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

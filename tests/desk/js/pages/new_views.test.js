/**
 * Who may be written to is who receives such messages today, by the address book.
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { beginView, receiversOf } from "../../../../gateway/desk/js/pages/new_views.js";

const entry = (/** @type {string} */ name, /** @type {object} */ changed = {}) => ({
  name,
  partyIds: [{ value: `id of ${name}`, type: null }],
  roles: ["a"],
  versions: [{ module: "M", version: "1.0", begins: null, ends: null }],
  ...changed,
});
const dated = (/** @type {string | null} */ begins, /** @type {string | null} */ ends) => ({
  versions: [{ module: "M", version: "1.0", begins, ends }],
});

test("it is whoever has the role, by name, with the version on that day or told not to have it, and never the unit", () => {
  const entries = [
    entry("Zuid"),
    entry("Anna", dated("2026-12-01", "2026-12-01")),
    entry("over", dated(null, "2026-11-30")),
    entry("later", dated("2026-12-02", null)),
    entry("other role", { roles: ["b"] }),
    entry("other version", { versions: [{ module: "M", version: "2.0", begins: null, ends: null }] }),
    entry("us"),
  ];
  const description = { module: "M", version: "1.0", to: ["a", "c"] };
  const found = receiversOf(/** @type {any} */ (entries), /** @type {any} */ (description), "id of us", "2026-12-01");
  assert.deepEqual(found.map(({ name, takes }) => [name, takes]), [
    ["Anna", true],
    ["later", false],
    ["other version", false],
    ["over", false],
    ["Zuid", true],
  ]);
  assert.equal(found[0].party, "id of Anna");
});

test("what may be begun stands by module, the latest version first, and each leads to its own kind", () => {
  const kinds = ["A 1.9", "A 1.10", "B 1.0", "A 1.9"].map((said, at) => {
    const [module, version] = said.split(" ");
    return { module, version, type: `T${at}`, label: `Kind ${at}`, documents: [] };
  });
  const [, ...sections] = beginView(/** @type {any} */ (kinds), new Map(), (key) => key, (at) => at);
  const shown = sections.map(({ children = [] }) => {
    const [title, ...rows] = /** @type {any[]} */ (children);
    return [title.children[0], ...rows.map((/** @type {any} */ row) => row.children[0].attributes["data-path"])];
  });
  assert.deepEqual(shown, [["A 1.10", "1"], ["A 1.9", "0", "3"], ["B 1.0", "2"]]);
});

/** Who cannot open all units that hold the organisation's key reads which, before anything is made. */

import assert from "node:assert/strict";
import { test } from "node:test";

Object.assign(globalThis, { HTMLInputElement: class {}, addEventListener: () => undefined, document: { querySelector: () => null, addEventListener: () => undefined } });
const { unitsOutOfReach } = await import("../../../../gateway/desk/js/pages/renewing.js");

/** A unit as the portal shows it to whoever asks, who has one lock there, or none. @returns {any} */
function unitOf(name, { administers = true, counts = true, hasLock = true, hasRoster = true } = {}) {
  return {
    unit: name, name: `Unit ${name}`, holders: ["a", "b", "c"], sets: [{ id: "set" }],
    locks: hasLock ? [{ id: "own", is_own: true, counts, kind: "device", name: "" }] : [],
    copies: hasLock ? [{ set: "set", lock: "own", copy: "" }] : [],
    roster: hasRoster ? { text: JSON.stringify({ locks: [{ id: "own", administers }, { id: "other", administers: true }] }) } : null,
  }; // prettier-ignore
}

const asked = [];
function portal(units) {
  asked.length = 0;
  globalThis.fetch = async (path) => {
    const { unit } = /units\/(?<unit>[^/]+)\/keys$/u.exec(String(path))?.groups ?? {};
    if (unit !== undefined) asked.push(unit);
    return new Response(JSON.stringify(unit === undefined ? {} : units[unit]));
  };
}

test("a unit is within reach by a lock that counts, is an administrator's on the list, and has the keys", async () => {
  for (const [said, names] of [
    [{}, []],
    [{ administers: false }, ["Unit b"]],
    [{ counts: false }, ["Unit b"]],
    [{ hasLock: false }, ["Unit b"]],
    [{ hasRoster: false }, ["Unit b"]],
  ]) {
    portal({ b: unitOf("b", said), c: unitOf("c") });
    assert.deepEqual(await unitsOutOfReach(unitOf("a")), names);
    assert.deepEqual(asked, ["b", "c"], "the unit that is open is not asked for");
  }
});

test("of a key that one unit holds nothing else is asked", async () => {
  portal({});
  assert.deepEqual(await unitsOutOfReach({ ...unitOf("a"), holders: ["a"] }), []);
  assert.deepEqual(asked, []);
});

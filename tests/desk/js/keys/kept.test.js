/** What the server keeps of keys, as pages read it and hand it to the Worker. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { openingOf, stageOf, toCompare, waysInto } from "../../../../gateway/desk/js/keys/kept.js";
import { UNIT } from "./keeping.js";

const lock = (id, changes = {}) => ({
  id, person: "anna", name: id, kind: "sheet", counts: true, is_own: true, public_key: "cHVibGlj",
  sealed_key: "c2VhbGVk", credential: null, ...changes,
}); // prettier-ignore
const set = (id, state) => ({ id, state, signing: "", decryption: "", organisation: "" });
const KEYS = {
  unit: UNIT, name: "Incasso", person: "anna", in_force: [], settings: [], renewals: [], ceremonies: [], request: null,
  sets: [set("new", "proposed"), set("old", "active")],
  locks: [
    lock("counts"), lock("does not"), lock("empty"), lock("another's", { is_own: false, sealed_key: null }),
    lock("not yet", { counts: false }),
  ],
  copies: ["counts", "another's", "not yet"].flatMap((each) => [
    { set: "old", lock: each, copy: `old ${each}` },
    { set: "ended", lock: each, copy: `ended ${each}` },
  ]).concat({ set: "ended", lock: "does not", copy: "gone" }),
  roster: { text: "{}", signature: "c2lnbmVk", received_at: "2026-12-01T08:00:00Z" },
}; // prettier-ignore

test("ways in are one's own locks that count and have a copy of a set that lives", () => {
  assert.deepEqual(waysInto(KEYS), [{ id: "counts", unit: UNIT, kind: "sheet", name: "counts", credential: "" }]);
});

test("what the Worker is handed is of that lock alone, and of sets that live", () => {
  const opening = openingOf(KEYS, "not yet", ["certificate"]);
  assert.deepEqual(opening.kept, [{ set: "old", copy: "old not yet" }]);
  assert.deepEqual(opening.roster, { text: "{}", signature: "c2lnbmVk" });
  assert.deepEqual(opening.renewals, []);
  assert.equal(new TextDecoder().decode(opening.lock.sealedKey), "sealed");
  assert.deepEqual(opening.inForce, ["certificate"]);
});

test("a lock of somebody else's and a unit without a roster open nothing", () => {
  assert.throws(() => openingOf(KEYS, "another's", []), RangeError);
  assert.throws(() => openingOf(KEYS, "unknown", []), RangeError);
  assert.throws(() => openingOf({ ...KEYS, roster: null }, "counts", []), RangeError);
});

for (const [states, stage] of [
  [[], "none"],
  [["proposed"], "requested"],
  [["proposed", "active"], "approved"],
  [["active", "retired"], "approved"],
]) {
  test(`a unit whose sets are ${states.join(" and ") || "none"} is ${stage}`, () => {
    assert.equal(stageOf({ ...KEYS, sets: states.map((state) => set(state, state)) }), stage);
  });
}

for (const [listed, states, compared] of [
  [["new"], ["proposed"], []],
  [["new"], ["active"], ["in force"]],
  [["new", "old"], ["proposed", "active"], ["in force"]],
  [["new"], ["proposed", "active"], []],
]) {
  test(`with ${listed} on the roster, of sets that are ${states}, ${compared.length} certificates are compared`, () => {
    const sets = states.map((state, index) => set(["new", "old"][index], state));
    const roster = { ...KEYS.roster, text: JSON.stringify({ sets: listed.map((id) => ({ id })) }) };
    assert.deepEqual(toCompare({ ...KEYS, in_force: ["in force"], sets, roster }), compared);
  });
}

/**
 * Whom the keys of a unit are renewed for.
 *
 * @module
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";

import { leaving, mayStay, rowsOf } from "../../../../gateway/desk/js/keys/roster.js";

const SINCE = "2026-10-01T09:00:00.000Z";
const listed = (id, person, by) => ({ id, kind: "passkey", person, since: SINCE, ...(by ? { by } : {}) });
const kept = (id, person, name, counts = true) => ({ id, person, person_name: name, counts });

const ROSTER = [listed("mine", "anna"), listed("hers", "anna", "anna"), listed("his", "bert", "anna"), listed("old", "carla")];
const PORTAL = [
  kept("mine", "anna", "A. Jansen"),
  kept("hers", "anna", "A. Jansen", false),
  kept("his", "bert", "B. Pieters"),
  kept("added", "mallory", "M. de Vries"),
];
const SHEET = { ...listed("sheet", "dirk", "dirk"), kind: "sheet" };
const LEFT = { ...kept("sheet", "dirk", "D. Bakker"), has_left: true };
const rows = rowsOf(ROSTER, PORTAL, "mine");
const EVERYBODY = new Set(["mine", "hers", "his", "old", "added"]);

describe("who a new set is for (PO-78)", () => {
  test("is chosen from the signed roster: a lock that the portal added is not among them", () => {
    assert.deepEqual(rows.map((each) => each.id), ["mine", "hers", "his", "old"]); // prettier-ignore
  });

  test("is shown with names, since when, and by whom it was let in where that is known", () => {
    const { person, by, since } = rows[2];
    assert.deepEqual({ person, by, since }, { person: "B. Pieters", by: "A. Jansen", since: SINCE });
    assert.deepEqual([rows[0].by, rows[3].person], [null, null]);
  });

  test("is without a lock that is gone at the portal, or never was finished, whatever is chosen", () => {
    assert.deepEqual(leaving(rows, EVERYBODY), ["hers", "old"]);
  });

  test("is without the leaver, though the portal says that his lock counts", () => {
    assert.deepEqual(leaving(rows, new Set(["mine"])), ["hers", "his", "old"]);
  });

  test("is without the sheet of who left, whatever is chosen: he may have copied it (PO-28)", () => {
    const withSheet = rowsOf([...ROSTER, SHEET], [...PORTAL, LEFT], "mine");
    assert.deepEqual(leaving(withSheet, new Set([...EVERYBODY, "sheet"])), ["hers", "old", "sheet"]);
    assert.deepEqual([mayStay(withSheet[4]), mayStay(withSheet[2])], [false, true]);
  });

  test("is always for the lock that opened the keys: there is nobody else to use them", () => {
    assert.equal(leaving(rows, new Set()).includes("mine"), false);
  });
});

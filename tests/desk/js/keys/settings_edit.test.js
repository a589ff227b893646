/** What somebody changes of an organisation's settings, on whichever version it is put (PO-45, PO-57). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nextSettings, readSettings, UNSAID } from "../../../../gateway/desk/js/keys/settings.js";
import { edited, faultsOf, unsaved, UNTOUCHED } from "../../../../gateway/desk/js/keys/settings_edit.js";

const FIRST = { iban: "NL91ABNA0417164300", name: "Incasso", by: "anna", agreedBy: null };
const SECOND = { iban: "NL20INGB0001234567", name: "Kas", by: "anna", agreedBy: null };
const BASE = { ...UNSAID, accounts: [FIRST] };
const CONTACT = { name: "Balie", email: "balie@noord.example", telephone: "010 1234567" };

describe("a change", () => {
  test("adds an account in one's own name, as messages write it", () => {
    const added = [{ iban: "nl20 ingb 0001 2345 67", name: " Kas " }];
    assert.deepEqual(edited(BASE, { ...UNTOUCHED, added }, "bert").accounts, [FIRST, { ...SECOND, by: "bert" }]);
  });

  test("agrees with what somebody else proposed, and never with one's own", () => {
    const agreed = [FIRST.iban];
    assert.equal(edited(BASE, { ...UNTOUCHED, agreed }, "bert").accounts[0].agreedBy, "bert");
    assert.equal(edited(BASE, { ...UNTOUCHED, agreed }, "anna").accounts[0].agreedBy, null);
  });

  test("is put on what a colleague saved in between, and undoes nothing of it", () => {
    const colleagues = { ...UNSAID, accounts: [FIRST, SECOND], deskOnly: true, contacts: [CONTACT] };
    const found = edited(colleagues, { ...UNTOUCHED, removed: [FIRST.iban] }, "bert");
    assert.deepEqual(found, { ...colleagues, accounts: [SECOND] });
  });

  test("makes a version that can be signed, and keeps what else the version says", async () => {
    const more = { ...BASE, hub: "kept" };
    assert.equal(edited(more, UNTOUCHED, "anna").hub, "kept");
    const text = await nextSettings(null, edited(BASE, { ...UNTOUCHED, contacts: [CONTACT] }, "anna"));
    assert.deepEqual(readSettings(text).contacts, [CONTACT]);
  });
});

describe("what was typed while the version before it was signed", () => {
  const saved = { ...UNTOUCHED, added: [SECOND], removed: [FIRST.iban] };
  const base = edited(BASE, saved, "anna");
  const { lockKinds, deskOnly, syncedPasskeys } = base;
  const standing = { ...saved, contacts: [], locks: { lockKinds, deskOnly, syncedPasskeys } };

  test("is nothing where all of it was saved", () => {
    assert.deepEqual(unsaved(standing, saved, base), UNTOUCHED);
  });

  test("stays in the fields: another account, a contact, a lock", () => {
    const third = { iban: "NL02RABO0123456789", name: "Derden" };
    const locks = { ...standing.locks, deskOnly: true };
    const typed = { ...standing, added: [SECOND, third], contacts: [CONTACT], locks };
    assert.deepEqual(unsaved(typed, saved, base), { ...UNTOUCHED, added: [third], contacts: [CONTACT], locks });
  });
});

for (const [what, change, faults] of [
  ["nothing", {}, []],
  ["a wrong digit", { added: [{ iban: "NL91ABNA0417164301", name: "x" }] }, ["iban-0 settings.fault.iban"]],
  ["no name", { added: [{ iban: SECOND.iban, name: " " }] }, ["iban-name-0 settings.fault.name"]],
  ["an account that is there", { added: [{ iban: FIRST.iban, name: "x" }] }, ["iban-0 settings.fault.twice"]],
  ["one that is taken away and brought back", { removed: [FIRST.iban], added: [{ iban: FIRST.iban, name: "x" }] }, []],
  ["the same twice", { added: [SECOND, SECOND] }, ["iban-1 settings.fault.twice"]],
  ["an address that is none", { contacts: [{ ...CONTACT, email: "balie" }] }, ["contact-email-0 settings.fault.email"]],
  ["no number", { contacts: [{ ...CONTACT, telephone: "" }] }, ["contact-telephone-0 settings.fault.telephone"]],
  ["a name that turns what follows", { contacts: [{ ...CONTACT, name: "a\u202eb" }] }, ["contact-name-0 settings.fault.name"]],
  ["no lock at all", { locks: { ...UNSAID, lockKinds: [] } }, ["kind-passkey settings.fault.no_kind"]],
]) {
  test(`${what} is told as ${faults.join(", ") || "right"}`, () => {
    const found = faultsOf(BASE, { ...UNTOUCHED, ...change }).map(({ field, why }) => `${field} ${why}`);
    assert.deepEqual(found, faults);
  });
}

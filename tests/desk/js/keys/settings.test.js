/** The organisation's settings document: its versions, its signature, its account numbers (PO-57, PO-80). */

import assert from "node:assert/strict";
import { before, beforeEach, describe, test } from "node:test";
import {
  follows, isIban, nextSettings, readSettings, standingSince, UNSAID, usableAccounts, usableFrom,
} from "../../../../gateway/desk/js/keys/settings.js"; // prettier-ignore
import { browser, newLock, newUnit, opening } from "./keeping.js";

const FIRST = { iban: "NL91ABNA0417164300", name: "Incasso", by: "anna", agreedBy: null };
const SECOND = { iban: "NL20INGB0001234567", name: "Kas", by: "anna", agreedBy: null };
const DAY = 86_400_000;
const HUB = { signing: ["AAAA"], encryption: ["AAAB"], directory: [] };
const LOCKS = ["anna", "bert"].map((person) => ({ person, since: "2026-10-01T08:00:00Z" }));
const at = (days) => new Date(Date.UTC(2026, 11, 1) + days * DAY);

const page = browser();
let made, another, unit;
before(async () => {
  made = await newUnit(page.ask);
  another = await newUnit(browser().ask);
});
beforeEach(async () => {
  unit = structuredClone(made);
  await page.ask("unlock", opening(unit.server, unit.lock));
});

const sign = (text, last) => page.ask("signSettings", { text, before: last });

describe("a version", () => {
  test("counts one more and names the hash of the one before", async () => {
    const first = await nextSettings(null, UNSAID);
    const second = await nextSettings(first, { ...UNSAID, accounts: [FIRST] });
    assert.deepEqual([readSettings(first).counter, readSettings(second).counter], [1, 2]);
    assert.ok(await follows(first, second));
    assert.ok(!(await follows(second, first)));
    assert.ok(!(await follows(await nextSettings(null, { ...UNSAID, deskOnly: true }), second)));
  });

  test("is signed by the organisation's key, and read again", async () => {
    const first = await sign(await nextSettings(null, { ...UNSAID, accounts: [FIRST] }), null);
    const second = await sign(await nextSettings(first.text, { ...UNSAID, accounts: [SECOND] }), first);
    assert.deepEqual((await page.ask("readSettings", { signed: second })).accounts, [SECOND]);
  });

  test("names the hub, or none before somebody compared it", async () => {
    const first = await nextSettings(null, UNSAID);
    const second = await nextSettings(first, { ...UNSAID, hub: HUB });
    assert.deepEqual([readSettings(first).hub, readSettings(second).hub], [null, HUB]);
  });

  for (const [what, spoilt] of [
    ["an account number is changed (PO-57)", (signed) => ({ ...signed, text: signed.text.replace("ABNA", "ABNB") })],
    ["a kind of lock is switched on (PO-80)", (signed) => ({ ...signed, text: signed.text.replace('"sheet"', '"sheet","device"') })],
    ["its signature is another's", ({ text }) => ({ text, signature: unit.server.roster.signature })],
  ]) {
    test(`is refused where ${what}`, async () => {
      const said = { ...UNSAID, lockKinds: ["passkey", "sheet"], accounts: [FIRST] };
      const first = await sign(await nextSettings(null, said), null);
      assert.notDeepEqual(spoilt(first), first);
      await assert.rejects(page.ask("readSettings", { signed: spoilt(first) }), /foreign-settings/u);
    });
  }

  test("is refused where another organisation signed it (PO-57)", async () => {
    const other = browser();
    await other.ask("unlock", opening(another.server, another.lock));
    const signed = await other.ask("signSettings", { text: await nextSettings(null, UNSAID), before: null });
    await assert.rejects(page.ask("readSettings", { signed }), /foreign-settings/u);
  });

  test("is refused where a newer one was seen, also on a device that was let in since (PO-57, PO-80)", async () => {
    const first = await sign(await nextSettings(null, UNSAID), null);
    const second = await sign(await nextSettings(first.text, UNSAID), first);
    await page.ask("readSettings", { signed: second });
    await assert.rejects(page.ask("readSettings", { signed: first }), /older-settings/u);

    unit.server.kept.set(unit.lock.record.id, await page.ask("pinned"));
    await page.ask("unlock", opening(unit.server, unit.lock));
    await assert.rejects(page.ask("readSettings", { signed: first }), /older-settings/u);

    const sheet = await newLock(page.ask, { kind: "sheet" });
    const { copies, roster } = await page.ask("admit", { lock: sheet.listed, own: true, secret: unit.lock.secret });
    const { oneOff } = JSON.parse(copies[0].copy);
    const { certificates, organisation } = unit.made;
    const confirmed = { oneOff, certificates, organisation, settings: 2 };
    const asked = { lock: sheet.record, kept: copies, roster, confirmed, secret: sheet.secret };
    const taken = await page.ask("accept", asked);
    const server = { roster, kept: new Map([[sheet.record.id, taken.copies]]), inForce: [] };
    await page.ask("unlock", opening(server, sheet));
    await assert.rejects(page.ask("readSettings", { signed: first }), /older-settings/u);
    assert.equal((await page.ask("readSettings", { signed: second })).counter, 2);
  });

  test("is not signed where it does not follow on the one before", async () => {
    const first = await sign(await nextSettings(null, UNSAID), null);
    const elsewhere = await nextSettings(await nextSettings(null, { ...UNSAID, deskOnly: true }), UNSAID);
    await assert.rejects(sign(elsewhere, first), /not-the-next/u);
    await assert.rejects(sign(first.text, first), /not-the-next/u);
    await assert.rejects(sign(await nextSettings(null, UNSAID), first), /not-the-next/u);
    await assert.rejects(sign('{"format":"x"}', null), /not-the-next/u);
  });

  test("of a key that is lost is followed by the first of the new one, and by no other", async () => {
    const other = browser();
    await other.ask("unlock", opening(another.server, another.lock));
    const lost = await other.ask("signSettings", { text: await nextSettings(null, UNSAID), before: null });
    const next = await sign(await nextSettings(lost.text, { ...UNSAID, accounts: [FIRST] }), lost);
    assert.equal((await page.ask("readSettings", { signed: next })).counter, 2);
    const after = await nextSettings(next.text, UNSAID);
    const foreign = await other.ask("signSettings", { text: await nextSettings(lost.text, UNSAID), before: lost });
    await assert.rejects(sign(after, foreign), /foreign-settings/u);
  });

  for (const [what, wrong] of [
    ["an account number with a wrong digit", { accounts: [{ ...FIRST, iban: "NL91ABNA0417164301" }] }],
    ["one account number twice", { accounts: [FIRST, FIRST] }],
    ["a name that turns what follows", { accounts: [{ ...FIRST, name: "a\u202eb" }] }],
    ["a contact without a number", { contacts: [{ name: "a", email: "b" }] }],
    ["a lock of no kind", { lockKinds: ["password"] }],
    ["no lock at all", { lockKinds: [] }],
    ["a yes that is no yes", { deskOnly: "yes" }],
    ["a hub that signs by nothing", { hub: { ...HUB, signing: [] } }],
    ["a hub of which a certificate is written in two ways", { hub: { ...HUB, signing: ["AAB="] } }],
    ["a hub that is sealed to by one certificate twice", { hub: { ...HUB, encryption: ["AAAB", "AAAB"] } }],
    ["a hub with a use that none has", { hub: { ...HUB, other: [] } }],
    ["a hub without an address book's key told so", { hub: { signing: ["AAAA"], encryption: ["AAAB"] } }],
    ["fifty-one account numbers", { accounts: Array.from({ length: 51 }, () => FIRST) }],
  ]) {
    test(`is not made with ${what}`, async () => {
      await assert.rejects(nextSettings(null, { ...UNSAID, ...wrong }), TypeError);
    });
  }
});

describe("an account number", () => {
  const version = (days, accounts) => ({ receivedAt: at(days), settings: { ...UNSAID, counter: 1, accounts } });

  test("may be used a day after the server received it", () => {
    const versions = [version(2, [FIRST, SECOND]), version(0, [FIRST])];
    const usable = (days) => usableAccounts(versions, at(days), []).map((each) => each.iban);
    assert.deepEqual(usable(2.5), [FIRST.iban]);
    assert.deepEqual(usable(3), [FIRST.iban, SECOND.iban]);
  });

  test("may be used at once where a second person agreed, and not where the first agreed with itself", () => {
    const usable = (agreedBy) =>
      usableAccounts([version(0.05, [{ ...FIRST, agreedBy }]), version(0, [FIRST])], at(0.1), LOCKS).length;
    assert.deepEqual([usable("bert"), usable("anna"), usable(null)], [1, 0, 0]);
  });

  test("waits its day where who agreed has had no lock for a week, or none on this roster", () => {
    const agreed = { ...FIRST, agreedBy: "bert" };
    const versions = [version(0.05, [agreed]), version(0, [FIRST])];
    const from = (locks) => usableFrom(agreed, versions, locks);
    assert.deepEqual(from(LOCKS), at(0.05));
    assert.deepEqual(from([{ person: "bert", since: at(-6.5).toISOString() }]), at(0.5));
    assert.deepEqual(from([{ person: "bert", since: at(-1).toISOString() }]), at(1));
    assert.deepEqual(from([{ person: "anna", since: at(-90).toISOString() }]), at(1));
    assert.deepEqual(standingSince(FIRST.iban, versions), at(0));
  });

  test("that one version brings with both names in it waits like any other", () => {
    const agreed = { ...FIRST, agreedBy: "bert" };
    assert.deepEqual(usableAccounts([version(0, [agreed])], at(0.1), LOCKS), []);
    const other = version(-0.5, [{ ...FIRST, by: "carla" }]);
    assert.deepEqual(usableAccounts([version(0, [agreed]), other], at(0.1), LOCKS), []);
  });

  test("that was away in between waits again; one that is gone is gone", () => {
    const versions = [version(5, [SECOND]), version(4, []), version(0, [FIRST, SECOND])];
    assert.deepEqual(usableAccounts(versions, at(5.5), []), []);
    assert.deepEqual(usableAccounts(versions, at(6), []), [SECOND]);
    assert.deepEqual(usableAccounts([], at(6), []), []);
  });

  for (const [iban, right] of [
    ["NL91ABNA0417164300", true], ["NL20INGB0001234567", true], ["DE89370400440532013000", true],
    ["BE68539007547034", true], ["NL92ABNA0417164300", false], ["NL91ABNA041716430", false],
    ["nl91abna0417164300", false], ["NL91 ABNA 0417 1643 00", false], ["NL00ABNA0417164300", false], ["", false],
  ]) { // prettier-ignore
    test(`${iban || "of nothing"} is ${right ? "right" : "wrong"}`, () => assert.equal(isIban(iban), right));
  }
});

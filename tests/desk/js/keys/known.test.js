/** What a unit knows of others: signed by its own key, and never older than what was seen (PO-56). */

import assert from "node:assert/strict";
import { before, beforeEach, describe, test } from "node:test";
import { nextKnown, NOTHING_KNOWN, readKnown, sameKnown } from "../../../../gateway/desk/js/keys/known.js";
import { admitOwn, browser, newLock, newUnit, opening, UNIT } from "./keeping.js";

const PRINT = "ab".repeat(32);
const KNOWN = {
  book: { serial: 7, sha256: PRINT },
  hub: [{ usage: "signing", certificate: "AAAA" }],
  parties: new Map([["00000001001234567000:0001", [PRINT]]]),
};

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

const sign = async (known, last = null) => page.ask("signKnown", { text: await nextKnown(UNIT, last?.text ?? null, known), before: last });

describe("what is known", () => {
  test("is read as it was signed, and the next version follows on it", async () => {
    const first = await sign(KNOWN);
    const said = readKnown(await page.ask("readKnown", { signed: first }));
    assert.ok(sameKnown(said, KNOWN));
    assert.ok(!sameKnown(said, NOTHING_KNOWN));
    const second = await sign(NOTHING_KNOWN, first);
    assert.equal((await page.ask("readKnown", { signed: second })).counter, 2);
  });

  test("is refused where it is older than what was seen, also by a lock that comes later", async () => {
    const first = await sign(KNOWN);
    const second = await sign(NOTHING_KNOWN, first);
    await page.ask("readKnown", { signed: second });
    await assert.rejects(page.ask("readKnown", { signed: first }), /older-known/u);

    unit.server.kept.set(unit.lock.record.id, await page.ask("pinned"));
    await page.ask("unlock", opening(unit.server, unit.lock));
    assert.equal((await page.ask("facts")).known, 2);
    await assert.rejects(page.ask("readKnown", { signed: first }), /older-known/u);

    const sheet = await newLock(page.ask, { kind: "sheet" });
    await admitOwn(page.ask, unit.server, unit.lock, sheet);
    assert.equal(JSON.parse(unit.server.roster.text).known, 2);
  });

  test("is refused where another unit signed it, or it is signed as something else", async () => {
    const other = browser();
    await other.ask("unlock", opening(another.server, another.lock));
    const foreign = await other.ask("signKnown", { text: await nextKnown(UNIT, null, KNOWN), before: null });
    await assert.rejects(page.ask("readKnown", { signed: foreign }), /foreign-known/u);
    const { text } = await sign(KNOWN);
    await assert.rejects(page.ask("readKnown", { signed: { text, signature: unit.server.roster.signature } }), /foreign-known/u);
  });

  test("is signed for no other unit, and not where it does not follow", async () => {
    const first = await sign(KNOWN);
    await page.ask("readKnown", { signed: first });
    await assert.rejects(page.ask("signKnown", { text: await nextKnown("x", first.text, KNOWN), before: first }), /not-the-next/u);
    await assert.rejects(sign(KNOWN), /older-known/u);
    await assert.rejects(page.ask("signKnown", { text: first.text, before: first }), /not-the-next/u);
    await assert.rejects(page.ask("signKnown", { text: '{"format":"knooppunt desk 1 settings"}', before: null }), /not-the-next/u);
  });

  for (const [what, wrong] of [
    ["a serial that is no number", { book: { serial: "7", sha256: PRINT } }],
    ["a fingerprint that is none", { parties: [["x", ["ab"]]] }],
    ["a party without fingerprints", { parties: [["x"]] }],
    ["a key of the address book as the hub's", { hub: [{ usage: "directory", certificate: "AAAA" }] }],
    ["another format", { format: "knooppunt desk 1 settings" }],
  ]) {
    test(`is not read with ${what}`, async () => {
      const said = JSON.parse(await nextKnown(UNIT, null, KNOWN));
      assert.throws(() => readKnown({ ...said, ...wrong }), TypeError);
    });
  }
});

/** The ceremony by which one browser lets another in, and a server between them that would like to be let in, too
 * (PO-52, PO-75).
 */

import assert from "node:assert/strict";
import { before, beforeEach, describe, test } from "node:test";
import {
  answer, begin, CeremonyBroken, compare, setHash, show, showAndCompare,
} from "../../../../gateway/desk/js/keys/ceremony.js"; // prettier-ignore
import { base64, fromBase64 } from "../../../../gateway/desk/js/keys/octets.js";
import { browser, newLock, newUnit, opening, UNIT } from "./keeping.js";

const anna = browser();
const bert = browser();
const mallory = browser();
let made, strange, unit, foreign, lock;

before(async () => {
  made = await newUnit(anna.ask);
  strange = await newUnit(mallory.ask);
});
beforeEach(async () => {
  unit = structuredClone(made);
  foreign = structuredClone(strange);
  lock = await newLock(bert.ask, { person: "bert", administers: false });
  await anna.ask("unlock", opening(unit.server, unit.lock));
});

const about = () => ({ unit: UNIT, person: "bert", lock: lock.record.id, kind: "passkey", synced: false });
const toShow = ({ set, ...begun }) => ({ ...begun, certificates: set.certificates });

/** Both sides, with what the server does to each word on its way. */
async function talk(change = (_step, said) => said) {
  const bee = await begin(about(), lock.listed.publicKey);
  const begun = toShow(await anna.ask("beginCeremony"));
  const ay = await answer(about(), begun, await change(1, bee.say));
  const shown = show(bee.state, await change(2, ay.say));
  const approver = await showAndCompare(ay.state, await change(3, shown.say));
  const newcomer = await compare(shown.state, await change(4, approver.say));
  return { approver, newcomer };
}

describe("a ceremony", () => {
  test("ends with the same seven words on both sides, and with keys that open (PO-52)", async () => {
    const { approver, newcomer } = await talk();
    assert.equal(approver.words.length, 7);
    assert.deepEqual(approver.words, newcomer.words);
    assert.equal(approver.publicKey, lock.listed.publicKey);

    const asked = { lock: { ...lock.listed, publicKey: approver.publicKey }, secret: unit.lock.secret };
    const { copies, roster } = await anna.ask("admit", asked);
    const { confirmed } = newcomer;
    const taken = await bert.ask("accept", { lock: lock.record, kept: copies, roster, confirmed, secret: lock.secret });
    const server = { roster, kept: new Map([[lock.record.id, taken.copies]]), inForce: [] };
    const facts = await bert.ask("unlock", opening(server, lock));
    assert.equal(facts.organisation, unit.made.organisation);
    assert.equal(facts.administers, false);
    assert.deepEqual(facts.locks.map((each) => each.person), ["anna", "bert"]); // prettier-ignore
  });

  test("has other words each time", async () => {
    assert.notDeepEqual((await talk()).approver.words, (await talk()).approver.words);
  });

  test("lets in once: the next one needs a ceremony of its own", async () => {
    await talk();
    await anna.ask("admit", { lock: lock.listed, secret: unit.lock.secret });
    const other = await newLock(bert.ask);
    await assert.rejects(anna.ask("admit", { lock: other.listed, secret: unit.lock.secret }), /no-ceremony/u);
  });
});

describe("a server between the two", () => {
  const shows = (said, changed) => JSON.stringify({ shows: { ...JSON.parse(said).shows, ...changed } });

  for (const [what, step, changed] of [
    ["the newcomer's key", 3, () => ({ publicKey: foreign.lock.listed.publicKey })],
    ["the newcomer's chance", 3, () => ({ nonce: base64(new Uint8Array(32)) })],
    ["the approver's one-off key", 4, () => ({ oneOff: foreign.lock.listed.publicKey })],
    ["the signing certificate", 4, () => ({ certificates: foreign.made.certificates })],
    ["the organisation's key", 4, () => ({ organisation: foreign.made.organisation })],
    ["the settings' counter", 4, () => ({ settings: 7 })],
    ["the approver's chance", 4, () => ({ nonce: base64(new Uint8Array(32)) })],
    ["chance that is none", 4, () => ({ nonce: "" })],
    ["a counter that is none", 4, () => ({ settings: "0" })],
  ]) {
    test(`breaks it with ${what} swapped after it was bound (PO-75)`, async () => {
      const swap = (at, said) => (at === step ? shows(said, changed()) : said);
      await assert.rejects(talk(swap), CeremonyBroken);
    });
  }

  for (const [what, called] of [
    ["a device for a passkey (PO-80)", { kind: "device" }],
    ["a passkey on all machines of its owner for one that stays (PO-80)", { synced: true }],
  ]) {
    test(`breaks it where it passes off ${what}`, async () => {
      const bee = await begin({ ...about(), ...called }, lock.listed.publicKey);
      const ay = await answer(about(), toShow(await anna.ask("beginCeremony")), bee.say);
      const shown = show(bee.state, ay.say);
      await assert.rejects(showAndCompare(ay.state, shown.say), CeremonyBroken);
    });
  }

  const nothings = ["", "{}", "null", '{"commit":7}', '{"commit":"?"}', '{"shows":null}', '{"shows":{"publicKey":1}}'];
  for (const said of nothings) {
    test(`breaks it with ${JSON.stringify(said)} for a word`, async () => {
      for (const step of [1, 2, 3, 4]) {
        await assert.rejects(talk((at, told) => (at === step ? said : told)), CeremonyBroken); // prettier-ignore
      }
    });
  }

  test("that speaks to each side for itself gets other words on each, and no keys are accepted (PO-75)", async () => {
    const [toAnna, toBert] = [await newLock(mallory.ask, { person: "bert" }), foreign.lock];
    await mallory.ask("unlock", opening(foreign.server, toBert));
    const bee = await begin(about(), lock.listed.publicKey);
    const falseBee = await begin(about(), toAnna.listed.publicKey);
    const ay = await answer(about(), toShow(await anna.ask("beginCeremony")), falseBee.say);
    const falseAy = await answer(about(), toShow(await mallory.ask("beginCeremony")), bee.say);
    const atAnna = await showAndCompare(ay.state, show(falseBee.state, ay.say).say);
    const shown = show(bee.state, falseAy.say);
    const atBert = await compare(shown.state, (await showAndCompare(falseAy.state, shown.say)).say);
    assert.notDeepEqual(atAnna.words, atBert.words);
  });

  test("cannot give the newcomer another set than the words confirmed", async () => {
    const { newcomer } = await talk();
    const { copies, roster } = await anna.ask("admit", { lock: lock.listed, secret: unit.lock.secret });
    await mallory.ask("unlock", opening(foreign.server, foreign.lock));
    const theirs = await mallory.ask("admit", { lock: lock.listed, own: true, secret: foreign.lock.secret });
    const asked = { lock: lock.record, kept: copies, roster, confirmed: newcomer.confirmed, secret: lock.secret };
    const other = { ...asked, kept: theirs.copies, roster: theirs.roster };
    await assert.rejects(bert.ask("accept", other), /foreign-roster/u);
    await assert.rejects(bert.ask("accept", { ...asked, kept: theirs.copies }), /not-confirmed/u);
    const { organisation } = foreign.made;
    const believed = { ...newcomer.confirmed, organisation };
    await assert.rejects(bert.ask("accept", { ...other, confirmed: believed }), /not-confirmed/u);
    await bert.ask("accept", asked);
  });

  test("cannot have a lock opened with keys that nobody confirmed", async () => {
    await talk();
    const { copies, roster } = await anna.ask("admit", { lock: lock.listed, secret: unit.lock.secret });
    const server = { roster, kept: new Map([[lock.record.id, copies]]), inForce: [] };
    await assert.rejects(bert.ask("unlock", opening(server, lock)), /not-confirmed/u);
  });
});

test("the hash of a set tells unit, certificates and the organisation's key apart", async () => {
  const { certificates, organisation } = unit.made;
  const { signing, decryption } = certificates;
  const hashes = await Promise.all([
    setHash(UNIT, certificates, organisation),
    setHash(`${UNIT}x`, certificates, organisation),
    setHash(UNIT, { signing: decryption, decryption: signing }, organisation),
    setHash(UNIT, certificates, foreign.made.organisation),
  ]);
  assert.equal(new Set(hashes.map(base64)).size, hashes.length);
  assert.equal(fromBase64(base64(hashes[0])).length, 32);
});

/** The key Worker: what it makes, opens, signs and refuses (PO-49, PO-54, PO-56, PO-58, PO-76, PO-78). */

import assert from "node:assert/strict";
import { createHash, createPublicKey, verify, X509Certificate } from "node:crypto";
import { before, beforeEach, describe, test } from "node:test";
import { base64, framed, fromBase64, utf8 } from "../../../../gateway/desk/js/keys/octets.js";
import { admitOwn, browser, FROM, newLock, newUnit, opening, UNIT, UNTIL } from "./keeping.js";

const W3 = "http://www.w3.org/";
const REFERENCE =
  `<ds:Reference URI="#body-1"><ds:Transforms><ds:Transform Algorithm="${W3}2001/10/xml-exc-c14n#"></ds:Transform>` +
  `</ds:Transforms><ds:DigestMethod Algorithm="${W3}2001/04/xmlenc#sha256"></ds:DigestMethod>` +
  `<ds:DigestValue>${"A".repeat(43)}=</ds:DigestValue></ds:Reference>`;
const SIGNED_INFO =
  `<ds:SignedInfo xmlns:ds="${W3}2000/09/xmldsig#"><ds:CanonicalizationMethod Algorithm="${W3}2001/10/xml-exc-c14n#">` +
  `</ds:CanonicalizationMethod><ds:SignatureMethod Algorithm="${W3}2001/04/xmldsig-more#rsa-sha256">` +
  `</ds:SignatureMethod>${REFERENCE}</ds:SignedInfo>`;

const here = browser();
let made, another, unit, stranger;
before(async () => {
  made = await newUnit(here.ask);
  another = await newUnit(browser().ask);
});
// Making keys takes its time: each test has the same two units, as they were when they were made.
beforeEach(() => {
  unit = structuredClone(made);
  stranger = structuredClone(another);
});

const certificateOf = (which) => new X509Certificate(fromBase64(unit.made.certificates[which]));

describe("a set that is made", () => {
  test("has a signing certificate that its key signed, and a decryption certificate issued by it", () => {
    const [signing, decryption] = [certificateOf("signing"), certificateOf("decryption")];
    assert.ok(signing.verify(signing.publicKey));
    assert.ok(decryption.verify(signing.publicKey));
    assert.ok(decryption.checkIssued(signing));
    assert.equal(signing.publicKey.asymmetricKeyDetails.modulusLength, 3072);
    assert.equal(decryption.publicKey.asymmetricKeyDetails.modulusLength, 3072);
    assert.equal(new Date(signing.validFrom).toISOString(), new Date(FROM).toISOString());
    assert.equal(new Date(decryption.validTo).toISOString(), new Date(UNTIL).toISOString());
    assert.match(signing.subject, new RegExp(`serialNumber=${UNIT}`, "u"));
  });

  test("leaves the Worker sealed, and is not open before somebody opens it", async () => {
    await assert.rejects(here.ask("facts"), /locked/u);
    const { keys } = JSON.parse(unit.made.copy);
    assert.deepEqual(Object.keys(keys).sort(), ["decryption", "organisation", "signing"]);
    for (const sealed of Object.values(keys)) assert.doesNotMatch(sealed, /^MII/u); // no PKCS #8 in the clear
  });
});

describe("unlocking", () => {
  test("opens with the secret of the lock and with no other (PO-49)", async () => {
    const facts = await here.ask("unlock", opening(unit.server, unit.lock));
    assert.equal(facts.unit, UNIT);
    assert.equal(facts.administers, true);
    const other = crypto.getRandomValues(new Uint8Array(32));
    await assert.rejects(here.ask("unlock", { ...opening(unit.server, unit.lock), secret: other }), /does-not-open/u);
    await assert.rejects(here.ask("facts"), /locked/u);
  });

  test("refuses a copy, a lock or pins that belong to another unit or lock", async () => {
    const lock = { ...unit.lock.record, unit: "00000001001234567000:0002" };
    await assert.rejects(here.ask("unlock", { ...opening(unit.server, unit.lock), lock }), /does-not-open/u);
    const there = await newLock(here.ask);
    unit.server.kept.set(there.record.id, unit.server.kept.get(unit.lock.record.id));
    await assert.rejects(here.ask("unlock", opening(unit.server, there)), /does-not-open/u);
  });

  test("refuses a certificate in force that is none of its own (PO-56)", async () => {
    const { signing, decryption } = unit.made.certificates;
    await here.ask("unlock", { ...opening(unit.server, unit.lock), inForce: [signing, decryption] });
    const inForce = [signing, stranger.made.certificates.decryption];
    await assert.rejects(here.ask("unlock", { ...opening(unit.server, unit.lock), inForce }), /stranger/u);
    await assert.rejects(here.ask("facts"), /locked/u);
  });

  test("refuses a roster of another signer, and one of before what was seen", async () => {
    const foreign = { ...stranger.server, kept: unit.server.kept };
    await assert.rejects(here.ask("unlock", opening(foreign, unit.lock)), /no-copy/u);
    const changed = JSON.parse(unit.server.roster.text);
    changed.locks.push({ ...changed.locks[0], id: "x" });
    const roster = { ...unit.server.roster, text: JSON.stringify(changed) };
    await assert.rejects(here.ask("unlock", { ...opening(unit.server, unit.lock), roster }), /foreign-roster/u);

    await here.ask("unlock", opening(unit.server, unit.lock));
    const sheet = await newLock(here.ask, { kind: "sheet" });
    const { roster: next } = await here.ask("admit", { lock: sheet.listed, own: true, secret: unit.lock.secret });
    const kept = await here.ask("pinned");
    await here.ask("unlock", { ...opening(unit.server, unit.lock), roster: next, kept });
    await assert.rejects(here.ask("unlock", { ...opening(unit.server, unit.lock), kept }), /older-roster/u);
  });
});

describe("what is signed", () => {
  test("is a SignedInfo of ours, and the certificate in force verifies it", async () => {
    await here.ask("unlock", opening(unit.server, unit.lock));
    const octets = utf8(SIGNED_INFO);
    const value = await here.ask("signSignedInfo", { octets });
    assert.ok(verify("sha256", octets, certificateOf("signing").publicKey, value));
  });

  for (const [what, text] of [
    ["a challenge", new TextDecoder().decode(framed("enrol", ["u", "l", new Uint8Array(32)]))],
    ["a certificate", "0\u0082\u0001"],
    ["something behind it", `${SIGNED_INFO}x`],
    ["a line break behind it", `${SIGNED_INFO}\n`],
    ["something before it", `x${SIGNED_INFO}`],
    ["a mark before it", `\ufeff${SIGNED_INFO}`],
    ["no reference", SIGNED_INFO.replace(REFERENCE, "")],
    ["more references than a message can have", SIGNED_INFO.replace(REFERENCE, REFERENCE.repeat(67))],
    ["another algorithm", SIGNED_INFO.replace("rsa-sha256", "rsa-sha1")],
    ["another digest", SIGNED_INFO.replace("xmlenc#sha256", "xmldsig#sha1")],
    ["another transform", SIGNED_INFO.replace(`<ds:Transform Algorithm="${W3}`, '<ds:Transform Algorithm="x')],
    ["another transform's host", SIGNED_INFO.replaceAll("www.w3.org", "wwwXw3.org")],
    ["a reference to elsewhere", SIGNED_INFO.replace("#body-1", "https://elsewhere.example/")],
    ["an element in an attribute", SIGNED_INFO.replace("#body-1", '#b"><x y="')],
    ["a comment", SIGNED_INFO.replace("<ds:Transforms>", "<!-- --><ds:Transforms>")],
  ]) {
    test(`is never ${what} (PO-76)`, async () => {
      await assert.rejects(here.ask("signSignedInfo", { octets: utf8(text) }), /no-signed-info/u);
    });
  }

  test("at enrolment begins with its label and holds 32 octets of the server's (PO-76)", async () => {
    const challenge = crypto.getRandomValues(new Uint8Array(32));
    const value = await here.ask("enrol", { challenge });
    const said = framed("enrol", [UNIT, unit.lock.record.id, challenge]);
    assert.equal(new TextDecoder().decode(said.slice(0, 23)), "knooppunt desk 1 enrol\0");
    assert.ok(verify("sha256", said, certificateOf("signing").publicKey, value));
    for (const other of [new Uint8Array(31), new Uint8Array(33), utf8(SIGNED_INFO), "a".repeat(32)]) {
      await assert.rejects(here.ask("enrol", { challenge: other }), /no-challenge/u);
    }
  });

  test("is no word that the Worker does not know", async () => {
    for (const op of ["sign", "export", "constructor", "toString", "__proto__"]) {
      await assert.rejects(here.ask(op, { octets: new Uint8Array(8) }), /unknown/u);
    }
  });
});

describe("a content key", () => {
  test("is unwrapped by the key of the certificate that the message is sealed to, and by no other", async () => {
    await here.ask("unlock", opening(unit.server, unit.lock));
    const { decryption, signing } = unit.made.certificates;
    const spki = certificateOf("decryption").publicKey.export({ type: "spki", format: "der" });
    const key = await crypto.subtle.importKey("spki", spki, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["encrypt"]);
    const seal = async (octets) => new Uint8Array(await crypto.subtle.encrypt("RSA-OAEP", key, octets));
    const content = crypto.getRandomValues(new Uint8Array(16));
    const octets = await seal(content);
    assert.deepEqual(await here.ask("unwrapContentKey", { octets, certificate: decryption }), content);
    await assert.rejects(here.ask("unwrapContentKey", { octets, certificate: signing }), /stranger/u);
    const long = await seal(new Uint8Array(32));
    await assert.rejects(here.ask("unwrapContentKey", { octets: long, certificate: decryption }), /does-not-open/u);
    octets[9] ^= 1;
    await assert.rejects(here.ask("unwrapContentKey", { octets, certificate: decryption }), /does-not-open/u);
  });
});

describe("locking (PO-58)", () => {
  for (const [what, wind] of [
    ["fifteen minutes without a word", (page) => page.wind(15 * 60_000)],
    ["five minutes behind another tab", (page) => page.wind(5 * 60_000)],
  ]) {
    test(`comes after ${what}`, async () => {
      const page = browser();
      await page.ask("unlock", opening(unit.server, unit.lock));
      assert.deepEqual(page.waits(), [15 * 60_000]);
      if (what.includes("tab")) await page.ask("hidden", { hidden: true });
      wind(page);
      await assert.rejects(page.ask("enrol", { challenge: new Uint8Array(32) }), /locked/u);
      assert.equal(page.events.length, 1);
    });
  }

  test("does not come while somebody is there", async () => {
    const page = browser();
    await page.ask("unlock", opening(unit.server, unit.lock));
    await page.ask("hidden", { hidden: true });
    await page.ask("hidden", { hidden: false });
    page.wind(5 * 60_000);
    await page.ask("stay");
    assert.deepEqual(page.waits(), [15 * 60_000]);
    assert.equal((await page.ask("facts")).unit, UNIT);
  });

  test("comes with the first word after a machine slept, whose timers stood still", async (context) => {
    const page = browser();
    context.mock.timers.enable({ apis: ["Date"], now: Date.parse(FROM) });
    await page.ask("unlock", opening(unit.server, unit.lock));
    context.mock.timers.tick(15 * 60_000);
    await page.ask("facts");
    await page.ask("hidden", { hidden: false });
    context.mock.timers.tick(15 * 60_000 + 1);
    await assert.rejects(page.ask("enrol", { challenge: new Uint8Array(32) }), /locked/u);
    assert.equal(page.events.length, 1);
  });

  test("comes when it is asked for, and leaves nothing open", async () => {
    const page = browser();
    await page.ask("unlock", opening(unit.server, unit.lock));
    await page.ask("lock");
    assert.deepEqual(page.waits(), []);
    for (const op of ["facts", "beginCeremony", "pinned"]) await assert.rejects(page.ask(op), /locked/u);
  });
});

describe("a new set (PO-54, PO-78)", () => {
  test("is sealed to the roster less who leaves; the old one still opens what it has to", async () => {
    const page = browser();
    const own = unit;
    await page.ask("unlock", opening(own.server, own.lock));
    const [stays, leaves] = [await newLock(page.ask, { kind: "sheet" }), await newLock(page.ask, { person: "bert" })];
    for (const lock of [stays, leaves]) {
      const done = await page.ask("admit", { lock: lock.listed, own: true, secret: own.lock.secret });
      own.server.kept.set(lock.record.id, done.copies);
      own.server.roster = done.roster;
    }
    const asked = { set: "second", name: "Incasso Noord", from: FROM, until: UNTIL, without: [leaves.record.id] };
    await assert.rejects(page.ask("rotate", { ...asked, secret: leaves.secret }), /does-not-open/u);
    const made = await page.ask("rotate", { ...asked, secret: own.lock.secret });
    assert.deepEqual(made.copies.map((each) => each.lock), [own.lock.record.id, stays.record.id]); // prettier-ignore
    const mine = made.copies.find((each) => each.lock === own.lock.record.id);
    own.server.kept.get(own.lock.record.id).unshift({ set: "second", copy: mine.copy });
    own.server.roster = made.roster;
    own.server.inForce = Object.values(made.certificates);
    const facts = await page.ask("unlock", opening(own.server, own.lock));
    assert.deepEqual(facts.sets.map((each) => each.id), ["second", own.set]); // prettier-ignore
    assert.equal(facts.locks.some((each) => each.id === leaves.record.id), false); // prettier-ignore

    const octets = utf8(SIGNED_INFO);
    const value = await page.ask("signSignedInfo", { octets });
    const certificate = new X509Certificate(fromBase64(made.certificates.signing));
    assert.ok(verify("sha256", octets, certificate.publicKey, value));
    const old = new X509Certificate(fromBase64(own.made.certificates.decryption));
    const spki = old.publicKey.export({ type: "spki", format: "der" });
    const key = await crypto.subtle.importKey("spki", spki, { name: "RSA-OAEP", hash: "SHA-256" }, false, ["encrypt"]);
    const sealed = new Uint8Array(await crypto.subtle.encrypt("RSA-OAEP", key, new Uint8Array(16)));
    const toOpen = { octets: sealed, certificate: own.made.certificates.decryption };
    assert.deepEqual(await page.ask("unwrapContentKey", toOpen), new Uint8Array(16));
  });

  test("is signed with the key in force until it is itself in force", async () => {
    const page = browser();
    const own = unit;
    await page.ask("unlock", opening(own.server, own.lock));
    const asked = { set: "second", name: "Noord", from: FROM, until: UNTIL, without: [] };
    const made = await page.ask("rotate", { ...asked, secret: own.lock.secret });
    own.server.kept.get(own.lock.record.id).unshift({ set: "second", copy: made.copies[0].copy });
    own.server.roster = made.roster;
    own.server.inForce = Object.values(own.made.certificates);
    await page.ask("unlock", opening(own.server, own.lock));
    const octets = utf8(SIGNED_INFO);
    const value = await page.ask("signSignedInfo", { octets });
    const old = new X509Certificate(fromBase64(own.made.certificates.signing));
    assert.ok(verify("sha256", octets, old.publicKey, value));
  });
});

describe("who may let somebody in", () => {
  test("has the organisation's key; a lock without it lets nobody in and changes no settings", async () => {
    const page = browser();
    const own = unit;
    await page.ask("unlock", opening(own.server, own.lock));
    const plain = await newLock(page.ask, { administers: false, kind: "sheet" });
    const done = await page.ask("admit", { lock: plain.listed, own: true, secret: own.lock.secret });
    assert.deepEqual(Object.keys(JSON.parse(done.copies[0].copy).keys).sort(), ["decryption", "signing"]);
    const set = own.made.certificates;
    const { oneOff } = JSON.parse(done.copies[0].copy);
    const confirmed = { oneOff, certificates: set, organisation: own.made.organisation, settings: 0 };
    const accepted = await page.ask("accept", {
      lock: plain.record, kept: done.copies, roster: done.roster, confirmed, secret: plain.secret,
    }); // prettier-ignore
    const server = { roster: done.roster, kept: new Map([[plain.record.id, accepted.copies]]), inForce: [] };
    const facts = await page.ask("unlock", opening(server, plain));
    assert.equal(facts.administers, false);
    const other = await newLock(page.ask);
    const asked = { lock: other.listed, own: true, secret: plain.secret };
    await assert.rejects(page.ask("admit", asked), /not-an-administrator/u);
    const text = JSON.stringify({ format: "knooppunt desk 1 settings", counter: 1, previous: "" });
    await assert.rejects(page.ask("signSettings", { text, before: null }), /not-an-administrator/u);
  });

  test("opens the lock again for it, so that what runs in a page alone lets nobody in", async () => {
    const page = browser();
    const own = unit;
    await page.ask("unlock", opening(own.server, own.lock));
    const other = await newLock(page.ask);
    await assert.rejects(page.ask("admit", { lock: other.listed, own: true, secret: other.secret }), /does-not-open/u);
    await assert.rejects(page.ask("admit", { lock: other.listed, own: true }), /no-secret/u);
    await assert.rejects(page.ask("admit", { lock: other.listed, secret: own.lock.secret }), /no-ceremony/u);
  });
});

test("the organisation's pair goes on to the next unit of it", async () => {
  const page = browser();
  const first = unit;
  await page.ask("unlock", opening(first.server, first.lock));
  const second = await newUnit(page.ask, "00000001001234567000:0002");
  assert.equal(second.made.organisation, first.made.organisation);
  const facts = await page.ask("unlock", opening(second.server, second.lock));
  assert.equal(facts.administers, true);
  const key = createPublicKey({ key: Buffer.from(second.made.organisation, "base64"), format: "der", type: "spki" });
  const { text, signature } = second.made.roster;
  assert.ok(verify("sha256", framed("roster", [text]), key, fromBase64(signature)));
  assert.equal(base64(fromBase64(signature)), signature);
});

test("a set that nobody can open any more is followed by a new one with keys of its own (PO-55)", async () => {
  const page = browser();
  const lock = await newLock(page.ask);
  const again = await page.ask("makeSet", {
    unit: UNIT, name: "Incasso Noord", set: "again", from: FROM, until: UNTIL,
    lock: lock.listed, sealedKey: lock.record.sealedKey, before: unit.server.roster, secret: lock.secret,
  }); // prettier-ignore
  const roster = JSON.parse(again.roster.text);
  assert.equal(roster.counter, JSON.parse(unit.server.roster.text).counter + 1);
  assert.equal(roster.previous, createHash("sha256").update(unit.server.roster.text).digest("hex"));
  assert.deepEqual([roster.sets.length, roster.locks.length], [1, 1]);
  assert.notEqual(roster.organisation, JSON.parse(unit.server.roster.text).organisation);
  const kept = new Map([[lock.record.id, [{ set: "again", copy: again.copy }]]]);
  await page.ask("unlock", opening({ roster: again.roster, kept, inForce: [] }, lock));
  await assert.rejects(page.ask("unlock", opening({ roster: unit.server.roster, kept, inForce: [] }, lock)), /no-copy/u);
});

describe("another key of the organisation (PO-54, PO-78)", () => {
  const SETTINGS = (counter, previous = "") => JSON.stringify({ format: "knooppunt desk 1 settings", counter, previous });

  /** Two administrators and somebody without that key, of whom one is renewed without. */
  async function renewedUnit() {
    const page = browser();
    const own = await newUnit(page.ask);
    await page.ask("unlock", opening(own.server, own.lock));
    const [stays, leaves] = [await newLock(page.ask, { kind: "sheet" }), await newLock(page.ask, { person: "bert" })];
    const plain = await newLock(page.ask, { person: "carla", administers: false });
    for (const lock of [stays, leaves, plain]) {
      await admitOwn(page.ask, own.server, own.lock, lock);
      await take(own.server, lock, own.made);
    }
    await page.ask("unlock", opening(own.server, own.lock));
    const settings = await page.ask("signSettings", { text: SETTINGS(1), before: null });
    const before = { ...own.server, kept: new Map(own.server.kept), renewals: [] };
    const made = await page.ask("renew", { without: [leaves.record.id], settings, secret: own.lock.secret });
    keep(own.server, made);
    return { page, own, stays, leaves, plain, settings, made, before };
  }

  /** What a lock's owner confirms of the copies that he got. */
  async function take(server, lock, { organisation, certificates }) {
    const kept = server.kept.get(lock.record.id);
    const confirmed = { oneOff: JSON.parse(kept[0].copy).oneOff, certificates, organisation, settings: 0 };
    const asked = { lock: lock.record, kept, roster: server.roster, confirmed, secret: lock.secret };
    server.kept.set(lock.record.id, (await browser().ask("accept", asked)).copies);
  }

  /** As the portal keeps it: pins of other locks go on to their next copy. */
  function keep(server, { renewal, copies, roster }) {
    for (const { set, lock, copy } of copies) {
      const [{ copy: last }] = server.kept.get(lock);
      const pins = JSON.parse(copy).pins ?? JSON.parse(last).pins;
      server.kept.set(lock, [{ set, copy: JSON.stringify({ ...JSON.parse(copy), pins }) }]);
    }
    server.roster = roster;
    server.renewals = [...(server.renewals ?? []), renewal];
  }

  test("is signed for by the one before, opens for all who stay, and the leaver's signs no roster any more", async () => {
    const { own, stays, plain, leaves, made, before } = await renewedUnit();
    const { organisation } = JSON.parse(made.renewal.text);
    assert.notEqual(organisation, own.made.organisation);
    for (const [lock, administers] of [[own.lock, true], [stays, true], [plain, false]]) {
      const facts = await browser().ask("unlock", opening(own.server, lock));
      assert.deepEqual([facts.organisation, facts.administers], [organisation, administers]);
      assert.equal(facts.locks.some(({ id }) => id === leaves.record.id), false); // prettier-ignore
      // Whoever saw the next key, or is shown it, takes nothing of the one before.
      await assert.rejects(browser().ask("unlock", { ...opening(own.server, lock), roster: before.roster }), /foreign-roster/u);
      if (lock !== own.lock) {
        // Its own pins name the key that it made; the others learn it by the signature of the one before alone.
        for (const renewals of [[], [{ ...made.renewal, signature: before.roster.signature }]]) {
          await assert.rejects(browser().ask("unlock", { ...opening(own.server, lock), renewals }), /foreign-roster/u);
        }
      }
    }
    assert.deepEqual(made.copies.map(({ lock }) => lock).sort(), [own.lock.record.id, stays.record.id].sort()); // prettier-ignore
  });

  test("takes along the settings that are in force, and no others that the key before signs", async () => {
    const { own, stays, settings, leaves, before } = await renewedUnit();
    const page = browser();
    await page.ask("unlock", opening(own.server, stays));
    assert.equal((await page.ask("readSettings", { signed: settings })).counter, 1);
    const thief = browser();
    await thief.ask("unlock", opening(before, leaves));
    const forged = await thief.ask("signSettings", { text: SETTINGS(1, "").replace("}", ',"accounts":[]}'), before: null });
    await assert.rejects(page.ask("readSettings", { signed: forged }), /foreign-settings/u);
    const previous = createHash("sha256").update(settings.text).digest("hex");
    const next = await page.ask("signSettings", { text: SETTINGS(2, previous), before: settings });
    assert.equal((await page.ask("readSettings", { signed: next })).counter, 2);
    await assert.rejects(thief.ask("readSettings", { signed: next }), /foreign-settings/u);
  });

  test("is followed by a set of keys under it, and by the next one", async () => {
    const { page, own, stays } = await renewedUnit();
    const again = await page.ask("renew", { without: [], settings: null, secret: own.lock.secret });
    keep(own.server, again);
    const asked = { set: "second", name: "Noord", from: FROM, until: UNTIL, without: [], secret: own.lock.secret };
    const made = await page.ask("rotate", asked);
    const facts = await browser().ask("unlock", opening(own.server, stays));
    assert.equal(facts.organisation, JSON.parse(again.renewal.text).organisation);
    const key = createPublicKey({ key: Buffer.from(facts.organisation, "base64"), format: "der", type: "spki" });
    assert.ok(verify("sha256", framed("roster", [made.roster.text]), key, fromBase64(made.roster.signature)));
    assert.equal(JSON.parse(again.renewal.text).counter, 2);
  });

  test("is what signs, and not the one before it where copies of before came back", async () => {
    const { own, settings, before } = await renewedUnit();
    const page = browser();
    const kept = before.kept.get(own.lock.record.id);
    assert.equal((await page.ask("unlock", { ...opening(own.server, own.lock), kept })).administers, true);
    const previous = createHash("sha256").update(settings.text).digest("hex");
    await assert.rejects(page.ask("signSettings", { text: SETTINGS(2, previous), before: settings }), /foreign-key/u);
    await assert.rejects(page.ask("renew", { without: [], settings, secret: own.lock.secret }), /foreign-key/u);
  });

  /** A second unit of the organisation, made with the first one's key, of which one lock is somebody else's. */
  async function secondUnit(page, { administers = true } = {}) {
    const other = await newUnit(page.ask, "00000001001234567000:0002");
    await page.ask("unlock", opening(other.server, other.lock));
    const [own, leaves] = [await newLock(page.ask, { kind: "sheet", unit: other.lock.record.unit, administers }), await newLock(page.ask, { person: "bert", unit: other.lock.record.unit })];
    for (const lock of [own, leaves]) {
      await admitOwn(page.ask, other.server, other.lock, lock);
      await take(other.server, lock, other.made);
    }
    return { other, own, leaves };
  }

  test("goes along to another unit that holds it, for who administers there, too, and opens there as here", async () => {
    const page = browser();
    const first = await newUnit(page.ask);
    await page.ask("unlock", opening(first.server, first.lock));
    const { other, own, leaves } = await secondUnit(page);
    assert.equal(other.made.organisation, first.made.organisation);
    await page.ask("unlock", opening(first.server, first.lock));
    const settings = await page.ask("signSettings", { text: SETTINGS(1), before: null });
    const here = await page.ask("renew", { without: [], settings, secret: first.lock.secret });
    await page.ask("unlock", opening(other.server, own));
    const there = await page.ask("renew", { without: [leaves.record.id], settings, along: true, secret: own.secret });
    assert.deepEqual(there.renewal, here.renewal);
    const { organisation } = JSON.parse(here.renewal.text);
    keep(first.server, here);
    keep(other.server, there);
    for (const [server, lock] of [[first.server, first.lock], [other.server, own], [other.server, other.lock]]) {
      const again = browser();
      const facts = await again.ask("unlock", opening(server, lock));
      assert.deepEqual([facts.organisation, facts.administers], [organisation, true]);
      assert.equal(facts.locks.some(({ id }) => id === leaves.record.id), false); // prettier-ignore
      assert.equal((await again.ask("readSettings", { signed: settings })).counter, 1);
    }
    await assert.rejects(browser().ask("unlock", opening(other.server, leaves)), /not-on-the-roster/u);
  });

  test("goes along with nobody who does not administer there, to no unit of another key, and not once it was locked", async () => {
    const page = browser();
    const first = await newUnit(page.ask);
    const along = (lock) => page.ask("renew", { without: [], settings: null, along: true, secret: lock.secret });
    await page.ask("unlock", opening(first.server, first.lock));
    const { other, own } = await secondUnit(page, { administers: false });
    const stranger = await newUnit(browser().ask, "00000001001234567000:0003");
    await page.ask("unlock", opening(first.server, first.lock));
    await page.ask("renew", { without: [], settings: null, secret: first.lock.secret });
    await page.ask("unlock", opening(other.server, own));
    await assert.rejects(along(own), /not-an-administrator/u);
    await page.ask("unlock", opening(stranger.server, stranger.lock));
    await assert.rejects(along(stranger.lock), /foreign-key/u);
    await page.ask("lock");
    await page.ask("unlock", opening(other.server, other.lock));
    await assert.rejects(along(other.lock), /no-next-key/u);
  });

  test("asks for the lock again, and for the key before it", async () => {
    const { page, own, plain } = await renewedUnit();
    await assert.rejects(page.ask("renew", { without: [], settings: null, secret: plain.secret }), /does-not-open/u);
    await page.ask("unlock", opening(own.server, plain));
    const asked = { without: [], settings: null, secret: plain.secret };
    await assert.rejects(page.ask("renew", asked), /not-an-administrator/u);
  });
});

test("a set that the operator refused has no copies any more, and the one before it still opens (PO-54)", async () => {
  const page = browser();
  const own = await newUnit(page.ask);
  await page.ask("unlock", opening(own.server, own.lock));
  const asked = { set: "refused", name: "Noord", from: FROM, until: UNTIL, without: [], secret: own.lock.secret };
  own.server.roster = (await page.ask("rotate", asked)).roster;
  own.server.inForce = Object.values(own.made.certificates);
  const facts = await page.ask("unlock", opening(own.server, own.lock));
  assert.equal(facts.administers, true);
});

describe("digests of rows of lists (PO-64)", () => {
  const digests = (ask, ...texts) => ask("listDigests", { texts });

  test("are the same wherever the unit's keys are open, and others for another text or unit", async () => {
    await here.ask("unlock", opening(unit.server, unit.lock));
    const made = await digests(here.ask, "a", "b");
    const other = browser();
    await other.ask("unlock", opening(unit.server, unit.lock));
    assert.deepEqual(await digests(other.ask, "a", "b"), made);
    assert.ok(made.flat().every((each) => /^[0-9a-f]{32}$/u.test(each)));
    assert.notEqual(made[0][0], made[1][0]);
    const elsewhere = browser();
    await elsewhere.ask("unlock", opening(stranger.server, stranger.lock));
    assert.ok(!(await digests(elsewhere.ask, "a")).flat().includes(made[0][0]));
  });

  test("need keys that are open", async () => {
    await assert.rejects(digests(browser().ask, "a"), /locked/u);
  });
});

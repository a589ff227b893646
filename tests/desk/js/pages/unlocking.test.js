/**
 * A page that asked for a lock opens the keys as they are once it has the lock. The portal and the starting of the
 * Worker are stood in for; the Worker's own words are real.
 *
 * @module
 */

import assert from "node:assert/strict";
import { test } from "node:test";

import { base64 } from "../../../../gateway/desk/js/keys/octets.js";
import { keyKeeper } from "../../../../gateway/desk/js/keys/worker.js";
import { browser, newUnit, opening } from "../keys/keeping.js";

const timers = { set: () => 0, clear: () => undefined };
class StartedKeeper {
  constructor() {
    this.keeper = keyKeeper({ tell: () => undefined, timers });
  }
  postMessage(message) {
    this.keeper.handle(message).then((data) => this.onmessage({ data }));
  }
}
const address = new URL("../../../../gateway/desk/js/keys/worker.js", import.meta.url);
const integrity = { [address.pathname]: `sha384-${"A".repeat(64)}` };
const query = (asked) => (asked.startsWith("script") ? { textContent: JSON.stringify({ integrity }) } : null);
Object.assign(globalThis, {
  Worker: StartedKeeper,
  HTMLInputElement: class {},
  addEventListener: () => undefined,
  document: { querySelector: query, addEventListener: () => undefined },
});
const { openBy, unlocked } = await import("../../../../gateway/desk/js/pages/unlocking.js");

/** The portal: it shows the keys as they are, and keeps in mind what it is told. */
function portalOf({ lock, set, server }) {
  const told = [];
  const shown = () => ({
    unit: lock.record.unit, in_force: [], sets: [{ id: set, state: "active" }], settings: [],
    locks: [{ ...lock.listed, name: "", is_own: true, counts: true, sealed_key: base64(lock.record.sealedKey), credential: null }],
    copies: (server.kept.get(lock.record.id) ?? []).map((each) => ({ ...each, lock: lock.record.id })),
    roster: server.roster, renewals: server.renewals ?? [],
  }); // prettier-ignore
  globalThis.fetch = async (path, { body } = {}) => {
    if (body !== undefined) told.push(JSON.parse(body));
    return new Response(JSON.stringify(String(path).startsWith("/desk/") ? shown() : {}));
  };
  return { shown, told };
}

/** A colleague of the same lock, who makes the organisation's next key. */
async function renewingUnit() {
  const colleague = browser();
  const own = await newUnit(colleague.ask);
  await colleague.ask("unlock", opening(own.server, own.lock));
  const renew = async () => {
    const made = await colleague.ask("renew", { without: [], settings: null, secret: own.lock.secret });
    own.server.kept.set(own.lock.record.id, made.copies.map(({ set, copy }) => ({ set, copy }))); // prettier-ignore
    Object.assign(own.server, { roster: made.roster, renewals: [made.renewal] });
    return made;
  };
  return { own, renew };
}

test("what was renewed while somebody was asked for a lock is opened, and nothing of before is kept (PO-78)", async () => {
  const { own, renew } = await renewingUnit();
  const { shown, told } = portalOf(own);
  const means = { lock: own.lock.record.id, secret: own.lock.secret };
  let made = null;
  const askLock = async () => {
    made = await renew();
    return means;
  };
  const opened = await openBy({ keys: shown(), compare: (keys) => keys.in_force, askLock });
  assert.equal(opened.facts.organisation, JSON.parse(made.renewal.text).organisation);
  assert.deepEqual(opened.keys.roster, made.roster);
  const sealed = ({ copies }) => copies.map(({ copy }) => JSON.parse(copy).keys);
  assert.deepEqual(told.map(sealed), [sealed(made)]);
});

test("a lock that was removed while it was asked for opens nothing, and its owner is told that there is none", async () => {
  const { own } = await renewingUnit();
  const { shown } = portalOf(own);
  const keys = shown();
  const askLock = async () => {
    own.server.kept.clear();
    return { lock: own.lock.record.id, secret: own.lock.secret };
  };
  await assert.rejects(openBy({ keys, compare: () => [], askLock }), /no-lock/u);
});

const isWiped = (octets) => octets.every((each) => each === 0);

test("what opened a lock is overwritten once the Worker has it, and what keeps the keys open asks for it no more (4.3)", async () => {
  const { own } = await renewingUnit();
  const { told } = portalOf(own);
  const secret = own.lock.secret.slice();
  const keys = await unlocked({ unit: own.lock.record.unit, ask: async () => ({ lock: own.lock.record.id, secret }) });
  assert.ok(isWiped(secret));
  await keys.keepSeen();
  assert.deepEqual(told.at(-1).copies.map(({ lock }) => lock), [own.lock.record.id]);
});

test("what asks for the secret once more has it until it is done, whether that went well or not", async () => {
  const { own } = await renewingUnit();
  const { shown } = portalOf(own);
  const wrong = crypto.getRandomValues(new Uint8Array(32));
  for (const fault of [null, new Error("no")]) {
    const right = own.lock.secret.slice();
    const tries = [wrong, right];
    const askLock = async () => ({ lock: own.lock.record.id, secret: tries.shift() });
    const use = async ({ facts }, means) => {
      assert.ok(isWiped(wrong), "that one did not open");
      assert.deepEqual(means.secret, own.lock.secret);
      if (fault !== null) throw fault;
      return facts.lock;
    };
    const done = openBy({ keys: shown(), compare: () => [], askLock }, use);
    if (fault === null) assert.equal(await done, own.lock.record.id);
    else await assert.rejects(done, fault);
    assert.ok(isWiped(right));
    wrong.fill(1);
  }
});

test("a lock that was removed meanwhile leaves nothing of its secret here", async () => {
  const { own } = await renewingUnit();
  const { shown } = portalOf(own);
  const keys = shown();
  const secret = own.lock.secret.slice();
  const askLock = async () => {
    own.server.kept.clear();
    return { lock: own.lock.record.id, secret };
  };
  await assert.rejects(openBy({ keys, compare: () => [], askLock }), /no-lock/u);
  assert.ok(isWiped(secret));
});

/** Starting the key Worker by its hash (PO-79), and what a passkey is asked and answers (PO-51). */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, test } from "node:test";
import { KeyFault, startKeeper } from "../../../../gateway/desk/js/keys/keeper.js";
import { base64, sameOctets } from "../../../../gateway/desk/js/keys/octets.js";
import { makePasskey, openPasskey, PasskeyFault, prfInput } from "../../../../gateway/desk/js/keys/passkey.js";

const FILE = Buffer.from("export {};");
const hashOf = (octets) => `sha384-${createHash("sha384").update(octets).digest("base64")}`;

/** A browser that fetches, makes blobs and starts Workers as one does, and remembers what it started. */
function outside({ served = FILE, types = true } = {}) {
  const started = [];
  let number = 0;
  const policies = [];
  return {
    started,
    policies,
    async fetch(_address, { integrity }) {
      if (integrity !== hashOf(served)) throw new TypeError("integrity");
      return { ok: true, arrayBuffer: async () => served };
    },
    URL: { createObjectURL: () => `blob:${(number += 1)}`, revokeObjectURL: () => undefined },
    trustedTypes: types
      ? { createPolicy: (name, rules) => (policies.push({ name, rules }), { createScriptURL: rules.createScriptURL }) }
      : undefined,
    Worker: class {
      constructor(address, options) {
        started.push({ address, options, worker: this });
      }
      postMessage(message) {
        const good = message.op === "facts";
        const answer = good ? { ok: true, value: { unit: "u" } } : { ok: false, why: "locked" };
        queueMicrotask(() => this.onmessage({ data: { id: message.id, ...answer } }));
      }
      terminate() {}
    },
  };
}

describe("the key Worker", () => {
  test("is started from the octets that have the hash, as a module, under one policy", async () => {
    const browser = outside();
    const keeper = await startKeeper("/worker.js", () => hashOf(FILE), () => undefined, browser);
    assert.equal(browser.started.length, 1);
    assert.deepEqual(browser.started[0].options, { type: "module", name: "keys" });
    assert.deepEqual(browser.policies.map((each) => each.name), ["knooppunt-worker"]); // prettier-ignore
    assert.deepEqual(await keeper.ask("facts"), { unit: "u" });
    await assert.rejects(keeper.ask("enrol"), new KeyFault("locked"));
  });

  test("does not start with one octet changed (PO-79)", async () => {
    const browser = outside({ served: Buffer.from("export { };") });
    await assert.rejects(startKeeper("/worker.js", () => hashOf(FILE), () => undefined, browser), TypeError);
    assert.equal(browser.started.length, 0);
  });

  for (const integrity of ["", "sha256-x", `sha384-${"A".repeat(63)}`, `${hashOf(FILE)} sha384-x`]) {
    test(`does not start with ${JSON.stringify(integrity.slice(0, 12))} for a hash`, async () => {
      await assert.rejects(startKeeper("/w", () => integrity, () => undefined, outside()), KeyFault);
    });
  }

  test("leaves a policy by which nothing else starts (PO-79)", async () => {
    const browser = outside();
    await startKeeper("/worker.js", () => hashOf(FILE), () => undefined, browser);
    const { createScriptURL } = browser.policies[0].rules;
    for (const address of ["blob:2", "/other.js", "data:text/javascript,1", "https://elsewhere.example/w.js"]) {
      assert.throws(() => createScriptURL(address), KeyFault);
    }
  });

  test("tells when it locked by itself, and what waited for it when it ended", async () => {
    const told = [];
    const browser = outside({ types: false });
    const keeper = await startKeeper("/worker.js", () => hashOf(FILE), (why) => told.push(why), browser);
    browser.started[0].worker.onmessage({ data: { event: "locked", why: "idle" } });
    assert.deepEqual(told, ["idle"]);
    browser.started[0].worker.postMessage = () => undefined;
    const waits = keeper.ask("facts");
    keeper.end();
    await assert.rejects(waits, new KeyFault("locked"));
  });
});

const UV = 0x04;
const SEVENS = new Uint8Array(32).fill(7);
const LOCK = { id: "l", unit: "u", credential: base64(Uint8Array.of(251, 239, 255)) };

/** An authenticator that answers one question. */
function authenticator({ flags = UV, prf = { results: { first: SEVENS.buffer } }, id, fault } = {}) {
  const data = new Uint8Array(37);
  data[32] = flags;
  const asked = [];
  const answer = async (options) => {
    asked.push(options.publicKey);
    if (fault) throw fault;
    return {
      rawId: (id ?? Uint8Array.of(251, 239, 255)).buffer,
      response: { authenticatorData: data.buffer, getAuthenticatorData: () => data.buffer },
      getClientExtensionResults: () => ({ prf }),
    };
  };
  return { asked, get: answer, create: answer };
}

describe("a passkey (PO-51)", () => {
  test("is asked with the input of its own lock, and the person is to be verified", async () => {
    const device = authenticator();
    const { lock, secret } = await openPasskey([LOCK], device);
    assert.equal(lock, "l");
    assert.deepEqual(secret, new Uint8Array(32).fill(7));
    const [{ userVerification, extensions }] = device.asked;
    assert.equal(userVerification, "required");
    assert.deepEqual(Object.keys(extensions.prf.evalByCredential), ["--__"]);
    assert.deepEqual(extensions.prf.evalByCredential["--__"].first, await prfInput("u", "l"));
    assert.ok(!sameOctets(await prfInput("u", "l"), await prfInput("u", "m")));
    assert.ok(!sameOctets(await prfInput("ul", ""), await prfInput("u", "l")));
  });

  for (const [why, answers] of [
    ["no-prf", { prf: null }],
    ["no-prf", { prf: { enabled: true } }],
    ["no-prf", { prf: { results: { first: new Uint8Array(16).buffer } } }],
    ["not-verified", { flags: 0x01 }],
    ["foreign", { id: Uint8Array.of(1) }],
    ["cancelled", { fault: new DOMException("", "NotAllowedError") }],
    ["failed", { fault: new DOMException("", "SecurityError") }],
  ]) {
    test(`opens nothing where it is ${why}`, async () => {
      await assert.rejects(openPasskey([LOCK], authenticator(answers)), new PasskeyFault(why));
    });
  }

  test("says when it is made whether it may leave the device", async () => {
    const whose = { person: "p", name: "Anna", product: "Knooppunt" };
    for (const [flags, synced] of [[UV, false], [UV | 0x08, true]]) { // prettier-ignore
      const made = await makePasskey(whose, authenticator({ flags }));
      assert.deepEqual(made, { credential: LOCK.credential, synced });
    }
  });
});

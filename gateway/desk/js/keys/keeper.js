/**
 * Starts the key Worker and speaks with it.
 *
 * An import map does not cover a Worker, nor does Integrity-Policy: so each of its modules is fetched with the hash that
 * the page names, and all are started as one script from a blob. The one policy for addresses of scripts gives out the address of
 * that blob and no other.
 *
 * @module
 */

import { textOf } from "../as4/octets.js";
import { oneScript } from "../as4/one_script.js";

/** The policy that the headers of a page allow. */
const POLICY = "knooppunt-worker";

/** Why the Worker did not do something, as its own word for it. */
export class KeyFault extends Error {}

/**
 * @typedef {(op: string, message?: Record<string, unknown>) => Promise<any>} Ask
 * @typedef {{ask: Ask, end: () => void}} Keeper
 * @typedef {{fetch: typeof fetch, Worker: typeof Worker, URL: typeof URL, trustedTypes?: any}} Outside
 */

/**
 * The Worker of that address, started; throws where a module of it has another hash.
 * @param {string} address
 * @param {(address: string) => string} integrityOf a module, as Subresource Integrity writes it
 * @param {(why: string) => void} locked told when it locked its keys by itself
 * @param {Outside} outside
 * @returns {Promise<Keeper>}
 */
export async function startKeeper(address, integrityOf, locked, outside = /** @type {any} */ (globalThis)) {
  const script = await oneScript(address, async (module) => {
    const integrity = integrityOf(module);
    if (!/^sha384-[A-Za-z0-9+/]{64}$/u.test(integrity)) throw new KeyFault("no-hash");
    const answer = await outside.fetch(module, { integrity, credentials: "same-origin", redirect: "error" });
    const text = answer.ok ? textOf(new Uint8Array(await answer.arrayBuffer())) : null;
    if (text === null) throw new KeyFault("no-worker");
    return text;
  });
  const blob = outside.URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    return speak(new outside.Worker(trusted(blob, outside), { type: "module", name: "keys" }), locked);
  } finally {
    outside.URL.revokeObjectURL(blob);
  }
}

/**
 * The address of the blob as the browser demands it. A policy is made once in the life of a page.
 * @param {string} blob
 * @param {Outside} outside
 * @returns {any}
 */
function trusted(blob, { trustedTypes }) {
  if (trustedTypes === undefined) return blob; // a browser that does not know them
  const policy = trustedTypes.createPolicy(POLICY, {
    createScriptURL(/** @type {string} */ asked) {
      if (asked !== blob) throw new KeyFault("foreign-worker");
      return asked;
    },
  });
  return policy.createScriptURL(blob);
}

/**
 * @param {Worker} worker
 * @param {(why: string) => void} locked
 * @returns {Keeper}
 */
function speak(worker, locked) {
  /** @type {Map<number, {done: (value: any) => void, failed: (fault: Error) => void}>} */
  const waiting = new Map();
  let last = 0;
  /** @param {string} why */
  const failAll = (why) => {
    for (const each of waiting.values()) each.failed(new KeyFault(why));
    waiting.clear();
  };
  worker.onmessage = ({ data }) => {
    if (data.event === "locked") {
      locked(data.why);
      return;
    }
    const asked = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.ok) asked?.done(data.value);
    else asked?.failed(new KeyFault(data.why));
  };
  worker.onerror = () => failAll("failed");
  return {
    ask(op, message = {}) {
      last += 1;
      const id = last;
      return new Promise((done, failed) => {
        waiting.set(id, { done, failed });
        worker.postMessage({ ...message, id, op });
      });
    },
    end() {
      worker.terminate();
      failAll("locked");
    },
  };
}

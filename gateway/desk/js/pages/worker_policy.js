/**
 * The one policy for addresses of scripts that a page may make, for both of its Workers: the one that holds keys and the
 * one that reads XML.
 *
 * SECURITY: it gives out the address of a blob while the Worker of it is being started, and no other address ever.
 */

import { KeyFault } from "../keys/keeper.js";

/** @typedef {import("../keys/keeper.js").Outside} Outside */

const POLICY = "knooppunt-worker";

/** @type {string | null} */
let awaited = null;
/** @type {{createScriptURL: (address: string) => any} | null} */
let policy = null;

/**
 * The address of a blob that was made for a Worker, as the browser demands it.
 * @param {string} blob
 * @returns {any}
 */
export function trusted(blob) {
  const { trustedTypes } = /** @type {any} */ (globalThis);
  if (trustedTypes === undefined) return blob; // a browser that does not know them
  policy ??= trustedTypes.createPolicy(POLICY, {
    createScriptURL(/** @type {string} */ asked) {
      if (asked !== awaited) throw new KeyFault("foreign-worker");
      return asked;
    },
  });
  awaited = blob;
  try {
    return /** @type {any} */ (policy).createScriptURL(blob);
  } finally {
    awaited = null;
  }
}

/** What the starter of the key Worker works with on a page where another Worker is started, too. @type {Outside} */
export const OUTSIDE = {
  fetch: (...asked) => fetch(...asked),
  Worker: globalThis.Worker,
  URL: globalThis.URL,
  trustedTypes: { createPolicy: () => ({ createScriptURL: trusted }) },
};

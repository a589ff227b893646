/**
 * The one key Worker of a page, started when it is first needed, by the hashes that the page's import map names.
 *
 * SECURITY: another session that begins in this browser, a page that is left and one that comes back end the Worker.
 *
 * @module
 */

import { KeyFault, startKeeper } from "../keys/keeper.js";
import { stayAtWork } from "./staying.js";
import { OUTSIDE } from "./worker_policy.js";

/** @typedef {import("../keys/keeper.js").Keeper} Keeper */

/** @type {Promise<Keeper> | null} */
let started = null;
/** @type {Set<(why: string) => void>} */
const told = new Set();

/**
 * @param {(why: string) => void} [locked] told when the keys were locked by themselves
 * @returns {Promise<Keeper>}
 */
export function keeperOfPage(locked) {
  if (locked !== undefined) told.add(locked);
  if (started === null) {
    const address = new URL("../keys/worker.js", import.meta.url);
    const tell = (/** @type {string} */ why) => told.forEach((each) => each(why));
    started = startKeeper(address.href, (module) => hashOf(new URL(module).pathname), tell, OUTSIDE);
    const tellHidden = () => started?.then(({ ask }) => ask("hidden", { hidden: document.hidden }));
    document.addEventListener("visibilitychange", tellHidden);
    stayAtWork(() => void started?.then(({ ask }) => ask("stay")).catch(() => null), document); // or it holds no keys
    addEventListener("pagehide", () => started?.then((keeper) => keeper.end()));
  }
  return started;
}

/** Lets go of the keys, where any are held. */
export async function lockKeys() {
  await started?.then(({ ask }) => ask("lock")).catch(() => null); // a Worker that did not start holds none
}

/** @param {string} path */
function hashOf(path) {
  const hash = promisedHash(path);
  if (hash === undefined) throw new KeyFault("no-hash");
  return hash;
}

/**
 * The hash of a module as the page's import map names it.
 * @param {string} path
 * @returns {string | undefined}
 */
export function promisedHash(path) {
  const map = document.querySelector('script[type="importmap"]');
  const { integrity = {} } = JSON.parse(map?.textContent ?? "{}");
  return Object.hasOwn(integrity, path) ? integrity[path] : undefined;
}

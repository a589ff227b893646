/**
 * What a browser saw of an organisation's settings when it opened the keys of a unit: the Worker then knows the highest
 * counter, which goes under the lock with the others.
 *
 * SECURITY: a server that goes back is told at once, also one that shows no settings at all where there were some. Those
 * that another key signed, as before all locks were lost, are left to whoever uses them, who refuses them.
 *
 * @module
 */

import { KeyFault } from "./keeper.js";

/** @typedef {import("./keeper.js").Ask} Ask */

/**
 * @param {Ask} ask
 * @param {readonly {text: string, signature: string}[]} settings newest first, as the server shows them
 */
export async function seeSettings(ask, [newest]) {
  if (newest === undefined) {
    if ((await ask("facts")).settings > 0) throw new KeyFault("older-settings");
    return;
  }
  const { text, signature } = newest;
  await ask("readSettings", { signed: { text, signature } }).catch((fault) => {
    if (fault.message !== "foreign-settings") throw fault;
  });
}

/**
 * What a browser saw of an organisation's settings when it opened the keys of a unit: the Worker then knows the highest
 * counter, which goes under the lock with the others.
 *
 * SECURITY: a server that goes back is told at once, also one that shows no settings at all where there were some. Those
 * that another key signed, as before all locks were lost, say nothing; where some of our own were seen, they are a fault.
 *
 * @module
 */

import { KeyFault } from "./keeper.js";
import { readSettings, UNSAID } from "./settings.js";

/** @typedef {import("./keeper.js").Ask} Ask */
/** @typedef {import("./settings.js").Content} Content */
/** @typedef {{text: string, signature: string}} Signed */

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

/**
 * What the newest settings say, as the Worker verified them. Those of a lost key are followed and not believed.
 * @param {Ask} ask
 * @param {readonly Signed[]} settings newest first, as the server shows them
 * @returns {Promise<{content: Content, before: Signed | null, isForeign: boolean}>} `isForeign`: a key signed them that is lost
 */
export async function newestSettings(ask, [newest]) {
  const { settings: seen } = await ask("facts");
  if (newest === undefined) {
    if (seen > 0) throw new KeyFault("older-settings");
    return { content: UNSAID, before: null, isForeign: false };
  }
  const before = { text: newest.text, signature: newest.signature };
  try {
    await ask("readSettings", { signed: before });
    return { content: readSettings(newest.text), before, isForeign: false };
  } catch (fault) {
    if (!(fault instanceof Error) || fault.message !== "foreign-settings" || seen > 0) throw fault;
    return { content: UNSAID, before, isForeign: true };
  }
}

/**
 * Opens the keys of a unit in the page's key Worker, for whatever needs them. On a page:
 *
 *     const t = await sentences();
 *     const keys = await unlocked({ unit, ask: askIn(place, t), locked: (why) => ... });
 *     await openMessage(octets, type, { ..., keys: keys.decryption });   // certificates and unwrapContentKey
 *     await packPush(push, { key: keys.signing, ... });                  // certificate and signSignedInfo
 *     await keys.lock();
 *
 * `unlocked({unit, ask, locked}) -> {signing, decryption, recipient, signSignedInfo, unwrapContentKey, certificates, keepSeen,
 * lock}`:
 * `certificates` are those of all sets, newest first, as `{signing, decryption}`, DER in base64. It throws a `KeyFault`
 * whose message is a word: "stranger" where a certificate in force is none of the unit's own, which ends everything;
 * "no-lock" where whoever is here has no lock; "cancelled" where the person went away. `whyNot(fault, t)` of
 * `why_not.js` has the sentence for each. `locked(why)` is called when the Worker locked by itself: "idle", "hidden".
 *
 * @module
 */

import { keysInWorker } from "../as4/worker_keys.js";
import { openingOf, waysInto } from "../keys/kept.js";
import { KeyFault } from "../keys/keeper.js";
import { seeSettings } from "../keys/seen.js";
import { call, ofUnit } from "./calling.js";
import { keeperOfPage } from "./page_keeper.js";

/** @typedef {import("../as4/certificates.js").Certificate} Certificate */
/** @typedef {import("../as4/octets.js").Octets} Octets */
/** @typedef {import("../as4/parts.js").DecryptionKeys} DecryptionKeys */
/** @typedef {import("../as4/write_security.js").SigningKey} SigningKey */
/** @typedef {import("../keys/kept.js").KeptKeys} KeptKeys */
/** @typedef {import("../keys/kept.js").Way} Way */
/** @typedef {{lock: string, secret?: Uint8Array<ArrayBuffer>, kek?: CryptoKey}} Means */
/** @typedef {{facts: any, keys: KeptKeys}} Opened `facts` are the Worker's */
/** @typedef {(ways: readonly Way[], again: boolean) => Promise<Means>} AskLock has the person open one of these locks */

/**
 * @typedef {object} Unlocked
 * @property {SigningKey} signing
 * @property {DecryptionKeys} decryption
 * @property {Certificate} recipient to which the unit's own things are sealed: of the set in force
 * @property {(octets: Octets) => Promise<Octets>} signSignedInfo
 * @property {(wrapped: Octets, certificate: string) => Promise<Octets>} unwrapContentKey
 * @property {{signing: string, decryption: string}[]} certificates
 * @property {() => Promise<void>} keepSeen lays the highest counters that were seen under the lock that is open
 * @property {() => Promise<void>} lock
 */

/**
 * @param {{unit: string, ask: AskLock, locked?: (why: string) => void}} wanted
 * @returns {Promise<Unlocked>}
 */
export async function unlocked({ unit, ask: askLock, locked }) {
  const { ask } = await keeperOfPage(locked);
  const shown = await call(ofUnit(unit, "keys"));
  const { facts, keys } = await openBy({ keys: shown, compare: (now) => now.in_force, askLock });
  const { sets, lock } = facts;
  const inWorker = keysInWorker(ask, sets, (signing) => keys.in_force.includes(signing));
  return {
    ...inWorker,
    signSignedInfo: inWorker.signing.signSignedInfo,
    unwrapContentKey: (octets, certificate) => ask("unwrapContentKey", { octets, certificate }),
    certificates: sets.map((/** @type {{certificates: object}} */ each) => each.certificates),
    keepSeen: () => keepSeen(unit, lock),
    lock: () => ask("lock"),
  };
}

/**
 * Asks until a lock opened, and keeps the counters that were seen. The keys come back that were opened, which are those of
 * after the asking: a page may wait for somebody for hours, while colleagues make keys anew.
 *
 * SECURITY: what opened the lock is for `use` alone, where what lets somebody in has the lock opened again; when that has
 * ended, or the lock did not open, its octets are overwritten. A text that was typed stays with the browser until it
 * collects what nobody has any more: no script can overwrite that.
 * @template [Done=Opened]
 * @param {{keys: KeptKeys, compare: (keys: KeptKeys) => readonly string[], askLock: AskLock}} wanted `compare` says
 *   which certificates have to be the unit's own
 * @param {(opened: Opened, means: Means) => Done | Promise<Done>} use
 * @returns {Promise<Done>}
 */
export async function openBy(
  { keys: shown, compare, askLock },
  use = (opened) => /** @type {any} */ (opened),
) {
  const ways = waysInto(shown);
  if (ways.length === 0) throw new KeyFault("no-lock");
  for (let again = false; ; again = true) {
    const means = await askLock(ways, again);
    try {
      const opened = await opensBy(means, shown.unit, compare);
      if (opened !== null) return await use(opened, means);
    } finally {
      means.secret?.fill(0);
    }
  }
}

/**
 * The Worker opened by these means; null where they are not those of the lock.
 * @param {Means} means
 * @param {string} unit
 * @param {(keys: KeptKeys) => readonly string[]} compare
 * @returns {Promise<Opened | null>}
 */
async function opensBy({ lock, ...secret }, unit, compare) {
  const { ask } = await keeperOfPage();
  /** @type {KeptKeys} */
  const keys = await call(ofUnit(unit, "keys"));
  if (!waysInto(keys).some(({ id }) => id === lock)) throw new KeyFault("no-lock"); // it was removed meanwhile
  try {
    const facts = await ask("unlock", { ...openingOf(keys, lock, compare(keys)), ...secret });
    await seeSettings(ask, keys.settings);
    await keepSeen(keys.unit, lock);
    return { facts, keys };
  } catch (fault) {
    if (fault instanceof KeyFault && fault.message === "does-not-open") return null;
    throw fault;
  }
}

/**
 * The highest counters that were seen lie under the lock from now on. That they could not be kept is told by nobody: the
 * next time is as good.
 * @param {string} unit
 * @param {string} lock
 */
export async function keepSeen(unit, lock) {
  const { ask } = await keeperOfPage();
  /** @type {{set: string, copy: string}[]} */
  const copies = await ask("pinned");
  await call(ofUnit(unit, "keys/copies"), { copies: copies.map((each) => ({ ...each, lock })) }).catch(() => null);
}

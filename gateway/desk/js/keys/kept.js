/**
 * What the server keeps of a unit's keys, as a page reads it and hands it to the key Worker. Values in, values out.
 *
 * @module
 */

import { fromBase64 } from "./octets.js";

/**
 * @typedef {{text: string, signature: string, received_at: string | null}} KeptDocument
 * @typedef {{id: string, person: string, person_name: string | null, name: string, kind: string, synced: boolean,
 *   counts: boolean, has_left: boolean, is_own: boolean, public_key: string, sealed_key: string | null, credential: string | null}} KeptLock
 * @typedef {{id: string, state: string, signing: string, decryption: string, organisation: string}} KeptSet
 * @typedef {{id: string, newcomer: string, newcomer_name: string | null, approver: string | null, said: string[]}}
 *   KeptCeremony
 * @typedef {{unit: string, name: string, person: string, in_force: string[], sets: KeptSet[], locks: KeptLock[],
 *   copies: {set: string, lock: string, copy: string}[], roster: KeptDocument | null,
 *   renewals: KeptDocument[], holders: string[], settings: KeptDocument[],
 *   ceremonies: KeptCeremony[], request: KeptRequest | null}} KeptKeys
 * @typedef {{state: string, reason: string | null, lost: boolean, not_before: {text: string, machine: string} | null}}
 *   KeptRequest the last request for keys; an approval that has to wait has a moment
 * @typedef {{id: string, unit: string, kind: string, name: string, credential: string}} Way a lock of one's own
 */

/**
 * Whether the roster that the server shows lists a lock as an administrator's. It is not verified here: it is for what is
 * offered, and which lock is tried first.
 * @param {Pick<KeptKeys, "roster">} keys
 * @param {string} id of the lock
 * @returns {boolean}
 */
export function administersBy({ roster }, id) {
  /** @type {{id: string, administers?: boolean}[]} */
  const listed = roster === null ? [] : JSON.parse(roster.text).locks;
  return listed.some((each) => each.id === id && each.administers === true);
}

/**
 * The locks of whoever asks that open something, those of an administrator first: whoever was let in once more as one has
 * two on the same device.
 * @param {KeptKeys} keys
 * @returns {Way[]}
 */
export function waysInto(keys) {
  const { unit, locks, copies, sets } = keys;
  const live = new Set(sets.map((each) => each.id));
  return locks
    .filter((each) => each.is_own && each.counts)
    .filter((each) => copies.some(({ lock, set }) => lock === each.id && live.has(set)))
    .sort((one, other) => Number(administersBy(keys, other.id)) - Number(administersBy(keys, one.id)))
    .map(({ id, kind, name, credential }) => ({ id, unit, kind, name, credential: credential ?? "" }));
}

/**
 * What the Worker needs to open one of them, besides its secret.
 * @param {KeptKeys} keys
 * @param {string} id of the lock
 * @param {readonly string[]} inForce the certificates that have to be the unit's own
 */
export function openingOf({ unit, locks, copies, sets, roster, renewals }, id, inForce) {
  const lock = locks.find((each) => each.id === id);
  if (lock === undefined || lock.sealed_key === null || roster === null) throw new RangeError("nothing to open");
  const live = new Set(sets.map((each) => each.id));
  return {
    lock: { id, unit, sealedKey: fromBase64(lock.sealed_key) },
    roster: { text: roster.text, signature: roster.signature },
    renewals: renewals.map(({ text, signature }) => ({ text, signature })),
    kept: copies.filter((each) => each.lock === id && live.has(each.set)).map(({ set, copy }) => ({ set, copy })),
    inForce,
  };
}

/**
 * How far a unit is: without keys, with keys that wait for the operator, or with keys in use.
 * @param {KeptKeys} keys
 * @returns {"none" | "requested" | "approved"}
 */
export function stageOf({ sets }) {
  if (sets.some(({ state }) => state === "active")) return "approved";
  return sets.length > 0 ? "requested" : "none";
}

/**
 * The certificates that have to be the unit's own. Where none of the sets on its roster is approved yet, those in force
 * are of other keys, and nothing is opened by these.
 * @param {KeptKeys} keys
 * @returns {string[]}
 */
export function toCompare({ sets, roster, in_force: inForce }) {
  /** @type {{id: string}[]} */
  const listed = roster === null ? [] : JSON.parse(roster.text).sets;
  const approved = sets.filter(({ state }) => state === "active").map(({ id }) => id);
  return listed.some(({ id }) => approved.includes(id)) ? inForce : [];
}

/**
 * Whether the newest settings that the server shows name a hub. They are not verified here: it is for what is offered.
 * @param {KeptKeys} keys
 * @returns {boolean}
 */
export function namesHub({ settings: [newest] }) {
  return newest !== undefined && (JSON.parse(newest.text).hub ?? null) !== null;
}

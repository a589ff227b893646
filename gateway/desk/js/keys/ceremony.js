/**
 * How one browser of a unit lets another in, with nobody between them who could be somebody else.
 *
 * Both sides first say only what binds them (a hash over what they will show, with 32 octets of chance), and show it
 * after the other is bound, too. So neither side, nor the server that carries their words, can try keys until seven
 * words come out as wished. The words are made of all that was shown: the approver types those that the newcomer reads
 * out, and the newcomer takes keys only of the set that the same words confirmed. Which kind of lock it is goes into
 * them, too, so that the server cannot pass off a kind that the organisation does not allow as another.
 *
 *   newcomer  commits to its lock's public key
 *   approver  commits to its one-off key and the set: both certificates, the organisation's key, the settings counter
 *   newcomer  shows
 *   approver  shows; both have the words
 *
 * Values in, values out: a state says what comes next, and the server keeps what was said as it was said.
 * SECURITY: what is heard comes from the server. It is held against what was bound before anything is made of it.
 *
 * @module
 */

import { base64, fromBase64, hashOf, randomOctets, sameOctets } from "./octets.js";
import { wordsOf } from "./words.js";

const NONCE_OCTETS = 32;

/**
 * @typedef {{unit: string, person: string, lock: string, kind: string, synced: boolean}} Newcomer whom it is about, and
 *   what kind of lock it brings; both sides have that beforehand, one from itself and one from the server
 * @typedef {{publicKey: string, nonce: string}} NewcomerShows
 * @typedef {{signing: string, decryption: string}} Certificates
 * @typedef {{oneOff: string, certificates: Certificates, organisation: string, settings: number, nonce: string}}
 *   ApproverShows
 * @typedef {{role: "newcomer", about: Newcomer, shows: NewcomerShows, heard: string | null}} NewcomerState
 * @typedef {{role: "approver", about: Newcomer, shows: ApproverShows, heard: string}} ApproverState
 */

/** What was heard is not what was bound, or no word of this conversation: somebody stands between, or a fault does. */
export class CeremonyBroken extends Error {}

/**
 * The newcomer begins: the state to keep, and what to say.
 * @param {Newcomer} about
 * @param {string} publicKey of its lock, a point as base64
 * @param {Uint8Array<ArrayBuffer>} nonce
 * @returns {Promise<{state: NewcomerState, say: string}>}
 */
export async function begin(about, publicKey, nonce = randomOctets(NONCE_OCTETS)) {
  const shows = { publicKey, nonce: base64(nonce) };
  const say = JSON.stringify({ commit: base64(await newcomerBound(about, shows)) });
  return { state: { role: "newcomer", about, shows, heard: null }, say };
}

/**
 * The approver answers what the newcomer said first.
 * @param {Newcomer} about
 * @param {Omit<ApproverShows, "nonce">} shows what its Worker told when the ceremony began
 * @param {string} heard
 * @param {Uint8Array<ArrayBuffer>} nonce
 * @returns {Promise<{state: ApproverState, say: string}>}
 */
export async function answer(about, shows, heard, nonce = randomOctets(NONCE_OCTETS)) {
  committed(heard);
  const mine = { ...shows, nonce: base64(nonce) };
  const say = JSON.stringify({ commit: base64(await approverBound(about, mine, heard)) });
  return { state: { role: "approver", about, shows: mine, heard }, say };
}

/**
 * The newcomer shows, once the approver is bound.
 * @param {NewcomerState} state
 * @param {string} heard
 * @returns {{state: NewcomerState, say: string}}
 */
export function show(state, heard) {
  if (state.heard !== null) throw new CeremonyBroken("the approver was bound before");
  committed(heard);
  return { state: { ...state, heard }, say: JSON.stringify({ shows: state.shows }) };
}

/**
 * The approver shows, where what the newcomer showed is what it was bound to; and has the words, and the lock to let in
 * once they were typed.
 * @param {ApproverState} state
 * @param {string} heard
 * @returns {Promise<{say: string, words: string[], publicKey: string}>}
 */
export async function showAndCompare({ about, shows, heard: first }, heard) {
  const { publicKey, nonce } = shown(heard);
  const theirs = { publicKey: text(publicKey), nonce: text(nonce) };
  holds(await newcomerBound(about, theirs), committed(first));
  const words = await wordsBetween(about, theirs, shows);
  return { say: JSON.stringify({ shows }), words, publicKey: theirs.publicKey };
}

/**
 * The newcomer has the words, where what the approver showed is what it was bound to; and what they confirm.
 * @param {NewcomerState} state
 * @param {string} heard
 * @returns {Promise<{words: string[], confirmed: Omit<ApproverShows, "nonce">}>}
 */
export async function compare({ about, shows, heard: bound }, heard) {
  if (bound === null) throw new CeremonyBroken("the approver was not bound");
  const { oneOff, certificates, organisation, settings, nonce } = shown(heard);
  const { signing, decryption } = /** @type {Record<string, unknown>} */ (certificates ?? {});
  if (typeof settings !== "number" || !Number.isSafeInteger(settings)) throw new CeremonyBroken("no counter");
  const confirmed = {
    oneOff: text(oneOff),
    certificates: { signing: text(signing), decryption: text(decryption) },
    organisation: text(organisation),
    settings,
  };
  const theirs = { ...confirmed, nonce: text(nonce) };
  const first = JSON.stringify({ commit: base64(await newcomerBound(about, shows)) });
  holds(await approverBound(about, theirs, first), committed(bound));
  return { words: await wordsBetween(about, shows, theirs), confirmed };
}

/**
 * The hash that stands for a set: what seven words tell of it by telephone.
 * @param {string} unit
 * @param {Certificates} certificates
 * @param {string} organisation
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export function setHash(unit, { signing, decryption }, organisation) {
  return hashOf("set", [unit, octets(signing), octets(decryption), octets(organisation)]);
}

/** @param {Newcomer} about */
function partsOf({ unit, person, lock, kind, synced }) {
  return [unit, person, lock, kind, synced ? "synced" : "here"];
}

/** @param {Newcomer} about @param {NewcomerShows} shows */
function newcomerBound(about, { publicKey, nonce }) {
  return hashOf("newcomer", [...partsOf(about), octets(publicKey), chance(nonce)]);
}

/** @param {Newcomer} about @param {ApproverShows} shows @param {string} first what the newcomer said first */
async function approverBound(about, shows, first) {
  const { oneOff, certificates, organisation, settings, nonce } = shows;
  const set = await setHash(about.unit, certificates, organisation);
  const parts = [...partsOf(about), first, octets(oneOff), set, String(settings), chance(nonce)];
  return hashOf("approver", parts);
}

/** @param {Newcomer} about @param {NewcomerShows} one @param {ApproverShows} other */
async function wordsBetween(about, one, other) {
  const set = await setHash(about.unit, other.certificates, other.organisation);
  const mine = [octets(one.publicKey), chance(one.nonce)];
  const theirs = [octets(other.oneOff), set, String(other.settings), chance(other.nonce)];
  return wordsOf(await hashOf("words", [...partsOf(about), ...mine, ...theirs]));
}

/** @param {string} nonce */
function chance(nonce) {
  const found = octets(nonce);
  if (found.length !== NONCE_OCTETS) throw new CeremonyBroken("not enough chance");
  return found;
}

/** @param {string} said @returns {Record<string, unknown>} */
function parsed(said) {
  try {
    return Object(JSON.parse(said));
  } catch {
    throw new CeremonyBroken("no word of this conversation");
  }
}

/** @param {string} written */
function octets(written) {
  try {
    return fromBase64(written);
  } catch {
    throw new CeremonyBroken("no word of this conversation");
  }
}

/** What somebody is bound to. @param {string} said */
function committed(said) {
  return octets(text(parsed(said)["commit"]));
}

/** What somebody shows. @param {string} said @returns {Record<string, unknown>} */
function shown(said) {
  return Object(parsed(said)["shows"]);
}

/** @param {unknown} value */
function text(value) {
  if (typeof value !== "string") throw new CeremonyBroken("no word of this conversation");
  return value;
}

/** @param {Uint8Array} found @param {Uint8Array} bound */
function holds(found, bound) {
  if (!sameOctets(found, bound)) throw new CeremonyBroken("what was shown is not what was bound");
}

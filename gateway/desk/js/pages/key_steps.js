/**
 * What it takes to make keys and locks, step by step, between the key Worker, the passkey and the portal. Nothing is
 * drawn here.
 *
 * A lock counts only after its round trip: it is opened anew, the unit's key that lies in it signs the portal's
 * challenge, and the portal verifies that. What was begun and not finished opens nothing, and can be removed.
 *
 * @module
 */

import { wantAllowedBy } from "../keys/allowed.js";
import { setHash } from "../keys/ceremony.js";
import { makeDeviceKey } from "../keys/device.js";
import { KeyFault } from "../keys/keeper.js";
import { openingOf, toCompare } from "../keys/kept.js";
import { base64, fromBase64, randomOctets } from "../keys/octets.js";
import { makePasskey, openPasskey } from "../keys/passkey.js";
import { wordsOf } from "../keys/words.js";
import { call, ofUnit } from "./calling.js";
import { keeperOfPage } from "./page_keeper.js";

/** @typedef {import("../keys/kept.js").KeptKeys} KeptKeys */
/** @typedef {import("./unlocking.js").Means} Means */

/** @typedef {import("../keys/allowed.js").Kind} Kind */
/** What opens a lock. @typedef {{secret?: Uint8Array<ArrayBuffer>, kek?: CryptoKey}} Secret */
/** @typedef {{id: string, kind: string, synced: boolean, person: string, administers: boolean, publicKey: string,
 *   since: string, by?: string}} Listed `by` is the person who let it in */
/** @typedef {{listed: Listed, sealedKey: Uint8Array<ArrayBuffer>, secret: Secret, challenge: string,
 *   again: () => Promise<Secret>}} NewLock not counted yet; `again` opens it anew for the round trip */
/** @typedef {{kind: string, name: string, person: string, personName: string, administers: boolean}} Wanted */

const YEARS = 3; // a set lasts at most; it is renewed before by whoever has a lock
const EARLIER_MS = 60_000; // clocks of desks run ahead

/**
 * @param {string} unit
 * @returns {Promise<KeptKeys>}
 */
export function keysOf(unit) {
  return call(ofUnit(unit, "keys"));
}

/**
 * A lock of whoever is here, told to the portal.
 * @param {string} unit
 * @param {Wanted} wanted
 * @returns {Promise<NewLock>}
 */
export async function newLock(unit, { kind, name, person, personName, administers }) {
  const { ask } = await keeperOfPage();
  const id = crypto.randomUUID();
  const { secret, again, credential, synced = false } = await openerOf(kind, { unit, id, person, personName });
  const { publicKey, sealedKey } = await ask("newLock", { unit, lock: id, ...secret });
  const passkey = credential === undefined ? {} : { credential, synced };
  const told = { id, kind, name, public_key: publicKey, sealed_key: base64(sealedKey), ...passkey };
  const { challenge } = await call(ofUnit(unit, "keys/locks"), told);
  const since = new Date().toISOString();
  return { listed: { id, kind, synced, person, administers, publicKey, since, by: person }, sealedKey, secret, challenge, again };
}

/**
 * @param {string} kind
 * @param {{unit: string, id: string, person: string, personName: string}} whose
 * @returns {Promise<{secret: Secret, again: () => Promise<Secret>, credential?: string, synced?: boolean}>}
 */
async function openerOf(kind, { unit, id, person, personName }) {
  if (kind === "device") {
    const { kek } = await makeDeviceKey(id);
    return { secret: { kek }, again: async () => ({ kek }) };
  }
  if (kind === "sheet") {
    const secret = randomOctets(16);
    return { secret: { secret }, again: async () => ({ secret }) };
  }
  const { credential, synced } = await makePasskey({ person, name: personName, product: "Knooppunt" });
  const again = async () => ({ secret: (await openPasskey([{ id, unit, credential }])).secret });
  return { secret: await again(), again, credential, synced };
}

/**
 * A new set, sealed to that lock alone: a request to the operator.
 * @param {KeptKeys} keys
 * @param {NewLock} lock
 * @param {boolean} lost whether all locks of the whole organisation are: only then it gets another key of its own
 */
export async function makeSet({ unit, name, roster: before }, { listed, sealedKey, secret }, lost) {
  const { ask } = await keeperOfPage();
  const set = crypto.randomUUID();
  const signed = before === null ? {} : { before: { text: before.text, signature: before.signature } };
  const made = await ask("makeSet", { unit, name, set, ...term(), lock: listed, sealedKey, ...signed, ...secret });
  await call(ofUnit(unit, "keys/sets"), {
    id: set,
    ...made.certificates,
    organisation: made.organisation,
    lost,
    roster: made.roster,
    copies: [{ set, lock: listed.id, copy: made.copy }],
  });
}

/**
 * The round trip of a lock, at the end of which it counts, and nothing here opens it any more.
 * @param {string} unit
 * @param {Pick<NewLock, "challenge" | "secret"> & {listed: {id: string}}} lock
 * @param {Secret} again taken anew
 */
export async function count(unit, { listed: { id }, challenge, secret }, again) {
  const { ask } = await keeperOfPage();
  const keys = await keysOf(unit);
  try {
    await ask("unlock", { ...openingOf(keys, id, toCompare(keys)), ...again });
  } finally {
    for (const each of [secret, again]) each.secret?.fill(0);
  }
  const signature = base64(await ask("enrol", { challenge: fromBase64(challenge) }));
  await call(ofUnit(unit, `keys/locks/${id}/count`), { set: signingSet(keys), signature });
}

/**
 * Lets in another lock of one's own. The Worker is open, by what `means` says.
 * @param {string} unit
 * @param {NewLock} lock
 * @param {Means} means
 */
export async function admitOwn(unit, { listed, sealedKey, secret }, { lock: _, ...opened }) {
  const { ask } = await keeperOfPage();
  try {
    const { copies, roster } = await ask("admit", { lock: listed, own: true, ...opened });
    const { sets, organisation, settings } = await ask("facts");
    // What is confirmed here are this browser's own keys.
    const confirmed = { oneOff: JSON.parse(copies[0].copy).oneOff, certificates: sets[0].certificates };
    const asked = { kept: copies, roster, confirmed: { ...confirmed, organisation, settings }, ...secret };
    const accepted = await ask("accept", { lock: { id: listed.id, unit, sealedKey }, ...asked });
    await keep(unit, listed.id, accepted.copies, roster);
  } catch (fault) {
    await ask("lock"); // its roster may be another than the one that the portal keeps
    throw fault;
  }
}

/**
 * @param {string} unit
 * @param {string} lock
 * @param {readonly {set: string, copy: string}[]} copies
 * @param {object} [roster]
 */
export async function keep(unit, lock, copies, roster) {
  const listed = roster === undefined ? {} : { roster };
  await call(ofUnit(unit, "keys/copies"), { copies: copies.map((each) => ({ ...each, lock })), ...listed });
}

/**
 * A new set in the place of the one in force, for the signed roster less who leaves: a request to the operator.
 * @param {KeptKeys} keys
 * @param {Means} means
 * @param {readonly string[]} without the ids of locks
 */
export async function rotate({ unit, name }, { lock: _, ...opened }, without) {
  const { ask } = await keeperOfPage();
  const { organisation } = await ask("facts");
  const set = crypto.randomUUID();
  const made = await ask("rotate", { set, name, ...term(), without, ...opened });
  const copies = made.copies.map((/** @type {object} */ each) => ({ ...each, set }));
  await call(ofUnit(unit, "keys/sets"), { id: set, ...made.certificates, organisation, roster: made.roster, copies });
}

/**
 * The seven words of the newest set, as this browser's own keys have it and not as the portal shows it.
 * @param {string} unit
 */
export async function wordsOfSet(unit) {
  const { ask } = await keeperOfPage();
  const { sets, organisation } = await ask("facts");
  return wordsOf(await setHash(unit, sets[0].certificates, organisation));
}

/**
 * Refuses a lock that the organisation does not allow, by its own signed word. The Worker is open.
 * @param {KeptKeys} keys
 * @param {Kind} lock
 */
export async function wantAllowed({ settings }, lock) {
  const { ask } = await keeperOfPage();
  await wantAllowedBy(ask, settings, lock, location.hostname);
}

/**
 * The lock that opened the Worker, as the signed roster has it.
 * @param {{lock: string, locks: readonly Listed[]}} facts
 * @returns {Listed}
 */
export function usedLock({ lock, locks }) {
  const found = locks.find((each) => each.id === lock);
  if (found === undefined) throw new KeyFault("not-on-the-roster");
  return found;
}

/** The set whose key signs now: the one in force, or else the newest on the roster. @param {KeptKeys} keys */
function signingSet(keys) {
  const inForce = toCompare(keys);
  const found = keys.sets.find((each) => inForce.includes(each.signing));
  return found?.id ?? JSON.parse(keys.roster?.text ?? "").sets[0].id;
}

function term() {
  const from = new Date(Date.now() - EARLIER_MS);
  const until = new Date(from);
  until.setUTCFullYear(until.getUTCFullYear() + YEARS);
  return { from: from.toISOString(), until: until.toISOString() };
}

/**
 * What a unit knows of others, from one opening to the next: which issue of the address book it saw last, whose signing
 * certificates it took, by their fingerprints, and which certificates of the hub it took because a key that it knew
 * vouched for them.
 *
 * The unit's own key signs it in the key Worker, for all browsers of the unit; each version counts one more and names the
 * hash of the one before, and the highest counter that a lock has seen lies under that lock.
 *
 * @module
 */

import { hex, LABEL, sha256, utf8 } from "./octets.js";

/** @typedef {import("./hub.js").HubCertificate} HubCertificate */
/** @typedef {{serial: number, sha256: string}} SeenIssue */
/**
 * @typedef {object} Known
 * @property {SeenIssue | null} book the last issue of the address book that was seen
 * @property {HubCertificate[]} hub those that are not in the settings, the last that was taken at the end
 * @property {ReadonlyMap<string, readonly string[]>} parties fingerprints of signing certificates, by party
 */

/** @type {Known} */
export const NOTHING_KNOWN = { book: null, hub: [], parties: new Map() };

const FORMAT = `${LABEL} known`;
const FINGERPRINT = /^[0-9a-f]{64}$/u;
const MOST_OF_HUB = 16;

/**
 * The text of the next version, to be signed.
 * @param {string} unit
 * @param {string | null} before the text of the version before, as it was signed
 * @param {Known} known
 * @returns {Promise<string>}
 */
export async function nextKnown(unit, before, { book, hub, parties }) {
  const counter = before === null ? 1 : JSON.parse(before).counter + 1;
  const previous = before === null ? "" : hex(await sha256(utf8(before)));
  return JSON.stringify({ format: FORMAT, unit, counter, previous, book, hub: hub.slice(-MOST_OF_HUB), parties: [...parties] });
}

/**
 * What a version says that the Worker verified; throws a `TypeError` where it says anything else.
 * @param {unknown} said
 * @returns {Known}
 */
export function readKnown(said) {
  const { format, book, hub, parties } = Object(said);
  want(format === FORMAT);
  want(book === null || (Number.isSafeInteger(book?.serial) && FINGERPRINT.test(book.sha256)));
  want(Array.isArray(hub) && hub.length <= MOST_OF_HUB && hub.every(isOfHub));
  want(Array.isArray(parties) && parties.every(isParty));
  return { book, hub, parties: new Map(parties) };
}

/** @type {(one: Known, other: Known) => boolean} */
export function sameKnown(one, other) {
  const written = (/** @type {Known} */ { book, hub, parties }) => JSON.stringify([book?.serial, book?.sha256, hub, [...parties]]);
  return written(one) === written(other);
}

/** @type {(value: unknown) => boolean} */
const isOfHub = (value) => ["signing", "encryption"].includes(Object(value).usage) && typeof Object(value).certificate === "string";

/** @type {(value: unknown) => boolean} */
const isParty = (value) => Array.isArray(value) && value.length === 2 && typeof value[0] === "string" && isPrints(value[1]);

/** @type {(value: unknown) => boolean} */
const isPrints = (value) => Array.isArray(value) && value.every((each) => typeof each === "string" && FINGERPRINT.test(each));

/** @type {(holds: boolean) => void} */
function want(holds) {
  if (!holds) throw new TypeError("known: it is of another form");
}

/**
 * The hub as an organisation's signed settings name it: with which certificates it signs, to which messages for it are
 * sealed, which key signs its address book, and which party it is. A person held all that against the onboarding paper.
 *
 * @module
 */

import { base64, fromBase64, hex, sha256 } from "./octets.js";

/** @typedef {"signing" | "encryption" | "directory"} HubUsage */
/**
 * Certificates are DER as base64; `directory` is empty where the hub makes no address book. Settings from before it was
 * compared have no `party`, the hub's party id.
 *
 * @typedef {Record<HubUsage, string[]> & {party?: string}} Hub
 */
/** @typedef {{usage: HubUsage, certificate: string}} HubCertificate */

/** @type {readonly HubUsage[]} in the order in which `knooppunt cert list hub` prints them */
export const HUB_USAGES = ["signing", "encryption", "directory"];
const MOST_CERTIFICATES = 8; // of one use: now and next, and some to spare
const MOST_LETTERS = 8_192;
const PARTY = /^[^\p{C}\p{Z}]{1,200}$/u; // nothing in it that turns or hides what is compared

/**
 * Whether that is a hub as settings may name it.
 * @param {unknown} value
 * @returns {boolean}
 */
export function isHub(value) {
  const found = Object(value);
  return (
    Object.keys(found).every((each) => each === "party" || HUB_USAGES.some((usage) => usage === each)) &&
    (found.party === undefined || (typeof found.party === "string" && PARTY.test(found.party))) &&
    HUB_USAGES.every((usage) => isList(found[usage])) &&
    found.signing.length > 0 &&
    found.encryption.length > 0
  );
}

/**
 * What a server shows of the hub that is not among what is known.
 * @param {Hub} shown
 * @param {Hub | null} known
 * @returns {HubCertificate[]}
 */
export function unknownOf(shown, known) {
  return HUB_USAGES.flatMap((usage) =>
    shown[usage].filter((each) => !known?.[usage].includes(each)).map((certificate) => ({ usage, certificate })),
  );
}

/**
 * The fingerprint of a certificate as people compare it: SHA-256 in groups of four.
 * @param {string} certificate
 * @returns {Promise<string>}
 */
export async function fingerprintOf(certificate) {
  return grouped(hex(await sha256(fromBase64(certificate))));
}

/**
 * Hexadecimal digits as people read them out.
 * @param {string} digits
 * @returns {string}
 */
export function grouped(digits) {
  return (digits.match(/.{4}/gu) ?? []).join(" ");
}

/** @param {unknown} value */
function isList(value) {
  return Array.isArray(value) && value.length <= MOST_CERTIFICATES && new Set(value).size === value.length && value.every(isWritten);
}

/** A certificate in base64, as everybody writes the same one. @param {unknown} value */
function isWritten(value) {
  if (typeof value !== "string" || value === "" || value.length > MOST_LETTERS) return false;
  if (!/^[A-Za-z0-9+/]+={0,2}$/u.test(value) || value.length % 4 !== 0) return false;
  return base64(fromBase64(value)) === value;
}

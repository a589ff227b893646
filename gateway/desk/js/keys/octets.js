/**
 * Octets as keys and documents need them: text, base64, hexadecimal, and the one form in which values are hashed and
 * signed. The key Worker, which imports nothing, has its own copy of the three that it needs.
 *
 * @module
 */

/** What begins everything that a key of the desk signs or that a hash of the desk is taken of. */
export const LABEL = "knooppunt desk 1";

/**
 * A text as UTF-8.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function utf8(text) {
  return new TextEncoder().encode(text);
}

/**
 * These octets one after the other.
 * @param {readonly Uint8Array[]} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function joined(parts) {
  const whole = new Uint8Array(parts.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of parts) {
    whole.set(each, at);
    at += each.length;
  }
  return whole;
}

/**
 * What is hashed or signed: the label with what it is for, a NUL, and each part behind its length in four octets; so
 * no two lists of parts, and no two purposes, have the same octets.
 * @param {string} purpose
 * @param {readonly (string | Uint8Array)[]} parts
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function framed(purpose, parts) {
  /** @type {Uint8Array[]} */
  const pieces = [utf8(`${LABEL} ${purpose}\0`)];
  for (const part of parts) {
    const octets = typeof part === "string" ? utf8(part) : part;
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, octets.length);
    pieces.push(length, octets);
  }
  return joined(pieces);
}

/**
 * The SHA-256 of those octets.
 * @param {Uint8Array<ArrayBuffer>} octets
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function sha256(octets) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", octets));
}

/**
 * The SHA-256 of what `framed` makes.
 * @param {string} purpose
 * @param {readonly (string | Uint8Array)[]} parts
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export function hashOf(purpose, parts) {
  return sha256(framed(purpose, parts));
}

/**
 * Base64 without line breaks.
 * @param {Uint8Array} octets
 * @returns {string}
 */
export function base64(octets) {
  let text = "";
  for (let at = 0; at < octets.length; at += 8192) {
    text += String.fromCharCode(...octets.subarray(at, at + 8192));
  }
  return btoa(text);
}

/**
 * The octets of a base64 text; throws a `TypeError` where it is none, or is not written as `base64` writes it.
 * @param {string} text
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function fromBase64(text) {
  let found;
  try {
    found = atob(text);
  } catch {
    throw new TypeError("no base64");
  }
  const octets = Uint8Array.from(found, (each) => each.charCodeAt(0));
  if (base64(octets) !== text) throw new TypeError("base64 in another form");
  return octets;
}

/**
 * Hexadecimal digits, in lower case.
 * @param {Uint8Array} octets
 * @returns {string}
 */
export function hex(octets) {
  return Array.from(octets, (each) => each.toString(16).padStart(2, "0")).join("");
}

/**
 * Whether both hold the same; not in constant time, for what is compared here is public.
 * @param {Uint8Array} one
 * @param {Uint8Array} other
 * @returns {boolean}
 */
export function sameOctets(one, other) {
  return one.length === other.length && one.every((each, at) => each === other[at]);
}

/**
 * So many octets of chance.
 * @param {number} count
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function randomOctets(count) {
  return crypto.getRandomValues(new Uint8Array(count));
}

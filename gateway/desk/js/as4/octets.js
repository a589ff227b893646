/**
 * Octets as values: joined, compared, looked through, and written as text.
 *
 * Base64 is read in its one canonical spelling, so that one value has one text (RFC 4648 4, 3.5).
 */

/** @typedef {Uint8Array<ArrayBuffer>} Octets */

const MOST_ARGUMENTS = 0x8000; // of one call, which an engine bounds

/** @type {(text: string) => Octets} */
export function utf8(text) {
  return new Uint8Array(new TextEncoder().encode(text));
}

/**
 * Octets as the text that they are in UTF-8; null when they are not.
 *
 * @type {(octets: Uint8Array) => string | null}
 */
export function textOf(octets) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(octets);
  } catch {
    return null;
  }
}

/** @type {(...pieces: Uint8Array[]) => Octets} */
export function joined(...pieces) {
  const whole = new Uint8Array(pieces.reduce((sum, each) => sum + each.length, 0));
  let at = 0;
  for (const each of pieces) {
    whole.set(each, at);
    at += each.length;
  }
  return whole;
}

/** @type {(one: Uint8Array, other: Uint8Array) => boolean} */
export function same(one, other) {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length && at < other.length; at += 1) difference |= one[at] ^ other[at];
  return difference === 0;
}

/** @type {(octets: Uint8Array, wanted: Uint8Array, at?: number) => boolean} */
export function startsWith(octets, wanted, at = 0) {
  return octets.length - at >= wanted.length && wanted.every((each, index) => octets[at + index] === each);
}

/**
 * Where `wanted` stands first, from a position on; -1 when it does not.
 *
 * @type {(octets: Uint8Array, wanted: Uint8Array, from?: number) => number}
 */
export function find(octets, wanted, from = 0) {
  for (let at = octets.indexOf(wanted[0], from); at !== -1; at = octets.indexOf(wanted[0], at + 1)) {
    if (startsWith(octets, wanted, at)) return at;
  }
  return -1;
}

/** @type {(octets: Uint8Array) => string} */
export function latin1(octets) {
  let text = "";
  for (let at = 0; at < octets.length; at += MOST_ARGUMENTS) {
    text += String.fromCharCode(...octets.subarray(at, at + MOST_ARGUMENTS));
  }
  return text;
}

/** @type {(octets: Uint8Array) => string} */
export function base64(octets) {
  return btoa(latin1(octets));
}

/**
 * What canonical base64 holds, line breaks aside; null for every other text.
 *
 * @type {(text: string) => Octets | null}
 */
export function fromBase64(text) {
  const written = text.replace(/[\r\n]/g, "");
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(written) || written.length % 4 !== 0) return null;
  const text256 = atob(written);
  const octets = new Uint8Array(text256.length); // filled by hand: `from` calls a function for each
  for (let at = 0; at < octets.length; at += 1) octets[at] = text256.charCodeAt(at);
  return base64(octets) === written ? octets : null;
}

/** @type {(octets: Uint8Array) => string} */
export function hex(octets) {
  return Array.from(octets, (each) => each.toString(16).padStart(2, "0")).join("");
}

/** @type {(octets: Octets, name?: "SHA-256" | "SHA-1") => Promise<Octets>} */
export async function digested(octets, name = "SHA-256") {
  return new Uint8Array(await crypto.subtle.digest(name, octets));
}

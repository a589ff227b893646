/**
 * Octets and digests for the key Worker, which gets this module with its hash, as one script with itself.
 *
 * @module
 */

export const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
export const base64 = (/** @type {Uint8Array} */ octets) => btoa(Array.from(octets, (each) => String.fromCharCode(each)).join(""));
export const fromBase64 = (/** @type {string} */ text) => Uint8Array.from(atob(text), (each) => each.charCodeAt(0));
export const joined = (/** @type {readonly Uint8Array[]} */ parts) => Uint8Array.from(parts.flatMap((each) => Array.from(each)));
export const chance = (/** @type {number} */ count) => crypto.getRandomValues(new Uint8Array(count));
export const fourOctets = (/** @type {number} */ size) => Uint8Array.of(size >>> 24, size >>> 16, size >>> 8, size);
/** @param {string} hash @param {Uint8Array<ArrayBuffer>} octets */
export const digest = async (hash, octets) => new Uint8Array(await crypto.subtle.digest(hash, octets));
export const hex = (/** @type {Uint8Array} */ octets) => Array.from(octets, (each) => each.toString(16).padStart(2, "0")).join("");
export const sha256Hex = async (/** @type {string} */ text) => hex(await digest("SHA-256", utf8(text)));
export const pointOf = async (/** @type {CryptoKey} */ key) => base64(new Uint8Array(await crypto.subtle.exportKey("raw", key)));
export const spkiOf = async (/** @type {CryptoKey} */ key) => new Uint8Array(await crypto.subtle.exportKey("spki", key));
/** @param {CryptoKey} key @param {Uint8Array<ArrayBuffer>} octets */
export const signatureBy = async (key, octets) => new Uint8Array(await crypto.subtle.sign("RSASSA-PKCS1-v1_5", key, octets));

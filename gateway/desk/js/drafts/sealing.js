/**
 * Octets sealed to a unit as a message is: under a key that only the unit's decryption key unwraps, in its key Worker.
 *
 * SECURITY: to seal takes no open key, so what is typed when the keys lock is kept all the same; to read takes the
 * unit's. The place stands in what is authenticated, so nothing that is sealed can be put in the place of another.
 */

import { digested, hex, utf8 } from "../as4/octets.js";
import { KeyFault } from "../keys/keeper.js";

/** @typedef {import("../as4/certificates.js").Certificate} Certificate */
/** @typedef {import("../as4/octets.js").Octets} Octets */
/** @typedef {import("../as4/parts.js").DecryptionKeys} DecryptionKeys */

/** @typedef {{certificate: string, wrapped: Octets, iv: Octets, octets: Octets}} Sealed `certificate` is a SHA-256 */

const KEY_OCTETS = 16; // as a content key, for the key Worker unwraps no other
const IV_OCTETS = 12;
const SHUT = ["stranger", "does-not-open"]; // words of the key Worker
const WRAPPING = { name: "RSA-OAEP", hash: "SHA-256" };

/**
 * What seals and opens for the unit of these keys, with one key for as long as it is held.
 * @param {DecryptionKeys} keys
 * @param {Certificate} recipient of the set in force: one that waits for its approval may never open anything
 */
export async function sealingOf(keys, { der, publicKey }) {
  const raw = crypto.getRandomValues(new Uint8Array(KEY_OCTETS));
  const key = await crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt"]);
  const sealer = await crypto.subtle.importKey("spki", publicKey, WRAPPING, false, ["encrypt"]);
  const wrapped = new Uint8Array(await crypto.subtle.encrypt({ name: WRAPPING.name }, sealer, raw));
  const certificate = hex(await digested(der));
  raw.fill(0);

  return {
    /** @type {(octets: Octets, place: readonly string[]) => Promise<Sealed>} */
    async seal(octets, place) {
      const iv = crypto.getRandomValues(new Uint8Array(IV_OCTETS));
      const sealed = await crypto.subtle.encrypt(gcm(iv, place), key, octets);
      return { certificate, wrapped, iv, octets: new Uint8Array(sealed) };
    },

    /** @type {(sealed: Sealed, place: readonly string[]) => Promise<Octets | null>} null where these keys do not open it */
    async open(sealed, place) {
      for (const each of keys.certificates) {
        if (hex(await digested(each.der)) !== sealed.certificate) continue;
        const content = await keys.unwrapContentKey(sealed.wrapped, each).catch(unlessShut);
        if (content === null) return null;
        const opener = await crypto.subtle.importKey("raw", content, "AES-GCM", false, ["decrypt"]);
        const opened = await crypto.subtle.decrypt(gcm(sealed.iv, place), opener, sealed.octets).catch(() => null);
        return opened === null ? null : new Uint8Array(opened);
      }
      return null;
    },
  };
}

/** @typedef {Awaited<ReturnType<typeof sealingOf>>} Sealing */

/** The keys that it was sealed to are gone, as those of a set that was refused. @type {(fault: unknown) => null} */
function unlessShut(fault) {
  if (fault instanceof KeyFault && SHUT.includes(fault.message)) return null;
  throw fault;
}

/** @type {(iv: Octets, place: readonly string[]) => AesGcmParams} */
const gcm = (iv, place) => ({ name: "AES-GCM", iv, additionalData: utf8(`knooppunt desk 1 draft\0${JSON.stringify(place)}`) });

/**
 * The keys that lie in the key Worker, as opening and packing take them: what is to be done goes there, no key comes back.
 *
 * A content key does come back: it opens one message, whose parts this page is about to show.
 */

import { readCertificate } from "./certificates.js";
import { base64, fromBase64 } from "./octets.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./parts.js").DecryptionKeys} DecryptionKeys */
/** @typedef {import("./write_security.js").SigningKey} SigningKey */

/**
 * One question to the Worker; rejects with the word why not.
 *
 * @typedef {(op: string, message: Record<string, unknown>) => Promise<any>} Ask
 */

/**
 * @param {Ask} ask
 * @param {readonly {certificates: {signing: string, decryption: string}}[]} sets of the roster, newest first
 * @param {(signing: string) => boolean} isInForce whether messages are signed with that certificate today
 * @returns {{signing: SigningKey, decryption: DecryptionKeys, recipient: Certificate}} `recipient`: what is sealed to this
 *   unit today is sealed to that certificate, of the set in force
 */
export function keysInWorker(ask, sets, isInForce) {
  const active = sets.find((each) => isInForce(each.certificates.signing)) ?? sets[0];
  return {
    signing: {
      certificate: certificateIn(active.certificates.signing),
      signSignedInfo: (octets) => ask("signSignedInfo", { octets }),
    },
    decryption: {
      certificates: sets.map((each) => certificateIn(each.certificates.decryption)),
      unwrapContentKey: (octets, certificate) =>
        ask("unwrapContentKey", { octets, certificate: base64(certificate.der) }),
    },
    recipient: certificateIn(active.certificates.decryption),
  };
}

/** @type {(written: string) => Certificate} */
function certificateIn(written) {
  const certificate = readCertificate(fromBase64(written) ?? new Uint8Array());
  if (certificate === null) throw new RangeError("a certificate of the roster cannot be read");
  return certificate;
}

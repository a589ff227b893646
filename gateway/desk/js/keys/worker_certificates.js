/**
 * Certificates of a unit's keys, put together in DER (X.690, RFC 5280): no octet of them is anybody else's choice. Part of
 * the key Worker, which gets this module with its hash, as one script with itself.
 *
 * @module
 */

import { chance, digest, base64, fromBase64, joined, signatureBy, spkiOf, utf8 } from "./worker_octets.js";

/** @param {number} tag @param {...Uint8Array} contents */
function der(tag, ...contents) {
  const content = joined(contents);
  const size = content.length;
  const length = size < 128 ? [size] : size < 256 ? [0x81, size] : [0x82, size >> 8, size & 255];
  return joined([Uint8Array.of(tag, ...length), content]);
}

const sequence = (/** @type {Uint8Array[]} */ ...each) => der(0x30, ...each);
const oid = (/** @type {number[]} */ ...octets) => der(0x06, Uint8Array.from(octets)); // as X.690 8.19 packs them
const SHA256_WITH_RSA = sequence(oid(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b), der(0x05)); // and NULL

/** A moment, with two digits for its year until 2049 (RFC 5280 4.1.2.5). @param {Date} at @param {string} digits */
const moment = (at, digits = at.toISOString().replace(/[-:T]|\.\d{3}/gu, "")) =>
  at.getUTCFullYear() < 2050 ? der(0x17, utf8(digits.slice(2))) : der(0x18, utf8(digits));

/** Where an element's content begins and ends. @param {Uint8Array} octets @param {number} at */
function extent(octets, at) {
  const first = /** @type {number} */ (octets[at + 1]);
  const more = first < 128 ? 0 : first & 127;
  const size = more ? octets.slice(at + 2, at + 2 + more).reduce((sum, each) => sum * 256 + each, 0) : first;
  return { begin: at + 2 + more, end: at + 2 + more + size };
}

/** The key identifier of RFC 5280 4.2.1.2 (1): the SHA-1 of the key within its SubjectPublicKeyInfo.
 * @param {Uint8Array} spki */
async function keyIdentifier(spki) {
  const algorithm = extent(spki, extent(spki, 0).begin);
  const key = extent(spki, algorithm.end);
  return digest("SHA-1", spki.slice(key.begin + 1, key.end));
}

/** The SubjectPublicKeyInfo of a certificate, before which its body has six parts. @param {string} certificate */
export function spkiIn(certificate) {
  const octets = fromBase64(certificate);
  let { begin } = extent(octets, extent(octets, 0).begin);
  for (let part = 0; part < 6; part += 1) begin = extent(octets, begin).end;
  return base64(octets.slice(begin, extent(octets, begin).end));
}

/** @param {string} name the common name @param {string} unit the party id */
const subjectOf = (name, unit) =>
  sequence(
    der(0x31, sequence(oid(0x55, 4, 3), der(0x0c, utf8([...name].slice(0, 64).join(""))))),
    der(0x31, sequence(oid(0x55, 4, 5), der(0x13, utf8(unit)))),
  );

/** @param {number} kind its number below 2.5.29 @param {boolean} critical @param {Uint8Array} value */
const extension = (kind, critical, value) =>
  sequence(oid(0x55, 0x1d, kind), ...(critical ? [der(0x01, Uint8Array.of(255))] : []), der(0x04, value));

/** A certificate of that key, signed by `issuer`, which may be the same.
 * @param {{name: string, unit: string, from: Date, until: Date, subject: CryptoKeyPair, issuer: CryptoKeyPair}} wanted
 */
export async function certificate({ name, unit, from, until, subject, issuer }) {
  const signs = subject === issuer;
  const spki = await spkiOf(subject.publicKey);
  const above = await keyIdentifier(await spkiOf(issuer.publicKey));
  const serial = chance(16);
  serial[0] = (/** @type {number} */ (serial[0]) & 0x3f) | 0x40; // positive, and always of the same length
  const party = subjectOf(name, unit);
  // The signing key issues the certificate of the decryption key beside it, and that alone.
  const authority = signs ? [der(0x01, Uint8Array.of(255)), der(0x02, Uint8Array.of(0))] : [];
  const extensions = sequence(
    extension(19, true, sequence(...authority)),
    extension(15, true, der(0x03, signs ? Uint8Array.of(2, 0x84) : Uint8Array.of(5, 0x20))),
    extension(14, false, der(0x04, await keyIdentifier(spki))),
    extension(35, false, sequence(der(0x80, above))),
  );
  const head = [der(0xa0, der(0x02, Uint8Array.of(2))), der(0x02, serial), SHA256_WITH_RSA, party];
  const body = sequence(...head, sequence(moment(from), moment(until)), party, spki, der(0xa3, extensions));
  return sequence(body, SHA256_WITH_RSA, der(0x03, Uint8Array.of(0), await signatureBy(issuer.privateKey, body)));
}

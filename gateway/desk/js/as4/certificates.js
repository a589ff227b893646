/**
 * X.509 certificates: what is read out of one, and whether it may be used for a purpose at a time (RFC 5280).
 *
 * Trust is not decided here: certificates are handed in by whoever knows whose they are.
 *
 * SECURITY: DER is read strictly as far as it is read; what is not read (names, further extensions) decides nothing.
 */

import { digested, hex, same } from "./octets.js";

/** @typedef {import("./octets.js").Octets} Octets */

/**
 * @typedef {object} Certificate
 * @property {Octets} der
 * @property {bigint} serialNumber
 * @property {Octets} publicKey SubjectPublicKeyInfo
 * @property {Octets} keyBits what its BIT STRING holds
 * @property {number} rsaBits 0 for a key of another kind
 * @property {Date} notBefore
 * @property {Date} notAfter both ends are inclusive
 * @property {Octets | null} keyIdentifier
 * @property {number | null} keyUsage the first octet of the extension; null without one
 */

/** @typedef {{tag: number, content: Octets, whole: Octets}} Value */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const EXTENSIONS = 0xa3;
const DIGITAL_SIGNATURE = 0x80;
const KEY_ENCIPHERMENT = 0x20;
const KEY_AGREEMENT = 0x08;
const RSA = "2a864886f70d010101"; // rsaEncryption
const SUBJECT_KEY_IDENTIFIER = "551d0e";
const KEY_USAGE = "551d0f";
const MINIMUM_RSA_BITS = 2048;

/**
 * The certificate that these octets are and nothing beside it; null where they are none.
 *
 * @type {(der: Octets) => Certificate | null}
 */
export function readCertificate(der) {
  try {
    return read(der);
  } catch {
    return null;
  }
}

/**
 * Why the certificate may not be used so at that time, or null.
 *
 * @type {(certificate: Certificate, use: "signing" | "encryption", at: Date) => string | null}
 */
export function objection(certificate, use, at) {
  return invalidity(certificate, at) ?? unfitness(certificate, use);
}

/** @type {(certificate: Certificate, at: Date) => string | null} */
export function invalidity(certificate, at) {
  if (at < certificate.notBefore) return "the certificate is not yet valid";
  return at > certificate.notAfter ? "the certificate has expired" : null;
}

/** @type {(certificate: Certificate, use: "signing" | "encryption") => string | null} */
export function unfitness(certificate, use) {
  const wanted = use === "signing" ? DIGITAL_SIGNATURE : KEY_ENCIPHERMENT | KEY_AGREEMENT;
  if (certificate.keyUsage !== null && (certificate.keyUsage & wanted) === 0) {
    return `the certificate's key usage does not allow ${use}`;
  }
  if (certificate.rsaBits < MINIMUM_RSA_BITS) return "the certificate's key is no RSA key, or too short";
  return null;
}

/**
 * The value of the subject key identifier; without the extension, the SHA-1 of the key (RFC 5280 4.2.1.2).
 *
 * @type {(certificate: Certificate) => Promise<Octets>}
 */
export async function keyIdentifierOf(certificate) {
  return certificate.keyIdentifier ?? digested(certificate.keyBits, "SHA-1");
}

/** @type {(certificate: Certificate) => Promise<string>} how people and logs name one: its SHA-256 */
export async function thumbprintOf(certificate) {
  return hex(await digested(certificate.der));
}

/** @type {(one: Certificate, other: Certificate) => boolean} */
export const sameCertificate = (one, other) => same(one.der, other.der);

/**
 * Whether the key of a certificate made that RSA-SHA256 signature over the octets.
 *
 * @type {(certificate: Certificate, signature: Octets, octets: Octets) => Promise<boolean>}
 */
export async function isSignedBy(certificate, signature, octets) {
  try {
    return await crypto.subtle.verify(RSA_SHA256.name, await verifyingKeyOf(certificate), signature, octets);
  } catch {
    return false; // a key of another kind, or none that can be read
  }
}

const RSA_SHA256 = { name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" };

/** Of a thousand questions of a list the certificates are the same few. @type {WeakMap<Certificate, Promise<CryptoKey>>} */
const verifying = new WeakMap();

/** @type {(certificate: Certificate) => Promise<CryptoKey>} */
function verifyingKeyOf(certificate) {
  const key = verifying.get(certificate) ?? crypto.subtle.importKey("spki", certificate.publicKey, RSA_SHA256, false, ["verify"]);
  verifying.set(certificate, key);
  return key;
}

/** @type {(der: Octets) => Certificate} */
function read(der) {
  const certificate = only(der, SEQUENCE);
  const fields = valuesIn(valuesIn(certificate)[0]);
  if (fields[0].tag === 0xa0) fields.shift(); // the version
  const [serialNumber, , , validity, , publicKey, ...rest] = fields;
  const [algorithm, key] = valuesIn(publicKey);
  if (serialNumber.tag !== INTEGER || key.tag !== BIT_STRING || key.content[0] !== 0) throw new TypeError("DER");
  const keyBits = key.content.slice(1);
  const isRsa = hex(valuesIn(algorithm)[0].content) === RSA;
  const extensions = extensionsIn(rest.find((each) => each.tag === EXTENSIONS));
  const identifier = extensions.get(SUBJECT_KEY_IDENTIFIER);
  const usage = extensions.get(KEY_USAGE);
  const [notBefore, notAfter] = valuesIn(validity).map(momentOf);
  return {
    der,
    serialNumber: BigInt.asIntN(serialNumber.content.length * 8, BigInt(`0x${hex(serialNumber.content)}`)),
    publicKey: publicKey.whole.slice(),
    keyBits,
    rsaBits: isRsa ? BigInt(`0x${hex(valuesIn(only(keyBits, SEQUENCE))[0].content)}`).toString(2).length : 0,
    notBefore,
    notAfter,
    keyIdentifier: identifier === undefined ? null : only(identifier, OCTET_STRING).content.slice(),
    keyUsage: usage === undefined ? null : (only(usage, BIT_STRING).content[1] ?? 0),
  };
}

/** @type {(field: Value | undefined) => Map<string, Octets>} */
function extensionsIn(field) {
  /** @type {Map<string, Octets>} */
  const found = new Map();
  if (field === undefined) return found;
  for (const each of valuesIn(valuesIn(field)[0])) {
    const parts = valuesIn(each);
    const name = hex(parts[0].content);
    const value = parts[parts.length - 1];
    if (found.has(name) || value.tag !== OCTET_STRING) throw new TypeError("DER");
    found.set(name, value.content);
  }
  return found;
}

/** @type {(value: Value) => Date} UTCTime or GeneralizedTime (RFC 5280 4.1.2.5) */
function momentOf({ tag, content }) {
  const text = String.fromCharCode(...content);
  const short = tag === 0x17 ? /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) : null;
  const long = tag === 0x18 ? /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) : null;
  const [, year, month, day, hours, minutes, seconds] = (short ?? long ?? []).map(Number);
  const full = short === null ? year : year + (year < 50 ? 2000 : 1900);
  const moment = new Date(Date.UTC(full, month - 1, day, hours, minutes, seconds));
  if (Number.isNaN(moment.getTime())) throw new TypeError("DER");
  return moment;
}

/** @type {(octets: Octets, tag: number) => Value} */
function only(octets, tag) {
  const value = valueAt(octets, 0);
  if (value.tag !== tag || value.whole.length !== octets.length) throw new TypeError("DER");
  return value;
}

/** @type {(value: Value) => Value[]} */
function valuesIn({ content }) {
  /** @type {Value[]} */
  const found = [];
  for (let at = 0; at < content.length; at += found[found.length - 1].whole.length) found.push(valueAt(content, at));
  return found;
}

/** @type {(octets: Octets, at: number) => Value} */
function valueAt(octets, at) {
  let length = octets[at + 1];
  let begin = at + 2;
  if (length > 0x84 || length === 0x80) throw new TypeError("DER");
  if (length > 0x80) {
    begin += length - 0x80;
    length = Number(`0x${hex(octets.subarray(at + 2, begin))}`);
  }
  if (!(begin + length <= octets.length)) throw new TypeError("DER");
  return { tag: octets[at], content: octets.subarray(begin, begin + length), whole: octets.subarray(at, begin + length) };
}

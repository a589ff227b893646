/**
 * wsse:SecurityTokenReference: how a message names the certificate of a key (WSS X.509 Token Profile 1.1.1 3.2).
 *
 * Reading trusts nothing: the outcome only chooses among certificates that are known otherwise. Of an issuer and serial
 * number the number chooses; what it chose has to have made the signature all the same.
 */

import {
  attributeOf,
  base64In,
  childElements,
  childrenNamed,
  fragmentOf,
  onlyChild,
  trimmedTextIn,
} from "./elements.js";
import { keyIdentifierOf } from "./certificates.js";
import { BASE64_BINARY, DS, named, THUMBPRINT_SHA1, WSSE, X509_SKI, X509_V3 } from "./names.js";
import { base64, digested, same } from "./octets.js";
import { Refused } from "./refused.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./refused.js").Check} Check */

/** @typedef {{form: "token" | "ski" | "thumbprint", identifier: Octets} | {form: "serial", serialNumber: bigint}} Naming */

export const TOKEN = named(WSSE, "BinarySecurityToken");
export const TOKEN_REFERENCE = named(WSSE, "SecurityTokenReference");
export const REFERENCE = named(WSSE, "Reference");
const KEY_IDENTIFIER = named(WSSE, "KeyIdentifier");
const X509_DATA = named(DS, "X509Data");
const ISSUER_SERIAL = named(DS, "X509IssuerSerial");
const ISSUER_NAME = named(DS, "X509IssuerName");
const SERIAL_NUMBER = named(DS, "X509SerialNumber");
const MOST_TOKEN_CHARACTERS = 16 * 1024;
const MOST_IDENTIFIER_CHARACTERS = 256;

/**
 * How ds:KeyInfo names its certificate; `findToken` answers the element of an id among those where tokens may stand.
 *
 * @param {XmlElement} keyInfo
 * @param {(id: string) => XmlElement | null} findToken
 * @returns {Naming}
 */
export function readKeyInfo(keyInfo, findToken) {
  const children = childElements(keyInfo);
  if (children.length !== 1 || children[0].name !== TOKEN_REFERENCE) {
    throw new Refused("form", "the KeyInfo does not name one certificate by a SecurityTokenReference");
  }
  const [reference, ...more] = childElements(children[0]);
  if (reference === undefined || more.length > 0) {
    throw new Refused("form", "a SecurityTokenReference does not hold exactly one reference");
  }
  if (reference.name === REFERENCE) return readTokenReference(reference, findToken);
  if (reference.name === KEY_IDENTIFIER) return readKeyIdentifier(reference);
  if (reference.name === X509_DATA) return readIssuerSerial(reference);
  throw new Refused("form", "a SecurityTokenReference of that kind is not supported");
}

/** @type {(naming: Naming, certificate: Certificate) => Promise<boolean>} */
export async function isNamed(naming, certificate) {
  switch (naming.form) {
    case "token":
      return same(naming.identifier, certificate.der);
    case "ski":
      return same(naming.identifier, await keyIdentifierOf(certificate));
    case "thumbprint":
      return same(naming.identifier, await digested(certificate.der, "SHA-1"));
    case "serial":
      return naming.serialNumber === certificate.serialNumber;
  }
}

/**
 * Those of these certificates that are named.
 *
 * @type {(naming: Naming, certificates: readonly Certificate[]) => Promise<Certificate[]>}
 */
export async function namedAmong(naming, certificates) {
  const found = [];
  for (const each of certificates) if (await isNamed(naming, each)) found.push(each);
  return found;
}

/** @type {(certificate: Certificate, id: string) => string} */
export function writeToken(certificate, id) {
  return (
    `<wsse:BinarySecurityToken EncodingType="${BASE64_BINARY}" ValueType="${X509_V3}" wsu:Id="${id}">` +
    `${base64(certificate.der)}</wsse:BinarySecurityToken>`
  );
}

/** @type {(id: string) => string} */
export function writeTokenReference(id) {
  return `<wsse:SecurityTokenReference><wsse:Reference URI="#${id}" ValueType="${X509_V3}"></wsse:Reference></wsse:SecurityTokenReference>`;
}

/** @type {(identifier: Octets) => string} */
export function writeKeyIdentifier(identifier) {
  return (
    `<wsse:SecurityTokenReference><wsse:KeyIdentifier EncodingType="${BASE64_BINARY}" ValueType="${X509_SKI}">` +
    `${base64(identifier)}</wsse:KeyIdentifier></wsse:SecurityTokenReference>`
  );
}

/** @type {(reference: XmlElement, findToken: (id: string) => XmlElement | null) => Naming} */
function readTokenReference(reference, findToken) {
  if ((attributeOf(reference, "ValueType") ?? X509_V3) !== X509_V3) {
    throw new Refused("form", "the referenced token is not an X.509 certificate");
  }
  const id = fragmentOf(attributeOf(reference, "URI") ?? "");
  const token = id === null ? null : findToken(id);
  if (token === null) throw new Refused("form", "the referenced token is not in the security header");
  if (token.name !== TOKEN || attributeOf(token, "ValueType") !== X509_V3) {
    throw new Refused("form", "the token is not a single X.509 certificate");
  }
  checkBase64(token);
  return { form: "token", identifier: base64In(token, MOST_TOKEN_CHARACTERS) };
}

/** @type {(identifier: XmlElement) => Naming} */
function readKeyIdentifier(identifier) {
  checkBase64(identifier);
  const octets = base64In(identifier, MOST_IDENTIFIER_CHARACTERS);
  const type = attributeOf(identifier, "ValueType");
  if (type === X509_SKI) return { form: "ski", identifier: octets };
  if (type === THUMBPRINT_SHA1) return { form: "thumbprint", identifier: octets };
  throw new Refused("form", "a KeyIdentifier of this type is not supported");
}

/** @type {(data: XmlElement) => Naming} */
function readIssuerSerial(data) {
  const [both] = childrenNamed(data, [ISSUER_SERIAL]);
  childrenNamed(both, [ISSUER_NAME, SERIAL_NUMBER]);
  const written = trimmedTextIn(onlyChild(both, SERIAL_NUMBER));
  if (!/^-?[0-9]{1,60}$/.test(written)) throw new Refused("form", "the issuer and serial number cannot be read");
  return { form: "serial", serialNumber: BigInt(written) };
}

/** @type {(element: XmlElement) => void} */
function checkBase64(element) {
  if ((attributeOf(element, "EncodingType") ?? BASE64_BINARY) !== BASE64_BINARY) {
    throw new Refused("form", "the token is not base64");
  }
}


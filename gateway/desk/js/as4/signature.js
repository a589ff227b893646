/**
 * What ds:Signature says, read into values before anything is computed (`crypto/signed_info.py`).
 *
 * Only one form is read: exclusive canonicalization, one Transform per Reference, references by `#id` and `cid:` alone
 * (AS4 5.1.4, 5.1.5). Everything else is refused here, so no other transform can ever run.
 */

import { contentIdOf } from "./content_ids.js";
import {
  algorithmOf,
  attributeOf,
  base64In,
  childElements,
  childrenNamed,
  descendants,
  fragmentOf,
  nodesIn,
} from "./elements.js";
import { CONTENT_TRANSFORM, DS, EC, EXC_C14N, named, RSA_SHA256, SHA256 } from "./names.js";
import { Refused } from "./refused.js";

/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./octets.js").Octets} Octets */

/**
 * One ds:Reference: what is signed, how, and its SHA-256.
 *
 * @typedef {object} Reference
 * @property {string} uri
 * @property {string} transform
 * @property {readonly string[]} prefixes
 * @property {Octets} digest
 */

/**
 * A ds:Signature taken apart; nothing in it has been verified.
 *
 * @typedef {object} SignatureForm
 * @property {XmlElement} signedInfo
 * @property {readonly string[]} prefixes
 * @property {readonly Reference[]} references
 * @property {Octets} value
 * @property {XmlElement} keyInfo
 */

export const SIGNATURE = named(DS, "Signature");
export const REFERENCE = named(DS, "Reference");
export const SIGNED_INFO = named(DS, "SignedInfo");
export const SIGNATURE_VALUE = named(DS, "SignatureValue");
export const KEY_INFO = named(DS, "KeyInfo");
export const CANONICALIZATION_METHOD = named(DS, "CanonicalizationMethod");
export const SIGNATURE_METHOD = named(DS, "SignatureMethod");
export const TRANSFORMS = named(DS, "Transforms");
export const TRANSFORM = named(DS, "Transform");
export const DIGEST_METHOD = named(DS, "DigestMethod");
export const DIGEST_VALUE = named(DS, "DigestValue");
const INCLUSIVE_NAMESPACES = named(EC, "InclusiveNamespaces");
const KNOWN_ATTRIBUTES = new Set(["Algorithm", "URI", "PrefixList", "Id", "Type"]);
export const MOST_REFERENCES = 66;
const MOST_SIGNATURE_CHARACTERS = 4096;
const MOST_DIGEST_CHARACTERS = 256;
const MOST_PREFIXES = 16;
const MOST_PREFIX_LIST_CHARACTERS = 1024;

/** @type {(signature: XmlElement) => SignatureForm} */
export function readSignature(signature) {
  const [signedInfo, value, keyInfo] = childrenNamed(signature, [SIGNED_INFO, SIGNATURE_VALUE, KEY_INFO]);
  if (nodesIn(signedInfo) > 2 * MOST_REFERENCES) throw new Refused("form", "the signature has too many references");
  for (const [element] of descendants(signedInfo)) {
    if (element.attributes.some(([name]) => !KNOWN_ATTRIBUTES.has(name))) {
      throw new Refused("form", "SignedInfo has an attribute that no signature has");
    }
  }
  const [method, signatureMethod, ...references] = childElements(signedInfo);
  if (method?.name !== CANONICALIZATION_METHOD || signatureMethod?.name !== SIGNATURE_METHOD) {
    throw new Refused("form", "SignedInfo does not begin with its two methods");
  }
  if (references.length === 0 || references.length > MOST_REFERENCES) {
    throw new Refused("form", `the signature has ${references.length} references`);
  }
  if (algorithmOf(method) !== EXC_C14N) throw new Refused("form", "that canonicalization is not accepted");
  if (algorithmOf(signatureMethod) !== RSA_SHA256 || nodesIn(signatureMethod) > 0) {
    throw new Refused("form", "that signature algorithm is not accepted");
  }
  return {
    signedInfo,
    prefixes: prefixListOf(method),
    references: references.map(readReference),
    value: base64In(value, MOST_SIGNATURE_CHARACTERS, "signature"),
    keyInfo,
  };
}

/**
 * One ds:Reference as a value; also for those that a receipt repeats (AS4 5.1.8).
 *
 * @type {(reference: XmlElement) => Reference}
 */
export function readReference(reference) {
  if (reference.name !== REFERENCE) throw new Refused("form", "something else stands where a Reference should");
  const [transforms, method, value] = childrenNamed(reference, [TRANSFORMS, DIGEST_METHOD, DIGEST_VALUE]);
  const [transform] = childrenNamed(transforms, [TRANSFORM]);
  const uri = attributeOf(reference, "URI") ?? "";
  const wanted = fragmentOf(uri) === null ? CONTENT_TRANSFORM : EXC_C14N;
  if (wanted === CONTENT_TRANSFORM && contentIdOf(uri) === null) {
    throw new Refused("form", "a reference names neither an id nor a part");
  }
  if (algorithmOf(transform) !== wanted) throw new Refused("form", "that transform is not accepted there");
  if (wanted === CONTENT_TRANSFORM && nodesIn(transform) > 0) {
    throw new Refused("form", "the attachment transform has a parameter");
  }
  if (algorithmOf(method) !== SHA256 || nodesIn(method) > 0) throw new Refused("form", "that digest is not accepted");
  return {
    uri,
    transform: wanted,
    prefixes: wanted === EXC_C14N ? prefixListOf(transform) : [],
    digest: base64In(value, MOST_DIGEST_CHARACTERS, "signature"),
  };
}

/** @type {(method: XmlElement) => string[]} the PrefixList inside it; empty when there is none */
function prefixListOf(method) {
  const [list, ...more] = childElements(method);
  if (list === undefined) return [];
  if (more.length > 0 || list.name !== INCLUSIVE_NAMESPACES || nodesIn(list) > 0) {
    throw new Refused("form", "exclusive canonicalization has an unknown parameter");
  }
  const written = attributeOf(list, "PrefixList") ?? "";
  if (written.length > MOST_PREFIX_LIST_CHARACTERS) throw new Refused("form", "a PrefixList is too long");
  const prefixes = written.split(/[ \t\r\n]+/).filter((each) => each !== "");
  if (prefixes.length > MOST_PREFIXES) throw new Refused("form", "a PrefixList has too many prefixes");
  return prefixes;
}

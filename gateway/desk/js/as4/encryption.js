/**
 * What wsse:Security says about encryption, judged whole before any private key is used (`crypto/encryption_plan.py`).
 *
 * Accepted is what AS4 needs: up to two EncryptedKey, one EncryptedData for each part, both children of wsse:Security,
 * the data listed by the key and referring to a MIME part by `cid:` (AS4 5.1.6, WSS SwA Profile 1.1.1 6).
 */

import { contentIdOf } from "./content_ids.js";
import {
  algorithmOf,
  attributeOf,
  base64In,
  childElements,
  childrenNamed,
  childrenOf,
  descendants,
  fragmentOf,
  idsOf,
  nodesIn,
  onlyChild,
} from "./elements.js";
import { readKeyInfo, REFERENCE, TOKEN_REFERENCE } from "./key_references.js";
import {
  AES128_GCM,
  CIPHERTEXT_TRANSFORM,
  CONTENT_ONLY,
  MGF1_SHA256,
  named,
  RSA_OAEP,
  SHA256,
  XENC,
  XENC11,
} from "./names.js";
import { Refused } from "./refused.js";
import { DIGEST_METHOD, KEY_INFO, TRANSFORM } from "./signature.js";

/** @typedef {import("./document.js").XmlDocument} XmlDocument */
/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./key_references.js").Naming} Naming */
/** @typedef {import("./octets.js").Octets} Octets */

/** @typedef {{recipient: Naming, wrapped: Octets}} PlannedKey */
/** @typedef {{contentId: string, mimeType: string, key: PlannedKey}} PlannedPart `mimeType` before encryption */

const ENCRYPTED_KEY = named(XENC, "EncryptedKey");
const ENCRYPTED_DATA = named(XENC, "EncryptedData");
const ENCRYPTION_METHOD = named(XENC, "EncryptionMethod");
const CIPHER_DATA = named(XENC, "CipherData");
const CIPHER_VALUE = named(XENC, "CipherValue");
const CIPHER_REFERENCE = named(XENC, "CipherReference");
const TRANSFORMS = named(XENC, "Transforms");
const REFERENCE_LIST = named(XENC, "ReferenceList");
const DATA_REFERENCE = named(XENC, "DataReference");
const MGF = named(XENC11, "MGF");
const MOST_KEYS = 2;
const MOST_CIPHER_VALUE_CHARACTERS = 4096;

/** @type {(reason: string) => never} */
function refuse(reason) {
  throw new Refused("encryption", reason);
}

/**
 * How each declared part is encrypted, by its Content-ID.
 *
 * @param {XmlDocument} document
 * @param {XmlElement} security
 * @param {ReadonlySet<string>} contentIds of the parts that the message declares, every one of which is encrypted
 * @returns {Map<string, PlannedPart>}
 */
export function readEncryption(document, security, contentIds) {
  const keys = childrenOf(security, ENCRYPTED_KEY);
  const data = childrenOf(security, ENCRYPTED_DATA);
  if (keys.length > MOST_KEYS || data.length > contentIds.size + 1) refuse("too many wrapped keys or encrypted parts");
  const everywhere = [...descendants(document.root)].filter(([each]) => [ENCRYPTED_KEY, ENCRYPTED_DATA].includes(each.name));
  if (everywhere.length !== keys.length + data.length) refuse("something else than the parts is encrypted");
  const ids = new Set([...keys, ...data].map((each) => attributeOf(each, "Id")));
  if (ids.size !== keys.length + data.length) refuse("two wrapped keys or encrypted parts have one id");
  const listed = listedData(keys);
  const tokens = idsOf(document.root);
  const beside = childElements(security);
  const planned = new Map(
    keys.map((each) => [each, plannedKey(each, (id) => beside.find((one) => one === tokens.get(id)) ?? null)]),
  );
  /** @type {Map<string, PlannedPart>} */
  const parts = new Map();
  const used = new Set();
  for (const each of data) {
    const key = listed.get(attributeOf(each, "Id") ?? "");
    if (key === undefined) return refuse("an encrypted part is in no ReferenceList");
    const contentId = encryptedPart(each, key);
    if (!contentIds.has(contentId)) refuse("an encrypted part is not declared");
    if (parts.has(contentId)) refuse("a part is encrypted twice");
    const mimeType = attributeOf(each, "MimeType") ?? "";
    parts.set(contentId, { contentId, mimeType, key: /** @type {PlannedKey} */ (planned.get(key)) });
    used.add(key);
  }
  if (listed.size !== data.length) refuse("a ReferenceList names data that are not there");
  if (used.size !== keys.length) refuse("a wrapped key is for nothing");
  if (parts.size !== contentIds.size) refuse("a declared part is not encrypted");
  return parts;
}

/** @type {(keys: readonly XmlElement[]) => Map<string, XmlElement>} the key that lists each id of data */
function listedData(keys) {
  /** @type {Map<string, XmlElement>} */
  const listed = new Map();
  for (const key of keys) {
    const list = childrenNamed(key, [ENCRYPTION_METHOD, KEY_INFO, CIPHER_DATA, REFERENCE_LIST], "encryption")[3];
    for (const reference of childElements(list)) {
      const id = fragmentOf(attributeOf(reference, "URI") ?? "");
      if (reference.name !== DATA_REFERENCE || id === null || listed.has(id)) {
        return refuse("a ReferenceList does not name each encrypted part once by its id");
      }
      listed.set(id, key);
    }
  }
  return listed;
}

/** @type {(data: XmlElement, key: XmlElement) => string} the Content-ID of the part that is encrypted */
function encryptedPart(data, key) {
  if (attributeOf(data, "Type") !== CONTENT_ONLY) refuse("encryption of that type is not accepted");
  const method = onlyChild(data, ENCRYPTION_METHOD, "encryption");
  if (algorithmOf(method) !== AES128_GCM || nodesIn(method) > 0) refuse("that cipher is not accepted");
  // KeyInfo may be absent, and then only the list says which key it is.
  for (const keyInfo of childrenOf(data, KEY_INFO)) {
    if (namedKey(keyInfo) !== attributeOf(key, "Id")) refuse("an encrypted part names another key than the one that lists it");
  }
  const [reference] = childrenNamed(onlyChild(data, CIPHER_DATA, "encryption"), [CIPHER_REFERENCE], "encryption");
  const [transforms] = childrenNamed(reference, [TRANSFORMS], "encryption");
  const [transform] = childrenNamed(transforms, [TRANSFORM], "encryption");
  if (algorithmOf(transform) !== CIPHERTEXT_TRANSFORM || nodesIn(transform) > 0) {
    refuse("encrypted data are read through an unknown transform");
  }
  return contentIdOf(attributeOf(reference, "URI") ?? "") ?? refuse("encrypted data are not a MIME part");
}

/** @type {(keyInfo: XmlElement) => string | null} */
function namedKey(keyInfo) {
  const [tokenReference] = childrenNamed(keyInfo, [TOKEN_REFERENCE], "encryption");
  const [reference] = childrenNamed(tokenReference, [REFERENCE], "encryption");
  return fragmentOf(attributeOf(reference, "URI") ?? "");
}

/** @type {(key: XmlElement, findToken: (id: string) => XmlElement | null) => PlannedKey} */
function plannedKey(key, findToken) {
  const method = onlyChild(key, ENCRYPTION_METHOD, "encryption");
  /** @type {Map<string, string>} */
  const said = new Map();
  for (const child of childElements(method)) {
    if (![DIGEST_METHOD, MGF].includes(child.name) || said.has(child.name) || nodesIn(child) > 0) {
      refuse("the key transport has an unknown parameter");
    }
    said.set(child.name, algorithmOf(child));
  }
  if (algorithmOf(method) !== RSA_OAEP || said.get(DIGEST_METHOD) !== SHA256 || said.get(MGF) !== MGF1_SHA256) {
    refuse("that key transport, or a parameter of it, is not accepted");
  }
  const [value] = childrenNamed(onlyChild(key, CIPHER_DATA, "encryption"), [CIPHER_VALUE], "encryption");
  return {
    recipient: readKeyInfo(onlyChild(key, KEY_INFO, "encryption"), findToken),
    wrapped: base64In(value, MOST_CIPHER_VALUE_CHARACTERS, "decryption"),
  };
}

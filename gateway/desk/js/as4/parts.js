/**
 * The parts of a verified message: each decrypted, held against its signed digest, and inflated, in this order
 * (`gateway/ebms/part_opener.py`). Clauses: AS4 3.1, 5.1.4 to 5.1.6; WSS SwA Profile 1.1.1 5.4.2.
 *
 * SECURITY: nothing of a part is handed on before tag, digest and compression held. Every cause of a failed decryption
 * is one refusal with one reason. A key is used only where the message says that it is sealed to that certificate.
 */

import { readDocument } from "./document.js";
import { inflated } from "./gzip.js";
import { valueOf } from "./header_rules.js";
import { namedAmong } from "./key_references.js";
import { PAYLOAD_LIMITS } from "./limits.js";
import { essenceOf } from "./media_type.js";
import { CHARACTER_SET, COMPRESSION_TYPE, MIME_TYPE, OCTET_STREAM } from "./names.js";
import { digested, hex, latin1, same } from "./octets.js";
import { Refused } from "./refused.js";
import { canonical } from "./verify.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./document.js").ParseXml} ParseXml */
/** @typedef {import("./encryption.js").PlannedKey} PlannedKey */
/** @typedef {import("./encryption.js").PlannedPart} PlannedPart */
/** @typedef {import("./gzip.js").Flate} Flate */
/** @typedef {import("./header.js").PartInfo} PartInfo */
/** @typedef {import("./limits.js").MessageLimits} MessageLimits */
/** @typedef {import("./mime_read.js").MimePart} MimePart */
/** @typedef {import("./octets.js").Octets} Octets */

/**
 * What opens what is sealed to us, so that a Worker of its own can stand behind it.
 *
 * @typedef {object} DecryptionKeys
 * @property {readonly Certificate[]} certificates of all our keys, also of those that were replaced
 * @property {(wrapped: Octets, certificate: Certificate) => Promise<Octets>} unwrapContentKey by RSA-OAEP with SHA-256
 *   and MGF1 with SHA-256; rejects what does not come out
 */

/**
 * @typedef {object} OpenedPart
 * @property {string} contentId
 * @property {PartInfo} info
 * @property {Octets} octets what it holds
 * @property {string} mimeType as the header says
 * @property {string | null} characterSet
 * @property {readonly Octets[]} digests the SHA-256 of what was signed: as it is, and by the rule for its type
 */

const KEY_OCTETS = 16;
const IV_OCTETS = 12;
const TAG_OCTETS = 16;
const XML_TYPE = /^(?:text\/xml|application\/xml|(?:application|image)\/[^/;\s]+\+xml)$/;

/** @typedef {{flate: Flate, parseXml: ParseXml, limits: MessageLimits}} Means */

/**
 * The parts in the order of the header.
 *
 * @param {object} message
 * @param {readonly MimePart[]} message.came the MIME parts after the envelope
 * @param {ReadonlyMap<string, PartInfo>} message.declared by Content-ID, in the order of the header
 * @param {ReadonlyMap<string, PlannedPart>} message.plan
 * @param {ReadonlyMap<string, Octets>} message.signed the SHA-256 of each part
 * @param {DecryptionKeys} keys
 * @param {Means} means
 * @returns {Promise<OpenedPart[]>}
 */
export async function openParts({ came, declared, plan, signed }, keys, means) {
  const parts = new Map(came.map((each) => [each.contentId, each]));
  if (came.some((each) => each.contentId === null || !declared.has(each.contentId))) {
    throw new Refused("parts", "a part came that the header does not declare");
  }
  if ([...declared.keys()].some((each) => !parts.has(each))) throw new Refused("parts", "a declared part did not come");
  const contentKeys = await unwrapped(plan, keys);
  checkIvs(came, plan);
  const opened = [];
  for (const [contentId, info] of declared) {
    const { octets: sealed } = /** @type {MimePart} */ (parts.get(contentId));
    const planned = /** @type {PlannedPart} */ (plan.get(contentId));
    const plain = await decrypted(sealed, contentKeys.get(planned.key) ?? null);
    const digests = await digestsOf(plain, planned.mimeType, means);
    if (!digests.some((each) => same(each, signed.get(contentId) ?? new Uint8Array()))) {
      throw new Refused("part-digest", "a part is not what was signed");
    }
    opened.push({ contentId, info, digests, octets: unfolded(plain, info, means), ...described(info) });
  }
  return opened;
}

/**
 * The content key of each wrapped key; null for one that did not come out, whose parts then do not open.
 *
 * @param {ReadonlyMap<string, PlannedPart>} plan
 * @param {DecryptionKeys} keys
 * @returns {Promise<Map<PlannedKey, CryptoKey | null>>}
 */
async function unwrapped(plan, keys) {
  /** @type {Map<PlannedKey, CryptoKey | null>} */
  const found = new Map();
  for (const { key } of plan.values()) {
    if (found.has(key)) continue;
    const [certificate] = await namedAmong(key.recipient, keys.certificates);
    if (certificate === undefined) throw new Refused("sealed-to", "it is sealed to a key that is not ours");
    const octets = await keys.unwrapContentKey(key.wrapped, certificate).catch(() => new Uint8Array());
    const isKey = octets.length === KEY_OCTETS;
    found.set(key, isKey ? await crypto.subtle.importKey("raw", octets, "AES-GCM", false, ["decrypt"]) : null);
  }
  return found;
}

/** @type {(came: readonly MimePart[], plan: ReadonlyMap<string, PlannedPart>) => void} */
function checkIvs(came, plan) {
  /** @type {Map<PlannedKey, Set<string>>} */
  const used = new Map();
  for (const { contentId, octets } of came) {
    const key = plan.get(contentId ?? "")?.key;
    if (key === undefined) continue;
    const ivs = used.get(key) ?? new Set();
    const iv = hex(octets.subarray(0, IV_OCTETS));
    if (ivs.has(iv)) throw new Refused("encryption", "two parts are encrypted with one IV");
    used.set(key, ivs.add(iv));
  }
}

/** @type {(sealed: Octets, key: CryptoKey | null) => Promise<Octets>} */
async function decrypted(sealed, key) {
  if (key !== null && sealed.length >= IV_OCTETS + TAG_OCTETS) {
    const algorithm = { name: "AES-GCM", iv: sealed.slice(0, IV_OCTETS), tagLength: 8 * TAG_OCTETS };
    const plain = await crypto.subtle.decrypt(algorithm, key, sealed.subarray(IV_OCTETS)).catch(() => null);
    if (plain !== null) return new Uint8Array(plain);
  }
  throw new Refused("decryption", "a part does not open");
}

/**
 * The digest as it is; of a text its line ends as CRLF and of XML its canonical form, too: products differ.
 *
 * @type {(plain: Octets, mimeType: string, means: Means) => Promise<Octets[]>}
 */
async function digestsOf(plain, mimeType, means) {
  const asItIs = await digested(plain);
  const essence = essenceOf(mimeType);
  if (XML_TYPE.test(essence)) {
    const document = await readDocument(plain, { limits: PAYLOAD_LIMITS, parseXml: means.parseXml }).catch(() => null);
    if (document === null) return [asItIs];
    try {
      return [asItIs, await digested(await canonical(document, document.root, []))];
    } finally {
      document.close();
    }
  }
  if (!essence.startsWith("text/")) return [asItIs];
  const lines = latin1(plain).replace(/\r\n|\r|\n/g, "\r\n");
  return [asItIs, await digested(Uint8Array.from(lines, (each) => each.charCodeAt(0)))];
}

/** @type {(plain: Octets, info: PartInfo, means: Means) => Octets} */
function unfolded(plain, info, { flate, limits }) {
  const mostOctets = limits.inflatedOctets;
  if (valueOf(info.properties, COMPRESSION_TYPE) !== null) {
    return inflated(plain, { flate, mostOctets, ratio: limits.inflationRatio });
  }
  if (plain.length > mostOctets) throw new Refused("size", "a part is larger than is taken here");
  return plain;
}

/** @type {(info: PartInfo) => {mimeType: string, characterSet: string | null}} */
function described(info) {
  return {
    mimeType: valueOf(info.properties, MIME_TYPE) ?? OCTET_STREAM,
    characterSet: valueOf(info.properties, CHARACTER_SET),
  };
}

/**
 * wsse:Security of a message of ours: how its parts are encrypted, then the token and the signature over eb:Messaging,
 * Body and parts (`crypto/sign.py`, `crypto/encrypt.py`).
 *
 * Clauses: AS4 5.1.4 to 5.1.6; WSS SwA Profile 1.1.1 5, 6; eDelivery AS4 1.15.
 *
 * SECURITY: what is signed is one ds:SignedInfo in the form written here and nothing else; whoever holds the key can
 * hold it to that. Content key and IV are drawn here, so that nobody can hand one in twice.
 */

import { contentIdUri } from "./content_ids.js";
import { keyIdentifierOf } from "./certificates.js";
import { writeKeyIdentifier, writeToken, writeTokenReference } from "./key_references.js";
import { attribute } from "./markup.js";
import {
  AES128_GCM,
  CIPHERTEXT_TRANSFORM,
  CONTENT_ONLY,
  CONTENT_TRANSFORM,
  DS,
  ENCRYPTED_KEY_TOKEN,
  EXC_C14N,
  MGF1_SHA256,
  RSA_OAEP,
  RSA_SHA256,
  S12,
  SHA256,
  WSSE,
  WSSE11,
  WSU,
  XENC,
  XENC11,
} from "./names.js";
import { base64, digested, joined, utf8 } from "./octets.js";
import { writeReference } from "./write_header.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./signature.js").Reference} Reference */

/**
 * What signs for us, so that a Worker of its own can stand behind it.
 *
 * @typedef {object} SigningKey
 * @property {Certificate} certificate
 * @property {(octets: Octets) => Promise<Octets>} signSignedInfo RSASSA-PKCS1-v1_5 with SHA-256 over a ds:SignedInfo
 */

const IV_OCTETS = 12;
const DECLARATIONS = Object.entries({ S12, ds: DS, wsse: WSSE, wsse11: WSSE11, wsu: WSU, xenc: XENC, xenc11: XENC11 })
  .map(([prefix, namespace]) => ` xmlns:${prefix}="${namespace}"`)
  .join("");

/** @type {(...contents: string[]) => string} */
export function writeSecurity(...contents) {
  return `<wsse:Security${DECLARATIONS} S12:mustUnderstand="true">${contents.join("")}</wsse:Security>`;
}

/**
 * The token and the signature, with its references as a receiver will read them.
 *
 * @param {readonly {id: string, markup: string}[]} elements in canonical form, as they stand in the envelope
 * @param {readonly {contentId: string, digest: Octets}[]} parts
 * @param {SigningKey} key
 * @param {(prefix: string) => string} ids
 * @returns {Promise<{markup: string, references: Reference[]}>}
 */
export async function sign(elements, parts, key, ids) {
  const tokenId = ids("X509");
  /** @type {Reference[]} */
  const references = [];
  for (const { id, markup } of elements) {
    references.push({ uri: `#${id}`, transform: EXC_C14N, prefixes: [], digest: await digested(utf8(markup)) });
  }
  for (const { contentId, digest } of parts) {
    references.push({ uri: contentIdUri(contentId), transform: CONTENT_TRANSFORM, prefixes: [], digest });
  }
  const signedInfo = writeSignedInfo(references);
  const value = base64(await key.signSignedInfo(utf8(signedInfo)));
  const markup =
    `${writeToken(key.certificate, tokenId)}<ds:Signature Id="${ids("SIG")}">${signedInfo}` +
    `<ds:SignatureValue>${value}</ds:SignatureValue><ds:KeyInfo>${writeTokenReference(tokenId)}</ds:KeyInfo></ds:Signature>`;
  return { markup, references };
}

/** @type {(references: readonly Reference[]) => string} */
function writeSignedInfo(references) {
  return (
    `<ds:SignedInfo xmlns:ds="${DS}"><ds:CanonicalizationMethod Algorithm="${EXC_C14N}"></ds:CanonicalizationMethod>` +
    `<ds:SignatureMethod Algorithm="${RSA_SHA256}"></ds:SignatureMethod>` +
    `${references.map((each) => writeReference(each)).join("")}</ds:SignedInfo>`
  );
}

/**
 * Parts encrypted under a content key of their own, which only the recipient can unwrap, and what the header says of it.
 *
 * @param {readonly {contentId: string, mimeType: string, octets: Octets}[]} parts `mimeType` before encryption
 * @param {Certificate} recipient
 * @param {(prefix: string) => string} ids
 * @returns {Promise<{markup: string, parts: {contentId: string, octets: Octets}[]}>}
 */
export async function encrypt(parts, recipient, ids) {
  const octets = crypto.getRandomValues(new Uint8Array(16));
  const key = await crypto.subtle.importKey("raw", octets, "AES-GCM", false, ["encrypt"]);
  const wrapped = await wrap(octets, recipient);
  const keyId = ids("EK");
  const listed = parts.map((each) => ({ ...each, id: ids("ED") }));
  const references = listed.map((each) => `<xenc:DataReference URI="#${each.id}"></xenc:DataReference>`);
  const sealed = [];
  for (const each of parts) {
    const iv = crypto.getRandomValues(new Uint8Array(IV_OCTETS));
    const ciphertext = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, each.octets);
    sealed.push({ contentId: each.contentId, octets: joined(iv, new Uint8Array(ciphertext)) });
  }
  const markup =
    `<xenc:EncryptedKey Id="${keyId}"><xenc:EncryptionMethod Algorithm="${RSA_OAEP}">` +
    `<ds:DigestMethod Algorithm="${SHA256}"></ds:DigestMethod><xenc11:MGF Algorithm="${MGF1_SHA256}"></xenc11:MGF>` +
    `</xenc:EncryptionMethod><ds:KeyInfo>${writeKeyIdentifier(await keyIdentifierOf(recipient))}</ds:KeyInfo>` +
    `<xenc:CipherData><xenc:CipherValue>${base64(wrapped)}</xenc:CipherValue></xenc:CipherData>` +
    `<xenc:ReferenceList>${references.join("")}</xenc:ReferenceList></xenc:EncryptedKey>` +
    listed.map((each) => writeData(each, keyId)).join("");
  return { markup, parts: sealed };
}

/** @type {(octets: Octets, recipient: Certificate) => Promise<Octets>} */
async function wrap(octets, recipient) {
  const algorithm = { name: "RSA-OAEP", hash: "SHA-256" };
  const key = await crypto.subtle.importKey("spki", recipient.publicKey, algorithm, false, ["encrypt"]);
  return new Uint8Array(await crypto.subtle.encrypt({ name: algorithm.name }, key, octets));
}

/** @type {(data: {id: string, contentId: string, mimeType: string}, keyId: string) => string} */
function writeData({ id, contentId, mimeType }, keyId) {
  return (
    `<xenc:EncryptedData Id="${id}" MimeType="${attribute(mimeType)}" Type="${CONTENT_ONLY}">` +
    `<xenc:EncryptionMethod Algorithm="${AES128_GCM}"></xenc:EncryptionMethod><ds:KeyInfo>` +
    `<wsse:SecurityTokenReference wsse11:TokenType="${ENCRYPTED_KEY_TOKEN}">` +
    `<wsse:Reference URI="#${keyId}"></wsse:Reference></wsse:SecurityTokenReference></ds:KeyInfo>` +
    `<xenc:CipherData><xenc:CipherReference URI="${attribute(contentIdUri(contentId))}"><xenc:Transforms>` +
    `<ds:Transform Algorithm="${CIPHERTEXT_TRANSFORM}"></ds:Transform></xenc:Transforms></xenc:CipherReference>` +
    "</xenc:CipherData></xenc:EncryptedData>"
  );
}

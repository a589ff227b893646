/**
 * What a desk sends: a message for the hub (leg 1), and the receipt for one that was opened (leg 2).
 *
 * Ids, salts, boundary and time are arguments: whoever keeps them can make the same message again, whose parts then have
 * the same octets, and the hub knows it again. Clauses: AS4 3.1, 5.1.4 to 5.1.6, 5.1.8 (compress, sign, encrypt).
 */

import { contentIdUri } from "./content_ids.js";
import { deflated } from "./gzip.js";
import { writeMultipart } from "./mime_write.js";
import {
  CHARACTER_SET,
  COMPRESSION_TYPE,
  CROSS_REFERENCE,
  FINAL_RECIPIENT,
  GZIP,
  INITIATOR,
  MIME_TYPE,
  ORIGINAL_SENDER,
  RESPONDER,
  SOAP_XML_UTF8,
  TRACKING_IDENTIFIER,
} from "./names.js";
import { digested } from "./octets.js";
import { writeBody, writeEnvelope, writeMessaging } from "./write_header.js";
import { encrypt, sign, writeSecurity } from "./write_security.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./gzip.js").Flate} Flate */
/** @typedef {import("./header.js").Receipt} Receipt */
/** @typedef {import("./header.js").Party} Party */
/** @typedef {import("./header.js").PartyId} PartyId */
/** @typedef {import("./header.js").Property} Property */
/** @typedef {import("./header.js").UserMessage} UserMessage */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./signature.js").Reference} Reference */
/** @typedef {import("./write_security.js").SigningKey} SigningKey */

/**
 * @typedef {object} OutgoingPart
 * @property {Octets} octets
 * @property {string} mimeType
 * @property {string | null} [characterSet]
 * @property {string} contentId
 * @property {Octets} salt 16 random octets for the head of its gzip
 */

/**
 * @typedef {object} Push
 * @property {string} messageId fixed by the caller before anything is sent
 * @property {Date} at
 * @property {PartyId} from our unit
 * @property {PartyId} to the hub
 * @property {string} service
 * @property {string} action the message type
 * @property {string} conversationId
 * @property {string} trackingIdentifier
 * @property {string | null} crossReference of answers alone
 * @property {string} originalSender
 * @property {string} finalRecipient
 * @property {readonly OutgoingPart[]} parts the document first
 * @property {string} rootId the Content-ID of the envelope
 * @property {string} boundary
 */

/** @typedef {{contentType: string, octets: Octets, references: Reference[]}} Packed */

/**
 * @param {Push} push
 * @param {{key: SigningKey, hub: Certificate, flate: Flate}} means `hub` is the certificate to which it is encrypted
 * @returns {Promise<Packed>} `references` are what its receipt repeats
 */
export async function packPush(push, { key, hub, flate }) {
  const ids = elementIds();
  const parts = [];
  for (const each of push.parts) {
    const octets = deflated(each.octets, each.salt, flate);
    parts.push({ contentId: each.contentId, mimeType: GZIP, octets, digest: await digested(octets) });
  }
  const [messagingId, bodyId] = [ids("messaging"), ids("body")];
  const messaging = writeMessaging({ userMessage: userMessageOf(push) }, messagingId);
  const signature = await sign(signedElements(messaging, messagingId, bodyId), parts, key, ids);
  const encryption = await encrypt(parts, hub, ids);
  const security = writeSecurity(encryption.markup, signature.markup);
  const envelope = writeEnvelope({ security, messaging, body: writeBody(bodyId) });
  const { boundary, rootId } = push;
  return {
    ...writeMultipart({ boundary, rootId, envelope, parts: encryption.parts }),
    references: signature.references,
  };
}

/**
 * The signed receipt for a message that was opened: it repeats every reference of the hub's signature (AS4 5.1.8).
 *
 * @param {{messageId: string, at: Date, about: string, references: readonly Reference[]}} receipt `about` is the
 *   MessageId of what was opened
 * @param {{key: SigningKey}} means
 * @returns {Promise<Packed>}
 */
export async function packReceipt({ messageId, at, about, references }, { key }) {
  if (references.length === 0) throw new RangeError("a receipt repeats at least one reference");
  const ids = elementIds();
  const [messagingId, bodyId] = [ids("messaging"), ids("body")];
  const receipt = { messageId, timestamp: at, refToMessageId: about, references: [...references] };
  const messaging = writeMessaging({ receipt }, messagingId);
  const signature = await sign(signedElements(messaging, messagingId, bodyId), [], key, ids);
  const security = writeSecurity(signature.markup);
  const octets = writeEnvelope({ security, messaging, body: writeBody(bodyId) });
  return { contentType: SOAP_XML_UTF8, octets, references: signature.references };
}

/** @type {(messaging: string, messagingId: string, bodyId: string) => {id: string, markup: string}[]} */
function signedElements(messaging, messagingId, bodyId) {
  return [
    { id: messagingId, markup: messaging },
    { id: bodyId, markup: writeBody(bodyId) },
  ];
}

/** @type {(push: Push) => UserMessage} */
function userMessageOf(push) {
  return {
    messageId: push.messageId,
    timestamp: push.at,
    refToMessageId: null,
    mpc: null,
    from: { partyIds: [push.from], role: INITIATOR },
    to: { partyIds: [push.to], role: RESPONDER },
    agreementRef: null,
    service: { value: push.service, type: null },
    action: push.action,
    conversationId: push.conversationId,
    properties: present([
      [ORIGINAL_SENDER, push.originalSender],
      [FINAL_RECIPIENT, push.finalRecipient],
      [TRACKING_IDENTIFIER, push.trackingIdentifier],
      [CROSS_REFERENCE, push.crossReference],
    ]),
    parts: push.parts.map((each) => ({
      href: contentIdUri(each.contentId),
      properties: present([
        [MIME_TYPE, each.mimeType],
        [CHARACTER_SET, each.characterSet ?? null],
        [COMPRESSION_TYPE, GZIP],
      ]),
    })),
  };
}

/** @type {(values: readonly (readonly [string, string | null])[]) => Property[]} */
function present(values) {
  return values.flatMap(([name, value]) => (value === null ? [] : [{ name, value }]));
}

/** @type {() => (prefix: string) => string} ids for the elements of one envelope, so they tell nothing of others */
function elementIds() {
  let number = 0;
  return (prefix) => {
    number += 1;
    return `${prefix}-${number}`;
  };
}

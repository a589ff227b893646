/**
 * Opening a message of leg 2: the stored octets in, the document and its attachments out, or a refusal by name.
 *
 * The steps stand here in their order; each lives where it belongs. Nothing of a part is looked at before the hub's
 * signature held, and nothing is handed out before all of it did. Clauses: AS4 3.1, 5.1; ebMS3 Core 5.2.
 *
 * SECURITY: the octets come from a server that is trusted with nothing: what counts is the hub's signature by a
 * certificate that is known otherwise, the sender's by the address book, and what is sealed to our key.
 */

import { readDocument } from "./document.js";
import { readEncryption } from "./encryption.js";
import { locate } from "./envelope.js";
import { readMessaging } from "./header.js";
import { checkAddressed, checkUserMessage, valueOf } from "./header_rules.js";
import { hasContent } from "./elements.js";
import { ENVELOPE_LIMITS, MESSAGE_LIMITS } from "./limits.js";
import { parseContentType } from "./media_type.js";
import { readMultipart } from "./mime_read.js";
import { CROSS_REFERENCE, FINAL_RECIPIENT, ORIGINAL_SENDER, PROOF_OF_ORIGIN, PURPOSE, TRACKING_IDENTIFIER } from "./names.js";
import { judgeOrigin } from "./origin.js";
import { openParts } from "./parts.js";
import { Refused } from "./refused.js";
import { verifySecurity } from "./verify.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./document.js").ParseXml} ParseXml */
/** @typedef {import("./gzip.js").Flate} Flate */
/** @typedef {import("./header.js").UserMessage} UserMessage */
/** @typedef {import("./header_rules.js").Self} Self */
/** @typedef {import("./limits.js").MessageLimits} MessageLimits */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./origin.js").Proof} Proof */
/** @typedef {import("./origin.js").Senders} Senders */
/** @typedef {import("./parts.js").DecryptionKeys} DecryptionKeys */
/** @typedef {import("./parts.js").OpenedPart} OpenedPart */
/** @typedef {import("./signature.js").Reference} Reference */

/**
 * @typedef {object} Means
 * @property {Self} self who we are
 * @property {DecryptionKeys} keys
 * @property {readonly Certificate[]} hubCertificates those with which the hub signs
 * @property {Senders} senders on whose signature to rely, by the address book
 * @property {Date} now
 * @property {ParseXml} parseXml
 * @property {Flate} flate
 * @property {boolean} [originRequired] refuse what comes without a proof that is verified
 * @property {boolean} [originPromised] refuse what comes without a proof at all, by the P-Mode that promises one
 * @property {MessageLimits} [limits]
 */

/**
 * What the header says, in the words of the overview.
 *
 * @typedef {object} Facts
 * @property {string} messageId
 * @property {Date} acceptedAt when the hub took it
 * @property {string} service
 * @property {string} action the message type
 * @property {string} conversationId
 * @property {string | null} trackingIdentifier
 * @property {string | null} crossReference
 * @property {string | null} originalSender
 * @property {string | null} finalRecipient
 */

/**
 * @typedef {object} Opened
 * @property {Facts} facts
 * @property {OpenedPart} document
 * @property {readonly OpenedPart[]} attachments
 * @property {Proof | null} proof null where the message is the hub's own, or came without one
 * @property {readonly Reference[]} references what a receipt for it repeats
 */

/**
 * @param {Octets} octets
 * @param {string} contentType
 * @param {Means} means
 * @returns {Promise<Opened>}
 */
export async function openMessage(octets, contentType, means) {
  const limits = means.limits ?? MESSAGE_LIMITS;
  if (octets.length > limits.octets) throw new Refused("size", "the message is larger than is taken here");
  const [root, ...came] = readMultipart(octets, parseContentType(contentType), { parts: limits.parts + 1 });
  if (!root.root) throw new Refused("mime", "the first part is not the envelope");
  const charset = root.mediaType?.parameters.get("charset");
  const document = await readDocument(root.octets, { limits: ENVELOPE_LIMITS, parseXml: means.parseXml, charset });
  try {
    const { messaging, body, security } = locate(document.root);
    const header = onlyUserMessage(readMessaging(messaging));
    const contentIds = checkUserMessage(header);
    const declared = new Map(contentIds.map((each, at) => [each, header.parts[at]]));
    const positions = { document, messaging, body, contentIds: new Set(contentIds) };
    const verified = await verifySecurity(security, positions, { certificates: means.hubCertificates, now: means.now });
    if (hasContent(body)) throw new Refused("header", "the Body has content");
    checkAddressed(header, means.self);
    const plan = readEncryption(document, security, positions.contentIds);
    const signed = verified.partDigests;
    const parts = await openParts({ came, declared, plan, signed }, means.keys, { ...means, limits });
    const [first, attachments, proof] = await proved(header, parts, means);
    return { facts: factsOf(header), document: first, attachments, proof, references: verified.references };
  } finally {
    document.close();
  }
}

/** @type {(found: import("./header.js").Messaging) => UserMessage} */
function onlyUserMessage({ userMessages, receipts, errors }) {
  if (userMessages.length !== 1 || receipts.length + errors.length > 0) {
    throw new Refused("header", "it does not hold one user message and nothing besides");
  }
  return userMessages[0];
}

/**
 * What was sent, held against the sender's proof, which is set apart.
 *
 * @param {UserMessage} header
 * @param {readonly OpenedPart[]} parts
 * @param {Means} means
 * @returns {Promise<[OpenedPart, OpenedPart[], Proof | null]>}
 */
async function proved(header, parts, means) {
  const isProof = (/** @type {OpenedPart} */ each) => valueOf(each.info.properties, PURPOSE) === PROOF_OF_ORIGIN;
  const proofs = parts.filter(isProof);
  const [document, ...attachments] = parts.filter((each) => !isProof(each));
  if (proofs.length > 1) throw new Refused("origin", "more than one proof of origin");
  if (document === undefined) throw new Refused("parts", "it holds no document");
  const sent = { header, parts: [document, ...attachments], partyIds: means.self.partyIds };
  const proof = proofs.length === 0 ? null : await judgeOrigin(proofs[0].octets, sent, means);
  const isHubs = valueOf(header.properties, ORIGINAL_SENDER) === means.self.hub;
  if (means.originPromised && proof === null && !isHubs) {
    throw new Refused("origin", "it comes without the proof that its P-Mode promises");
  }
  if (means.originRequired && proof?.verdict !== "verified" && !(proof === null && isHubs)) {
    throw new Refused("origin", "nobody who is known vouches for the sender");
  }
  return [document, attachments, proof];
}

/** @type {(header: UserMessage) => Facts} */
function factsOf(header) {
  return {
    messageId: header.messageId,
    acceptedAt: header.timestamp,
    service: header.service.value,
    action: header.action,
    conversationId: header.conversationId,
    trackingIdentifier: valueOf(header.properties, TRACKING_IDENTIFIER),
    crossReference: valueOf(header.properties, CROSS_REFERENCE),
    originalSender: valueOf(header.properties, ORIGINAL_SENDER),
    finalRecipient: valueOf(header.properties, FINAL_RECIPIENT),
  };
}

/**
 * Proof of origin: the sender's own signature of leg 1, held against what came on leg 2 (`gateway/ebms/origin.py`,
 * `gateway/client/proof.py`).
 *
 * `verified` means that a certificate that the address book has under the party named as sender, or under the
 * organisation whose unit that is, signed exactly these parts for us. That certificate has to be good at the moment of
 * acceptance, which eb:Timestamp of leg 2 tells. `unverified` means that somebody did, whom nobody vouches for.
 *
 * SECURITY: nothing here is taken from the hub's word but what the sender signed too. A proof counts only for the party
 * that its finalRecipient names. Whoever keeps messages takes a proof once per (party, messageId).
 */

import { objection, readCertificate, sameCertificate, thumbprintOf } from "./certificates.js";
import { readDocument } from "./document.js";
import { base64In, childElements } from "./elements.js";
import { readMessaging } from "./header.js";
import { checkUserMessage, valueOf } from "./header_rules.js";
import { ORIGIN_LIMITS } from "./limits.js";
import {
  CROSS_REFERENCE,
  EB,
  FINAL_RECIPIENT,
  named,
  ORIGINAL_SENDER,
  S12,
  TRACKING_IDENTIFIER,
} from "./names.js";
import { same } from "./octets.js";
import { Refused, toldAs } from "./refused.js";
import { SIGNATURE } from "./signature.js";
import { verifySignature } from "./verify.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./document.js").ParseXml} ParseXml */
/** @typedef {import("./document.js").XmlDocument} XmlDocument */
/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./header.js").UserMessage} UserMessage */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./parts.js").OpenedPart} OpenedPart */

/**
 * The signing certificates on which to rely, by party (`signersOf` of `address_book.js`).
 *
 * @typedef {ReadonlyMap<string, readonly Certificate[]>} Senders
 */

/**
 * @typedef {object} Proof
 * @property {"verified" | "unverified"} verdict
 * @property {string} party who signed, by its own word
 * @property {string} messageId of leg 1
 * @property {Date} sentAt
 * @property {string} thumbprint of the certificate that came with it
 * @property {string | null} objection what was wrong with a certificate of the book that made it
 * @property {Octets} octets the whole proof, to be kept with the message
 */

const NAMESPACE = "urn:knooppunt:origin:1";
const SAME_ON_BOTH_LEGS = [TRACKING_IDENTIFIER, CROSS_REFERENCE, ORIGINAL_SENDER, FINAL_RECIPIENT];
const SKEW_MILLISECONDS = 5 * 60_000;
const MOST_CERTIFICATE_CHARACTERS = 24 * 1024;

/**
 * @param {Octets} octets of origin.xml
 * @param {object} message
 * @param {UserMessage} message.header of leg 2
 * @param {readonly OpenedPart[]} message.parts those that the sender sent
 * @param {readonly string[]} message.partyIds ours
 * @param {{senders: Senders, parseXml: ParseXml}} means
 * @returns {Promise<Proof>}
 */
export async function judgeOrigin(octets, { header, parts, partyIds }, { senders, parseXml }) {
  return toldAs("origin", async () => {
    const document = await readDocument(octets, { limits: ORIGIN_LIMITS, parseXml });
    try {
      const origin = await read(document);
      const proved = origin.message;
      if (proved.timestamp.getTime() > header.timestamp.getTime() + SKEW_MILLISECONDS) {
        throw new Refused("origin", "the proof of origin is younger than the message");
      }
      const judged = await verdict(document, origin, { header, parts, senders });
      checkSame(proved, header);
      if (!partyIds.includes(valueOf(proved.properties, FINAL_RECIPIENT) ?? "")) {
        throw new Refused("origin-recipient", "the sender did not name us as final recipient");
      }
      return {
        ...judged,
        party: proved.from.partyIds[0].value,
        messageId: proved.messageId,
        sentAt: proved.timestamp,
        thumbprint: await thumbprintOf(origin.certificate),
        octets,
      };
    } finally {
      document.close();
    }
  });
}

/**
 * A party, and the organisation whose business unit it is, which signs for itself with all its units.
 *
 * @type {(party: string) => string[]}
 */
export function namesOf(party) {
  const [organisation] = party.split(":", 1);
  return organisation === party ? [party] : [party, organisation];
}

/**
 * @typedef {object} Origin
 * @property {UserMessage} message
 * @property {Set<string>} contentIds
 * @property {Certificate} certificate
 * @property {XmlElement} messaging
 * @property {XmlElement} body
 * @property {XmlElement[]} beside
 * @property {XmlElement} signature
 */

/** @type {(document: XmlDocument) => Promise<Origin>} */
async function read({ root }) {
  const children = childElements(root);
  const [messaging, body, ...rest] = children;
  const [signature, written] = rest.splice(-2);
  const found = [messaging, body, signature, written].map((each) => each?.name);
  const wanted = [named(EB, "Messaging"), named(S12, "Body"), SIGNATURE, named(NAMESPACE, "Certificate")];
  if (root.name !== named(NAMESPACE, "Origin") || found.join() !== wanted.join()) {
    throw new Refused("origin", "the document is no proof of origin");
  }
  const { userMessages, receipts, errors } = readMessaging(messaging);
  if (userMessages.length !== 1 || receipts.length + errors.length > 0) {
    throw new Refused("origin", "the proof of origin does not hold one user message");
  }
  const certificate = readCertificate(base64In(written, MOST_CERTIFICATE_CHARACTERS));
  if (certificate === null) throw new Refused("origin", "the certificate of the proof cannot be read");
  const contentIds = new Set(checkUserMessage(userMessages[0]));
  return { message: userMessages[0], contentIds, certificate, messaging, body, beside: rest, signature };
}

/**
 * @param {XmlDocument} document
 * @param {Origin} origin
 * @param {{header: UserMessage, parts: readonly OpenedPart[], senders: Senders}} against
 * @returns {Promise<{verdict: "verified" | "unverified", objection: string | null}>}
 */
async function verdict(document, origin, { header, parts, senders }) {
  const sender = valueOf(origin.message.properties, ORIGINAL_SENDER) ?? origin.message.from.partyIds[0].value;
  const book = namesOf(sender).flatMap((each) => senders.get(each) ?? []);
  const good = book.filter((each) => objection(each, "signing", header.timestamp) === null);
  if (good.length > 0 && (await holds(document, origin, { header, parts, certificates: good }).catch(() => false))) {
    return { verdict: "verified", objection: null };
  }
  await holds(document, origin, { header, parts, certificates: [origin.certificate] });
  const known = book.find((each) => sameCertificate(each, origin.certificate));
  return {
    verdict: "unverified",
    objection: known === undefined ? null : objection(known, "signing", header.timestamp),
  };
}

/**
 * Whether one of these certificates signed exactly the parts that came; refused otherwise.
 *
 * @param {XmlDocument} document
 * @param {Origin} origin
 * @param {{header: UserMessage, parts: readonly OpenedPart[], certificates: readonly Certificate[]}} against
 * @returns {Promise<true>}
 */
async function holds(document, { messaging, body, contentIds, beside, signature }, { header, parts, certificates }) {
  const positions = { document, messaging, body, contentIds };
  // What is read may have waited for a month; the hub judged certificate and Timestamp by the clock of its arrival.
  const policy = { certificates, now: header.timestamp, judgesTime: false, judgesFitness: false };
  const { partDigests } = await verifySignature(signature, beside, positions, policy);
  if (parts.length !== partDigests.size || parts.some((each) => !partDigests.has(each.contentId))) {
    throw new Refused("origin", "the parts that came are not the sender's parts");
  }
  for (const { contentId, digests } of parts) {
    const signed = /** @type {Octets} */ (partDigests.get(contentId));
    if (!digests.some((each) => same(each, signed))) throw new Refused("origin", "a part is not what the sender signed");
  }
  return true;
}

/** @type {(proved: UserMessage, header: UserMessage) => void} */
function checkSame(proved, header) {
  const isSame =
    SAME_ON_BOTH_LEGS.every((each) => valueOf(proved.properties, each) === valueOf(header.properties, each)) &&
    proved.service.value === header.service.value &&
    proved.service.type === header.service.type &&
    proved.action === header.action;
  if (!isSame) throw new Refused("origin", "the hub's header says something else than the sender's");
}

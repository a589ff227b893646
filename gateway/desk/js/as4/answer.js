/**
 * What the hub answered to what was sent: a receipt that is one, or errors with their places in the form.
 *
 * An answer counts only when the hub signed it: whoever stands between could have written any other.
 * Clauses: ebMS3 Core 5.2.3.3, 6.2; AS4 3.2, 5.1.8.
 */

import { invalidity } from "./certificates.js";
import { contentIdOf } from "./content_ids.js";
import { readDocument } from "./document.js";
import { locate } from "./envelope.js";
import { readMessaging } from "./header.js";
import { ENVELOPE_LIMITS } from "./limits.js";
import { parseContentType } from "./media_type.js";
import { SOAP_XML } from "./names.js";
import { base64 } from "./octets.js";
import { Refused } from "./refused.js";
import { verifySecurity } from "./verify.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./document.js").ParseXml} ParseXml */
/** @typedef {import("./header.js").ErrorEntry} ErrorEntry */
/** @typedef {import("./header.js").Messaging} Messaging */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./signature.js").Reference} Reference */
/** @typedef {import("./verify.js").Verified} Verified */

/** @typedef {{hubCertificates: readonly Certificate[], now: Date, parseXml: ParseXml}} Means */

/**
 * One thing that is wrong: what the hub says of it in its own words, and where, in a document with lines.
 *
 * @typedef {object} Violation
 * @property {string} code `EBMS:0004`
 * @property {string} severity `failure`, or `warning`
 * @property {string | null} text
 * @property {string | null} language of the text
 * @property {string | null} kind the name of the rule that it breaks
 * @property {number | null} line from 1
 * @property {string | null} path of names of the schema, `/Saldoverzoek/Klant[2]`
 */

/** @typedef {{receipt: {messageId: string, octets: Octets}} | {errors: Violation[], about: string | null}} Answer */

/**
 * What a signed answer to a message says: a receipt for it, or errors; refused by name when it is neither.
 *
 * @param {Octets} octets
 * @param {string} contentType
 * @param {{messageId: string, references: readonly Reference[]}} sent
 * @param {Means} means
 * @returns {Promise<Answer>}
 */
export async function readAnswer(octets, contentType, sent, means) {
  const { messaging, verified } = await readSignals(octets, contentType, means);
  const [receipt] = messaging.receipts;
  if (receipt === undefined) {
    const [signal] = messaging.errors;
    const entries = messaging.errors.flatMap((each) => each.entries);
    const about = signal.refToMessageId ?? entries.find((each) => each.refToMessageInError)?.refToMessageInError ?? null;
    // What the hub said of another message was signed, too: whoever stands between could show it for this one.
    if (about !== null && about !== sent.messageId) throw new Refused("receipt", "it is an error about another message");
    return { errors: entries.map(violationOf), about };
  }
  // A receipt is bound by its digests and counts whenever it comes, if its certificate was good when it was made.
  checkCertificate(verified, [receipt.timestamp, verified.created ?? means.now, means.now]);
  if (receipt.refToMessageId !== sent.messageId) throw new Refused("receipt", "it is about another message");
  if (repeated(receipt.references) !== repeated(sent.references) || sent.references.length === 0) {
    throw new Refused("receipt", "it does not repeat what was sent");
  }
  return { receipt: { messageId: receipt.messageId, octets } };
}

/**
 * The receipt for what was sent; refused when the answer is none.
 *
 * @type {(octets: Octets, contentType: string, sent: {messageId: string, references: readonly Reference[]},
 *   means: Means) => Promise<{messageId: string, octets: Octets}>}
 */
export async function verifyReceipt(octets, contentType, sent, means) {
  const answer = await readAnswer(octets, contentType, sent, means);
  if ("errors" in answer) throw new Refused("receipt", "it is an error");
  return answer.receipt;
}

/**
 * What of an error concerns a form: `code=… line=… path=…` of its detail, which holds no value (ebMS3 Core 6.2).
 *
 * @type {(entry: ErrorEntry) => Violation}
 */
export function violationOf({ code, severity, description, language, detail }) {
  const said = /^code=(\S*) line=([0-9]{1,9}) path=(.*)$/s.exec(detail ?? "");
  return {
    code,
    severity,
    text: description,
    language,
    kind: said?.[1] || null,
    line: Number(said?.[2] ?? 0) || null,
    path: said?.[3] || null,
  };
}

/**
 * @param {Octets} octets
 * @param {string} contentType
 * @param {Means} means
 * @returns {Promise<{messaging: Messaging, verified: Verified}>}
 */
async function readSignals(octets, contentType, { hubCertificates, now, parseXml }) {
  const { type, parameters } = parseContentType(contentType);
  if (type !== SOAP_XML) throw new Refused("mime", "the answer is no envelope");
  const charset = parameters.get("charset");
  const document = await readDocument(octets, { limits: ENVELOPE_LIMITS, parseXml, charset });
  try {
    const { messaging: element, body, security } = locate(document.root);
    const messaging = readMessaging(element);
    if (messaging.userMessages.length > 0 || messaging.receipts.length + messaging.errors.length === 0) {
      throw new Refused("header", "the answer holds neither a receipt nor errors");
    }
    if (messaging.receipts.length > 1 || messaging.errors.length > 1) throw new Refused("header", "a signal twice");
    const positions = { document, messaging: element, body, contentIds: new Set() };
    const policy = { certificates: hubCertificates, now, judgesTime: messaging.receipts.length === 0 };
    return { messaging, verified: await verifySecurity(security, positions, policy) };
  } finally {
    document.close();
  }
}

/** @type {(verified: Verified, moments: readonly Date[]) => void} */
function checkCertificate({ certificate }, moments) {
  const objections = moments.map((each) => invalidity(certificate, each));
  if (objections.every((each) => each !== null)) throw new Refused("time", objections[0] ?? "");
}

/** @type {(references: readonly Reference[]) => string} the same for two that repeat the same parts and digests */
function repeated(references) {
  return references
    .map(({ uri, digest }) => `${contentIdOf(uri) === null ? "" : "cid:"}${contentIdOf(uri) ?? uri} ${base64(digest)}`)
    .sort()
    .join("\n");
}

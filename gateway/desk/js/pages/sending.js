/**
 * One message on its way: packed once, sent as often as it takes, and gone when the hub's own receipt for it held.
 *
 * SECURITY: whatever stands between says nothing that counts; an answer that the hub did not sign leaves the message
 * where it was, to be sent again, octet for octet.
 */

import { readAnswer } from "../as4/answer.js";
import { packPush, packReceipt } from "../as4/pack.js";

/** @typedef {import("../as4/answer.js").Violation} Violation */
/** @typedef {import("../as4/certificates.js").Certificate} Certificate */
/** @typedef {import("../as4/document.js").ParseXml} ParseXml */
/** @typedef {import("../as4/gzip.js").Flate} Flate */
/** @typedef {import("../as4/open.js").Opened} Opened */
/** @typedef {import("../as4/pack.js").Push} Push */
/** @typedef {import("../as4/write_security.js").SigningKey} SigningKey */
/** @typedef {import("./calls.js").Calls} Calls */

/**
 * @typedef {object} Means
 * @property {Calls} calls
 * @property {SigningKey} key
 * @property {Certificate} hub to which messages are encrypted
 * @property {readonly Certificate[]} hubCertificates with which the hub signs
 * @property {ParseXml} parseXml
 * @property {Flate} flate
 * @property {() => Date} now
 */

/** @typedef {{receipt: string} | {errors: Violation[]}} Outcome the id of the hub's receipt, or what it found wrong */

/**
 * @param {Push} push
 * @param {string | null} lease of the question that it answers, which nobody else may have meanwhile
 * @param {Means} means
 * @returns {Promise<() => Promise<Outcome>>} sends it, the same octets each time
 */
export async function prepare(push, lease, { calls, key, hub, hubCertificates, parseXml, flate, now }) {
  const packed = await packPush(push, { key, hub, flate });
  const sent = { messageId: push.messageId, references: packed.references };
  return async () => {
    const { octets, contentType } = await calls.push(packed, lease);
    const answer = await readAnswer(octets, contentType, sent, { hubCertificates, now: now(), parseXml });
    return "receipt" in answer ? { receipt: answer.receipt.messageId } : { errors: answer.errors };
  };
}

/**
 * Give the receipt for what was opened, whereby the hub removes it.
 * @param {{facts: Pick<Opened["facts"], "messageId">, references: Opened["references"]}} opened
 * @param {{lease: string, messageId: string}} by
 * @param {Means} means
 * @returns {Promise<Violation[]>} what the hub found wrong; nothing where the message is gone
 */
export async function confirm(opened, { lease, messageId }, { calls, key, hubCertificates, parseXml, now }) {
  const receipt = { messageId, at: now(), about: opened.facts.messageId, references: opened.references };
  const packed = await packReceipt(receipt, { key });
  const { octets, contentType, status } = await calls.push(packed, lease);
  if (status === 204) return [];
  const sent = { messageId, references: packed.references };
  const answer = await readAnswer(octets, contentType, sent, { hubCertificates, now: now(), parseXml });
  return "errors" in answer ? answer.errors : [];
}

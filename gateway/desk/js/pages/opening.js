/**
 * From stored octets to what a person reads: opened, held against those who are known, the schema and the rules.
 *
 * Everything that it works with is handed in; it touches no page and keeps nothing.
 *
 * SECURITY: a message that is not ours to open, or that anybody altered, ends here by the name of a check, and no receipt
 * is made for it. What is only wrong by its schema was signed by its sender: it is shown, with what is wrong.
 */

import { readDocument as readXml } from "../as4/document.js";
import { PAYLOAD_LIMITS } from "../as4/limits.js";
import { openMessage } from "../as4/open.js";
import { check } from "../forms/check.js";
import { readDocument } from "../forms/document.js";

/** @typedef {import("../as4/document.js").XmlElement} XmlElement */
/** @typedef {import("../as4/gzip.js").Flate} Flate */
/** @typedef {import("../as4/open.js").Opened} Opened */
/** @typedef {import("../as4/parts.js").DecryptionKeys} DecryptionKeys */
/** @typedef {import("../as4/xml_remote.js").Judge} Judge */
/** @typedef {import("../as4/document.js").ParseXml} ParseXml */
/** @typedef {import("../forms/document.js").Tree} Tree */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Values} Values */
/** @typedef {import("./calls.js").Calls} Calls */
/** @typedef {import("./calls.js").Endpoint} Endpoint */
/** @typedef {import("./calls.js").Lease} Lease */
/** @typedef {import("./trusting.js").Trust} Trust */

/** @typedef {{parseXml: ParseXml, judge: Judge, flate: Flate}} Readers */
/**
 * @typedef {object} Content
 * @property {Opened} opened
 * @property {Description} description of its type
 * @property {Values} values
 * @property {"sender" | "hub" | null} vouched who says that it comes from whom it names: a sender who is known by its
 *   signature, the hub of what it wrote itself, or nobody
 * @property {number} wrong how many things schema and rules object to
 */

/**
 * @param {Lease} lease
 * @param {Calls} calls
 * @param {{endpoint: Endpoint, keys: DecryptionKeys, trust: Trust, readers: Readers, now: Date}} means
 * @returns {Promise<Content>}
 */
export async function openStored({ token, message }, calls, { endpoint, keys, trust, readers, now }) {
  const { module, version, action } = message;
  const stored = await calls.octets(message.id, token);
  const opened = await openMessage(stored.octets, stored.contentType, {
    self: { partyIds: [endpoint.unit.value], mpc: endpoint.mpc, hub: trust.hubParty },
    keys,
    hubCertificates: trust.hubCertificates,
    senders: trust.senders,
    originPromised: endpoint.proves_origin,
    now,
    ...readers,
  });
  const [description, schema] = await Promise.all([calls.form(module, version, action), calls.schema(module, version)]);
  const { octets, characterSet } = opened.document;
  const document = await readXml(octets, { limits: PAYLOAD_LIMITS, parseXml: readers.parseXml, charset: characterSet ?? undefined });
  document.close();
  const { values, strange } = readDocument(description, treeOf(document.root));
  const objections = await readers.judge(octets, schema);
  const wrong = Math.max(objections.length + strange.length, check(description, values).length);
  return { opened, description, values, vouched: vouchedBy(opened, trust.hubParty), wrong };
}

/** @type {(opened: Pick<Opened, "facts" | "proof">, hub: string) => Content["vouched"]} `hub` is its party id */
export function vouchedBy({ facts, proof }, hub) {
  if (proof !== null) return proof.verdict === "verified" ? "sender" : null;
  return facts.originalSender === hub ? "hub" : null;
}

/** @type {(element: XmlElement) => Tree} a parsed element as forms read it */
export function treeOf({ name, children, line }) {
  const [, namespace = "", local = name] = /^\{(.*)\}(.*)$/su.exec(name) ?? [];
  /** @type {Tree[]} */
  const below = [];
  let text = "";
  for (const child of children) {
    if (typeof child === "string") text += child;
    else if ("name" in child) below.push(treeOf(child));
  }
  return { name: local, namespace, text, children: below, line };
}

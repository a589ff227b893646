/**
 * From stored octets to what a person reads: opened, held against the address book, the schema and the rules.
 *
 * Everything that it works with is handed in; it touches no page and keeps nothing.
 *
 * SECURITY: a message that is not ours to open, or that anybody altered, ends here by the name of a check, and no receipt
 * is made for it. What is only wrong by its schema was signed by its sender: it is shown, with what is wrong.
 */

import { checkFollows, readAddressBook } from "../as4/address_book.js";
import { readCertificate } from "../as4/certificates.js";
import { readDocument as readXml } from "../as4/document.js";
import { PAYLOAD_LIMITS } from "../as4/limits.js";
import { fromBase64 } from "../as4/octets.js";
import { openMessage } from "../as4/open.js";
import { Refused } from "../as4/refused.js";
import { learn, signersOf } from "../as4/trust.js";
import { check } from "../forms/check.js";
import { readDocument } from "../forms/document.js";

/** @typedef {import("../as4/address_book.js").AddressBook} AddressBook */
/** @typedef {import("../as4/certificates.js").Certificate} Certificate */
/** @typedef {import("../as4/document.js").XmlElement} XmlElement */
/** @typedef {import("../as4/gzip.js").Flate} Flate */
/** @typedef {import("../as4/open.js").Opened} Opened */
/** @typedef {import("../as4/origin.js").Senders} Senders */
/** @typedef {import("../as4/parts.js").DecryptionKeys} DecryptionKeys */
/** @typedef {import("../as4/xml_remote.js").Judge} Judge */
/** @typedef {import("../as4/document.js").ParseXml} ParseXml */
/** @typedef {import("../forms/document.js").Tree} Tree */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Values} Values */
/** @typedef {import("./calls.js").Calls} Calls */
/** @typedef {import("./calls.js").Endpoint} Endpoint */
/** @typedef {import("./calls.js").Lease} Lease */

/** @typedef {{parseXml: ParseXml, judge: Judge, flate: Flate}} Readers */
/**
 * @typedef {object} Content
 * @property {Opened} opened
 * @property {Description} description of its type
 * @property {Values} values
 * @property {number} wrong how many things schema and rules object to
 */

/**
 * @param {Lease} lease
 * @param {Calls} calls
 * @param {{endpoint: Endpoint, keys: DecryptionKeys, senders: Senders, readers: Readers, now: Date}} means
 * @returns {Promise<Content>}
 */
export async function openStored({ token, message }, calls, { endpoint, keys, senders, readers, now }) {
  const { module, version, action } = message;
  const stored = await calls.octets(message.id, token);
  const opened = await openMessage(stored.octets, stored.contentType, {
    self: { partyIds: [endpoint.unit.value], mpc: endpoint.mpc, hub: endpoint.hub.value },
    keys,
    hubCertificates: endpoint.hub_signing.map(certificateIn),
    senders,
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
  return { opened, description, values, wrong };
}

/**
 * On whose signatures to rely, by the address book of now: nobody's where the hub makes none, and nobody's where it does
 * not count, for that keeps nobody from receiving. The message is then shown as one for whose sender nobody vouches.
 * @param {Endpoint} endpoint
 * @param {Calls} calls
 * @param {{parseXml: ParseXml, now: Date}} means
 * @returns {Promise<Senders>}
 */
export async function readSenders(endpoint, calls, means) {
  const book = await readBook(endpoint, calls, means);
  if (book === null) return new Map();
  const { known } = await learn(book, new Map());
  return signersOf(book, known);
}

/**
 * The address book of now; null where the hub makes none, or it does not count.
 * @param {Endpoint} endpoint
 * @param {Calls} calls
 * @param {{parseXml: ParseXml, now: Date}} means
 * @returns {Promise<AddressBook | null>}
 */
export async function readBook(endpoint, calls, { parseXml, now }) {
  if (endpoint.directory.length === 0) return null;
  const octets = await calls.book();
  try {
    const came = await readAddressBook(octets, endpoint.directory.map(certificateIn), parseXml);
    checkFollows(came, null, { hub: endpoint.hub.value, now });
    return came.book;
  } catch (fault) {
    if (!(fault instanceof Refused)) throw fault;
    return null;
  }
}

/** @type {(written: string) => Certificate} */
export function certificateIn(written) {
  const found = readCertificate(fromBase64(written) ?? new Uint8Array());
  if (found === null) throw new RangeError("a certificate of the hub cannot be read");
  return found;
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

/**
 * What a desk sends, made of a document: its values, its header, and the ids that are fixed before anything leaves.
 *
 * Pure but for chance and time, which are handed in; so the same message can be sent again, and the hub knows it again.
 */

import { utf8 } from "../as4/octets.js";
import { writeDocument } from "../forms/document.js";

/** @typedef {import("../as4/octets.js").Octets} Octets */
/** @typedef {import("../as4/pack.js").Push} Push */
/** @typedef {import("../forms/header.js").HeaderFacts} HeaderFacts */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Fault} Fault */
/** @typedef {import("../forms/types.js").Values} Values */
/** @typedef {import("../as4/answer.js").Violation} Violation */
/** @typedef {import("./attaching.js").Attached} Attached */
/** @typedef {import("./calls.js").Endpoint} Endpoint */

/** @typedef {{uuid: () => string, octets: (count: number) => Octets}} Chance */

const SALT_OCTETS = 16;

/**
 * @param {Description} description
 * @param {Values} values with their header
 * @param {HeaderFacts} header
 * @param {{endpoint: Endpoint, at: Date, chance: Chance}} means
 * @param {readonly Attached[]} [attached] what travels with it
 * @returns {Push}
 */
export function pushOf(description, values, header, { endpoint, at, chance }, attached = []) {
  const newId = () => `${chance.uuid()}@desk.knooppunt`;
  const part = (/** @type {Octets} */ octets, /** @type {string} */ mimeType) => ({
    octets,
    mimeType,
    contentId: newId(),
    salt: chance.octets(SALT_OCTETS),
  });
  return {
    messageId: newId(),
    at,
    from: endpoint.unit,
    to: endpoint.hub,
    service: description.service,
    action: description.type,
    conversationId: header.conversation,
    trackingIdentifier: header.reference,
    crossReference: header.question ?? null,
    originalSender: header.sender,
    finalRecipient: header.receiver,
    parts: [
      { ...part(utf8(writeDocument(description, values)), "application/xml"), characterSet: "utf-8" },
      ...attached.map(({ octets, mediatype }) => part(octets, mediatype)),
    ],
    rootId: newId(),
    boundary: `desk-${chance.uuid()}`,
  };
}

/** @type {(errors: readonly Violation[]) => {detail: string, text: string}[]} as the engine of forms reads them */
export function refusalsOf(errors) {
  return errors.map(({ code, kind, line, path, text }) => ({
    detail: kind === null ? "" : `code=${kind} line=${line ?? 0} path=${path ?? "/"}`,
    text: text ?? code,
  }));
}

/** @type {(at: Date) => string} the day of a moment where the law of these terms is, as `2026-12-03` */
export const dayOf = (at) => new Intl.DateTimeFormat("sv-SE", { timeZone: "Europe/Amsterdam" }).format(at);

/**
 * The header of a message, which nobody types: references, parties, type, version and moment, and the documents that
 * travel with it. Ids and the time are handed in.
 */

import { elementsOf } from "./places.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./types.js").Group} Group */

/**
 * @typedef {object} HeaderFacts
 * @property {string} reference a new UUID
 * @property {string} conversation of the question, or a new UUID
 * @property {string} [question] the reference of the message that this one answers
 * @property {string} sender
 * @property {string} receiver
 * @property {Date} moment
 * @property {{kind: string, name: string, mediatype: string, sha256: string}[]} [attachments]
 */

/**
 * The values with their header; what stood there before is gone.
 * @param {Description} description
 * @param {Values} values
 * @param {HeaderFacts} facts
 * @returns {Values}
 */
export function withHeader(description, values, facts) {
  const header = elementsOf(description.items).find((each) => each.filled === "header");
  if (header?.kind !== "group") return values;
  /** @type {Values} */
  const filled = new Map();
  for (const element of elementsOf(header.items)) {
    const found = element.kind === "group" ? documents(element, facts) : text(description, element.filled ?? "", facts);
    if (found !== undefined) filled.set(element.name, [found]);
  }
  return new Map([[header.name, [filled]], ...[...values].filter(([name]) => name !== header.name)]);
}

/**
 * What an answer's header takes from the message that it answers: parties are swapped, references carried over.
 * @param {Values} question the values of the message that is answered
 * @returns {Pick<HeaderFacts, "conversation" | "question" | "sender" | "receiver">}
 */
export function answering(question) {
  const header = question.get("Stuurgegevens")?.[0];
  const read = (/** @type {string} */ name) => {
    const value = header instanceof Map ? header.get(name)?.[0] : undefined;
    return typeof value === "string" ? value : "";
  };
  return {
    conversation: read("ConversatieReferentienummer"),
    question: read("Referentienummer"),
    sender: read("Ontvanger"),
    receiver: read("Afzender"),
  };
}

/**
 * @param {Description} description
 * @param {string} what
 * @param {HeaderFacts} facts
 * @returns {string | undefined}
 */
function text(description, what, facts) {
  switch (what) {
    case "reference":
      return facts.reference;
    case "conversation":
      return facts.conversation;
    case "question":
      return facts.question;
    case "version":
      return description.version;
    case "sender":
      return facts.sender;
    case "receiver":
      return facts.receiver;
    case "type":
      return description.type;
    case "moment":
      return `${facts.moment.toISOString().slice(0, 19)}Z`;
    default:
      return undefined;
  }
}

/**
 * @param {Group} list
 * @param {HeaderFacts} facts
 * @returns {Values | undefined}
 */
function documents(list, { attachments = [] }) {
  const [item] = elementsOf(list.items);
  if (item === undefined || attachments.length === 0) return undefined;
  const named = attachments.map(
    ({ kind, name, mediatype, sha256 }) =>
      new Map([
        ["Soort", [kind]],
        ["Bestandsnaam", [name]],
        ["Mediatype", [mediatype]],
        ["Sha256", [sha256]],
      ]),
  );
  return new Map([[item.name, named]]);
}

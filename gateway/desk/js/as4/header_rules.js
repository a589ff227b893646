/**
 * What every eb:UserMessage has to keep to, and what one that came has to say to be for us (`header_rules.py`).
 *
 * Clauses: ebMS3 Core 5.2.2; AS4 3.1; RFC 2392.
 */

import { contentIdOf, isWritable, withoutCase } from "./content_ids.js";
import { COMPRESSION_TYPE, FINAL_RECIPIENT, GZIP, MIME_TYPE } from "./names.js";
import { Refused } from "./refused.js";

/** @typedef {import("./header.js").PartInfo} PartInfo */
/** @typedef {import("./header.js").Property} Property */
/** @typedef {import("./header.js").UserMessage} UserMessage */

/**
 * Who we are: our party ids, our mailbox, and the hub that may send to it.
 *
 * @typedef {{partyIds: readonly string[], mpc: string, hub: string}} Self
 */

const MOST_PARTS = 64;
const MOST_VALUE_CHARACTERS = 1024;
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * The Content-IDs of the parts in the order of the header.
 *
 * @type {(message: UserMessage) => string[]}
 */
export function checkUserMessage(message) {
  const parties = [message.from, message.to];
  const values = [
    ...parties.flatMap((each) => [each.role, ...each.partyIds.flatMap((id) => [id.value, id.type ?? ""])]),
    ...[message.service.value, message.service.type ?? "", message.action, message.conversationId, message.mpc ?? ""],
    ...Object.values(message.agreementRef ?? {}).map((each) => each ?? ""),
    ...[message.properties, ...message.parts.map((each) => each.properties)].flat().flatMap((each) => [each.name, each.value]),
    ...message.parts.map((each) => each.href ?? ""),
  ];
  if (values.some((each) => each.length > MOST_VALUE_CHARACTERS || CONTROL.test(each))) {
    refuse("a value is too long or holds control characters");
  }
  if (parties.some(({ partyIds }) => new Set(partyIds.map((each) => each.type)).size !== partyIds.length)) {
    refuse("a PartyId type occurs twice");
  }
  checkOnce(message.properties);
  if (message.parts.length > MOST_PARTS) refuse("too many parts are declared");
  const contentIds = message.parts.map(checkPart);
  if (new Set(contentIds.map(withoutCase)).size !== contentIds.length) refuse("a part is declared twice");
  return contentIds;
}

/** @type {(message: UserMessage, self: Self) => void} */
export function checkAddressed(message, self) {
  const wrong = [
    message.mpc !== self.mpc && "it is of another mailbox",
    !message.from.partyIds.some((each) => each.value === self.hub) && "it is from another hub",
    !message.to.partyIds.some((each) => self.partyIds.includes(each.value)) && "it is for another party",
    !self.partyIds.includes(valueOf(message.properties, FINAL_RECIPIENT) ?? self.partyIds[0]) &&
      "it is finally for another party",
  ].find((each) => each !== false);
  if (wrong !== undefined) throw new Refused("addressed", wrong);
}

/** @type {(properties: readonly Property[], name: string) => string | null} */
export function valueOf(properties, name) {
  return properties.find((each) => each.name === name)?.value ?? null;
}

/** @type {(part: PartInfo) => string} */
function checkPart(part) {
  checkOnce(part.properties);
  const contentId = part.href === null ? null : contentIdOf(part.href);
  if (contentId === null || !isWritable(contentId)) return refuse("a part that is no attachment of the message");
  const compression = valueOf(part.properties, COMPRESSION_TYPE);
  if (compression !== null && compression !== GZIP) refuse("an unknown CompressionType");
  if (compression !== null && valueOf(part.properties, MIME_TYPE) === null) refuse("a compressed part has no MimeType");
  return contentId;
}

/** @type {(properties: readonly Property[]) => void} */
function checkOnce(properties) {
  if (new Set(properties.map((each) => each.name)).size !== properties.length) refuse("a property occurs twice");
}

/** @type {(reason: string) => never} */
function refuse(reason) {
  throw new Refused("header", reason);
}

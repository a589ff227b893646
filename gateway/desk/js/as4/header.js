/**
 * eb:Messaging as values: what a user message, a receipt and an error say (`gateway/ebms/read.py`).
 *
 * Elements stand in the order of the header schema, and no others. Clauses: ebMS3 Core 5.2.1 to 5.2.4, 6.2; AS4 5.1.8.
 *
 * SECURITY: the values are claims of whoever sent the octets until the signature over this element is verified.
 */

import { attributeOf, childElements, collapsed, inOrder, localName, onlyChild, optionalChild, textIn } from "./elements.js";
import { readMoment } from "./moments.js";
import { EB, EBBP, named, XML } from "./names.js";
import { Refused } from "./refused.js";
import { readReference, REFERENCE } from "./signature.js";

/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./signature.js").Reference} Reference */

/** @typedef {{value: string, type: string | null}} PartyId */
/** @typedef {{partyIds: PartyId[], role: string}} Party */
/** @typedef {{name: string, value: string, type?: string | null}} Property */
/** @typedef {{href: string | null, properties: Property[]}} PartInfo */

/**
 * @typedef {object} UserMessage
 * @property {string} messageId
 * @property {Date} timestamp
 * @property {string | null} refToMessageId
 * @property {string | null} mpc
 * @property {Party} from
 * @property {Party} to
 * @property {{value: string, type: string | null, pmode: string | null} | null} agreementRef
 * @property {{value: string, type: string | null}} service
 * @property {string} action
 * @property {string} conversationId
 * @property {Property[]} properties
 * @property {PartInfo[]} parts
 */

/** @typedef {{messageId: string, timestamp: Date, refToMessageId: string | null, references: Reference[]}} Receipt */

/**
 * @typedef {object} ErrorEntry
 * @property {string} code
 * @property {string} severity
 * @property {string | null} shortDescription
 * @property {string | null} description
 * @property {string | null} language
 * @property {string | null} detail
 * @property {string | null} refToMessageInError
 */

/** @typedef {{messageId: string, refToMessageId: string | null, entries: ErrorEntry[]}} ErrorSignal */
/** @typedef {{userMessages: UserMessage[], receipts: Receipt[], errors: ErrorSignal[]}} Messaging */

const USER_MESSAGE = named(EB, "UserMessage");
const SIGNAL_MESSAGE = named(EB, "SignalMessage");
const RECEIPT = named(EB, "Receipt");
const ERROR = named(EB, "Error");
const NON_REPUDIATION = named(EBBP, "NonRepudiationInformation");
const PART_INFORMATION = named(EBBP, "MessagePartNRInformation");
const READABLE_ID = /^[!-;=?-~]{1,255}$/;

/** @type {(messaging: XmlElement) => Messaging} */
export function readMessaging(messaging) {
  /** @type {Messaging} */
  const found = { userMessages: [], receipts: [], errors: [] };
  for (const unit of childElements(messaging)) {
    if (unit.name === USER_MESSAGE) found.userMessages.push(readUserMessage(unit));
    else if (unit.name === SIGNAL_MESSAGE) readSignal(unit, found);
    else refuse("eb:Messaging holds an unknown unit");
  }
  return found;
}

/** @type {(value: string) => boolean} whether an id can be repeated and kept safely */
export const isReadableId = (value) => READABLE_ID.test(value);

/** @type {(element: XmlElement) => UserMessage} */
function readUserMessage(element) {
  held(element, ["MessageInfo", "PartyInfo", "CollaborationInfo", "MessageProperties?", "PayloadInfo?"]);
  const parties = eb(element, "PartyInfo");
  held(parties, ["From", "To"]);
  const collaboration = eb(element, "CollaborationInfo");
  held(collaboration, ["AgreementRef?", "Service", "Action", "ConversationId"]);
  const agreement = maybe(collaboration, "AgreementRef");
  const service = eb(collaboration, "Service");
  const payload = maybe(element, "PayloadInfo");
  return {
    ...readInfo(eb(element, "MessageInfo")),
    mpc: token(element, "mpc"),
    from: readParty(eb(parties, "From")),
    to: readParty(eb(parties, "To")),
    agreementRef:
      agreement === null
        ? null
        : { value: filled(agreement), type: attributeOf(agreement, "type"), pmode: attributeOf(agreement, "pmode") },
    service: { value: filled(service), type: attributeOf(service, "type") },
    action: collapsed(filled(eb(collaboration, "Action"))),
    conversationId: collapsed(textIn(eb(collaboration, "ConversationId"), "header")),
    properties: readProperties(maybe(element, "MessageProperties")),
    parts: payload === null ? [] : readParts(payload),
  };
}

/** @type {(info: XmlElement) => {messageId: string, timestamp: Date, refToMessageId: string | null}} */
function readInfo(info) {
  held(info, ["Timestamp", "MessageId", "RefToMessageId?"]);
  const reference = maybe(info, "RefToMessageId");
  const read = readMoment(textIn(eb(info, "Timestamp"), "header"));
  const messageId = filled(eb(info, "MessageId"));
  const refToMessageId = reference === null ? null : filled(reference);
  if (read === null) return refuse("a Timestamp is no moment");
  if (![messageId, refToMessageId ?? "x"].every(isReadableId)) return refuse("an id does not have the form");
  return { messageId, timestamp: read.moment, refToMessageId };
}

/** @type {(element: XmlElement) => Party} */
function readParty(element) {
  held(element, ["PartyId+", "Role"]);
  const ids = childElements(element).slice(0, -1);
  return {
    partyIds: ids.map((each) => ({ value: filled(each), type: attributeOf(each, "type") })),
    role: filled(eb(element, "Role")),
  };
}

/** @type {(parent: XmlElement | null) => Property[]} */
function readProperties(parent) {
  if (parent === null) return [];
  held(parent, ["Property+"]);
  return childElements(parent).map((each) => ({
    name: attributeOf(each, "name") || refuse("a Property has no name"),
    value: filled(each),
    type: attributeOf(each, "type"),
  }));
}

/** @type {(payload: XmlElement) => PartInfo[]} */
function readParts(payload) {
  held(payload, ["PartInfo+"]);
  return childElements(payload).map((each) => {
    held(each, ["PartProperties?"]);
    return { href: token(each, "href"), properties: readProperties(maybe(each, "PartProperties")) };
  });
}

/** @type {(signal: XmlElement, found: Messaging) => void} */
function readSignal(signal, found) {
  const [info, ...contents] = childElements(signal);
  if (info?.name !== named(EB, "MessageInfo") || contents.length === 0) return refuse("a SignalMessage lacks a part");
  const said = readInfo(info);
  if (contents.length === 1 && contents[0].name === RECEIPT) {
    found.receipts.push({ ...said, references: readReferences(contents[0]) });
  } else if (contents.every((each) => each.name === ERROR)) {
    found.errors.push({ ...said, entries: contents.map(readError) });
  } else {
    refuse("a SignalMessage holds what is neither a receipt nor errors");
  }
}

/** @type {(receipt: XmlElement) => Reference[]} empty for a receipt that proves nothing */
function readReferences(receipt) {
  const information = optionalChild(receipt, NON_REPUDIATION, "receipt");
  if (information === null) return [];
  return childElements(information).map((each) => {
    const [reference, ...more] = childElements(each);
    if (each.name !== PART_INFORMATION || reference?.name !== REFERENCE || more.length > 0) {
      throw new Refused("receipt", "MessagePartNRInformation does not hold exactly one Reference");
    }
    return readReference(reference);
  });
}

/** @type {(element: XmlElement) => ErrorEntry} */
function readError(element) {
  held(element, ["Description?", "ErrorDetail?"]);
  const description = maybe(element, "Description");
  const detail = maybe(element, "ErrorDetail");
  return {
    code: token(element, "errorCode") || refuse("an Error lacks its code"),
    severity: token(element, "severity") || refuse("an Error lacks its severity"),
    shortDescription: token(element, "shortDescription"),
    description: description === null ? null : textIn(description, "header"),
    language: description === null ? null : attributeOf(description, named(XML, "lang")),
    detail: detail === null ? null : collapsed(textIn(detail, "header")),
    refToMessageInError: token(element, "refToMessageInError"),
  };
}

/** @type {(parent: XmlElement, names: readonly string[]) => void} */
const held = (parent, names) => inOrder(parent, EB, names, "header");

/** @type {(parent: XmlElement, local: string) => XmlElement} */
const eb = (parent, local) => onlyChild(parent, named(EB, local), "header");

/** @type {(parent: XmlElement, local: string) => XmlElement | null} */
const maybe = (parent, local) => optionalChild(parent, named(EB, local), "header");

/** @type {(element: XmlElement) => string} */
const filled = (element) => textIn(element, "header") || refuse(`${localName(element)} is empty`);

/** @type {(element: XmlElement, name: string) => string | null} */
function token(element, name) {
  const value = attributeOf(element, name);
  return value === null ? null : collapsed(value);
}

/** @type {(reason: string) => never} */
function refuse(reason) {
  throw new Refused("header", reason);
}

/**
 * Message units as a SOAP 1.2 envelope in canonical form, so what is signed is what stands there
 * (`gateway/ebms/write.py`). Clauses: ebMS3 Core 5.2, 6.2; AS4 5.1.8.
 */

import { attribute, optional, text } from "./markup.js";
import { writeMoment } from "./moments.js";
import { DS, EB, EBBP, EC, S12, SHA256, WSU } from "./names.js";
import { base64, utf8 } from "./octets.js";

/** @typedef {import("./header.js").PartInfo} PartInfo */
/** @typedef {import("./header.js").Party} Party */
/** @typedef {import("./header.js").Property} Property */
/** @typedef {import("./header.js").Receipt} Receipt */
/** @typedef {import("./header.js").UserMessage} UserMessage */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./signature.js").Reference} Reference */

/**
 * The envelope around its blocks.
 *
 * @type {(blocks: {security: string, messaging: string, body: string}) => Octets}
 */
export function writeEnvelope({ security, messaging, body }) {
  return utf8(
    `<S12:Envelope xmlns:S12="${S12}"><S12:Header>${security}${messaging}</S12:Header>${body}</S12:Envelope>`,
  );
}

/** @type {(id: string) => string} an empty Body */
export function writeBody(id) {
  return `<S12:Body xmlns:S12="${S12}" xmlns:wsu="${WSU}" wsu:Id="${id}"></S12:Body>`;
}

/**
 * An eb:Messaging with one unit.
 *
 * @type {(unit: {userMessage: UserMessage} | {receipt: Receipt}, id: string) => string}
 */
export function writeMessaging(unit, id) {
  const written = "receipt" in unit ? writeReceipt(unit.receipt) : writeUserMessage(unit.userMessage);
  return (
    `<eb:Messaging xmlns:S12="${S12}" xmlns:eb="${EB}" xmlns:wsu="${WSU}" wsu:Id="${id}" S12:mustUnderstand="true">` +
    `${written}</eb:Messaging>`
  );
}

/**
 * A ds:Reference; `declaration` declares its prefix where no element around it uses that.
 *
 * @type {(reference: Reference, declaration?: string) => string}
 */
export function writeReference({ uri, transform, prefixes, digest }, declaration = "") {
  const list =
    prefixes.length === 0
      ? ""
      : `<ec:InclusiveNamespaces xmlns:ec="${EC}" PrefixList="${attribute(prefixes.join(" "))}"></ec:InclusiveNamespaces>`;
  return (
    `<ds:Reference${declaration} URI="${attribute(uri)}"><ds:Transforms>` +
    `<ds:Transform Algorithm="${attribute(transform)}">${list}</ds:Transform></ds:Transforms>` +
    `<ds:DigestMethod Algorithm="${SHA256}"></ds:DigestMethod>` +
    `<ds:DigestValue>${base64(digest)}</ds:DigestValue></ds:Reference>`
  );
}

/** @type {(message: UserMessage) => string} */
function writeUserMessage(message) {
  const { agreementRef: agreement, service } = message;
  const agreed =
    agreement === null
      ? ""
      : `<eb:AgreementRef${optional("pmode", agreement.pmode)}${optional("type", agreement.type)}>` +
        `${text(agreement.value)}</eb:AgreementRef>`;
  const payload = message.parts.length === 0 ? "" : `<eb:PayloadInfo>${message.parts.map(writePart).join("")}</eb:PayloadInfo>`;
  return (
    `<eb:UserMessage${optional("mpc", message.mpc)}>${writeInfo(message)}` +
    `<eb:PartyInfo>${writeParty("From", message.from)}${writeParty("To", message.to)}</eb:PartyInfo>` +
    `<eb:CollaborationInfo>${agreed}<eb:Service${optional("type", service.type)}>${text(service.value)}</eb:Service>` +
    `<eb:Action>${text(message.action)}</eb:Action>` +
    `<eb:ConversationId>${text(message.conversationId)}</eb:ConversationId></eb:CollaborationInfo>` +
    `${writeProperties("MessageProperties", message.properties)}${payload}</eb:UserMessage>`
  );
}

/** @type {(receipt: Receipt) => string} */
function writeReceipt(receipt) {
  const parts = receipt.references.map(
    (each) =>
      `<ebbp:MessagePartNRInformation>${writeReference(each, ` xmlns:ds="${DS}"`)}</ebbp:MessagePartNRInformation>`,
  );
  return (
    `<eb:SignalMessage>${writeInfo(receipt)}<eb:Receipt><ebbp:NonRepudiationInformation xmlns:ebbp="${EBBP}">` +
    `${parts.join("")}</ebbp:NonRepudiationInformation></eb:Receipt></eb:SignalMessage>`
  );
}

/** @type {(unit: {messageId: string, timestamp: Date, refToMessageId: string | null}) => string} */
function writeInfo({ messageId, timestamp, refToMessageId }) {
  const related = refToMessageId === null ? "" : `<eb:RefToMessageId>${text(refToMessageId)}</eb:RefToMessageId>`;
  return (
    `<eb:MessageInfo><eb:Timestamp>${writeMoment(timestamp)}</eb:Timestamp>` +
    `<eb:MessageId>${text(messageId)}</eb:MessageId>${related}</eb:MessageInfo>`
  );
}

/** @type {(name: string, party: Party) => string} */
function writeParty(name, party) {
  const ids = party.partyIds.map((each) => `<eb:PartyId${optional("type", each.type)}>${text(each.value)}</eb:PartyId>`);
  return `<eb:${name}>${ids.join("")}<eb:Role>${text(party.role)}</eb:Role></eb:${name}>`;
}

/** @type {(name: string, properties: readonly Property[]) => string} */
function writeProperties(name, properties) {
  if (properties.length === 0) return "";
  const written = properties.map(
    (each) =>
      `<eb:Property name="${attribute(each.name)}"${optional("type", each.type)}>${text(each.value)}</eb:Property>`,
  );
  return `<eb:${name}>${written.join("")}</eb:${name}>`;
}

/** @type {(part: PartInfo) => string} */
function writePart(part) {
  return `<eb:PartInfo${optional("href", part.href)}>${writeProperties("PartProperties", part.properties)}</eb:PartInfo>`;
}

/**
 * The address book as a signed document: who takes part, in what and on which days, and with which certificates
 * (`gateway/directory/document.py`, `chain.py`). Names in the document are Dutch, as in the messages.
 *
 * SECURITY: what is read is what was signed and nothing else: the canonical octets that the signature covers are parsed
 * anew. Whether a certificate in it may be relied on is `trust.js`'s to say.
 */

import { readCertificate } from "./certificates.js";
import { readDocument } from "./document.js";
import { attributeOf, base64In, childrenOf, inOrder, localOf, onlyChild, optionalChild, textIn } from "./elements.js";
import { verifyEnveloped } from "./enveloped.js";
import { BOOK_LIMITS } from "./limits.js";
import { readMoment } from "./moments.js";
import { named } from "./names.js";
import { digested, hex } from "./octets.js";
import { Refused, toldAs } from "./refused.js";

/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./document.js").ParseXml} ParseXml */
/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./octets.js").Octets} Octets */

/** @typedef {"signing" | "encryption"} Usage */

/**
 * @typedef {object} ListedCertificate
 * @property {Usage} usage
 * @property {Certificate} certificate
 * @property {Date} beginsAt from when it counts
 * @property {Date} endsAt
 * @property {Octets | null} endorsement by which the key before it vouches for it
 */

/** @typedef {{module: string, version: string, begins: string | null, ends: string | null}} ListedVersion days as `2026-03-04` */

/**
 * @typedef {object} Entry
 * @property {string} name
 * @property {{value: string, type: string | null}[]} partyIds the first of them names it
 * @property {{name: string, party: string} | null} unitOf the organisation whose unit it is
 * @property {string | null} kvk
 * @property {string | null} establishment
 * @property {string[]} roles
 * @property {"system" | "desk"} access
 * @property {boolean} collectief
 * @property {string[]} actsFor
 * @property {ListedVersion[]} versions
 * @property {ListedCertificate[]} certificates
 */

/** @typedef {{serial: number, issuedAt: Date, validUntil: Date, before: {serial: number, sha256: string} | null}} Issue */
/** @typedef {{hub: string, issue: Issue, entries: Entry[]}} AddressBook */
/** @typedef {{book: AddressBook, sha256: string}} SignedBook `sha256` is of the signed octets, hexadecimal */
/** @typedef {{book: {hub: string, issue: {serial: number}}, sha256: string}} KnownIssue what of one is remembered */

const NAMESPACE = "urn:knooppunt:adresboek:1";
const VALID_MILLISECONDS = 7 * 24 * 3_600_000;
const SKEW_MILLISECONDS = 5 * 60_000;
const MOST_CERTIFICATE_CHARACTERS = 24 * 1024;
const MOST_ENDORSEMENT_CHARACTERS = 2048;
const MOST_VALUE_CHARACTERS = 1024;
const ENTRY = [
  ...["Naam", "PartijId+", "EenheidVan?", "KvKNummer?", "Vestigingsnummer?", "Rol+", "Toegang", "Collectief"],
  ...["TreedtOpVoor*", "Module*", "Certificaat*"],
];

/**
 * The issue that one of these certificates signed. Whether it may be relied on now, and beside the one before it, is
 * `checkFollows`'s to say.
 *
 * @param {Octets} octets
 * @param {readonly Certificate[]} certificates of the key that serves for address books alone
 * @param {ParseXml} parseXml
 * @returns {Promise<SignedBook>}
 */
export async function readAddressBook(octets, certificates, parseXml) {
  return toldAs("book", async () => {
    const signed = await readDocument(octets, { limits: BOOK_LIMITS, parseXml });
    const { content } = await verifyEnveloped(signed, certificates).finally(() => signed.close());
    const document = await readDocument(content, { limits: BOOK_LIMITS, parseXml });
    try {
      return { book: bookOf(document.root), sha256: hex(await digested(octets)) };
    } finally {
      document.close();
    }
  });
}

/**
 * Refuse an issue of another hub, one that may not be relied on now or wants to be for longer than any may, one that
 * goes back, and one that does not stand in one chain with the one that is known (as `book-fork` where it contradicts it).
 *
 * @param {SignedBook} came
 * @param {KnownIssue | null} known
 * @param {{hub: string, now: Date}} here
 */
export function checkFollows(came, known, { hub, now }) {
  const { issue, entries } = came.book;
  const ids = entries.flatMap((entry) => [...new Set(entry.partyIds.map((each) => each.value))]);
  if (new Set(ids).size !== ids.length) refuse("it gives one party id to two parties");
  if (came.book.hub !== hub) refuse("it is the address book of another hub");
  if (issue.issuedAt.getTime() > now.getTime() + SKEW_MILLISECONDS) refuse("it was issued at a time that is still to come");
  if (issue.validUntil <= now) refuse("its time is over");
  if (issue.validUntil.getTime() - issue.issuedAt.getTime() > VALID_MILLISECONDS) refuse("it wants to be valid for too long");
  if (issue.before !== null && issue.before.serial >= issue.serial) refuse("its serial is not higher than the one before it");
  if (known !== null && known.book.hub === hub) checkChain(came, known);
}

/**
 * Who is that party, by whichever of its ids; null where the book has nobody.
 *
 * @type {(book: AddressBook, party: string) => Entry | null}
 */
export function entryOf(book, party) {
  return book.entries.find((each) => each.partyIds.some((one) => one.value === party)) ?? null;
}

/** @type {(came: SignedBook, known: KnownIssue) => void} */
function checkChain(came, known) {
  const { issue } = came.book;
  const { serial } = known.book.issue;
  if (issue.serial < serial) refuse("its serial is lower than the one that is known");
  if (issue.serial === serial) {
    if (came.sha256 !== known.sha256) fork("another address book with its serial is known");
    return;
  }
  if (issue.before === null || issue.before.serial < serial) fork("the one that is known is not among those before it");
  else if (issue.before.serial === serial && issue.before.sha256 !== known.sha256) {
    fork("the one before it is another than the one that is known");
  }
}

/** @type {(root: XmlElement) => AddressBook} */
function bookOf(root) {
  if (root.name !== named(NAMESPACE, "Adresboek")) refuse("it is no address book");
  held(root, ["Knooppunt", "Volgnummer", "Uitgegeven", "GeldigTot", "Vorige?", "Deelnemers"]);
  const entries = onlyChild(root, named(NAMESPACE, "Deelnemers"), "book");
  held(entries, ["Deelnemer*"]);
  const before = optionalChild(root, named(NAMESPACE, "Vorige"), "book");
  if (before !== null) held(before, ["Volgnummer", "Sha256"]);
  return {
    hub: value(root, "Knooppunt"),
    issue: {
      serial: serialIn(root),
      issuedAt: momentIn(root, "Uitgegeven"),
      validUntil: momentIn(root, "GeldigTot"),
      before: before === null ? null : { serial: serialIn(before), sha256: matching(before, "Sha256", /^[0-9a-f]{64}$/) },
    },
    entries: childrenOf(entries, named(NAMESPACE, "Deelnemer")).map(entryIn),
  };
}

/** @type {(element: XmlElement) => Entry} */
function entryIn(element) {
  held(element, ENTRY);
  const unit = optionalChild(element, named(NAMESPACE, "EenheidVan"), "book");
  if (unit !== null) held(unit, ["Naam", "PartijId"]);
  return {
    name: value(element, "Naam"),
    partyIds: childrenOf(element, named(NAMESPACE, "PartijId")).map((each) => ({
      value: filled(each),
      type: attributeOf(each, "Soort"),
    })),
    unitOf: unit === null ? null : { name: value(unit, "Naam"), party: value(unit, "PartijId") },
    kvk: maybe(element, "KvKNummer"),
    establishment: maybe(element, "Vestigingsnummer"),
    roles: values(element, "Rol"),
    access: matching(element, "Toegang", /^(?:systeem|portaal)$/) === "systeem" ? "system" : "desk",
    collectief: matching(element, "Collectief", /^(?:true|false)$/) === "true",
    actsFor: values(element, "TreedtOpVoor"),
    versions: childrenOf(element, named(NAMESPACE, "Module")).map(versionIn),
    certificates: childrenOf(element, named(NAMESPACE, "Certificaat")).map(certificateIn),
  };
}

/** @type {(element: XmlElement) => ListedVersion} */
function versionIn(element) {
  held(element, ["Naam", "Versie", "Vanaf?", "TotEnMet?"]);
  const [begins, ends] = [maybe(element, "Vanaf"), maybe(element, "TotEnMet")];
  for (const day of [begins, ends]) {
    if (day !== null && readMoment(`${day}T00:00:00Z`) === null) refuse("it holds a day that cannot be");
  }
  return { module: value(element, "Naam"), version: value(element, "Versie"), begins, ends };
}

/** @type {(element: XmlElement) => ListedCertificate} */
function certificateIn(element) {
  held(element, ["Gebruik", "Vanaf", "Tot", "X509", "Instemming?"]);
  const use = matching(element, "Gebruik", /^(?:ondertekening|versleuteling)$/);
  const der = base64In(onlyChild(element, named(NAMESPACE, "X509"), "book"), MOST_CERTIFICATE_CHARACTERS);
  const endorsement = optionalChild(element, named(NAMESPACE, "Instemming"), "book");
  return {
    usage: use === "ondertekening" ? "signing" : "encryption",
    certificate: readCertificate(der) ?? refuse("it holds a certificate that cannot be read"),
    beginsAt: momentIn(element, "Vanaf"),
    endsAt: momentIn(element, "Tot"),
    endorsement: endorsement === null ? null : base64In(endorsement, MOST_ENDORSEMENT_CHARACTERS),
  };
}

/** @type {(element: XmlElement, names: readonly string[]) => void} */
const held = (element, names) => inOrder(element, NAMESPACE, names, "book");

/** @type {(element: XmlElement, name: string) => string} */
const value = (element, name) => filled(onlyChild(element, named(NAMESPACE, name), "book"));

/** @type {(element: XmlElement, name: string) => string[]} */
const values = (element, name) => childrenOf(element, named(NAMESPACE, name)).map(filled);

/** @type {(element: XmlElement, name: string) => string | null} */
function maybe(element, name) {
  const found = optionalChild(element, named(NAMESPACE, name), "book");
  return found === null ? null : filled(found);
}

/** @type {(element: XmlElement, name: string, pattern: RegExp) => string} */
function matching(element, name, pattern) {
  const text = value(element, name);
  return pattern.test(text) ? text : refuse(`${name} holds what it cannot hold`);
}

/** @type {(element: XmlElement) => number} */
const serialIn = (element) => Number(matching(element, "Volgnummer", /^[1-9][0-9]{0,13}$/));

/** @type {(element: XmlElement, name: string) => Date} */
function momentIn(element, name) {
  const read = readMoment(matching(element, name, /^[0-9-]{10}T[0-9:]{8}Z$/));
  return read === null ? refuse("it holds a moment that cannot be") : read.moment;
}

/** @type {(element: XmlElement) => string} */
function filled(element) {
  const text = textIn(element, "book");
  const length = [...text].length;
  return length > 0 && length <= MOST_VALUE_CHARACTERS ? text : refuse(`${localOf(element.name)} is empty or too long`);
}

/** @type {(reason: string) => never} */
function refuse(reason) {
  throw new Refused("book", reason);
}

/** @type {(reason: string) => never} */
function fork(reason) {
  throw new Refused("book-fork", reason);
}

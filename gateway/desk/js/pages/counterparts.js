/**
 * The certificates of an address book against what the unit knows: which are taken, and which wait for a person. The rules
 * are those of `trust.js`; what is known from before is there as fingerprints.
 *
 * Only signing certificates count here: a browser seals to nobody but the hub.
 *
 * @module
 */

import { thumbprintOf } from "../as4/certificates.js";
import { accept, learn, partyOf, signersOf, waiting } from "../as4/trust.js";

/** @typedef {import("../as4/address_book.js").AddressBook} AddressBook */
/** @typedef {import("../as4/certificates.js").Certificate} Certificate */
/** @typedef {import("../as4/origin.js").Senders} Senders */
/** @typedef {import("../as4/trust.js").Certificates} Certificates */
/** @typedef {import("../keys/known.js").Known} Known */

/**
 * A certificate that waits for a person: whose it is to be, its fingerprint, and those that are known.
 *
 * @typedef {{party: string, name: string, fingerprint: string, known: readonly string[]}} Changed
 */
/** @typedef {{parties: Map<string, string[]>, senders: Senders, changed: Changed[]}} Learnt */

/**
 * What is known after that book.
 *
 * @param {AddressBook} book
 * @param {Known["parties"]} before
 * @param {string} [accepted] the party of which a person said that what waits for it is its own
 * @returns {Promise<Learnt>}
 */
export async function learnParties(book, before, accepted) {
  const entries = book.entries.map((entry) => ({ ...entry, certificates: entry.certificates.filter(({ usage }) => usage === "signing") }));
  const signing = { ...book, entries };
  /** @type {Map<Certificate, string>} */
  const prints = new Map();
  for (const { certificates } of entries) {
    for (const { certificate } of certificates) prints.set(certificate, await thumbprintOf(certificate));
  }
  const learnt = await learn(signing, knownOf(signing, before, prints));
  const { known, taken } = accepted === undefined ? { known: learnt.known, taken: [] } : accept(signing, learnt.known, accepted);
  const parties = new Map([...before].map(([party, those]) => [party, [...those]]));
  for (const { party, listed } of [...learnt.taken, ...taken]) {
    parties.set(party, [...(parties.get(party) ?? []), /** @type {string} */ (prints.get(listed.certificate))]);
  }
  const changed = waiting(signing, known).map(({ entry, party, listed }) => ({
    party,
    name: entry.name,
    fingerprint: /** @type {string} */ (prints.get(listed.certificate)),
    known: parties.get(party) ?? [],
  }));
  return { parties, senders: signersOf(signing, known), changed };
}

/**
 * What was known, with the certificates that the book still has; of the others there is only that they were there.
 *
 * @type {(book: AddressBook, before: Known["parties"], prints: ReadonlyMap<Certificate, string>) => Map<string, Certificates>}
 */
function knownOf(book, before, prints) {
  /** @type {Map<string, Certificates>} */
  const found = new Map([...before.keys()].map((party) => [party, { signing: [GONE], encryption: [] }]));
  for (const entry of book.entries) {
    const party = partyOf(entry);
    const those = before.get(party) ?? [];
    const listed = entry.certificates.map(({ certificate }) => certificate).filter((each) => those.includes(prints.get(each) ?? ""));
    if (listed.length > 0) found.set(party, { signing: listed, encryption: [] });
  }
  return found;
}

const NONE = new Uint8Array();
const NEVER = new Date(0);
/** In the place of a certificate that is listed no more: it is nobody's, and vouches for nothing. @type {Certificate} */
const GONE = {
  ...{ der: NONE, serialNumber: 0n, publicKey: NONE, keyBits: NONE, rsaBits: 0 },
  ...{ notBefore: NEVER, notAfter: NEVER, keyIdentifier: null, keyUsage: 0 },
};

/**
 * Which certificates of an address book are known to be a party's, and which wait for a person (`directory/trust.py`).
 *
 * The first certificates of a party that nobody knew are taken by the words of the book. A later one is taken unasked
 * only if a key that is known for that party, or for the organisation whose unit it is, vouches for it, or a root that
 * the participant chose issued it for that very party; else a person says yes.
 *
 * SECURITY: the hub makes the book, so the book alone changes no certificate of anybody who is known.
 */

import { isSignedBy, sameCertificate, unfitness } from "./certificates.js";
import { joined, utf8 } from "./octets.js";

/** @typedef {import("./address_book.js").AddressBook} AddressBook */
/** @typedef {import("./address_book.js").Entry} Entry */
/** @typedef {import("./address_book.js").ListedCertificate} ListedCertificate */
/** @typedef {import("./address_book.js").Usage} Usage */
/** @typedef {import("./certificates.js").Certificate} Certificate */
/** @typedef {import("./octets.js").Octets} Octets */

/** @typedef {{readonly signing: readonly Certificate[], readonly encryption: readonly Certificate[]}} Certificates */
/** @typedef {ReadonlyMap<string, Certificates>} Known by party */
/** @typedef {"first" | "endorsed" | "root" | "accepted"} Why */
/** @typedef {{party: string, listed: ListedCertificate, why: Why}} Taken */
/** @typedef {{entry: Entry, party: string, listed: ListedCertificate, known: readonly Certificate[]}} Waiting */
/** @typedef {{known: Known, taken: Taken[]}} Learnt */

/**
 * Whether a root that the participant chose issued a certificate for that party and use.
 *
 * @typedef {(certificate: Certificate, party: string, usage: Usage) => Promise<boolean>} Vouched
 */

/** @type {readonly Usage[]} */
const USAGES = ["signing", "encryption"];
/** @type {Certificates} */
const NOTHING = { signing: [], encryption: [] };
const WORDS = "knooppunt-directory 1 endorse";

/**
 * What is known after a book, and what of it is new. A key that is taken may vouch for the next one.
 *
 * @param {AddressBook} book
 * @param {Known} known
 * @param {Vouched} [vouched] no root was chosen unless it is given
 * @returns {Promise<Learnt>}
 */
export async function learn(book, known, vouched = async () => false) {
  const now = new Map(known);
  const taken = book.entries.flatMap((entry) =>
    USAGES.filter((usage) => isFirst(entry, known, usage)).flatMap((usage) =>
      listedFor(entry, usage).map((listed) => take(now, entry, listed, "first")),
    ),
  );
  for (let before = -1; before < taken.length; ) {
    before = taken.length;
    for (const { entry, listed } of waiting(book, now)) {
      const why = await reason(entry, listed, now, vouched);
      if (why !== null) taken.push(take(now, entry, listed, why));
    }
  }
  return { known: now, taken };
}

/**
 * What is known after a person said that what waits for a party is that party's.
 *
 * @type {(book: AddressBook, known: Known, party: string) => Learnt}
 */
export function accept(book, known, party) {
  const now = new Map(known);
  const found = waiting(book, known).filter((each) => each.party === party);
  return { known: now, taken: found.map(({ entry, listed }) => take(now, entry, listed, "accepted")) };
}

/**
 * What of a book is not known.
 *
 * @type {(book: AddressBook, known: Known) => Waiting[]}
 */
export function waiting(book, known) {
  return book.entries.flatMap((entry) =>
    USAGES.flatMap((usage) => {
      const those = (known.get(partyOf(entry)) ?? NOTHING)[usage];
      const unknown = listedFor(entry, usage).filter((each) => !isAmong(each.certificate, those));
      return unknown.map((listed) => ({ entry, party: partyOf(entry), listed, known: those }));
    }),
  );
}

/**
 * Whose signatures to rely on, by party: the signing certificates of the book that are known.
 *
 * @type {(book: AddressBook, known: Known) => Map<string, Certificate[]>}
 */
export function signersOf(book, known) {
  return new Map(
    book.entries.map((entry) => {
      const those = (known.get(partyOf(entry)) ?? NOTHING).signing;
      const listed = listedFor(entry, "signing").map((each) => each.certificate);
      return [partyOf(entry), listed.filter((each) => isAmong(each, those))];
    }),
  );
}

/** @type {(entry: Entry) => string} the party id that names it */
export const partyOf = (entry) => entry.partyIds[0].value;

/** @type {(entry: Entry, usage: Usage) => ListedCertificate[]} */
const listedFor = (entry, usage) => entry.certificates.filter((each) => each.usage === usage);

/** @type {(certificate: Certificate, those: readonly Certificate[]) => boolean} */
const isAmong = (certificate, those) => those.some((each) => sameCertificate(each, certificate));

/** @type {(now: Map<string, Certificates>, entry: Entry, listed: ListedCertificate, why: Why) => Taken} */
function take(now, entry, listed, why) {
  const party = partyOf(entry);
  const those = now.get(party) ?? NOTHING;
  now.set(party, { ...those, [listed.usage]: [...those[listed.usage], listed.certificate] });
  return { party, listed, why };
}

/** @type {(entry: Entry, known: Known, usage: Usage) => boolean} whether nobody knew it, by any id, nor its organisation */
function isFirst(entry, known, usage) {
  const party = partyOf(entry);
  const ids = entry.partyIds.map((each) => each.value);
  const others = [...ids.filter((each) => each !== party), ...ids.map(organisationIn), entry.unitOf?.party ?? ""];
  return (known.get(party) ?? NOTHING)[usage].length === 0 && !others.some((each) => each !== "" && known.has(each));
}

/**
 * @param {Entry} entry
 * @param {ListedCertificate} listed
 * @param {Known} known
 * @param {Vouched} vouched
 * @returns {Promise<Why | null>}
 */
async function reason(entry, listed, known, vouched) {
  const party = partyOf(entry);
  const organisation = organisationIn(party);
  const isUnit = organisation !== "" && entry.unitOf?.party === organisation;
  const among = [party, ...(isUnit ? [organisation] : [])].flatMap((each) => (known.get(each) ?? NOTHING).signing);
  if (listed.endorsement !== null && (await isEndorsed(listed, listed.endorsement, party, among))) return "endorsed";
  return (await vouched(listed.certificate, party, listed.usage)) ? "root" : null;
}

/**
 * Whether the key of one of these certificates vouches for another one of that party.
 *
 * @type {(listed: {certificate: Certificate, usage: Usage}, value: Octets, party: string, among: readonly Certificate[])
 *   => Promise<boolean>}
 */
export async function isEndorsed({ certificate, usage }, value, party, among) {
  const nul = Uint8Array.of(0);
  const said = joined(utf8(WORDS), nul, utf8(party), nul, utf8(usage), nul, certificate.der);
  for (const each of among) {
    if (unfitness(each, "signing") === null && (await isSignedBy(each, value, said))) return true;
  }
  return false;
}

/** @type {(party: string) => string} the organisation in the id of a business unit; empty for any other party */
const organisationIn = (party) => (party.includes(":") ? party.split(":", 1)[0] : "");

/**
 * On whom a page relies, once its keys are open: the hub by the organisation's signed settings, counterparts by what the
 * unit remembered and the address book of now. What is new and vouched for is remembered at once.
 *
 * SECURITY: the key Worker verifies settings and memory, and knows the highest counter of each by the copy of the lock that
 * is open, so that neither is swapped, or goes back unseen without the copies. With a hub that is strange nothing is opened and nothing sent. An address book that does not count
 * keeps nobody from reading; the sender is then one for whom nobody vouches.
 *
 * @module
 */

import { checkFollows, readAddressBook } from "../as4/address_book.js";
import { readCertificate } from "../as4/certificates.js";
import { fromBase64 } from "../as4/octets.js";
import { Refused } from "../as4/refused.js";
import { KeyFault } from "../keys/keeper.js";
import { nextKnown, NOTHING_KNOWN, readKnown, sameKnown } from "../keys/known.js";
import { newestSettings } from "../keys/seen.js";
import { nextSettings } from "../keys/settings.js";
import { CallFault } from "./calling.js";
import { learnParties } from "./counterparts.js";
import { agreedHub, bearsAnothers, hubOf } from "./hub_known.js";

/** @typedef {import("../as4/address_book.js").AddressBook} AddressBook */
/** @typedef {import("../as4/address_book.js").SignedBook} SignedBook */
/** @typedef {import("../as4/certificates.js").Certificate} Certificate */
/** @typedef {import("../as4/document.js").ParseXml} ParseXml */
/** @typedef {import("../as4/origin.js").Senders} Senders */
/** @typedef {import("../keys/keeper.js").Ask} Ask */
/** @typedef {import("../keys/known.js").Known} Known */
/** @typedef {import("./calls.js").Calls} Calls */
/** @typedef {import("./calls.js").Endpoint} Endpoint */
/** @typedef {import("./counterparts.js").Changed} Changed */
/** @typedef {import("./hub_known.js").KnownHub} KnownHub */

/**
 * @typedef {object} Trust
 * @property {readonly Certificate[]} hubCertificates with which the hub signs
 * @property {string} hubParty its party id, by the settings; where they name none yet, one that is nobody else's
 * @property {Certificate} hub to which messages are encrypted
 * @property {AddressBook | null} book null where the hub makes none, or it does not count
 * @property {"old" | "key" | "other" | null} objection why a book that there is does not count: one was seen that is newer,
 *   or another key signed it
 * @property {Senders} senders on whose signatures to rely
 * @property {readonly Changed[]} changed certificates that wait for a person
 */
/** @typedef {{endpoint: Endpoint, calls: Calls, ask: Ask, now: () => Date, keep: () => Promise<void>}} HubMeans */
/** @typedef {HubMeans & {parseXml: ParseXml}} Means */

const TRIES = 3; // colleagues who remember something at the same moment

/** The hub is not the one that the organisation knows; `hub` is what people compare. */
export class StrangeHub extends Error {
  /** @param {KnownHub} hub @param {boolean} administers whether the lock that is open signs settings */
  constructor(hub, administers) {
    super("strange-hub");
    this.hub = hub;
    this.administers = administers;
  }
}

/**
 * What may be relied on now; throws `StrangeHub`, and a `KeyFault` where the portal went back.
 *
 * @param {Means} means
 * @param {string} [accepted] a party of which a person said that what waits for it is its own
 * @returns {Promise<Trust>}
 */
export async function readTrust(means, accepted) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await readOnce(means, accepted);
    } catch (fault) {
      if (!(fault instanceof CallFault) || fault.status !== 409 || tried === TRIES) throw fault;
    }
  }
}

/**
 * The hub that the portal shows, if the organisation knows it; throws `StrangeHub` otherwise.
 *
 * @param {HubMeans} means
 * @returns {Promise<{hub: KnownHub, unit: string, known: Known, signed: {text: string, signature: string} | null}>} with what
 *   the unit remembered
 */
export async function checkHub({ endpoint, calls, ask }) {
  const { known, signed } = await remembered(calls, ask);
  const { content } = await newestSettings(ask, (await calls.keys()).settings);
  const hub = await hubOf(endpoint, content.hub ?? null, known.hub);
  const { administers, unit } = await ask("facts");
  // Who cannot say yes to another key of the address book reads on, and is told that the book does not count.
  const isStrange = hub.strange.some(({ usage }) => usage !== "directory" || administers);
  if (hub.named === null || isStrange || bearsAnothers(hub, known.parties.keys())) throw new StrangeHub(hub, administers);
  return { hub, unit, known, signed };
}

/**
 * An administrator compared fingerprints, and said yes: the next version of the settings names the hub of now.
 *
 * @param {HubMeans} means
 * @param {KnownHub} compared what was on the screen
 */
export async function agreeHub(means, compared) {
  const { calls, ask, now, keep } = means;
  const { content, before, isForeign } = await newestSettings(ask, (await calls.keys()).settings);
  const text = await nextSettings(before?.text ?? null, { ...content, hub: agreedHub(compared, now()) }, isForeign);
  const signed = await ask("signSettings", { text, before });
  await calls.keepSettings(signed);
  await ask("readSettings", { signed });
  await keep();
}

/** @type {(means: Means, accepted: string | undefined) => Promise<Trust>} */
async function readOnce(means, accepted) {
  const { endpoint, calls, ask, keep } = means;
  const { hub, unit, known, signed } = await checkHub(means);
  const { came, objection } = await readBook(means, hub, known);
  if (came !== null && bearsAnothers(hub, came.book.entries.flatMap(idsOf))) {
    throw new StrangeHub(hub, (await ask("facts")).administers);
  }
  const parties = came === null ? null : await learnParties(came.book, known.parties, accepted);
  const next = {
    book: came === null ? known.book : { serial: came.book.issue.serial, sha256: came.sha256 },
    hub: hub.remembered,
    parties: parties?.parties ?? known.parties,
  };
  if (!sameKnown(known, next)) {
    const said = await ask("signKnown", { text: await nextKnown(unit, signed?.text ?? null, next), before: signed });
    await calls.keepKnown(said);
    await ask("readKnown", { signed: said });
    await keep();
  }
  return {
    hubCertificates: hub.known.signing.map(certificateIn),
    hubParty: hub.shown.party,
    hub: certificateIn(endpoint.hub_encryption),
    book: came?.book ?? null,
    objection,
    senders: parties?.senders ?? new Map(),
    changed: parties?.changed ?? [],
  };
}

/**
 * What the unit knew. Where its keys were lost, what was remembered under them is followed and not believed.
 *
 * @type {(calls: Calls, ask: Ask) => Promise<{known: Known, signed: {text: string, signature: string} | null}>}
 */
async function remembered(calls, ask) {
  const signed = await calls.known();
  const { known: seen } = await ask("facts");
  if (signed === null) {
    if (seen > 0) throw new KeyFault("older-known");
    return { known: NOTHING_KNOWN, signed };
  }
  try {
    return { known: readKnown(await ask("readKnown", { signed })), signed };
  } catch (fault) {
    if (!(fault instanceof KeyFault) || fault.message !== "foreign-known" || seen > 0) throw fault;
    return { known: NOTHING_KNOWN, signed };
  }
}

/**
 * The address book of now, if it counts.
 *
 * @type {(means: Means, hub: KnownHub, known: Known) => Promise<{came: SignedBook | null, objection: Trust["objection"]}>}
 */
async function readBook({ endpoint, calls, parseXml, now }, hub, known) {
  if (endpoint.directory.length === 0) return { came: null, objection: hub.known.directory.length > 0 ? "other" : null };
  if (hub.strange.some(({ usage }) => usage === "directory")) return { came: null, objection: "key" };
  const octets = await calls.book();
  const here = { hub: endpoint.hub.value, now: now() };
  const before = known.book === null ? null : { book: { hub: here.hub, issue: { serial: known.book.serial } }, sha256: known.book.sha256 };
  try {
    const came = await readAddressBook(octets, hub.known.directory.map(certificateIn), parseXml);
    checkFollows(came, null, here);
    try {
      checkFollows(came, before, here);
    } catch (fault) {
      if (!(fault instanceof Refused)) throw fault;
      return { came: null, objection: "old" };
    }
    return { came, objection: null };
  } catch (fault) {
    if (!(fault instanceof Refused)) throw fault;
    return { came: null, objection: "other" };
  }
}

/** @type {(entry: import("../as4/address_book.js").Entry) => string[]} its own ids, and the one of its organisation */
const idsOf = ({ partyIds, unitOf }) => [...partyIds.map(({ value }) => value), ...(unitOf === null ? [] : [unitOf.party])];

/** @type {(written: string) => Certificate} */
function certificateIn(written) {
  const found = readCertificate(fromBase64(written) ?? new Uint8Array());
  if (found === null) throw new RangeError("a certificate of the hub cannot be read");
  return found;
}

/**
 * Which hub a browser relies on: the party id and the certificates that the organisation's signed settings name, and the
 * certificates that one of them vouched for, now or before.
 *
 * SECURITY: what the portal shows of the hub is only compared. Where it shows another encryption certificate, nothing is
 * sealed to that. What the hub writes itself brings no proof, so whose party id it bears is not for the portal to say.
 *
 * @module
 */

import { readCertificate } from "../as4/certificates.js";
import { namesOf } from "../as4/origin.js";
import { isEndorsed } from "../as4/trust.js";
import { fingerprintOf, HUB_USAGES, unknownOf } from "../keys/hub.js";
import { fromBase64 } from "../keys/octets.js";

/** @typedef {import("../as4/certificates.js").Certificate} Certificate */
/** @typedef {import("../keys/hub.js").Hub} Hub */
/** @typedef {import("../keys/hub.js").HubCertificate} HubCertificate */
/** @typedef {import("./calls.js").Endpoint} Endpoint */

/**
 * @typedef {object} KnownHub
 * @property {Hub | null} named by the settings
 * @property {Hub & {party: string}} shown by the portal
 * @property {Hub} known of all of these, what may be relied on
 * @property {HubCertificate[]} remembered those for which a key vouched, of now and before
 * @property {HubCertificate[]} strange what the portal shows and nobody knows
 */

/**
 * @param {Endpoint} endpoint
 * @param {Hub | null} named
 * @param {readonly HubCertificate[]} before what was remembered
 * @returns {Promise<KnownHub>}
 */
export async function hubOf(endpoint, named, before) {
  const { hub_signing: signing, hub_encryption: encryption, directory } = endpoint;
  const shown = { signing, encryption: [encryption], directory, party: endpoint.hub.value };
  if (named === null) {
    const known = { signing: [], encryption: [], directory: [] };
    return { named, shown, known, remembered: [], strange: unknownOf(shown, null) };
  }
  const known = { signing: [...named.signing], encryption: [...named.encryption], directory: named.directory };
  const remembered = before.filter((each) => !named[each.usage].includes(each.certificate));
  for (const { usage, certificate } of remembered) known[usage].push(certificate);
  // Each that is taken may vouch for the next one, so all are looked at until none is taken any more.
  for (let taken = true; taken; ) {
    taken = false;
    for (const each of unknownOf(shown, known)) {
      if (!(await isVouched(each, endpoint, known.signing))) continue;
      known[each.usage].push(each.certificate);
      remembered.push(each);
      taken = true;
    }
  }
  return { named, shown, known, remembered, strange: unknownOf(shown, known) };
}

/**
 * The party id of the hub, where it is not the one that the settings name; null where it is.
 *
 * @type {(hub: KnownHub) => {known: string | null, strange: string} | null}
 */
export const partyToCompare = ({ named, shown }) =>
  named !== null && named.party === shown.party ? null : { known: named?.party ?? null, strange: shown.party };

/**
 * Whether the hub bears a party id that is not its own: another one than the settings name, or where they name none yet, that
 * of somebody who is known otherwise.
 *
 * @type {(hub: KnownHub, others: Iterable<string>) => boolean}
 */
export function bearsAnothers({ named, shown }, others) {
  if (named?.party !== undefined) return named.party !== shown.party;
  return [...others].some((each) => namesOf(each).includes(shown.party));
}

/**
 * The hub that an administrator says yes to: what is shown, and of what was known whatever it may still have signed. The
 * key of the address book stays unless another one was compared: a portal that shows none would be believed otherwise.
 *
 * @type {(hub: KnownHub, now: Date) => Hub}
 */
export function agreedHub({ shown, known, strange }, now) {
  const older = known.signing.filter((each) => !shown.signing.includes(each) && lasts(each, now));
  const directory = strange.some(({ usage }) => usage === "directory") ? shown.directory : known.directory;
  return { ...shown, directory, signing: [...shown.signing, ...older].slice(0, 8) };
}

/** @typedef {{usage: import("../keys/hub.js").HubUsage, known: string[], strange: string[]}} Compared fingerprints */

/** @type {(hub: KnownHub) => Promise<Compared[]>} what is known of each use of which something strange is shown */
export async function toCompare({ known, strange }) {
  const found = [];
  for (const usage of HUB_USAGES) {
    const other = strange.filter((each) => each.usage === usage).map((each) => each.certificate);
    if (other.length === 0) continue;
    found.push({ usage, known: await Promise.all(known[usage].map(fingerprintOf)), strange: await Promise.all(other.map(fingerprintOf)) });
  }
  return found;
}

/** @type {(each: HubCertificate, endpoint: Endpoint, among: readonly string[]) => Promise<boolean>} */
async function isVouched({ usage, certificate }, { hub, vouched }, among) {
  const read = readCertificate(fromBase64(certificate));
  if (usage === "directory" || read === null) return false; // the key of the book is vouched for by people alone
  const known = among.flatMap((each) => readCertificate(fromBase64(each)) ?? []);
  for (const each of vouched) {
    if (each.usage !== usage || each.certificate !== certificate) continue;
    if (await isEndorsed({ usage, certificate: read }, fromBase64(each.endorsement), hub.value, known)) return true;
  }
  return false;
}

/** @type {(certificate: string, now: Date) => boolean} */
function lasts(certificate, now) {
  const read = readCertificate(fromBase64(certificate));
  return read !== null && read.notAfter > now;
}

/**
 * What the organisation's signed settings give to forms: the accounts that may be used now, and who may be asked.
 *
 * SECURITY: the key Worker verifies each version by the organisation's key; what it refuses stops the answer, so that no
 * account number of somebody else's is ever offered.
 */

import { follows, readSettings, usableAccounts } from "../keys/settings.js";

/** @typedef {import("../keys/keeper.js").Ask} Ask */
/** @typedef {import("../keys/settings.js").Version} Version */
/** @typedef {{text: string, signature: string, received_at: string | null}} Signed */

/** @typedef {{accounts: {iban: string, holder: string}[], contact?: Record<string, string>}} Known */

/**
 * The versions that count, newest first: the newest as the Worker verified it, and of those before as far as each is bound
 * by the hash in the next; they count only for how long an account has stood there.
 * @param {readonly Signed[]} versions newest first
 * @param {Ask} ask
 * @param {Date} now
 * @returns {Promise<Version[]>}
 */
export async function readVersions(versions, ask, now) {
  const [newest, ...before] = versions;
  if (newest === undefined) return [];
  await ask("readSettings", { signed: { text: newest.text, signature: newest.signature } });
  const bound = [newest];
  for (const each of before) {
    const { text } = bound[bound.length - 1];
    if (readSettings(text).anew || !(await follows(each.text, text))) break;
    bound.push(each);
  }
  return bound.map(({ text, received_at }) => ({ settings: readSettings(text), receivedAt: new Date(received_at ?? now) }));
}

/**
 * @param {readonly Signed[]} kept newest first
 * @param {Ask} ask
 * @param {Date} now
 * @returns {Promise<Known>}
 */
export async function readKnown(kept, ask, now) {
  const versions = await readVersions(kept, ask, now);
  if (versions.length === 0) return { accounts: [] };
  const { locks } = await ask("facts");
  const accounts = usableAccounts(versions, now, locks).map(({ iban, name }) => ({ iban, holder: name }));
  const [first] = versions[0].settings.contacts;
  if (first === undefined) return { accounts };
  return { accounts, contact: { Naam: first.name, Emailadres: first.email, Telefoonnummer: first.telephone } };
}

/**
 * What the organisation's signed settings give to forms: the accounts that may be used now, and who may be asked.
 *
 * SECURITY: the key Worker verifies each version by the organisation's key; what it refuses stops the answer, so that no
 * account number of somebody else's is ever offered.
 */

import { follows, readSettings, usableAccounts } from "../keys/settings.js";

/** @typedef {import("../keys/keeper.js").Ask} Ask */
/** @typedef {import("../keys/kept.js").KeptDocument} Signed */

/** @typedef {{accounts: {iban: string, holder: string}[], contact?: Record<string, string>}} Known */

/**
 * @param {readonly Signed[]} versions newest first
 * @param {Ask} ask
 * @param {Date} now
 * @returns {Promise<Known>}
 */
export async function readKnown(versions, ask, now) {
  const [newest, ...before] = versions;
  if (newest === undefined) return { accounts: [] };
  await ask("readSettings", { signed: newest });
  // Those of before count only for how long an account has stood there, and as far as each is bound by the hash in the next.
  const bound = [newest];
  for (const each of before) {
    if (!(await follows(each.text, bound[bound.length - 1].text))) break;
    bound.push(each);
  }
  const known = bound.map(({ text, received_at }) => ({
    settings: readSettings(text),
    receivedAt: new Date(received_at ?? now),
  }));
  const accounts = usableAccounts(known, now).map(({ iban, name }) => ({ iban, holder: name }));
  const [first] = known[0].settings.contacts;
  if (first === undefined) return { accounts };
  return { accounts, contact: { Naam: first.name, Emailadres: first.email, Telefoonnummer: first.telephone } };
}

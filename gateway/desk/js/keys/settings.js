/**
 * An organisation's settings document: its account numbers and contacts, which locks it allows, and which hub it knows
 * (`hub.js`). It is signed with the organisation's own key, so nobody changes an account number through the database.
 *
 * Each version counts one more and names the hash of the one before. The key Worker signs and verifies; what a version
 * says is judged here. A new account number may be used a day after the server received it, or as soon as a second
 * person agreed in a later version whose lock has stood on the unit's signed roster for a week; every browser judges that
 * for itself. That rests on the moments that the administrators' browsers wrote into the roster, and on the server, which
 * lets nobody sign in another's name.
 *
 * @module
 */

import { isHub } from "./hub.js";
import { hex, LABEL, sha256, utf8 } from "./octets.js";

const FORMAT = `${LABEL} settings`;
const WAIT_MS = 24 * 3_600_000;
const SETTLED_MS = 7 * WAIT_MS; // as long as somebody has had a lock who gives a second yes
const MOST_ACCOUNTS = 50;
const MOST_LETTERS = 200;
const LOCK_KINDS = ["passkey", "sheet", "device"];

/**
 * @typedef {{iban: string, name: string, by: string, agreedBy: string | null}} Account
 * @typedef {{name: string, email: string, telephone: string}} Contact
 * @typedef {{accounts: Account[], contacts: Contact[], lockKinds: string[], deskOnly: boolean,
 *   syncedPasskeys: boolean, hub: import("./hub.js").Hub | null}} Content `hub` is null until somebody compared it
 * @typedef {{format: string, counter: number, previous: string, anew?: true} & Content} Settings `anew`: what is before
 *   it was signed with a key that is lost, and makes no account older
 * @typedef {{settings: Settings, receivedAt: Date}} Version as a browser verified it
 * @typedef {{person: string, since: string}} Listed a lock of the roster, as far as it matters here
 */

/** What holds where an organisation has not said anything. @type {Content} */
export const UNSAID = {
  accounts: [], contacts: [], lockKinds: LOCK_KINDS, deskOnly: false, syncedPasskeys: true, hub: null,
}; // prettier-ignore

/**
 * The text of the next version, to be signed.
 * @param {string | null} before the text of the version before, as it was signed
 * @param {Content} content
 * @param {boolean} anew whether the version before is of a key that is lost, and says nothing any more
 * @returns {Promise<string>}
 */
export async function nextSettings(before, content, anew = false) {
  const last = before === null ? null : readSettings(before);
  const previous = before === null ? "" : hex(await sha256(utf8(before)));
  const { accounts, contacts, lockKinds, deskOnly, syncedPasskeys, hub } = content;
  const told = { accounts, contacts, lockKinds, deskOnly, syncedPasskeys, hub, ...(anew ? { anew } : {}) };
  const next = JSON.stringify({ format: FORMAT, counter: (last?.counter ?? 0) + 1, previous, ...told });
  readSettings(next);
  return next;
}

/**
 * What a version says; throws a `TypeError` that names what is wrong with it.
 * @param {string} said
 * @returns {Settings}
 */
export function readSettings(said) {
  const found = JSON.parse(said);
  const { format, counter, previous, anew, accounts, contacts, lockKinds, deskOnly, syncedPasskeys, hub } = Object(found);
  want(format === FORMAT, "format");
  want(Number.isSafeInteger(counter) && counter > 0, "counter");
  want(counter === 1 ? previous === "" : /^[0-9a-f]{64}$/u.test(String(previous)), "previous");
  want(anew === undefined || anew === true, "anew");
  want(Array.isArray(accounts) && accounts.length <= MOST_ACCOUNTS && accounts.every(isAccount), "accounts");
  want(new Set(accounts.map((/** @type {Account} */ each) => each.iban)).size === accounts.length, "accounts");
  want(Array.isArray(contacts) && contacts.length <= MOST_ACCOUNTS && contacts.every(isContact), "contacts");
  want(Array.isArray(lockKinds) && lockKinds.length > 0, "locks");
  want(lockKinds.every((/** @type {string} */ each) => LOCK_KINDS.includes(each)), "locks");
  want(typeof deskOnly === "boolean" && typeof syncedPasskeys === "boolean", "locks");
  want(hub === null || isHub(hub), "hub");
  return found;
}

/**
 * The account numbers that may be written into an answer now.
 * @param {readonly Version[]} versions newest first, each the one before the other, as far back as a day
 * @param {Date} now
 * @param {readonly Listed[]} locks of the unit's roster
 * @returns {Account[]}
 */
export function usableAccounts(versions, now, locks) {
  const accounts = versions[0]?.settings.accounts ?? [];
  return accounts.filter((each) => usableFrom(each, versions, locks) <= now);
}

/**
 * From when an account of the newest version may be used: a day after it came to stand there, or since two people want it.
 * @param {Account} account
 * @param {readonly Version[]} versions newest first, each the one before the other, as far back as a day
 * @param {readonly Listed[]} locks of the unit's roster
 * @returns {Date}
 */
export function usableFrom({ iban, by, agreedBy }, versions, locks) {
  const standing = standingSince(iban, versions);
  const waited = standing.getTime() + WAIT_MS;
  // One person can write two names at once, so an account has to have stood there before anybody agreed with it.
  const proposed = versions.slice(1).some(({ settings }) =>
    settings.accounts.some((each) => each.iban === iban && each.by === by && each.agreedBy === null),
  );
  if (!proposed || agreedBy === null || agreedBy === by) return new Date(waited);
  const gap = versions.findIndex(({ settings }) => !settings.accounts.some((each) => each.iban === iban && each.agreedBy === agreedBy));
  const agreed = (versions[gap < 0 ? versions.length - 1 : gap - 1] ?? versions[0])?.receivedAt.getTime() ?? waited;
  return new Date(Math.min(waited, Math.max(agreed, settledAt(agreedBy, locks))));
}

/**
 * Since when an account has stood in the versions without a gap.
 * @param {string} iban of an account of the newest version
 * @param {readonly Version[]} versions newest first
 * @returns {Date}
 */
export function standingSince(iban, versions) {
  const gap = versions.findIndex(({ settings }) => !settings.accounts.some((each) => each.iban === iban));
  const first = versions[gap < 0 ? versions.length - 1 : gap - 1];
  if (first === undefined) throw new RangeError("an account of no version");
  return first.receivedAt;
}

/**
 * From when somebody may give a second yes: a week after the oldest of the locks that this person has; never without one.
 * @param {string} person
 * @param {readonly Listed[]} locks
 */
export function settledAt(person, locks) {
  const since = locks.filter((each) => each.person === person).map((each) => Date.parse(each.since));
  return since.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...since) + SETTLED_MS;
}

/**
 * Whether one text is the version after another.
 * @param {string} before
 * @param {string} next
 * @returns {Promise<boolean>}
 */
export async function follows(before, next) {
  const [one, other] = [readSettings(before), readSettings(next)];
  return other.counter === one.counter + 1 && other.previous === hex(await sha256(utf8(before)));
}

/**
 * Whether this is an account number as messages write it: without spaces, in capitals, with the right check digits
 * (ISO 13616). A Dutch one also has its bank and ten digits; of others the length is the sender's affair.
 * @param {string} iban
 * @returns {boolean}
 */
export function isIban(iban) {
  if (!/^[A-Z]{2}[0-9]{2}[0-9A-Z]{11,30}$/u.test(iban)) return false;
  if (iban.startsWith("NL") && !/^NL[0-9]{2}[A-Z]{4}[0-9]{10}$/u.test(iban)) return false;
  if (["00", "01", "99"].includes(iban.slice(2, 4))) return false; // check digits that are never given out
  const turned = iban.slice(4) + iban.slice(0, 4);
  let rest = 0;
  for (const letter of turned) {
    const value = Number.parseInt(letter, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest === 1;
}

/** @param {unknown} value */
function isAccount(value) {
  const { iban, name, by, agreedBy } = Object(value);
  const people = isLine(by) && (agreedBy === null || isLine(agreedBy));
  return typeof iban === "string" && isIban(iban) && isLine(name) && people;
}

/** @param {unknown} value */
function isContact(value) {
  const { name, email, telephone } = Object(value);
  return isLine(name) && isLine(email) && isLine(telephone);
}

/** One line of text, without what turns or hides it. @param {unknown} value */
export function isLine(value) {
  return typeof value === "string" && value.length <= MOST_LETTERS && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value);
}

/** @param {boolean} holds @param {string} what */
function want(holds, what) {
  if (!holds) throw new TypeError(`settings: ${what}`);
}

/**
 * What somebody changes of an organisation's settings, apart from the version that it is made on: so that what was typed
 * is there still where a colleague saved in between, and is put on the colleague's version.
 *
 * @module
 */

import { isIban, isLine } from "./settings.js";

/** @typedef {import("./settings.js").Content} Content */
/** @typedef {import("./settings.js").Contact} Contact */
/** @typedef {{iban: string, name: string}} NewAccount as typed */
/** @typedef {Pick<Content, "lockKinds" | "deskOnly" | "syncedPasskeys">} Locks */
/**
 * @typedef {object} Edit
 * @property {readonly string[]} removed account numbers
 * @property {readonly string[]} agreed account numbers that somebody else proposed
 * @property {readonly NewAccount[]} added
 * @property {readonly Contact[] | null} contacts all of them; null where nobody touched them
 * @property {Locks | null} locks null where nobody touched them
 */
/** @typedef {{field: string, why: string}} Fault the id of a field, and the key of a sentence */

/** @type {Edit} */
export const UNTOUCHED = { removed: [], agreed: [], added: [], contacts: null, locks: null };

/**
 * An account number as messages write it, of what somebody typed.
 * @param {string} typed
 */
export const ibanOf = (typed) => typed.replace(/[\s.]/gu, "").toUpperCase();

/**
 * What the version says with that change.
 * @param {Content} base
 * @param {Edit} edit
 * @param {string} by the person who makes it
 * @returns {Content}
 */
export function edited(base, { removed, agreed, added, contacts, locks }, by) {
  const kept = base.accounts
    .filter(({ iban }) => !removed.includes(iban))
    .map((each) => (agreed.includes(each.iban) && each.by !== by ? { ...each, agreedBy: by } : each));
  const others = added.map(({ iban, name }) => ({ iban: ibanOf(iban), name: name.trim(), by, agreedBy: null }));
  const accounts = [...kept, ...others];
  const { lockKinds, deskOnly, syncedPasskeys } = locks ?? base;
  return { ...base, accounts, contacts: [...(contacts ?? base.contacts)], lockKinds: [...lockKinds], deskOnly, syncedPasskeys };
}

/**
 * Without what is as it was, so that a colleague who changes it in between is not undone.
 * @param {Edit} edit
 * @param {Content} base
 * @returns {Edit}
 */
export function touched(edit, base) {
  const { lockKinds, deskOnly, syncedPasskeys } = base;
  const before = { lockKinds: ["passkey", "sheet", "device"].filter((each) => lockKinds.includes(each)), deskOnly, syncedPasskeys };
  return {
    ...edit,
    contacts: same(edit.contacts, base.contacts) ? null : edit.contacts,
    locks: same(edit.locks, before) ? null : edit.locks,
  };
}

/**
 * What stands in the fields and is not in the version that was saved meanwhile.
 * @param {Edit} typed all that stands there now
 * @param {Edit} saved
 * @param {Content} base the version that was saved
 * @returns {Edit}
 */
export function unsaved(typed, saved, base) {
  return touched(
    {
      ...typed,
      removed: typed.removed.filter((each) => !saved.removed.includes(each)),
      added: typed.added.filter((each) => !saved.added.some((other) => same(each, other))),
    },
    base,
  );
}

/**
 * What is wrong with what was typed, field by field.
 * @param {Content} base
 * @param {Edit} edit
 * @returns {Fault[]}
 */
export function faultsOf(base, { removed, added, contacts, locks }) {
  /** @type {Fault[]} */
  const faults = [];
  const there = new Set(base.accounts.map((each) => each.iban).filter((each) => !removed.includes(each)));
  for (const [index, { iban, name }] of added.entries()) {
    const number = ibanOf(iban);
    if (!isIban(number)) faults.push({ field: `iban-${index}`, why: "settings.fault.iban" });
    else if (there.has(number)) faults.push({ field: `iban-${index}`, why: "settings.fault.twice" });
    if (!isSaid(name)) faults.push({ field: `iban-name-${index}`, why: "settings.fault.name" });
    there.add(number);
  }
  for (const [index, { name, email, telephone }] of (contacts ?? []).entries()) {
    if (!isSaid(name)) faults.push({ field: `contact-name-${index}`, why: "settings.fault.name" });
    if (!isLine(email) || !/^[^\s@]+@[^\s@]+$/u.test(email)) faults.push({ field: `contact-email-${index}`, why: "settings.fault.email" });
    if (!isSaid(telephone)) faults.push({ field: `contact-telephone-${index}`, why: "settings.fault.telephone" });
  }
  if (locks !== null && locks.lockKinds.length === 0) faults.push({ field: "kind-passkey", why: "settings.fault.no_kind" });
  return faults;
}

/** Whether two values are written the same. @param {unknown} one @param {unknown} other */
const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

/** @param {string} text */
const isSaid = (text) => text.trim() !== "" && isLine(text);

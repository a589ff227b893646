/**
 * The sentence for each word by which keys, locks and the portal say no.
 *
 * @module
 */

import { CeremonyBroken } from "../keys/ceremony.js";
import { KeyFault } from "../keys/keeper.js";
import { PasskeyFault } from "../keys/passkey.js";
import { CallFault } from "./calling.js";

/** @typedef {import("./sentences.js").Sentences} Sentences */

/** @type {Record<string, string>} */
const KEYS = {
  "does-not-open": "keys.why.does_not_open",
  "no-lock": "keys.why.no_lock",
  stranger: "keys.why.stranger",
  "not-an-administrator": "keys.why.not_an_administrator",
  "foreign-roster": "keys.why.foreign",
  "foreign-key": "keys.why.foreign",
  "not-on-the-roster": "keys.why.foreign",
  "older-roster": "keys.why.older",
  "older-settings": "keys.why.older",
  "older-known": "keys.why.older",
  "foreign-known": "keys.why.foreign",
  "not-confirmed": "keys.why.not_confirmed",
  locked: "keys.why.locked",
  "kind-not-allowed": "keys.kind_not_allowed",
  "synced-not-allowed": "keys.synced_not_allowed",
  "desk-only": "keys.desk_only",
  "foreign-settings": "keys.why.foreign_settings",
};

/** @type {Record<string, string>} */
const PASSKEYS = {
  cancelled: "keys.why.cancelled",
  "no-prf": "keys.why.no_prf",
  "not-verified": "keys.why.not_verified",
  foreign: "keys.why.does_not_open",
};

/**
 * @param {unknown} fault
 * @param {Sentences} t
 * @returns {string}
 */
export function whyNot(fault, t) {
  if (fault instanceof CallFault) {
    const said = fault.text || t("keys.why.failed");
    return fault.number === "" ? said : `${said} (${fault.number})`;
  }
  if (fault instanceof CeremonyBroken) return t("keys.why.ceremony");
  if (fault instanceof PasskeyFault) return t(PASSKEYS[fault.message] ?? "keys.why.failed");
  if (fault instanceof KeyFault) return t(KEYS[fault.message] ?? "keys.why.failed");
  return t("keys.why.failed");
}

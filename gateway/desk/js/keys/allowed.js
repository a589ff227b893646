/**
 * Which locks an organisation's settings allow, asked wherever a lock is made, lets somebody in or is let in. What the
 * settings say comes from the key Worker, which verified it, and what a lock is from the words of the ceremony or the
 * signed roster: a server that switches a kind on, or calls a lock another, is noticed.
 *
 * @module
 */

import { KeyFault } from "./keeper.js";
import { newestSettings } from "./seen.js";

/** @typedef {import("./keeper.js").Ask} Ask */
/** @typedef {import("./seen.js").Signed} Signed */
/** @typedef {import("./settings.js").Content} Content */
/** @typedef {Pick<Content, "lockKinds" | "deskOnly" | "syncedPasskeys">} Allowing */
/** @typedef {{kind: string, synced?: boolean}} Kind `synced`: its passkey is copied to other machines of its owner */

const OWN_MACHINE = /^(localhost|[a-z0-9-]+\.localhost|127\.0\.0\.1|\[::1\])$/; // browsers look these up nowhere

/**
 * Why a lock may not be: a word that the page has a sentence for, or null where it may.
 * @param {Allowing} settings
 * @param {Kind} lock
 * @param {string} host where this page came from
 * @returns {"kind-not-allowed" | "synced-not-allowed" | "desk-only" | null}
 */
export function refusalOf({ lockKinds, deskOnly, syncedPasskeys }, { kind, synced = false }, host) {
  if (!lockKinds.includes(kind)) return "kind-not-allowed";
  if (kind === "passkey" && synced && !syncedPasskeys) return "synced-not-allowed";
  return deskOnly && !OWN_MACHINE.test(host) ? "desk-only" : null;
}

/**
 * Refuses a lock that the organisation does not allow, by its own signed word. The Worker is open; where its key is new,
 * since all locks were lost, what was said under the lost one holds for nobody.
 * @param {Ask} ask
 * @param {readonly Signed[]} settings newest first, as the server shows them
 * @param {Kind} lock
 * @param {string} host where this page came from
 */
export async function wantAllowedBy(ask, settings, lock, host) {
  const { content } = await newestSettings(ask, settings);
  const refusal = refusalOf(content, lock, host);
  if (refusal !== null) throw new KeyFault(refusal);
}

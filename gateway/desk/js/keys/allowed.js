/**
 * Which locks an organisation's settings allow, asked wherever a lock is made, lets somebody in or is let in. What the
 * settings say comes from the key Worker, which verified it, and what a lock is from the words of the ceremony or the
 * signed roster: a server that switches a kind on, or calls a lock another, is noticed.
 *
 * @module
 */

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

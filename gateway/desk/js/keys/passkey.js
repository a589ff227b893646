/**
 * Locks that a passkey opens: what the authenticator makes of the lock's own input (WebAuthn, extension prf) is the
 * secret. Values at creation have differed from later ones, so it is always taken by `get`, after the person was
 * verified; and whether an authenticator can do it shows when it did: `enabled` proves nothing.
 *
 * @module
 */

import { base64, fromBase64, hashOf, randomOctets, utf8 } from "./octets.js";

const USER_VERIFIED = 0x04; // flags of the authenticator's data (WebAuthn 6.1)
const BACKUP_ELIGIBLE = 0x08;
const FLAGS_AT = 32;
const WAIT_MS = 120_000;
const ES256 = -7;
const RS256 = -257; // Windows Hello

/** Why a passkey opened nothing: a word that the page has a sentence for. */
export class PasskeyFault extends Error {}

/**
 * @typedef {{id: string, unit: string, credential: string}} PasskeyLock `credential` as base64
 * @typedef {Pick<CredentialsContainer, "create" | "get">} Credentials
 */

/**
 * What the authenticator is asked for a lock: 32 octets that belong to it alone.
 * @param {string} unit
 * @param {string} lock
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export function prfInput(unit, lock) {
  return hashOf("prf", [unit, lock]);
}

/**
 * Makes a passkey for a person; it opens nothing before `openPasskey` did.
 * @param {{person: string, name: string, product: string}} whose
 * @param {Credentials} credentials
 * @returns {Promise<{credential: string, synced: boolean}>}
 */
export async function makePasskey({ person, name, product }, credentials = navigator.credentials) {
  const made = await asked(() =>
    credentials.create({
      publicKey: {
        challenge: randomOctets(32), // nobody verifies it: the passkey is no login
        rp: { name: product },
        user: { id: utf8(person), name, displayName: name },
        pubKeyCredParams: [ES256, RS256].map((alg) => ({ type: "public-key", alg })),
        authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
        extensions: { prf: {} },
        timeout: WAIT_MS,
      },
    }),
  );
  const data = /** @type {any} */ (made).response.getAuthenticatorData();
  const flags = new Uint8Array(data)[FLAGS_AT] ?? 0;
  return { credential: base64(new Uint8Array(made.rawId)), synced: (flags & BACKUP_ELIGIBLE) !== 0 };
}

/**
 * Has the person open one of these locks, whichever passkey is at hand.
 * @param {readonly PasskeyLock[]} locks
 * @param {Credentials} credentials
 * @returns {Promise<{lock: string, secret: Uint8Array<ArrayBuffer>}>}
 */
export async function openPasskey(locks, credentials = navigator.credentials) {
  /** @type {Record<string, {first: Uint8Array<ArrayBuffer>}>} */
  const evalByCredential = {};
  for (const { id, unit, credential } of locks) {
    evalByCredential[urlSafe(credential)] = { first: await prfInput(unit, id) };
  }
  const found = await asked(() =>
    credentials.get({
      publicKey: {
        challenge: randomOctets(32),
        allowCredentials: locks.map(({ credential }) => ({ type: "public-key", id: fromBase64(credential) })),
        userVerification: "required",
        extensions: { prf: { evalByCredential } },
        timeout: WAIT_MS,
      },
    }),
  );
  const lock = locks.find(({ credential }) => credential === base64(new Uint8Array(found.rawId)));
  const response = /** @type {AuthenticatorAssertionResponse} */ (found.response);
  const flags = new Uint8Array(response.authenticatorData)[FLAGS_AT] ?? 0;
  if (lock === undefined) throw new PasskeyFault("foreign");
  if ((flags & USER_VERIFIED) === 0) throw new PasskeyFault("not-verified");
  const first = found.getClientExtensionResults().prf?.results?.first;
  if (first === undefined) throw new PasskeyFault("no-prf");
  const secret = new Uint8Array(/** @type {ArrayBuffer} */ (first));
  if (secret.length !== 32) throw new PasskeyFault("no-prf");
  return { lock: lock.id, secret };
}

/**
 * What the browser's dialogue came to; a person who went away is no fault of the browser's.
 * @param {() => Promise<Credential | null>} work
 * @returns {Promise<PublicKeyCredential>}
 */
async function asked(work) {
  let found;
  try {
    found = await work();
  } catch (fault) {
    const name = fault instanceof DOMException ? fault.name : "";
    throw new PasskeyFault(name === "NotAllowedError" || name === "AbortError" ? "cancelled" : "failed");
  }
  if (found === null) throw new PasskeyFault("cancelled");
  return /** @type {PublicKeyCredential} */ (found);
}

/** @param {string} text base64 */
function urlSafe(text) {
  return text.replace(/\+/gu, "-").replace(/\//gu, "_").replace(/=+$/u, "");
}

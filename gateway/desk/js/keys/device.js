/**
 * Locks that a device opens: a key that nobody can export, kept in the browser's own database.
 *
 * Whoever can use the browser's profile can use it, which is less than a passkey asks: an organisation may forbid it.
 * The key Worker is handed the key as it lies there, and cannot export it either.
 *
 * @module
 */

import { inStore } from "./database.js";

const DATABASE = "knooppunt-desk";
const STORE = "locks";

/**
 * A new key for a lock, kept; `false` where the browser may throw its storage away when room is short.
 * @param {string} lock
 * @returns {Promise<{kek: CryptoKey, lasts: boolean}>}
 */
export async function makeDeviceKey(lock) {
  const usages = /** @type {KeyUsage[]} */ (["encrypt", "decrypt", "wrapKey", "unwrapKey"]);
  const kek = await crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, usages);
  await inLocks("readwrite", (store) => store.put(kek, lock));
  return { kek, lasts: (await navigator.storage?.persist?.()) ?? false };
}

/**
 * The key of a lock, if this browser has it.
 * @param {string} lock
 * @returns {Promise<CryptoKey | null>}
 */
export async function deviceKey(lock) {
  return (await inLocks("readonly", (store) => store.get(lock))) ?? null;
}

/**
 * The key is gone, and with it what it opened here.
 * @param {string} lock
 * @returns {Promise<void>}
 */
export async function forgetDeviceKey(lock) {
  await inLocks("readwrite", (store) => store.delete(lock));
}

/**
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest} work
 */
const inLocks = (mode, work) => inStore(DATABASE, STORE, mode, work);

/**
 * Asks again what the portal is too busy for now, as often as a long list takes: it says itself after how long.
 */

import { CallFault } from "./calling.js";

const BUSY = [429, 503];
const TRIES = 10;
const MOST_SECONDS = 60;

/**
 * @template T
 * @param {() => Promise<T>} work that can be done again
 * @param {(seconds: number) => Promise<void>} [wait]
 * @returns {Promise<T>}
 */
export async function patiently(work, wait = pause) {
  for (let tries = 1; ; tries += 1) {
    try {
      return await work();
    } catch (fault) {
      if (!(fault instanceof CallFault) || !BUSY.includes(fault.status) || fault.after === null || tries === TRIES) throw fault;
      await wait(Math.min(fault.after, MOST_SECONDS));
    }
  }
}

/** @param {number} seconds @returns {Promise<void>} */
const pause = (seconds) => new Promise((done) => setTimeout(done, seconds * 1000));

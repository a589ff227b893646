/**
 * Keeps a message in this browser's hands while somebody works at it, and says when it is not any more.
 *
 * Only what a person does counts as work, so a tab that was left alone lets go of the message by itself.
 */

import { CallFault } from "./calling.js";
import { SIGNS } from "./staying.js";

// A lease lasts half an hour from when it was last prolonged.
const PROLONG_MILLISECONDS = 5 * 60_000;
const LOST = [404, 410];

/**
 * @param {() => Promise<unknown>} prolong
 * @param {() => void} lost the lease is another's, or over
 * @param {EventTarget} where what somebody does there is work
 * @returns {() => void} stops it
 */
export function keepLease(prolong, lost, where = document) {
  let used = false;
  const use = () => {
    used = true;
  };
  const look = async () => {
    if (!used) return;
    used = false;
    try {
      await prolong();
    } catch (fault) {
      // Whatever else went wrong is tried again: the lease has time left.
      if (!(fault instanceof CallFault) || !LOST.includes(fault.status)) return use();
      stop();
      lost();
    }
  };
  const timer = setInterval(look, PROLONG_MILLISECONDS);
  for (const sign of SIGNS) where.addEventListener(sign, use);

  function stop() {
    clearInterval(timer);
    for (const sign of SIGNS) where.removeEventListener(sign, use);
  }
  return stop;
}

/**
 * Whoever works on a page keeps its keys open, also where a long text asks nothing of the key Worker meanwhile.
 *
 * @module
 */

/** What a person does is work; whatever a page does by itself is none. */
export const SIGNS = ["pointerdown", "keydown", "input"];

const QUIET_MILLISECONDS = 60_000; // a small part of what the Worker waits until it locks

/**
 * Tells the key Worker of work, once a minute at most.
 * @param {() => void} stay
 * @param {EventTarget} where
 * @param {() => number} now in milliseconds
 */
export function stayAtWork(stay, where, now = () => performance.now()) {
  let told = Number.NEGATIVE_INFINITY;
  const tell = () => {
    if (now() - told < QUIET_MILLISECONDS) return;
    told = now();
    stay();
  };
  for (const sign of SIGNS) where.addEventListener(sign, tell);
}

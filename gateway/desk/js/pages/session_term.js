/**
 * When a session ends, and what a page does about it until then. Pure: moments are milliseconds and come as arguments.
 *
 * A session ends some time after its last use, which can be put off, and at the latest some hours after it began, which
 * cannot. The clock of the server counts; a page knows how far its own is off from it.
 */

/** Before the end somebody is warned this long ahead (WCAG 2.2.1 asks for twenty seconds at least). */
export const WARNED_AHEAD_MILLISECONDS = 120_000;

/** The longest delay that timers of browsers keep. */
const LONGEST_DELAY_MILLISECONDS = 2_147_483_647;

/**
 * @typedef {{idleEndsAt: number, endsAt: number, ahead: number}} Term
 * Both ends by the server's clock, and how far that is ahead of the clock here.
 */

/**
 * @typedef {{what: 'wait', milliseconds: number}
 *   | {what: 'warn', left: number, canStay: boolean}
 *   | {what: 'over'}} Step
 */

/**
 * What to do now, by the clock here; after `wait` it is asked anew.
 *
 * @param {Term} term
 * @param {number} now
 * @returns {Step}
 */
export function step(term, now) {
  const end = Math.min(term.idleEndsAt, term.endsAt);
  const left = end - (now + term.ahead);
  if (left <= 0) return { what: 'over' };
  if (left > WARNED_AHEAD_MILLISECONDS) {
    return { what: 'wait', milliseconds: Math.min(left - WARNED_AHEAD_MILLISECONDS, LONGEST_DELAY_MILLISECONDS) };
  }
  return { what: 'warn', left, canStay: term.idleEndsAt < term.endsAt };
}

/**
 * What a page knows after another told of a later end, as one does that was used meanwhile.
 *
 * @param {Term} term
 * @param {number} idleEndsAt
 * @returns {Term}
 */
export function prolonged(term, idleEndsAt) {
  return Number.isFinite(idleEndsAt) && idleEndsAt > term.idleEndsAt ? { ...term, idleEndsAt } : term;
}

/**
 * Whole minutes that are left, as they are told: never none while there is any.
 *
 * @param {number} milliseconds
 */
export function minutes(milliseconds) {
  return Math.max(1, Math.round(milliseconds / 60_000));
}

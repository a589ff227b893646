/**
 * Which of the things that were begun a page has in hand: what is written or sent in one tab no other one takes, so that
 * nothing goes twice, and nobody goes on with what he does not see.
 *
 * A tab that was closed, or broke down, has let go of all: the browser sees to that.
 */

/** @typedef {ReturnType<typeof handsOf>} Hands */

/**
 * @param {string} unit whose things they are, as they lie in this browser
 * @param {LockManager} locks of the browser
 */
export function handsOf(unit, locks) {
  /** @type {Map<string, () => void>} how each of them is let go of */
  const held = new Map();
  return {
    /** @type {(name: string) => boolean} */
    has: (name) => held.has(name),

    /** False while another tab has it. @param {string} name @returns {Promise<boolean>} */
    take(name) {
      if (held.has(name)) return Promise.resolve(true);
      return new Promise((taken, failed) => {
        const holding = (/** @type {Lock | null} */ lock) => {
          if (lock === null) return taken(false);
          return new Promise((letGo) => {
            held.set(name, () => letGo(undefined));
            taken(true);
          });
        };
        locks.request(`knooppunt-draft ${unit} ${name}`, { ifAvailable: true }, holding).catch(failed);
      });
    },

    /** @param {string} name */
    letGo(name) {
      held.get(name)?.();
      held.delete(name);
    },
  };
}

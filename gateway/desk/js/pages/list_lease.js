/**
 * The list that a page has open: whatever it opens joins it, it is prolonged as long as somebody works at the page, and
 * given up as a whole when the page is left, so that a colleague gets what was not answered.
 */

import { keepLease } from "./lease_keeper.js";

/** @typedef {import("./calls.js").Calls} Calls */
/** @typedef {import("./calls.js").ListKind} ListKind */
/** @typedef {import("./calls.js").Question} Question */

const MOST_REFERENCES = 1_000; // of one call

/**
 * @param {Pick<Calls, "openList" | "openQuestions" | "prolongList" | "releaseList">} calls
 * @param {typeof keepLease} [keep]
 */
export function listOfPage(calls, keep = keepLease) {
  /** @type {string | null} */
  let name = null;
  let stop = () => {};
  /** @type {Set<string>} lists on their way whose answers still need their questions */
  const needed = new Set();

  /** @param {string | null} given */
  function take(given) {
    if (given === name) return;
    stop();
    name = given;
    stop = given === null ? () => {} : keep(() => calls.prolongList(given), () => take(null));
  }

  return {
    /** The questions of a kind. @param {ListKind} kind */
    async open(kind) {
      const found = await calls.openList(kind, name);
      take(found.list);
      return found;
    },

    /** What became of these questions, however many. @param {readonly string[]} references @returns {Promise<Question[]>} */
    async ask(references) {
      /** @type {Question[]} */
      const questions = [];
      for (let at = 0; at < references.length; at += MOST_REFERENCES) {
        const found = await calls.openQuestions(references.slice(at, at + MOST_REFERENCES), name);
        if (found.list !== null) take(found.list);
        questions.push(...found.questions);
      }
      return questions;
    },

    /** Something is on its way, and goes on later where it stops: until it has gone nothing is given up.
     * @param {string} bulk */
    need: (bulk) => void needed.add(bulk),
    /** @param {string} bulk */
    spare: (bulk) => void needed.delete(bulk),

    letGo() {
      const given = name;
      take(null);
      if (given !== null && needed.size === 0) calls.releaseList(given).catch(() => undefined); // it lapses by itself, too
    },
  };
}

/** @typedef {ReturnType<typeof listOfPage>} PageList */

/**
 * One text that goes to one or several, each its own message: whose ids are fixed before it first leaves, so that a
 * letter of which nobody knows whether it arrived is the same message when it goes again.
 *
 * Pure but for chance, which is handed in and, for each letter, written down.
 */

import { base64, fromBase64 } from "../as4/octets.js";

/** @typedef {import("../as4/octets.js").Octets} Octets */
/** @typedef {import("../as4/answer.js").Violation} Violation */
/** @typedef {import("../pages/outgoing.js").Chance} Chance */

/** @typedef {{party: string, name: string, conversation?: string}} Receiver without a conversation it begins one */
/**
 * @typedef {object} Letter
 * @property {string} party
 * @property {string} name
 * @property {string} conversation
 * @property {boolean} goesOn whether the conversation was there before
 * @property {string} reference
 * @property {string | null} moment when it was made, from which on its document stays as it is
 * @property {string[]} drawn all that was left to chance in it, in the order in which it was drawn: first its id
 * @property {string | null} receipt the id of the hub's receipt: it went
 * @property {Violation[]} refused why the hub did not take it
 * @property {boolean} [unsure] it was refused when it went again, which does not say that it did not arrive before
 */

/** @type {(receivers: readonly Receiver[], chance: Chance) => Letter[]} */
export function lettersTo(receivers, chance) {
  return receivers.map(({ party, name, conversation }) => ({
    ...{ party, name, conversation: conversation ?? chance.uuid(), goesOn: conversation !== undefined },
    ...unmade(chance),
  }));
}

/** What has still to go: a letter that was refused as another, if there is none at the hub; every other as it was.
 * @type {(letters: readonly Letter[], chance: Chance) => Letter[]}
 */
export function stillToGo(letters, chance) {
  return letters.map((each) => (isRefused(each) ? { ...each, ...unmade(chance) } : each));
}

/**
 * Its MessageId is drawn with it, before anything else of it: should it ever go by two ways, it goes as one message.
 * @type {(chance: Chance) => Pick<Letter, "reference" | "moment" | "drawn" | "receipt" | "refused">}
 */
const unmade = (chance) => ({ reference: chance.uuid(), moment: null, drawn: [chance.uuid()], receipt: null, refused: [] });

/**
 * Chance as it was in this letter, and where more is drawn than before, written down there.
 * @param {Letter} letter
 * @param {Chance} chance
 * @returns {Chance}
 */
export function chanceOf(letter, chance) {
  let at = 0;
  const next = (/** @type {() => string} */ draw) => {
    if (at === letter.drawn.length) letter.drawn.push(draw());
    at += 1;
    return letter.drawn[at - 1];
  };
  return {
    uuid: () => next(chance.uuid),
    octets: (count) => /** @type {Octets} */ (fromBase64(next(() => base64(chance.octets(count))))),
  };
}

/** @type {(letters: readonly Letter[]) => Letter[]} those that the hub has not */
export const unsentOf = (letters) => letters.filter(({ receipt }) => receipt === null);

/** @type {(letter: Letter) => boolean} whether the hub did not take it, and has none of its id */
export const isRefused = ({ receipt, refused, unsure = false }) => receipt === null && refused.length > 0 && !unsure;

/** Whether one of them may lie at the hub already, so that it goes as it is or not at all.
 * @type {(letters: readonly Letter[]) => boolean} */
export const mayHaveArrived = (letters) => unsentOf(letters).some((each) => each.moment !== null && !isRefused(each));

/**
 * What the hub answered. Where it says what is wrong in a text, that one did not arrive before. All else may be said of
 * one that did: that its id was used for another text, that it was signed anew too often, that its certificate is withdrawn.
 * @type {(letter: Letter, outcome: {receipt: string} | {errors: Violation[]}, again: boolean) => void}
 */
export function noteOutcome(letter, outcome, again) {
  const [receipt, refused] = "receipt" in outcome ? [outcome.receipt, []] : [null, outcome.errors];
  Object.assign(letter, { receipt, refused, unsure: again && refused.length > 0 && refused.every(({ kind }) => kind === null) });
}

/** What never left is to be made anew, with other parts perhaps, under its id. @type {(letter: Letter) => void} */
export function unmake(letter) {
  letter.moment = null;
  letter.drawn = letter.drawn.slice(0, 1);
}

/** @type {(letters: readonly Letter[]) => boolean} whether one of them may have left already */
export const isUnderWay = (letters) => letters.some(({ moment }) => moment !== null);

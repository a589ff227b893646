/**
 * The kinds of rules of layer two: the twin of xsd/rule_kinds.py, over values instead of elements and held to the same
 * documents. Rules are meant for values that passed the bounds of their fields; a sum skips what is no number, so that it
 * can be asked while somebody types. An assertion is the hub's to judge.
 */

import { accountNumber, elevenTest } from "./check_digits.js";
import { compare, decimal, sum } from "./decimals.js";
import { find, root, textAt } from "./places.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Rule} Rule */
/** @typedef {import("./types.js").Condition} Condition */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./types.js").Fault} Fault */
/** @typedef {import("./places.js").Place} Place */

/**
 * What the values break of the rules of their type; those that need the question only when it is given.
 * @param {Description} description
 * @param {Values} values
 * @param {{description: Description, values: Values} | null} [question]
 * @returns {Fault[]}
 */
export function brokenRules(description, values, question = null) {
  const start = root(description, values);
  const asked = question === null ? null : root(question.description, question.values);
  return description.rules.flatMap((rule) =>
    KINDS[rule.kind](rule, start, asked).map(({ path }) => ({ path, code: rule.code, nl: rule.nl, en: rule.en })),
  );
}

/**
 * Whether a rule holds at a place: the element has one of the values or, negated, none of them.
 * @param {Condition | null | undefined} condition
 * @param {Place} place
 */
export function holds(condition, place) {
  if (!condition) return true;
  const found = find(place, condition.path).some((each) => condition.values.includes(textAt(each).trim()));
  return found !== condition.negated;
}

/** @type {Record<Rule["kind"], (rule: Rule, start: Place, question: Place | null) => Place[]>} */
const KINDS = {
  CheckDigit({ at = "", algorithm, countries = {} }, start) {
    return find(start, at).filter((place) => {
      const number = textAt(place).trim();
      return algorithm === "iban" ? !accountNumber(number, countries) : !elevenTest(number);
    });
  },

  Sum({ within = "", total = "", terms = [] }, start) {
    return find(start, within).flatMap((place) => {
      const texts = terms.flatMap((term) => find(place, term)).map(textAt);
      const totals = find(place, total).filter((each) => decimal(textAt(each)) !== null);
      if (!texts.length || texts.some((text) => decimal(text) === null)) return [];
      return totals.filter((each) => compare(textAt(each), sum(texts)) !== 0);
    });
  },

  OneOf({ within = "", condition, choose = [], least = 1, most = 1 }, start) {
    return find(start, within).flatMap((place) => {
      if (!holds(condition, place)) return [];
      const present = choose.flatMap((path) => find(place, path).slice(0, 1));
      return present.length < least ? [place] : present.slice(most, most + 1);
    });
  },

  DateOrder({ within = "", earlier = "", later = "" }, start) {
    return find(start, within).flatMap((place) => {
      const bounds = find(place, later).map((each) => textAt(each).trim());
      return find(place, earlier).filter((each) => {
        const value = textAt(each).trim();
        return bounds.some((bound) => value.slice(0, bound.length) > bound.slice(0, value.length));
      });
    });
  },

  SameSet({ condition, here = "", there = "" }, start, question) {
    if (question === null || !holds(condition, start)) return [];
    const answered = find(start, here).map((each) => textAt(each).trim());
    const asked = [...new Set(find(question, there).map((each) => textAt(each).trim()))];
    const same = answered.length === asked.length && asked.every((each) => answered.includes(each));
    return same ? [] : [start];
  },

  Fixed({ at = "", value }, start) {
    return find(start, at).filter((each) => textAt(each).trim() !== value);
  },

  Assertion() {
    return [];
  },
};

/**
 * Which parts of a form the rules ask for and which they forbid, given what stands in it: a form shows no field that may
 * not be filled, and asks for one that must be. Follows from the rules of kind OneOf, so no form has conditions of its own.
 */

import { elementsOf, find, pathBelow, root, textAt } from "./places.js";
import { holds } from "./rules.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Rule} Rule */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./places.js").Place} Place */

/**
 * The paths of elements that may not be there, and of those that must, at this moment. Of a repeated element the path of
 * its first place stands for all.
 * @typedef {{hidden: Set<string>, required: Set<string>}} Standing
 */

/**
 * @param {Description} description
 * @param {Values} values
 * @returns {Standing}
 */
export function standing(description, values) {
  const start = root(description, values);
  /** @type {Standing} */
  const found = { hidden: new Set(), required: new Set() };
  for (const rule of description.rules) {
    if (rule.kind !== "OneOf") continue;
    for (const place of find(start, rule.within ?? "")) {
      const paths = (rule.choose ?? []).flatMap((path) => potential(place, path));
      if (forbids(rule)) {
        if (holds(rule.condition, place) || undecided(rule, place)) paths.forEach((path) => found.hidden.add(path));
      } else if (holds(rule.condition, place) && rule.choose?.length === rule.least) {
        paths.forEach((path) => found.required.add(path));
      }
    }
  }
  found.required.forEach((path) => found.hidden.delete(path));
  return found;
}

/**
 * The place that a fault is shown at: the element that a rule misses, where it names one; the field of which a value
 * comes twice; and else the place itself.
 * @param {Description} description
 * @param {Values} values
 * @param {{path: string, code: string}} fault
 * @returns {string}
 */
export function shownAt(description, values, fault) {
  const start = root(description, values);
  for (const { within, at } of description.unique.filter((each) => each.code === fault.code)) {
    const place = find(start, within).find((each) => each.path === fault.path);
    if (place !== undefined) return find(place, at)[0]?.path ?? fault.path;
  }
  const rule = description.rules.find((each) => each.code === fault.code);
  if (rule?.kind !== "OneOf" || forbids(rule)) return fault.path;
  const place = find(start, rule.within ?? "").find((each) => each.path === fault.path);
  return (place && potential(place, rule.choose?.[0] ?? "")[0]) ?? fault.path;
}

/** @param {Rule} rule */
function forbids(rule) {
  return rule.least === 0 && rule.most === 0;
}

/**
 * Whether nobody has said yet what the rule depends on.
 * @param {Rule} rule
 * @param {Place} place
 */
function undecided(rule, place) {
  if (!rule.condition) return false;
  return find(place, rule.condition.path).every((each) => textAt(each) === "");
}

/**
 * Where a path of a rule leads, whether its last element is there or not.
 * @param {Place} place
 * @param {string} path
 * @returns {string[]}
 */
function potential(place, path) {
  if (path === "" || path.startsWith("//")) return find(place, path).map((each) => each.path);
  const above = path.includes("/") ? find(place, path.slice(0, path.lastIndexOf("/"))) : [place];
  const name = path.slice(path.lastIndexOf("/") + 1);
  return above.flatMap(({ element, path: at }) => {
    const inner = element.kind === "group" ? elementsOf(element.items).find((each) => each.name === name) : undefined;
    return inner === undefined ? [] : [pathBelow(at, inner, 0)];
  });
}

/**
 * What a person does to a form, as functions from entries to entries: type, add, take away, choose. The entries that are
 * given stay as they were.
 */

import { one } from "./blank.js";
import { standing } from "./conditions.js";
import { valuesOf } from "./entries.js";
import { elementsOf, pathBelow } from "./places.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./blank.js").Beforehand} Beforehand */

/**
 * @param {Description} description
 * @param {Values} entries
 * @param {string} path of a field
 * @param {string} text
 * @returns {Values}
 */
export function typed(description, entries, path, text) {
  return at(description, entries, path, (_, found, index) => found.map((each, place) => (place === index ? text : each)));
}

/**
 * One more of a repeated element, or an optional one that is not there; `path` is where it comes.
 * @param {Description} description
 * @param {Values} entries
 * @param {string} path
 * @param {Beforehand} beforehand
 * @returns {Values}
 */
export function added(description, entries, path, beforehand) {
  return at(description, entries, path, (element, found) => {
    const full = element.most !== null && found.length >= element.most;
    return full ? found : [...found, one(element, beforehand)];
  });
}

/**
 * @param {Description} description
 * @param {Values} entries
 * @param {string} path
 * @returns {Values}
 */
export function removed(description, entries, path) {
  return at(description, entries, path, (_, found, index) => found.filter((__, place) => place !== index));
}

/**
 * What stood in options that are not chosen now, by where it stood.
 * @typedef {Map<string, (string | Values)[]>} Aside
 */

/**
 * The option of a choice at `path`, and none of the others; what was typed in those is put aside, and comes back with them.
 * @param {Description} description
 * @param {Values} entries
 * @param {string} path
 * @param {Beforehand} beforehand
 * @param {Aside} [aside]
 * @returns {Values}
 */
export function chosen(description, entries, path, beforehand, aside = new Map()) {
  const open = (/** @type {Field | Group} */ element, /** @type {(string | Values)[]} */ found) =>
    found.length ? found : (aside.get(path) ?? [one(element, beforehand)]);
  return at(description, entries, path, open, aside);
}

/**
 * The entries with every part open that the rules ask for now.
 * @param {Description} description
 * @param {Values} entries
 * @param {Beforehand} beforehand
 * @returns {Values}
 */
export function settled(description, entries, beforehand) {
  const { required } = standing(description, valuesOf(description, entries).values);
  return [...required].reduce((now, path) => {
    return at(description, now, path, (element, found) => (found.length ? found : [one(element, beforehand)]));
  }, entries);
}

/**
 * @typedef {(element: Field | Group, found: (string | Values)[], index: number) => (string | Values)[]} Change
 */

/**
 * @param {Description} description
 * @param {Values} entries
 * @param {string} path
 * @param {Change} change
 * @param {Aside | null} [aside] where what else stands in the same choice goes, if it goes
 */
function at(description, entries, path, change, aside = null) {
  return within(description.items, entries, `/${description.type}`, path, change, aside);
}

/**
 * @param {Item[]} items
 * @param {Values} entries
 * @param {string} parent
 * @param {string} path
 * @param {Change} change
 * @param {Aside | null} aside
 * @returns {Values}
 */
function within(items, entries, parent, path, change, aside) {
  for (const element of elementsOf(items)) {
    const found = entries.get(element.name) ?? [];
    for (let index = 0; index <= found.length; index += 1) {
      const here = pathBelow(parent, element, index);
      if (here === path) {
        const others = aside === null ? [] : besides(items, element.name);
        for (const [name, held] of entries) if (others.includes(name)) aside?.set(`${parent}/${name}`, held);
        const kept = [...entries].filter(([name]) => name !== element.name && !others.includes(name));
        const now = change(element, found, index);
        return new Map(now.length ? [...kept, [element.name, now]] : kept);
      }
      const value = found[index];
      if (element.kind === "group" && value instanceof Map && path.startsWith(`${here}/`)) {
        const inner = within(element.items, value, here, path, change, aside);
        return new Map([...entries, [element.name, found.map((each, place) => (place === index ? inner : each))]]);
      }
      if (element.most === 1) break;
    }
  }
  return entries;
}

/**
 * The other options of the choice that an element stands in.
 * @param {Item[]} items
 * @param {string} name
 * @returns {string[]}
 */
function besides(items, name) {
  for (const item of items) {
    if (item.kind !== "choice" && item.kind !== "sequence") continue;
    const options = item.items.map((option) => elementsOf([option]).map((each) => each.name));
    if (!options.flat().includes(name)) continue;
    if (item.kind === "choice") return options.filter((each) => !each.includes(name)).flat();
    return besides(item.items, name);
  }
  return [];
}

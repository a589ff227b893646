/**
 * From what was typed to the values of a document, and back. What is typed stays as it is: a part that the rules forbid
 * at this moment is left out of the values and not forgotten, and what cannot be read is a fault at its field.
 */

import { standing } from "./conditions.js";
import { readTyped, showTyped } from "./notation.js";
import { elementsOf, pathBelow } from "./places.js";
import { say } from "./texts.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./types.js").Fault} Fault */

/**
 * The values that the entries stand for, and what in them cannot be read. Where a text is a fault, it stands in the values
 * as it was typed.
 * @param {Description} description
 * @param {Values} entries
 * @returns {{values: Values, faults: Fault[]}}
 */
export function valuesOf(description, entries) {
  const start = `/${description.type}`;
  const { hidden } = standing(description, read(description.items, entries, start, new Set(), []));
  /** @type {Fault[]} */
  const faults = [];
  return { values: read(description.items, entries, start, hidden, faults), faults };
}

/**
 * The entries that show these values.
 * @param {Item[]} items
 * @param {Values} values
 * @returns {Values}
 */
export function entriesOf(items, values) {
  return new Map(
    elementsOf(items).flatMap((element) => {
      const found = (values.get(element.name) ?? []).map((value) => {
        if (element.kind === "field") return typeof value === "string" ? showTyped(element.value, value) : "";
        return entriesOf(element.items, typeof value === "string" ? new Map() : value);
      });
      return found.length ? [[element.name, found]] : [];
    }),
  );
}

/**
 * @param {Item[]} items
 * @param {Values} entries
 * @param {string} parent
 * @param {Set<string>} hidden
 * @param {Fault[]} faults
 * @returns {Values}
 */
function read(items, entries, parent, hidden, faults) {
  /** @type {Values} */
  const values = new Map();
  for (const element of elementsOf(items)) {
    if (hidden.has(pathBelow(parent, element, 0))) continue;
    const occurring = entries.get(element.name) ?? [];
    if (element.least === 0 && element.most === 1 && occurring.every(isBlank)) continue;
    /** @type {(string | Values)[]} */
    const found = [];
    occurring.forEach((entry, index) => {
      const path = pathBelow(parent, element, index);
      if (element.kind === "group") {
        found.push(read(element.items, typeof entry === "string" ? new Map() : entry, path, hidden, faults));
        return;
      }
      const typed = typeof entry === "string" ? entry : "";
      const result = readTyped(element.value, typed);
      if (result.misread !== undefined) {
        faults.push({ path, code: `FORM-${result.misread.toUpperCase()}`, ...say(`fault.${result.misread}`) });
        found.push(typed);
      } else if (result.value !== "" || element.most !== 1) {
        found.push(result.value);
      }
    });
    if (found.length) values.set(element.name, found);
  }
  return values;
}

/**
 * Whether nothing is typed in it.
 * @param {string | Values} entry
 * @returns {boolean}
 */
export function isBlank(entry) {
  return typeof entry === "string" ? entry.trim() === "" : [...entry.values()].flat().every(isBlank);
}

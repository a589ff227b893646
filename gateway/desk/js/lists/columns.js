/**
 * What the columns of a list are about: which fields of a form they show or fill.
 */

import { elementsOf } from "../forms/places.js";

/** @typedef {import("../forms/types.js").Field} Field */
/** @typedef {import("../forms/types.js").Group} Group */
/** @typedef {import("../forms/types.js").ValueKind} ValueKind */
/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").ListTable} ListTable */

/**
 * The elements on the way to a path of a form; none where it leads nowhere.
 * @param {Description} description
 * @param {string} path
 * @returns {(Field | Group)[]}
 */
export function elementsTo(description, path) {
  const known = ways.get(description) ?? new Map();
  ways.set(description, known);
  if (!known.has(path)) known.set(path, wayOf(description, path));
  return known.get(path);
}

/** Each way is asked for with every row. @type {WeakMap<Description, Map<string, (Field | Group)[]>>} */
const ways = new WeakMap();

/** @param {Description} description @param {string} path */
function wayOf({ items }, path) {
  const way = [];
  for (const step of path.split("/")) {
    const element = elementsOf(items).find(({ name }) => name === step);
    if (element === undefined) return [];
    way.push(element);
    items = element.kind === "group" ? element.items : [];
  }
  return way;
}

/** What may stand in the field at a path; null where none is there. @param {Description} description @param {string} path */
export function kindAt(description, path) {
  const element = elementsTo(description, path).at(-1);
  return element?.kind === "field" ? element.value : null;
}

/** What may stand in each question column. @param {ListTable} table @param {Description} description of the question @returns {(ValueKind | null)[]} */
export function kindsOf(table, description) {
  return table.question.map(({ path }) => (path === undefined ? null : kindAt(description, path)));
}

/** All columns in their order, as a file has them. @param {ListTable} table @returns {string[]} */
export function columnsOf({ question, control, answer }) {
  const names = (/** @type {readonly {name: string}[]} */ columns) => columns.map(({ name }) => name);
  const [first, last] = [question.filter(({ behind }) => !behind), question.filter(({ behind }) => behind)];
  return [...names(first), ...names(answer), ...names(last), control];
}

/**
 * Values put together from cells: those of a question of which only a list is left, and those of an answer.
 */

import { kindAt } from "./columns.js";
import { within } from "./questions.js";
import { readCell } from "./values.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").KnownQuestion} KnownQuestion */
/** @typedef {import("./types.js").ListTable} ListTable */
/** @typedef {import("./types.js").Values} Values */

const PLAIN = { name: "", hint: {}, words: {}, only: false, once: false };

/**
 * What cells say of a question, as far as its columns are fields: enough for its rules, and for what an answer repeats.
 * @param {ListTable} table
 * @param {Description} description
 * @param {KnownQuestion} question
 * @param {readonly (readonly string[])[]} rows its question cells
 * @returns {Values}
 */
export function rebuilt(table, description, question, rows) {
  /** @type {Values} */
  const values = new Map();
  for (const [at, cells] of rows.entries()) {
    /** @type {Values} */
    const line = new Map();
    for (const [index, { path }] of table.question.entries()) {
      const kind = path === undefined ? null : kindAt(description, path);
      if (path === undefined || kind === null) continue;
      const { value = "" } = readCell(cells[index] ?? "", PLAIN, kind);
      const below = within(path, table.rows);
      if (value === "") continue;
      if (below !== null) put(line, below, value);
      else if (at === 0) put(values, path, value);
    }
    if (line.size > 0) add(values, table.rows, line);
  }
  put(values, "Stuurgegevens/Afzender", question.sender);
  return values;
}

/** Puts a text where a path leads, making the groups on the way. @param {Values} values @param {string} path @param {string} text */
export function put(values, path, text) {
  const cut = path.lastIndexOf("/");
  const group = cut < 0 ? values : groupAt(values, path.slice(0, cut));
  group.set(path.slice(cut + 1), [text]);
}

/** Adds an occurrence of a repeated element. @param {Values} values @param {string} path @param {Values} occurrence */
export function add(values, path, occurrence) {
  const cut = path.lastIndexOf("/");
  const group = cut < 0 ? values : groupAt(values, path.slice(0, cut));
  const name = path.slice(cut + 1);
  group.set(name, [...(group.get(name) ?? []), occurrence]);
}

/** @param {Values} values @param {string} path @returns {Values} */
function groupAt(values, path) {
  return path.split("/").reduce((group, step) => {
    const [found] = group.get(step) ?? [];
    if (found instanceof Map) return found;
    /** @type {Values} */
    const made = new Map();
    group.set(step, [made]);
    return made;
  }, values);
}

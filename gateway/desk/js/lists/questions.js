/**
 * From a question to the cells of its rows: what a list shows of it, one row for each of its lines.
 */

import { showTyped } from "../forms/notation.js";
import { find, placesIn, root, textAt } from "../forms/places.js";

/** @typedef {import("../forms/places.js").Place} Place */
/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").KnownQuestion} KnownQuestion */
/** @typedef {import("./types.js").ListTable} ListTable */
/** @typedef {import("./types.js").QuestionColumn} QuestionColumn */
/** @typedef {import("./types.js").Values} Values */

/**
 * The question cells of each row, in the order of the table. A question whose lines are none has one row.
 * @param {ListTable} table
 * @param {Description} description of the question
 * @param {KnownQuestion & {values: Values}} question
 * @returns {string[][]}
 */
export function questionRows(table, description, question) {
  const start = root(description, question.values);
  const lines = find(start, table.rows);
  return (lines.length > 0 ? lines : [null]).map((line) =>
    table.question.map((column) => {
      if (column.path === undefined) return whoAsks(question);
      const below = line === null ? null : within(column.path, table.rows);
      const places = below === null ? find(start, column.path) : find(/** @type {Place} */ (line), below);
      return places.map(shown).join(", ");
    }),
  );
}

/** The path from a line to what stands in it; null where the path does not lead there. @param {string} path @param {string} rows */
export function within(path, rows) {
  return path.startsWith(`${rows}/`) ? path.slice(rows.length + 1) : null;
}

/** Who asks, with the id that an answer goes to. @param {Pick<KnownQuestion, "asker" | "sender">} question */
export const whoAsks = ({ asker, sender }) => `${asker} (${sender})`;

/**
 * A field as it is typed, a group as its fields behind each other.
 * @param {Place} place
 * @returns {string}
 */
export function shown(place) {
  const { element, value, path } = place;
  if (element.kind === "group") {
    if (typeof value === "string") return "";
    return placesIn(element.items, value, path).map(shown).filter((each) => each !== "").join(", ");
  }
  const text = textAt(place);
  if (element.value.kind === "truth") return text === "true" ? "Ja" : "Nee";
  const word = element.value.values?.find((each) => each.value === text)?.nl;
  return word ?? showTyped(element.value, text).replace(/\r\n?/gu, "\n"); // a spreadsheet saves no other break
}

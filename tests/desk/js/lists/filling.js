/**
 * What somebody would fill into a list for an answer: the inverse of what the modules of lists read, written for tests
 * alone, so that an answer that goes through a file can be held against what it was.
 */

import { showTyped } from "../../../../gateway/desk/js/forms/notation.js";
import { find, root, textAt } from "../../../../gateway/desk/js/forms/places.js";
import { columnsOf, kindAt } from "../../../../gateway/desk/js/lists/columns.js";
import { controlCell, controlled } from "../../../../gateway/desk/js/lists/control.js";
import { questionRows } from "../../../../gateway/desk/js/lists/questions.js";

/** A digest that is none, for tests: it only has to be the same again. @param {string} text */
export function digestOf(text) {
  let [one, other] = [0x811c9dc5, 0x01000193];
  for (const sign of text) {
    one = Math.imul(one ^ (sign.codePointAt(0) ?? 0), 0x01000193) >>> 0;
    other = Math.imul(other + one, 0x85ebca6b) >>> 0;
  }
  return `${one.toString(16).padStart(8, "0")}${other.toString(16).padStart(8, "0")}`.repeat(2);
}

export const digests = async (/** @type {string[]} */ texts) => texts.map((each) => [digestOf("another key" + each), digestOf(each)]);

/**
 * The rows of a file for a question and its answer, cells in the order of `columnsOf`. An answer of null leaves them blank.
 * @param {any} table @param {any} asking @param {any} question @param {any} answering @param {any} values
 */
export function filledRows(table, asking, question, answering, values) {
  const asked = questionRows(table, asking, question);
  const rows = asked.map((cells) => {
    const named = new Map(table.question.map(({ name }, index) => [name, cells[index]]));
    return named.set(table.control, controlCell(digestOf(controlled(table, cells, asked.length)), cells));
  });
  if (values !== null) fill(table, rows, answering, values);
  return rows.map((row) => columnsOf(table).map((name) => row.get(name) ?? ""));
}

function fill(table, rows, description, values) {
  const start = root(description, values);
  const text = (path) => find(start, path).map(textAt)[0] ?? "";
  const columns = new Map(table.answer.map((each) => [each.name, each]));
  const fits = (answer) => answer.type === description.type && Object.entries(answer.fixed).every(([path, value]) => text(path) === value);
  const answer = table.answers.find(fits);
  for (const [path, name] of Object.entries(answer.fields)) {
    const cell = shown(columns.get(name), kindAt(description, path), text(path));
    for (const row of rows) if (cell !== "") row.set(name, cell);
  }
  for (const { column, values: meant } of answer.when) for (const row of rows) if (meant !== null) row.set(column, meant[0]);
  const key = table.question.find((each) => each.key === "line")?.name;
  for (const lines of answer.lines) {
    const places = find(start, lines.at);
    if (places.length > 0) for (const { column, values: [meant] } of lines.when) for (const row of rows) row.set(column, meant);
    for (const [index, place] of places.entries()) {
      const line = (path) => find(place, path).map(textAt)[0] ?? "";
      for (const row of rowsFor(lines, rows, index, key, line)) {
        for (const [path, name] of Object.entries(lines.fields)) {
          if (!columns.has(name)) continue;
          const cell = shown(columns.get(name), kindAt(description, `${lines.at}/${path}`), line(path));
          if (cell !== "") row.set(name, cell);
        }
      }
    }
  }
  for (const row of rows) for (const { name, once } of table.answer) if (once && rows[0].has(name)) row.set(name, rows[0].get(name));
}

function rowsFor(lines, rows, index, key, line) {
  const keyPath = Object.entries(lines.fields).find(([, name]) => name === key)?.[0];
  if (lines.rows === "one") return rows;
  if (lines.rows === "asked") return rows.filter((row) => keyPath === undefined || row.get(key) === line(keyPath));
  if (lines.rows === "filled" && index < rows.length) return [rows[index]];
  const added = new Map(rows[0]);
  if (key !== undefined) added.set(key, "");
  for (const name of Object.values(lines.fields)) added.delete(name);
  for (const name of added.keys()) if (/^(openstaand|overgedragen)\.|^(Schuldtype|FactuurnummerSE)$/u.test(name)) added.delete(name);
  rows.push(added);
  return [added];
}

function shown(column, kind, value) {
  if (value === "") return "";
  const word = Object.entries(column.words).find(([, meant]) => meant === value)?.[0];
  if (word !== undefined) return word;
  if (kind.kind === "truth") return value === "true" ? "Ja" : "Nee";
  return kind.values?.find((each) => each.value === value)?.nl ?? showTyped(kind, value);
}

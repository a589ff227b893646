/**
 * A file that somebody chose, as rows whose cells go by the names of their columns, in any order and whatever their
 * letters; or what keeps it from being that.
 */

import { CsvFault, readCsv, separated } from "./csv_read.js";
import { unguarded } from "./csv_write.js";
import { decoded, MOST_ROWS } from "./file.js";
import { squeezed } from "./values.js";

/** @typedef {import("./types.js").ChosenFile} ChosenFile */
/** @typedef {import("./types.js").Complaint} Complaint */
/** @typedef {import("./types.js").ReadRow} ReadRow */

/** @typedef {{name: string, columns: Set<string>, rows: ReadRow[], notices: Complaint[], complaints: Complaint[]}} ReadFile */

/** The name of a column as rows have it. @param {string} name */
export const columnKey = (name) => squeezed(name).toLowerCase();

/** What stands in a cell of a row. @param {ReadRow} row @param {string} column its name */
export const cellOf = (row, column) => row.cells.get(columnKey(column)) ?? "";

/**
 * @param {ChosenFile} file
 * @param {ReadonlySet<string>} known keys of the columns of every table there is
 * @returns {ReadFile}
 */
export function readFile(file, known) {
  /** @type {ReadFile} */
  const read = { name: file.name, columns: new Set(), rows: [], notices: [], complaints: [] };
  const about = { file: file.name, row: null, column: null, read: "" };
  const { text, notice, fault } = { notice: null, ...decoded(file) };
  if (text === undefined) return { ...read, complaints: [{ ...about, key: fault }] };
  if (notice !== null) read.notices.push({ ...about, key: notice });
  try {
    const { separator, rows } = separated(text, (name) => known.has(columnKey(name)));
    const [header = [], ...others] = readCsv(rows, separator);
    const columns = header.map(columnKey);
    if (!columns.some((each) => known.has(each))) return { ...read, complaints: [{ ...about, row: 1, key: "lists.fault.header" }] };
    take(read, columns, others, known);
    const strange = header.filter((name) => squeezed(name) !== "" && !known.has(columnKey(name)));
    if (strange.length > 0) read.notices.push({ ...about, row: 1, read: strange.join(", "), key: "lists.notice.columns" });
  } catch (broken) {
    if (!(broken instanceof CsvFault)) throw broken;
    read.complaints.push({ ...about, row: broken.row, key: broken.key });
  }
  return read;
}

/** @param {ReadFile} read @param {string[]} columns @param {string[][]} rows @param {ReadonlySet<string>} known */
function take(read, columns, rows, known) {
  const { name: file, complaints } = read;
  for (const [index, column] of columns.entries()) {
    if (!known.has(column)) continue;
    if (columns.indexOf(column) !== index) complaints.push({ file, row: 1, column, read: column, key: "lists.fault.twice" });
    read.columns.add(column);
  }
  for (const [index, cells] of rows.entries()) {
    if (cells.every((each) => squeezed(each) === "")) continue; // a spreadsheet leaves some below what was filled
    const row = index + 2; // behind the header, counted from 1
    const more = cells.slice(columns.length).filter((each) => squeezed(each) !== "");
    if (more.length > 0) complaints.push({ file, row, column: null, read: more[0] ?? "", key: "lists.fault.ragged" });
    read.rows.push({ file, row, cells: new Map(columns.map((column, at) => [column, unguarded(cells[at] ?? "")])) });
  }
  if (read.rows.length > MOST_ROWS) {
    complaints.push({ file, row: null, column: null, read: `${read.rows.length}`, key: "lists.fault.many_rows" });
    read.rows = [];
  } else if (read.rows.length === 0 && complaints.length === 0) {
    complaints.push({ file, row: null, column: null, read: "", key: "lists.fault.no_rows" });
  }
}

/**
 * From opened questions to files: each question's rows with their control digests, as many in a file as may be.
 */

import { columnsOf } from "./columns.js";
import { controlCell, controlled } from "./control.js";
import { writeCsv } from "./csv_write.js";
import { MOST_FILE_OCTETS, MOST_ROWS } from "./file.js";
import { questionRows } from "./questions.js";

/** @typedef {import("./control.js").Digests} Digests */
/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").KnownQuestion} KnownQuestion */
/** @typedef {import("./types.js").ListTable} ListTable */
/** @typedef {import("./types.js").Values} Values */

/**
 * The files of a list, in the order of its questions; the rows of one question stand in one file.
 * @param {ListTable} table
 * @param {Description} description
 * @param {readonly (KnownQuestion & {values: Values})[]} questions
 * @param {Digests} digests
 * @returns {Promise<{octets: Uint8Array<ArrayBuffer>, rows: number}[]>}
 */
export async function listFiles(table, description, questions, digests) {
  const asked = questions.map((each) => questionRows(table, description, each));
  const texts = asked.flatMap((rows) => rows.map((cells) => controlled(table, cells, rows.length)));
  const by = await digests(texts);
  const columns = columnsOf(table);
  let at = 0;
  const groups = asked.map((rows) => rows.map((cells) => {
    const named = new Map(table.question.map(({ name }, index) => [name, cells[index] ?? ""]));
    named.set(table.control, controlCell(by[at]?.[0] ?? "", cells));
    at += 1;
    return columns.map((name) => named.get(name) ?? "");
  }));
  return written(columns, groups);
}

/** @param {string[]} columns @param {string[][][]} groups @returns {{octets: Uint8Array<ArrayBuffer>, rows: number}[]} */
function written(columns, groups) {
  const rows = groups.flat();
  const octets = writeCsv(columns, rows);
  // What is filled in makes a file grow: half of what may come back leaves room for it.
  if (groups.length < 2 || (rows.length <= MOST_ROWS && octets.length <= MOST_FILE_OCTETS / 2)) return [{ octets, rows: rows.length }];
  const half = Math.ceil(groups.length / 2);
  return [...written(columns, groups.slice(0, half)), ...written(columns, groups.slice(half))];
}

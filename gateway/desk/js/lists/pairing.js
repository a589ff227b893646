/**
 * Rows of all files together, to the questions that they answer: each row with the line that it is about.
 *
 * SECURITY: of a row only its keys are read: A and B exactly, K but for zeros that a spreadsheet took off. All else that a
 * question says is taken from the question; where its content is gone, from rows whose control digest holds.
 */

import { find, root } from "../forms/places.js";
import { undamaged, controlled } from "./control.js";
import { cellOf, columnKey } from "./file_rows.js";
import { questionRows } from "./questions.js";
import { rebuilt } from "./rebuilding.js";
import { kindsOf } from "./columns.js";
import { squeezed } from "./values.js";

/** @typedef {import("./control.js").Digests} Digests */
/** @typedef {import("./file_rows.js").ReadFile} ReadFile */
/** @typedef {import("./types.js").Complaint} Complaint */
/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").KnownQuestion} KnownQuestion */
/** @typedef {import("./types.js").ListTable} ListTable */
/** @typedef {import("./types.js").ReadRow} ReadRow */
/** @typedef {import("./types.js").Values} Values */

/**
 * What the hub says of a reference: a question that can be answered, with the table of its type; or the text of the
 * catalogue that says why not.
 * @typedef {{table: ListTable, description: Description, question: KnownQuestion, closed?: undefined}
 *   | {closed: string, told?: Record<string, string>}} Found
 */

/** @typedef {{row: ReadRow, line: string | null}} PairedRow `line`: what the question has in the key column; null: added */

/**
 * A question with its rows, and its values: as they were opened, or as its rows have them.
 * @typedef {{table: ListTable, description: Description, question: KnownQuestion & {values: Values}, rows: PairedRow[]}} Paired
 */

/** The references that the rows name, each once. @param {readonly ReadFile[]} files @param {readonly ListTable[]} tables @returns {string[]} */
export function referencesIn(files, tables) {
  const found = files.flatMap((file) => file.rows.map((row) => squeezed(cellOf(row, referenceColumn(file, tables)))));
  return [...new Set(found.filter((each) => each !== ""))];
}

/** What the column of references is called in a file. @param {ReadFile} file @param {readonly ListTable[]} tables */
function referenceColumn({ columns }, tables) {
  const names = tables.flatMap(({ question }) => question.filter(({ key }) => key === "reference").map(({ name }) => name));
  return names.find((name) => columns.has(columnKey(name))) ?? names[0] ?? "";
}

/**
 * @param {readonly ReadFile[]} files
 * @param {readonly ListTable[]} tables
 * @param {ReadonlyMap<string, Found>} found by reference; what is not there is no question of this unit
 * @param {Digests} digests
 * @returns {Promise<{paired: Paired[], open: number, complaints: Complaint[]}>} `open`: questions of which no cell was filled
 */
export async function paired(files, tables, found, digests) {
  /** @type {Complaint[]} */
  const complaints = [];
  /** @type {Map<string, ReadRow[]>} */
  const groups = new Map();
  const columnIn = new Map(files.map((file) => [file.name, referenceColumn(file, tables)]));
  for (const row of files.flatMap(({ rows }) => rows)) {
    const column = columnIn.get(row.file) ?? "";
    const reference = squeezed(cellOf(row, column));
    if (reference === "") complaints.push(at(row, column, "lists.fault.no_reference"));
    else groups.set(reference, [...(groups.get(reference) ?? []), row]);
  }
  const columns = new Map(files.map((file) => [file.name, file.columns]));
  /** @type {Paired[]} */
  const pairs = [];
  let open = 0;
  for (const [reference, rows] of groups) {
    const [first] = /** @type {[ReadRow]} */ (/** @type {unknown} */ (rows));
    const known = found.get(reference);
    const column = columnIn.get(first.file) ?? "";
    if (known === undefined) complaints.push(at(first, column, "lists.fault.foreign"));
    else if (known.closed !== undefined) complaints.push({ ...at(first, column, known.closed), told: known.told ?? {} });
    else if (rows.every((row) => known.table.answer.every(({ name }) => squeezed(cellOf(row, name)) === ""))) open += 1;
    else {
      const { wrong, pair } = await pairOf(rows, known, columns, digests);
      complaints.push(...wrong);
      if (pair !== null) pairs.push(pair);
    }
  }
  return { paired: pairs, open, complaints };
}

/**
 * @param {ReadRow[]} rows
 * @param {Extract<Found, {table: ListTable}>} known
 * @param {ReadonlyMap<string, ReadonlySet<string>>} columns by file
 * @param {Digests} digests
 * @returns {Promise<{wrong: Complaint[], pair: Paired | null}>}
 */
async function pairOf(rows, { table, description, question }, columns, digests) {
  /** @type {Complaint[]} */
  const wrong = missingColumns(rows, table, columns, question.values === null);
  if (wrong.length > 0) return { wrong, pair: null };
  const conversation = table.question.find(({ key }) => key === "conversation")?.name ?? "";
  for (const row of rows) {
    if (squeezed(cellOf(row, conversation)) !== question.conversation) wrong.push(at(row, conversation, "lists.fault.conversation"));
  }
  if (wrong.length > 0) return { wrong, pair: null };
  const key = table.question.findIndex((each) => each.key === "line");
  const name = table.question[key]?.name ?? "";
  const isAdded = (/** @type {ReadRow} */ row) => key >= 0 && squeezed(cellOf(row, name)) === "";
  const asked = rows.filter((row) => !isAdded(row));
  const [first] = /** @type {[ReadRow]} */ (/** @type {unknown} */ (rows));
  // Without the question nobody knows its lines, so rows that name none are not taken for an answer, nor left out.
  if (asked.length === 0 && question.values === null) return { wrong: [at(first, name, "lists.fault.no_lines")], pair: null };
  const { values, lines, rejected } = await linesOf(asked, { table, description, question }, key, first, digests);
  if (values === null) return { wrong: rejected, pair: null };
  const added = rows.filter(isAdded).map((row) => ({ row, line: null }));
  return { wrong: rejected, pair: rejected.length > 0 ? null : { table, description, question: { ...question, values }, rows: [...lines, ...added] } };
}

/** @param {ReadRow[]} rows @param {ListTable} table @param {ReadonlyMap<string, ReadonlySet<string>>} columns @param {boolean} isGone */
function missingColumns(rows, table, columns, isGone) {
  const wanted = [
    ...table.question.filter(({ key }) => isGone || key !== undefined).map(({ name }) => name),
    ...(isGone ? [table.control] : []),
    ...table.answer.map(({ name }) => name),
  ];
  return [...new Set(rows.map(({ file }) => file))].flatMap((file) =>
    wanted
      .filter((name) => !columns.get(file)?.has(columnKey(name)))
      .map((column) => ({ file, row: 1, column, read: "", key: "lists.fault.missing_column" })),
  );
}

/**
 * The rows with their lines, and the values of the question; where something is wrong, what.
 * @param {ReadRow[]} rows
 * @param {Extract<Found, {table: ListTable}>} known
 * @param {number} key the place of the column that names a line; -1: none does
 * @param {ReadRow} first of all rows of the question, those that name no line too
 * @param {Digests} digests
 * @returns {Promise<{values: Values | null, lines: PairedRow[], rejected: Complaint[]}>}
 */
async function linesOf(rows, { table, description, question }, key, first, digests) {
  const name = table.question[key]?.name ?? "";
  const { values } = question;
  if (values === null) {
    const [cells, rejected] = await controlledCells(rows, table, description, digests);
    if (rejected.length > 0) return { values: null, lines: [], rejected };
    const lines = rows.map((row, index) => ({ row, line: cells[index]?.[key] ?? null }));
    return { values: rebuilt(table, description, question, cells), lines, rejected: twice(lines, name) };
  }
  const hasLines = key < 0 || find(root(description, values), table.rows).length > 0;
  const asked = hasLines ? questionRows(table, description, { ...question, values }).map((cells) => cells[key] ?? "") : [];
  /** @type {Complaint[]} */
  const rejected = [];
  const lines = rows.flatMap((row) => {
    const read = cellOf(row, name);
    const line = key < 0 ? "" : lineOf(read, asked);
    if (line === null) rejected.push({ ...at(row, name, "lists.fault.line"), told: { lines: asked.join(", ") } });
    return line === null ? [] : [{ row, line }];
  });
  rejected.push(...twice(lines, name));
  const missing = asked.filter((each) => !lines.some(({ line }) => line === each));
  if (missing.length > 0 && rejected.length === 0) {
    rejected.push({ ...at(first, name, "lists.fault.missing_lines"), told: { lines: missing.join(", ") } });
  }
  return { values, lines, rejected };
}

/** The line that a cell names: as it is, or else but for zeros before it, where only one can be meant.
 * @param {string} read @param {readonly string[]} asked */
function lineOf(read, asked) {
  const text = squeezed(read);
  const exact = asked.find((each) => each === text || each === read);
  if (exact !== undefined) return exact;
  const bare = stripped(text);
  const found = asked.filter((each) => stripped(each) === bare);
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** @param {string} text */
const stripped = (text) => text.replace(/^'/u, "").replace(/^0+(?=.)/u, "");

/** @param {readonly PairedRow[]} lines @param {string} column */
function twice(lines, column) {
  return lines.flatMap(({ row, line }, index) => {
    const first = lines.findIndex((each) => each.line === line);
    if (first === index) return [];
    const { file, row: number } = /** @type {PairedRow} */ (lines[first]).row;
    return [{ ...at(row, column, "lists.fault.line_twice"), told: { first: `${file}, ${number}` } }];
  });
}

/**
 * The question cells of rows whose question is gone, damage undone, where the digest of each holds.
 * @param {ReadRow[]} rows
 * @param {ListTable} table
 * @param {Description} description
 * @param {Digests} digests
 * @returns {Promise<[string[][], Complaint[]]>}
 */
async function controlledCells(rows, table, description, digests) {
  const kinds = kindsOf(table, description);
  const read = rows.map((row) => undamaged(cellOf(row, table.control), table.question.map(({ name }) => cellOf(row, name)), kinds));
  const by = await digests(read.map((each) => (each === null ? "" : controlled(table, each.cells, rows.length))));
  /** @type {Complaint[]} */
  const rejected = [];
  const cells = read.map((each, index) => {
    const holds = each !== null && (by[index] ?? []).includes(each.digest);
    if (!holds) rejected.push(at(/** @type {ReadRow} */ (rows[index]), table.control, "lists.fault.control"));
    return each?.cells ?? [];
  });
  return [cells, rejected];
}

/** @param {ReadRow} row @param {string} column @param {string} key @returns {Complaint} */
function at(row, column, key) {
  return { file: row.file, row: row.row, column, read: cellOf(row, column), key };
}

/**
 * From the rows of a question to its answer: which kind it is, its values, and everything wrong, each at the cell where it
 * is mended. What a form would check is checked by the forms' own code; what it would fill in by itself is filled in
 * where a cell was left blank.
 */

import { opened } from "../forms/blank.js";
import { check } from "../forms/check.js";
import { withHeader } from "../forms/header.js";
import { readTyped } from "../forms/notation.js";
import { find, pathBelow, root, textAt } from "../forms/places.js";
import { elementsTo, kindAt } from "./columns.js";
import { cellOf } from "./file_rows.js";
import { add, put } from "./rebuilding.js";
import { isRounded, possibilities, readCell, squeezed, wordOf } from "./values.js";

/** @typedef {import("../forms/header.js").HeaderFacts} HeaderFacts */
/** @typedef {import("./pairing.js").Paired} Paired */
/** @typedef {import("./pairing.js").PairedRow} PairedRow */
/** @typedef {import("./types.js").AnswerColumn} AnswerColumn */
/** @typedef {import("./types.js").AnswerTable} AnswerTable */
/** @typedef {import("./types.js").Complaint} Complaint */
/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Lines} Lines */
/** @typedef {import("./types.js").ReadRow} ReadRow */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./types.js").When} When */

/**
 * @typedef {object} Means
 * @property {(type: string) => Description} form of an answer
 * @property {string} unit
 * @property {string} today
 * @property {string[]} [accounts] those of the organisation's settings
 * @property {Record<string, string>} [contact]
 * @property {() => string} uuid
 * @property {Date} now
 */

/** @typedef {{pair: Paired, description: Description, values: Values, header: HeaderFacts}} Built `values` without the header */
/** @typedef {{row: ReadRow, column: string}} Cell */

/**
 * @param {Paired} pair
 * @param {Means} means
 * @returns {{built: Built | null, complaints: Complaint[], notices: Complaint[]}} `notices`: what somebody looks at before it goes
 */
export function answerOf(pair, means) {
  const { table, rows, question } = pair;
  const columns = new Map(table.answer.map((column) => [column.name, column]));
  const mixed = mixedCells(rows, table.answer);
  if (mixed.length > 0) return { built: null, complaints: mixed, notices: [] };
  const [first] = /** @type {[PairedRow]} */ (/** @type {unknown} */ (rows));
  const holds = conditionsIn(first.row, columns);
  const answer = table.answers.find(({ when }) => holds(when));
  if (answer === undefined) return { built: null, complaints: [complaint({ row: first.row, column: "" }, { key: "lists.fault.no_kind" })], notices: [] };
  const others = table.answers.filter((each) => each !== answer && each.when.length > 0 && holds(each.when));
  if (others.length > 0) return { built: null, complaints: otherKinds(first.row, answer, others), notices: [] };
  const description = means.form(answer.type);
  const writing = startWriting(description, columns);
  for (const [path, value] of Object.entries(answer.fixed)) writing.fix(path, value);
  writing.fields(writing.values, "", answer.fields, first.row);
  for (const lines of answer.lines) if (holds(lines.when)) writing.lines(lines, rows, Object.values(columnOfLine(pair)));
  fillIn(writing, answer, first.row, pair, means);
  const decided = new Set([answer, ...answer.lines.filter((lines) => holds(lines.when))].flatMap(({ when }) => when.map(({ column }) => column)));
  writing.complaints.push(...unusedCells(rows, table.answer, writing.used, decided));
  const header = { reference: means.uuid(), moment: means.now, conversation: question.conversation, question: question.reference, sender: means.unit, receiver: question.sender };
  const asked = { description: pair.description, values: question.values };
  const faults = check(description, withHeader(description, writing.values, header), { question: asked, accounts: means.accounts, misread: writing.misread });
  const [unread, rules] = [new Set(writing.misread.map(({ path }) => path)), new Set(description.rules.map(({ code }) => code))];
  for (const fault of faults) {
    if (unread.has(fault.path) || (unread.size > 0 && rules.has(fault.code))) continue; // rules speak of what was read
    writing.complaints.push(complaint(writing.cellAt(fault.path) ?? { row: first.row, column: "" }, { words: { nl: fault.nl, en: fault.en } }));
  }
  const { values, complaints, notices } = writing;
  return { built: complaints.length > 0 ? null : { pair, description, values, header }, complaints, notices };
}

/** The column that names a line, by its place in a line of the question. @param {Paired} pair @returns {Record<string, string>} */
function columnOfLine({ table }) {
  const column = table.question.find(({ key }) => key === "line");
  return column === undefined ? {} : { line: column.name };
}

/** @param {Description} description @param {ReadonlyMap<string, AnswerColumn>} columns */
function startWriting(description, columns) {
  /** @type {Values} */
  const values = new Map();
  /** @type {Map<string, Cell>} */
  const places = new Map();
  /** @type {Set<string>} */
  const used = new Set();
  /** @type {Complaint[]} */
  const complaints = [];
  /** @type {Complaint[]} */
  const notices = [];
  /** @type {import("../forms/types.js").Fault[]} */
  const misread = [];

  /** Writes cells of a row into a group; tells whether any was filled.
   * @param {Values} group @param {string} at the group's path in the form @param {Record<string, string>} wanted @param {ReadRow} row @param {number} [index] */
  function fields(group, at, wanted, row, index = 0) {
    let any = false;
    for (const [path, name] of Object.entries(wanted)) {
      const whole = at === "" ? path : `${at}/${path}`;
      const place = placeOf(description, whole, at, index);
      const column = columns.get(name);
      const kind = kindAt(description, whole);
      if (column === undefined || kind === null) continue;
      places.set(place, { row, column: name });
      used.add(cellKey(row, name));
      const read = readCell(cellOf(row, name), column, kind);
      if (read.value === undefined) {
        const words = { nl: possibilities(column, kind, "nl"), en: possibilities(column, kind, "en") };
        complaints.push({ ...complaint({ row, column: name }, read), told: { words } });
        misread.push({ path: place, code: "LIST", nl: "", en: "" });
        put(group, path, cellOf(row, name));
        any = true;
      } else if (read.value !== "") {
        put(group, path, read.value);
        if (isRounded(cellOf(row, name), kind)) notices.push(complaint({ row, column: name }, { key: "lists.notice.rounded" }));
        any = true;
      }
    }
    return any;
  }

  return {
    values, used, complaints, notices, misread, fields,

    /** @param {string} path @param {string} value */
    fix: (path, value) => put(values, path, value),

    /** A group for each row that has a part in these lines.
     * @param {Lines} lines @param {readonly PairedRow[]} rows @param {readonly string[]} keys columns of the question */
    lines({ at, rows: which, fields: wanted }, rows, keys) {
      const isFilled = (/** @type {PairedRow} */ { row }) => Object.values(wanted).some((name) => squeezed(cellOf(row, name)) !== "");
      const those = rows.filter((each) => {
        if (which === "asked") return each.line !== null;
        return which === "added" ? each.line === null : isFilled(each);
      });
      for (const [index, { row, line }] of (which === "one" ? those.slice(0, 1) : those).entries()) {
        /** @type {Values} */
        const group = new Map();
        for (const [path, name] of Object.entries(wanted)) {
          if (!keys.includes(name) || line === null) continue;
          put(group, path, line);
          places.set(placeOf(description, `${at}/${path}`, at, index), { row, column: name });
        }
        fields(group, at, wanted, row, index);
        add(values, at, group);
      }
      if (which === "one") same(those, Object.values(wanted));
    },

    /** The cell where a fault of the form is mended. @param {string} path @returns {Cell | undefined} */
    cellAt(path) {
      const below = [...places].find(([place]) => place === path) ?? [...places].find(([place]) => place.startsWith(`${path}/`) || place.startsWith(`${path}[`));
      if (below !== undefined) return below[1];
      const above = path.slice(0, path.lastIndexOf("/"));
      return above.length > 1 && above.includes("/", 1) ? this.cellAt(above) : undefined;
    },
  };

  /** What stands for one thing is the same in each row that has it. @param {readonly PairedRow[]} rows @param {readonly string[]} names */
  function same(rows, names) {
    for (const { row } of rows.slice(1)) {
      for (const name of names) {
        used.add(cellKey(row, name));
        if (squeezed(cellOf(row, name)) !== squeezed(cellOf(/** @type {PairedRow} */ (rows[0]).row, name))) complaints.push(complaint({ row, column: name }, { key: "lists.fault.mixed" }));
      }
    }
  }
}

/** @typedef {ReturnType<typeof startWriting>} Writing */

/** The place of a path in a form, where the last element of `at` is the one of that index.
 * @param {Description} description @param {string} path @param {string} at @param {number} index */
function placeOf(description, path, at, index) {
  const deep = at === "" ? 0 : at.split("/").length;
  return elementsTo(description, path).reduce((place, element, step) => pathBelow(place, element, step + 1 === deep ? index : 0), `/${description.type}`);
}

/**
 * What a form opens with, where a cell was left blank: what the question says already, and who is asked about it. A group
 * of which one cell was filled is left as it is.
 * @param {Writing} writing
 * @param {AnswerTable} answer
 * @param {ReadRow} row
 * @param {Paired} pair
 * @param {Means} means
 */
function fillIn({ values }, { type, fields, copied }, row, { description: asking, question }, { form, today, contact }) {
  const description = form(type);
  const paths = Object.entries(fields).filter(([, name]) => squeezed(cellOf(row, name)) === "").map(([path]) => path);
  const blank = paths.filter((path) => {
    const way = elementsTo(description, path);
    const [group = ""] = path.split("/");
    return (way.at(-1)?.copies ?? []).length > 0 || (way[0]?.from === "contact" && !values.has(group));
  });
  const wanted = [...blank, ...copied];
  if (wanted.length === 0) return;
  const who = contact === undefined ? {} : { contact };
  const asked = root(asking, question.values);
  const start = root(description, opened(description, { today, ...who, question: { description: asking, values: question.values } }));
  for (const path of wanted) {
    const kind = kindAt(description, path);
    const copies = elementsTo(description, path).at(-1)?.copies ?? [];
    const known = copies.flatMap((each) => find(asked, each)).map(textAt)[0]; // a form opens with no part that may be absent
    const { value = "" } = kind === null ? {} : { value: known ?? readTyped(kind, find(start, path).map(textAt)[0] ?? "").value };
    if (value !== "") put(values, path, value);
  }
}

/** Cells that have to be the same on all rows of a question and are not. @param {readonly PairedRow[]} rows @param {readonly AnswerColumn[]} columns */
function mixedCells(rows, columns) {
  const [first, ...others] = /** @type {[PairedRow, ...PairedRow[]]} */ (/** @type {unknown} */ (rows));
  return others.flatMap(({ row }) =>
    columns
      .filter(({ name, once }) => once && squeezed(cellOf(row, name)).toLowerCase() !== squeezed(cellOf(first.row, name)).toLowerCase())
      .map(({ name }) => complaint({ row, column: name }, { key: "lists.fault.mixed" })),
  );
}

/** Whether conditions hold in a row. @param {ReadRow} row @param {ReadonlyMap<string, AnswerColumn>} columns */
function conditionsIn(row, columns) {
  return (/** @type {readonly When[]} */ when) =>
    when.every(({ column, values }) => {
      const said = squeezed(cellOf(row, column)).toLowerCase();
      if (values === null) return said !== "";
      const known = columns.get(column);
      const meant = (/** @type {string} */ text) => (known === undefined ? text : (wordOf(text, known) ?? text)).toLowerCase();
      return values.some((each) => meant(each) === meant(said));
    });
}

/** The cells that ask for a second kind of answer beside the one that is given.
 * @param {ReadRow} row @param {AnswerTable} answer @param {readonly AnswerTable[]} others @returns {Complaint[]} */
function otherKinds(row, answer, others) {
  const chosen = answer.when.map(({ column }) => column);
  const columns = new Set(others.flatMap(({ when }) => when.map(({ column }) => column)));
  return [...columns].map((column) => ({
    ...complaint({ row, column }, { key: "lists.fault.two_kinds" }),
    told: { other: chosen.join(", ") },
  }));
}

/** Cells that nothing of this answer stands in, and that somebody filled all the same.
 * @param {readonly PairedRow[]} rows @param {readonly AnswerColumn[]} columns @param {ReadonlySet<string>} used
 * @param {ReadonlySet<string>} decided the columns by which this answer and its lines were chosen */
function unusedCells(rows, columns, used, decided) {
  return rows.flatMap(({ row }, index) =>
    columns.flatMap((column) => {
      const text = squeezed(cellOf(row, column.name));
      if (text === "" || used.has(cellKey(row, column.name)) || (column.once && index > 0)) return [];
      const at = { row, column: column.name };
      const isWord = !column.only || wordOf(text, column) !== undefined;
      if (!isWord) return [{ ...complaint(at, { key: "lists.fault.word" }), told: { words: Object.keys(column.words).join(", ") } }];
      return decided.has(column.name) ? [] : [complaint(at, { key: "lists.fault.unused" })];
    }),
  );
}

/** @param {ReadRow} row @param {string} column */
const cellKey = (row, column) => `${row.file}\0${row.row}\0${column}`;

/** @param {Cell} cell @param {{key?: string, words?: {nl: string, en: string}}} said @returns {Complaint} */
function complaint({ row, column }, { key, words }) {
  const about = { file: row.file, row: row.row, column: column === "" ? null : column, read: column === "" ? "" : cellOf(row, column) };
  return words === undefined ? { ...about, key: key ?? "" } : { ...about, words };
}

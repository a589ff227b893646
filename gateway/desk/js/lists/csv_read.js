/**
 * Text to rows of cells (RFC 4180), whatever separates the cells and ends the rows. A quote counts at the beginning of a
 * cell alone; elsewhere it is a character like any other, as spreadsheets have it.
 *
 * Where a row begins in the file is of no use to whoever sees it in a spreadsheet: rows are counted as they are there.
 */

/** What keeps a text from being rows at all. `key` is a text of the catalogue. */
export class CsvFault extends Error {
  /** @param {string} key @param {number} row from 1 */
  constructor(key, row) {
    super(key);
    this.key = key;
    this.row = row;
  }
}

const SEPARATORS = [";", ",", "\t"];
const SAID = /^sep=([;,\t])(?:\r\n|\r|\n|$)/iu; // a line of Excel's, which no row is

/**
 * All rows, blank ones too. Raises CsvFault for a quote that nothing ends, and for text behind a cell's last quote.
 * @param {string} text
 * @param {string} separator one character
 * @param {number} [most] rows after which reading ends
 * @returns {string[][]}
 */
export function readCsv(text, separator, most = Infinity) {
  const [quoted, plain] = [new RegExp(`"((?:[^"]|"")*)("?)`, "uy"), new RegExp(`[^${escaped(separator)}\\r\\n]*`, "uy")];
  /** @type {string[][]} */
  const rows = [];
  /** @type {string[]} */
  let cells = [];
  let at = 0;
  while (at < text.length && rows.length < most) {
    const isQuoted = text[at] === '"';
    const form = isQuoted ? quoted : plain;
    form.lastIndex = at;
    const [whole = "", inside = "", end = ""] = form.exec(text) ?? [];
    if (isQuoted && end === "") throw new CsvFault("lists.fault.open_quote", rows.length + 1);
    at += whole.length;
    cells.push(isQuoted ? inside.replaceAll('""', '"') : whole);
    const next = text[at];
    if (next === separator) {
      at += 1;
      if (at < text.length) continue;
      cells.push("");
    } else if (next !== undefined && next !== "\r" && next !== "\n") {
      throw new CsvFault("lists.fault.after_quote", rows.length + 1);
    }
    at += text.startsWith("\r\n", at) ? 2 : 1;
    rows.push(cells);
    cells = [];
  }
  return rows;
}

/** @param {string} separator */
const escaped = (separator) => (separator === "\t" ? "\\t" : separator);

/**
 * What separates the cells: what the file says of itself, or that by which its first row names most columns that are
 * known; and the text without that line of its own.
 * @param {string} text
 * @param {(name: string) => boolean} isColumn
 * @returns {{separator: string, rows: string}}
 */
export function separated(text, isColumn) {
  const said = SAID.exec(text);
  if (said !== null) return { separator: said[1] ?? ";", rows: text.slice(said[0].length) };
  const known = SEPARATORS.map((separator) => {
    const [first = []] = firstRow(text, separator);
    return { separator, count: first.filter(isColumn).length };
  });
  const [best = { separator: ";" }] = known.sort((one, other) => other.count - one.count);
  return { separator: best.separator, rows: text };
}

/** @param {string} text @param {string} separator @returns {string[][]} */
function firstRow(text, separator) {
  try {
    return readCsv(text, separator, 1);
  } catch (fault) {
    if (fault instanceof CsvFault) return []; // by another separator it may be one
    throw fault;
  }
}

/**
 * Rows of cells to the octets of a file that a Dutch spreadsheet opens by a double click: UTF-8 with its mark, semicolons,
 * CRLF, every cell quoted.
 *
 * SECURITY: names come from other organisations, and a spreadsheet computes what begins like a formula. So each line of
 * a cell that does, also behind blanks that nobody sees, gets an apostrophe before it; `unguarded` takes off what
 * `guarded` put there and nothing else, for what began with apostrophes before such a sign has got one more.
 */

const BOM = "\ufeff";
const BREAK = /(\r\n|[\n\r\v\f\u0085\u2028\u2029])/u;
// Tab and carriage return are begun with as well: some readers skip them and look at what comes next.
const FORMULA = /^'*[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe63\ufe62\ufe66\ufe6b]/u;
const SUSPECT = /[\t\n\r\v\f\u0085\u2028\u2029=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe63\ufe62\ufe66\ufe6b]/u; // most cells have none of them
const CONTROL = /^'*[\t\r\n]/u;

/**
 * The file of these rows, the names of the columns before them.
 * @param {readonly string[]} columns
 * @param {readonly (readonly string[])[]} rows
 * @returns {Uint8Array<ArrayBuffer>}
 */
export function writeCsv(columns, rows) {
  const lines = [columns, ...rows].map((cells) => cells.map((each) => `"${guarded(each).replaceAll('"', '""')}"`).join(";"));
  return new TextEncoder().encode(`${BOM}${lines.join("\r\n")}\r\n`);
}

/** A cell that nothing computes. @param {string} cell */
export function guarded(cell) {
  if (!SUSPECT.test(cell)) return cell;
  return eachLine(cell, (line) => (begins(line) ? `'${line}` : line));
}

/** What `guarded` made, as it was before. @param {string} cell */
export function unguarded(cell) {
  return eachLine(cell, (line) => (line.startsWith("'") && begins(line.slice(1)) ? line.slice(1) : line));
}

/** @param {string} line */
const begins = (line) => FORMULA.test(line) || CONTROL.test(line);

/** @param {string} cell @param {(line: string) => string} change */
function eachLine(cell, change) {
  return cell.split(BREAK).map((piece, index) => (index % 2 === 0 ? change(piece) : piece)).join("");
}

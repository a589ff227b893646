/**
 * Rows of cells to the octets of a file that a Dutch spreadsheet opens by a double click: UTF-8 with its mark, semicolons,
 * CRLF, every cell quoted.
 *
 * SECURITY: names come from other organisations, and a spreadsheet computes what begins like a formula. So each piece of
 * a cell that does gets an apostrophe before it, also behind blanks that nobody sees: its lines, and what stands behind a
 * comma, a semicolon or a tab, for a spreadsheet that takes those for the end of a cell ends a quoted one there, too.
 * `unguarded` takes off what `guarded` put there and nothing else, for what began with apostrophes has got one more.
 */

const BOM = "\ufeff";
const BREAK = /([,;\t]|\r\n|[\n\r\v\f\u0085\u2028\u2029])/u;
const FORMULA = /^'*[\s"\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe63\ufe62\ufe66\ufe6b]/u;
const SUSPECT = /[\t\n\r\v\f\u0085\u2028\u2029=+\-@\uff1d\uff0b\uff0d\uff20\u2212\ufe63\ufe62\ufe66\ufe6b]/u; // most cells have none of them
// A cell begun with these gets one at its very beginning: some readers skip them and look at what comes next.
const SKIPPED = /^[\t\r\n]/u;

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
  return eachPiece(cell, (piece, begins) => (begins(piece) ? `'${piece}` : piece));
}

/** What `guarded` made, as it was before. @param {string} cell */
export function unguarded(cell) {
  if (!cell.includes("'")) return cell;
  return eachPiece(cell, (piece, begins) => (piece.startsWith("'") && begins(piece.slice(1)) ? piece.slice(1) : piece));
}

/** @param {string} cell @param {(piece: string, begins: (piece: string) => boolean) => string} change */
function eachPiece(cell, change) {
  const pieces = cell.split(BREAK);
  const isSkipped = SKIPPED.test(pieces[1] ?? "");
  const begins = (/** @type {string} */ piece) => FORMULA.test(piece);
  const first = (/** @type {string} */ piece) => begins(piece) || (isSkipped && /^'*$/u.test(piece));
  return pieces.map((piece, index) => (index % 2 === 0 ? change(piece, index === 0 ? first : begins) : piece)).join("");
}

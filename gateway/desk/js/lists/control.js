/**
 * The control digest of a row: that its question cells are those that this unit was asked, also when the question itself
 * is gone. It is made with a key that only the unit's own keys yield, over the cells as they were and the number of rows
 * of their question.
 *
 * Beside the digest stands how long each cell of digits was, so that zeros which a spreadsheet took off are put back
 * before it is judged: what comes out right is what was there.
 *
 * SECURITY: the lengths are not believed; with wrong ones the digest does not hold.
 */

import { readTyped, showTyped } from "../forms/notation.js";
import { squeezed } from "./values.js";

/** @typedef {import("../forms/types.js").ValueKind} ValueKind */
/** @typedef {import("./types.js").ListTable} ListTable */

/** @typedef {(texts: string[]) => Promise<string[][]>} Digests of each text, by each of the unit's keys, newest first */

const DIGEST = /^([0-9a-f]{32})(?:-([0-9a-z.]+))?$/u;
const BASE = 36;

/**
 * What is digested for a row.
 * @param {ListTable} table
 * @param {readonly string[]} cells of its question, in the order of the table
 * @param {number} count rows of its question
 */
export function controlled({ module, version, type }, cells, count) {
  return JSON.stringify([module, version, type, count, ...cells]);
}

/** The cell that says so. @param {string} digest @param {readonly string[]} cells @returns {string} */
export function controlCell(digest, cells) {
  const lengths = cells.map((each) => (isDigits(each) ? each.length.toString(BASE) : ""));
  return lengths.some((each) => each !== "") ? `${digest}-${lengths.join(".").replace(/\.+$/u, "")}` : digest;
}

/** @param {string} cell */
const isDigits = (cell) => /^\d+$/u.test(cell);

/**
 * The digest in a control cell, and the question cells beside it as they must have been; null where it is no control cell.
 * @param {string} control
 * @param {readonly string[]} cells as they were read, unguarded
 * @param {readonly (ValueKind | null)[]} kinds of the field that each cell shows
 * @returns {{digest: string, cells: string[]} | null}
 */
export function undamaged(control, cells, kinds) {
  const [whole, digest = "", lengths = ""] = DIGEST.exec(squeezed(control).toLowerCase()) ?? [];
  if (whole === undefined) return null;
  const counts = lengths.split(".");
  return { digest, cells: cells.map((cell, index) => undone(cell, counts[index] ?? "", kinds[index] ?? null)) };
}

/** @param {string} cell @param {string} length @param {ValueKind | null} kind */
function undone(cell, length, kind) {
  if (length !== "") {
    const digits = squeezed(cell).replace(/^'/u, "");
    return isDigits(digits) ? digits.padStart(Number.parseInt(length, BASE), "0") : cell;
  }
  if (kind !== null && (kind.kind === "date" || kind.kind === "amount")) {
    const { value, misread } = readTyped(kind, cell);
    return misread === undefined && value !== "" ? showTyped(kind, value) : cell;
  }
  return cell.replace(/\r\n?/gu, "\n");
}

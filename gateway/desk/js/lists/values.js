/**
 * One cell that somebody filled, as the value of a document: read as a form reads what is typed, with what spreadsheets
 * do to values undone where only one thing can have been meant, and named where not.
 */

import { readTyped } from "../forms/notation.js";
import { say } from "../forms/texts.js";

/** @typedef {import("../forms/types.js").ValueKind} ValueKind */
/** @typedef {import("./types.js").AnswerColumn} AnswerColumn */
/** @typedef {{value: string, key?: undefined, words?: undefined} | {value?: undefined, key: string} | {value?: undefined, key?: undefined, words: {nl: string, en: string}}} ReadCell */

const SCIENTIFIC = /^[+-]?\d+(?:[.,]\d+)?e[+-]?\d+$/iu;
const SHORTENED = /^\d(?:[.,]\d+)?e[+-]\d{2,3}$/iu; // of a text only what a spreadsheet writes: 12E5 may be somebody's number
const ROUNDED = /^\d{15}0+$/u; // a spreadsheet keeps fifteen digits of a number
const SERIAL = /^\d{4,6}$/u; // days since 1900
const MIDNIGHT = /[ T]0{1,2}:00(?::00)?$/u;
const ERROR = /^#(?:N\/A|N\/B|REF!|VERW!|VALUE!|WAARDE!|NAME\?|NAAM\?|DIV\/0!|DEEL\/0!|NUM!|GETAL!|NULL!|LEEG!)$|^(?:Err|Fout):\d+$/iu;
const AS_TEXT = /^'(?=\d)/u; // as whoever wants his digits left alone begins a cell

/** @type {Record<string, string>} */
const TRUTHS = { ja: "true", nee: "false", yes: "true", no: "false", waar: "true", onwaar: "false", true: "true", false: "false", j: "true", n: "false" };

/**
 * What a cell of a column says of a field; a blank is the empty text.
 * @param {string} cell
 * @param {AnswerColumn} column
 * @param {ValueKind} kind
 * @returns {ReadCell}
 */
export function readCell(cell, column, kind) {
  const text = squeezed(cell);
  if (text === "") return { value: "" };
  if (ERROR.test(text)) return { key: "lists.fault.error_value" };
  const meant = wordOf(text, column);
  if (meant !== undefined) return { value: meant };
  if (column.only) return { key: "lists.fault.word" };
  switch (kind.kind) {
    case "truth": {
      const truth = Object.hasOwn(TRUTHS, text.toLowerCase()) ? TRUTHS[text.toLowerCase()] : undefined;
      return truth === undefined ? { key: "lists.fault.truth" } : { value: truth };
    }
    case "list": {
      const wanted = text.toLowerCase();
      const found = kind.values?.find(({ value, nl, en }) => [value, nl, en].some((each) => each.toLowerCase() === wanted));
      return found === undefined ? { key: "lists.fault.word" } : { value: found.value };
    }
    case "date":
      if (SERIAL.test(text)) return { key: "lists.fault.serial" };
      return typed(kind, text.replace(MIDNIGHT, ""));
    case "amount":
    case "decimal":
    case "integer":
      if (SCIENTIFIC.test(text)) return { key: "lists.fault.scientific" };
      return typed(kind, text);
    case "text":
    case "lines": {
      if (SHORTENED.test(text)) return { key: "lists.fault.scientific" };
      return typed(kind, (kind.kind === "lines" ? cell : text).replace(AS_TEXT, ""));
    }
    default:
      return typed(kind, text);
  }
}

/** Whether a cell may have lost its last digits: they are noughts in numbers that nobody damaged, too. @param {string} cell @param {ValueKind} kind */
export const isRounded = (cell, kind) => (kind.kind === "text" || kind.kind === "lines") && ROUNDED.test(squeezed(cell));

/** What may stand in a cell, as words for whoever reads a complaint. @param {AnswerColumn} column @param {ValueKind} kind @param {"nl" | "en"} language */
export function possibilities(column, kind, language) {
  const words = Object.keys(column.words);
  if (column.only || (words.length > 0 && kind.kind !== "list")) return words.join(", ");
  if (kind.kind === "truth") return "Ja, Nee";
  const spoken = new Set(Object.values(column.words));
  const others = (kind.values ?? []).filter(({ value }) => !spoken.has(value)).map((each) => each[language]);
  return [...words, ...others].join(", ");
}

/** The value that a word of the column stands for. @param {string} text @param {AnswerColumn} column */
export function wordOf(text, { words }) {
  const wanted = text.toLowerCase();
  const found = Object.entries(words).find(([word]) => word.toLowerCase() === wanted);
  return found?.[1];
}

/** Without blanks around it, and with single ones inside. @param {string} cell */
export function squeezed(cell) {
  return cell.replace(/[\s\u00a0\u202f\ufeff]+/gu, " ").trim();
}

/** @param {ValueKind} kind @param {string} text @returns {ReadCell} */
function typed(kind, text) {
  const { value, misread } = readTyped(kind, text);
  return misread === undefined ? { value } : { words: say(`fault.${misread}`) };
}

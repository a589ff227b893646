/** Values of a document in words: money, dates, moments, listed values. What is none of these stays as it is. */

import { isDay } from "./notation.js";
import { say } from "./texts.js";

/** @typedef {import("./types.js").ValueKind} ValueKind */
/** @typedef {import("./types.js").Language} Language */

/**
 * @param {ValueKind} kind
 * @param {string} value
 * @param {Language} language
 * @returns {string}
 */
export function inWords(kind, value, language) {
  const listed = kind.values?.find((each) => each.value === value);
  if (listed !== undefined) return listed[language];
  switch (kind.kind) {
    case "amount":
      return money(value);
    case "decimal":
      return value.replace(".", ",");
    case "truth":
      return value === "true" || value === "false" ? say(value === "true" ? "form.yes" : "form.no")[language] : value;
    case "date":
      return dateInWords(value, language);
    case "moment":
      return momentInWords(value, language);
    default:
      return value;
  }
}

/**
 * `1234.5` as `€ 1.234,50`; what is no amount stays as it is.
 * @param {string} value
 */
export function money(value) {
  const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(value);
  if (match === null) return value;
  const [, sign = "", whole = "", cents = ""] = match;
  return `€\u00a0${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ".")},${cents.padEnd(2, "0")}`;
}

/**
 * Whether the calendar has the day that a value begins with: a browser takes 31 February for 3 March.
 * @param {string} value
 */
function hasDay(value) {
  const [year = 0, month = 0, day = 0] = value.slice(0, 10).split("-").map(Number);
  return isDay(year, month, day);
}

/**
 * @param {string} value
 * @param {Language} language
 */
function dateInWords(value, language) {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || !hasDay(value)) return value;
  return shown(new Date(`${value}T12:00:00Z`), language, { dateStyle: "long", timeZone: "UTC" });
}

/**
 * @param {string} value
 * @param {Language} language
 */
function momentInWords(value, language) {
  const date = new Date(value);
  if (!/(?:Z|[+-]\d\d:\d\d)$/.test(value) || Number.isNaN(date.valueOf()) || !hasDay(value)) return value;
  return shown(date, language, { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Amsterdam" });
}

/**
 * @param {Date} date
 * @param {Language} language
 * @param {Intl.DateTimeFormatOptions} options
 */
function shown(date, language, options) {
  return new Intl.DateTimeFormat(language === "nl" ? "nl-NL" : "en-GB", options).format(date);
}

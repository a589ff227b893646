/**
 * How people in the Netherlands write values, and how documents do: 1.234,56 and 1234.56, 03-12-2026 and 2026-12-03.
 * Typing is read generously where only one thing can be meant, and refused where two could.
 */

/** @typedef {import("./types.js").ValueKind} ValueKind */

/** @typedef {"number" | "ambiguous" | "decimals" | "date" | "year" | "calendar" | "moment"} Misread */

/**
 * What was typed as a document writes it; a blank is the empty text.
 * @param {ValueKind} kind
 * @param {string} typed
 * @returns {{value: string, misread?: undefined} | {misread: Misread, value?: undefined}}
 */
export function readTyped(kind, typed) {
  if (kind.kind === "lines") return { value: typed.trim() ? typed.replace(/\r\n?/g, "\n") : "" };
  const text = typed.replace(/[\s\u00a0\u202f]+/gu, " ").trim();
  if (text === "") return { value: "" };
  switch (kind.kind) {
    case "amount":
    case "decimal":
    case "integer":
      return readNumber(kind.kind, text);
    case "date":
      return readDate(text);
    case "moment":
      return { value: text };
    case "text":
      return { value: tidied(kind, text) };
    default:
      return { value: text };
  }
}

/**
 * A value of a document as a field shows it.
 * @param {ValueKind} kind
 * @param {string} value
 */
export function showTyped(kind, value) {
  if (kind.kind === "amount" || kind.kind === "decimal") return value.replace(".", ",");
  const date = kind.kind === "date" ? /^(\d{4})-(\d{2})-(\d{2})$/.exec(value) : null;
  return date === null ? value : `${date[3]}-${date[2]}-${date[1]}`;
}

/**
 * @param {"amount" | "decimal" | "integer"} kind
 * @param {string} text
 * @returns {{value: string} | {misread: Misread}}
 */
function readNumber(kind, text) {
  const bare = text.replace(/^(?:€|eur)\s*/i, "").replace(/ ?%$/, "");
  // One dot and three digits after it: a thousand to some, a decimal sign to others.
  if (/^[+-]?\d{1,3}\.\d{3}$/.test(bare)) return { misread: "ambiguous" };
  const dutch = /^([+-]?)(\d{1,3}(?:[. ]\d{3})+|\d+)(?:,(\d*|-))?$/.exec(bare);
  const english = /^([+-]?)(\d+)\.(\d+)$/.exec(bare);
  const [, sign = "", whole = "", fraction = ""] = dutch ?? english ?? [];
  if (whole === "") return { misread: "number" };
  const number = `${sign === "-" ? "-" : ""}${whole.replace(/[. ]/g, "").replace(/^0+(?=\d)/, "")}`;
  const decimals = fraction === "-" ? "" : fraction;
  if (kind === "integer") return /[1-9]/.test(decimals) ? { misread: "decimals" } : { value: number };
  if (kind === "amount" && decimals.length > 2) return { misread: "decimals" };
  if (kind === "amount") return { value: `${number}.${decimals.padEnd(2, "0")}` };
  return { value: decimals === "" ? number : `${number}.${decimals}` };
}

/**
 * @param {string} text
 * @returns {{value: string} | {misread: Misread}}
 */
function readDate(text) {
  const dutch = /^(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{2}|\d{4})$/.exec(text);
  const written = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text);
  if (dutch === null && written === null) return { misread: "date" };
  const [year = "", month = "", day = ""] = written ? written.slice(1) : (dutch ?? []).slice(1).reverse();
  if (year.length === 2) return { misread: "year" };
  if (!isDay(Number(year), Number(month), Number(day))) return { misread: "calendar" };
  return { value: `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` };
}

/**
 * Whether the calendar has that day.
 * @param {number} year
 * @param {number} month
 * @param {number} day
 */
export function isDay(year, month, day) {
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return year > 0 && day > 0 && day <= (days[month - 1] ?? 0);
}

/**
 * A text without what people put into numbers for the eye, `1234 ab` for 1234AB, where its pattern allows no blank and so
 * nothing else can be meant.
 * @param {ValueKind} kind
 * @param {string} text one line, blanks single
 */
function tidied(kind, text) {
  if (kind.pattern === undefined || kind.pattern.includes(" ")) return text;
  const pattern = wholly(kind.pattern);
  const without = text.replace(/[ .()/-]/g, "");
  const ways = [text, text.replace(/ /g, ""), text.replace(/ /g, "").toUpperCase(), without, without.toUpperCase()];
  return ways.find((way) => pattern.test(way)) ?? text;
}

/** @type {Map<string, RegExp>} */
const compiled = new Map();

/**
 * A pattern for the whole of a value.
 * @param {string} pattern
 * @returns {RegExp}
 */
export function wholly(pattern) {
  const known = compiled.get(pattern) ?? new RegExp(`^(?:${pattern})$`, "u");
  compiled.set(pattern, known);
  return known;
}

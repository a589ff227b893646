/**
 * Whether a value keeps the bounds of its field: what the schema says of it, as a person is told. The code is the
 * schema's, so that what is found here and what the hub finds are the same.
 */

import { compare, decimal } from "./decimals.js";
import { isDay, showTyped, wholly } from "./notation.js";
import { say } from "./texts.js";

/** @typedef {import("./types.js").ValueKind} ValueKind */
/** @typedef {import("./types.js").Words} Words */

/**
 * The first bound that a value does not keep, or null.
 * @param {ValueKind} kind
 * @param {string} value as a document writes it
 * @returns {({code: string} & Words) | null}
 */
export function facetFault(kind, value) {
  const broken = outOfKind(kind, value) ?? outOfLength(kind, value) ?? outOfForm(kind, value) ?? outOfRange(kind, value);
  return broken === null ? null : { code: broken.code, ...say(broken.key, broken.told) };
}

/** @typedef {{code: string, key: string, told?: Record<string, string | Words>}} Broken */

const DATATYPE = "XSD-CVC-DATATYPE-VALID-1-2-1";

/** @type {Partial<Record<ValueKind["kind"], RegExp>>} */
const WRITTEN = {
  truth: /^(?:true|false|1|0)$/,
  date: /^-?\d{4,}-\d\d-\d\d(?:Z|[+-]\d\d:\d\d)?$/,
  moment: /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/,
  integer: /^[+-]?\d+$/,
  decimal: /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/,
  amount: /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)$/,
};

/**
 * @param {ValueKind} kind
 * @param {string} value
 * @returns {Broken | null}
 */
function outOfKind(kind, value) {
  if (kind.kind === "list") {
    const listed = kind.values?.some((each) => each.value === value);
    return listed ? null : { code: "XSD-CVC-ENUMERATION-VALID", key: "fault.list" };
  }
  const written = WRITTEN[kind.kind];
  if (written === undefined) return null;
  if (!written.test(value)) return { code: DATATYPE, key: KIND_TEXT[kind.kind] ?? "fault.number" };
  const [, year, month, day, hour = 0, minute = 0, second = 0] = (DAY.exec(value) ?? []).map((each) => Number(each ?? 0));
  if (year === undefined || month === undefined || day === undefined) return null;
  const midnight = hour === 24 && minute === 0 && second === 0;
  if (isDay(year, month, day) && (hour < 24 || midnight) && minute < 60 && second < 60) return null;
  return { code: DATATYPE, key: "fault.calendar" };
}

const DAY = /^(\d{4,})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d))?/;

/** @type {Partial<Record<ValueKind["kind"], string>>} */
const KIND_TEXT = { truth: "fault.truth", date: "fault.date", moment: "fault.moment" };

/**
 * @param {ValueKind} kind
 * @param {string} value
 * @returns {Broken | null}
 */
function outOfLength(kind, value) {
  const characters = [...value].length;
  const told = (/** @type {number} */ bound) => ({ bound: `${bound}` });
  if (kind.length !== undefined && characters !== kind.length) {
    return { code: "XSD-CVC-LENGTH-VALID", key: "fault.length", told: told(kind.length) };
  }
  if (kind.minLength !== undefined && characters < kind.minLength) {
    return { code: "XSD-CVC-MINLENGTH-VALID", key: "fault.short", told: told(kind.minLength) };
  }
  if (kind.maxLength !== undefined && characters > kind.maxLength) {
    return { code: "XSD-CVC-MAXLENGTH-VALID", key: "fault.long", told: told(kind.maxLength) };
  }
  return null;
}

/**
 * @param {ValueKind} kind
 * @param {string} value
 * @returns {Broken | null}
 */
function outOfForm(kind, value) {
  if (kind.pattern === undefined || wholly(kind.pattern).test(value)) return null;
  const code = "XSD-CVC-PATTERN-VALID";
  if (kind.kind === "amount" || kind.kind === "truth" || kind.kind === "date") return { code, key: `fault.${kind.kind}` };
  if (kind.kind === "integer" || kind.kind === "decimal") return { code, key: "fault.digits" };
  if (kind.shape !== undefined) return { code, key: "fault.shape", told: { shape: kind.shape } };
  return { code, key: UNSEEN.test(value) ? "fault.invisible" : "fault.form" };
}

const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u00a0\u2000-\u200f\u3000\ufeff]/u;

/**
 * @param {ValueKind} kind
 * @param {string} value
 * @returns {Broken | null}
 */
function outOfRange(kind, value) {
  /** @type {[string | undefined, string, string, (order: number) => boolean][]} */
  const bounds = [
    [kind.minInclusive, "XSD-CVC-MININCLUSIVE-VALID", "fault.low", (order) => order >= 0],
    [kind.minExclusive, "XSD-CVC-MINEXCLUSIVE-VALID", "fault.low", (order) => order > 0],
    [kind.maxInclusive, "XSD-CVC-MAXINCLUSIVE-VALID", "fault.high", (order) => order <= 0],
    [kind.maxExclusive, "XSD-CVC-MAXEXCLUSIVE-VALID", "fault.high", (order) => order < 0],
  ];
  for (const [bound, code, key, keeps] of bounds) {
    if (bound !== undefined && !keeps(order(value, bound))) {
      return { code, key, told: { bound: showTyped(kind, bound) } };
    }
  }
  const [whole = "", decimals = ""] = value.replace(/^[+-]?0*/, "").split(".");
  const fraction = decimals.length - zerosAtEnd(decimals);
  if (kind.fractionDigits !== undefined && fraction > kind.fractionDigits) {
    return { code: "XSD-CVC-FRACTIONDIGITS-VALID", key: "fault.decimals" };
  }
  if (kind.totalDigits !== undefined && whole.length + fraction > kind.totalDigits) {
    return { code: "XSD-CVC-TOTALDIGITS-VALID", key: "fault.digits" };
  }
  return null;
}

/** @param {string} digits */
function zerosAtEnd(digits) {
  let end = digits.length;
  while (end > 0 && digits[end - 1] === "0") end -= 1;
  return digits.length - end;
}

/**
 * Numbers by their size, dates and moments by their text.
 * @param {string} value
 * @param {string} bound
 */
function order(value, bound) {
  if (decimal(value) !== null && decimal(bound) !== null) return compare(value, bound);
  return value < bound ? -1 : value > bound ? 1 : 0;
}

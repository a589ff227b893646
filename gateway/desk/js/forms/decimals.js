/**
 * Decimal numbers as documents write them, counted exactly: money is never a binary fraction.
 */

/**
 * @param {string} text `-12.30`
 * @returns {{units: bigint, places: number} | null} null where it is no decimal
 */
export function decimal(text) {
  const match = /^([+-]?)(\d*)(?:\.(\d*))?$/.exec(text.trim());
  if (match === null || !`${match[2]}${match[3] ?? ""}`) return null;
  const [, sign = "", whole = "", fraction = ""] = match;
  return { units: BigInt(`${sign === "-" ? "-" : ""}${whole}${fraction}`), places: fraction.length };
}

/**
 * @param {string} text
 * @param {number} places
 */
function unitsOf(text, places) {
  const read = decimal(text);
  if (read === null) throw new RangeError("no decimal number");
  return read.units * 10n ** BigInt(places - read.places);
}

/** @param {string[]} texts */
function placesOf(texts) {
  return Math.max(0, ...texts.map((text) => decimal(text)?.places ?? 0));
}

/**
 * Negative, zero or positive as the first is less than, equal to or more than the second.
 * @param {string} one
 * @param {string} other
 */
export function compare(one, other) {
  const places = placesOf([one, other]);
  const difference = unitsOf(one, places) - unitsOf(other, places);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/**
 * The sum, with as many decimals as the term that has most.
 * @param {string[]} texts
 */
export function sum(texts) {
  const places = placesOf(texts);
  const units = texts.reduce((total, text) => total + unitsOf(text, places), 0n);
  const digits = `${units < 0n ? -units : units}`.padStart(places + 1, "0");
  const whole = digits.slice(0, digits.length - places);
  return `${units < 0n ? "-" : ""}${whole}${places ? `.${digits.slice(-places)}` : ""}`;
}

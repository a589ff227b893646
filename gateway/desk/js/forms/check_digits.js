/**
 * Check digits of the numbers in messages: the twin of xsd/check_digits.py, held to the same numbers.
 */

/**
 * Nine digits, not all zero, whose sum weighted 9 to 2 and -1 is a multiple of eleven.
 * @param {string} number
 */
export function elevenTest(number) {
  if (!/^[0-9]{9}$/.test(number) || /^0+$/.test(number)) return false;
  const weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
  return weights.reduce((total, weight, index) => total + weight * Number(number[index]), 0) % 11 === 0;
}

/**
 * An IBAN without spaces, of a country that has them, in its length and form, whose check digits are right.
 * @param {string} number
 * @param {Record<string, string>} countries country to the form of what follows the check digits, as `4!a10!n`
 */
export function accountNumber(number, countries) {
  if (!/^[A-Z0-9]+$/.test(number) || ["00", "01", "99"].includes(number.slice(2, 4))) return false;
  const form = Object.hasOwn(countries, number.slice(0, 2)) ? countries[number.slice(0, 2)] : undefined;
  if (form === undefined || !formOf(form).test(number.slice(4))) return false;
  return remainder97(number.slice(4) + number.slice(0, 4)) === 1;
}

/** @type {Record<string, string>} */
const SIGNS = { n: "[0-9]", a: "[A-Z]", c: "[A-Z0-9]" };

/** @param {string} form */
function formOf(form) {
  return new RegExp(`^${form.replace(/([1-9][0-9]*)!([nac])/g, (_, count, kind) => `${SIGNS[kind]}{${count}}`)}$`);
}

/** @param {string} text digits and capitals, a capital counting 10 to 35 */
function remainder97(text) {
  let rest = 0;
  for (const sign of text) {
    const value = Number.parseInt(sign, 36);
    rest = (rest * (value > 9 ? 100 : 10) + value) % 97;
  }
  return rest;
}

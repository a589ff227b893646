/** Which numbers pass their check, for `test_forms.py` to hold against what Python says of the same. */

import { readFileSync } from "node:fs";

import { accountNumber, elevenTest } from "../../../../gateway/desk/js/forms/check_digits.js";

const { countries, ibans, numbers } = JSON.parse(readFileSync(0, "utf-8"));
const right = {
  ibans: ibans.map((/** @type {string} */ each) => accountNumber(each, countries)),
  numbers: numbers.map(elevenTest),
};
process.stdout.write(JSON.stringify(right));

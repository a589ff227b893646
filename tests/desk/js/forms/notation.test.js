/** What people type, and what documents write. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { compare, decimal, sum } from "../../../../gateway/desk/js/forms/decimals.js";
import { readTyped, showTyped } from "../../../../gateway/desk/js/forms/notation.js";

/** @param {string} kind @param {string} typed @param {object} [more] */
function read(kind, typed, more = {}) {
  const found = readTyped(/** @type {any} */ ({ kind, type: "T", ...more }), typed);
  return found.misread ?? found.value;
}

const AMOUNTS = [
  ["1.234,56", "1234.56"], ["1234,56", "1234.56"], ["1234.56", "1234.56"], ["1234", "1234.00"], ["1 234,5", "1234.50"],
  ["€ 12,-", "12.00"], ["€\u00a01.234.567,00", "1234567.00"], ["0", "0.00"], ["007,10", "7.10"], ["EUR 3", "3.00"],
  ["-5", "-5.00"], ["1.234", "ambiguous"], ["1,234", "decimals"], ["12,345", "decimals"], ["1,2,3", "number"],
  ["1.23.4", "number"], ["twaalf", "number"], ["1e3", "number"], ["12.34.567,00", "number"], ["1234567.5", "1234567.50"],
];

for (const [typed = "", written] of AMOUNTS) {
  test(`the amount ${typed} is ${written}`, () => assert.equal(read("amount", typed), written));
}

const DATES = [
  ["3-12-2026", "2026-12-03"], ["03-12-2026", "2026-12-03"], ["03/12/2026", "2026-12-03"], ["3 12 2026", "2026-12-03"],
  ["2026-12-03", "2026-12-03"], ["29-02-2024", "2024-02-29"], ["29-02-2026", "calendar"], ["31-4-2026", "calendar"],
  ["12-31-2026", "calendar"], ["3-12-26", "year"], ["3 december 2026", "date"], ["00-01-2026", "calendar"],
];

for (const [typed = "", written] of DATES) {
  test(`the date ${typed} is ${written}`, () => assert.equal(read("date", typed), written));
}

test("a whole number takes thousands and no decimals", () => {
  assert.equal(read("integer", "1.234"), "ambiguous");
  assert.equal(read("integer", "12.345.678"), "12345678");
  assert.equal(read("integer", "18"), "18");
  assert.equal(read("integer", "18,0"), "18");
  assert.equal(read("integer", "18,5"), "decimals");
});

test("a percentage keeps its decimals and loses its sign", () => {
  assert.equal(read("decimal", "12,5 %"), "12.5");
  assert.equal(read("decimal", "100%"), "100");
});

test("blanks for the eye are taken out where a pattern allows none, and nowhere else", () => {
  const postcode = { pattern: "[1-9][0-9]{3}[A-Z]{2}" };
  assert.equal(read("text", " 1234 ab ", postcode), "1234AB");
  assert.equal(read("text", "+31 (0)85-000 0000", { pattern: "\\+?[0-9]{8,15}" }), "+310850000000");
  assert.equal(read("text", "123.456.782", { pattern: "[0-9]{9}" }), "123456782");
  assert.equal(read("text", "nl13 test 0123 4567 89", { pattern: "[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}" }), "NL13TEST0123456789");
  assert.equal(read("text", "Jan  Jansen ", { pattern: "[!-~]+( [!-~]+)*" }), "Jan Jansen");
  assert.equal(read("text", "F-2025 01", { pattern: "[!-~]+( [!-~]+)*" }), "F-2025 01");
});

test("what stays wrong stays as it was typed", () => {
  assert.equal(read("text", "123 45", { pattern: "[0-9]{4} [A-Z]{2}|[0-9]{5}" }), "123 45");
  assert.equal(read("text", "12 34", { pattern: "[0-9]{9}" }), "12 34");
});

test("lines keep their breaks, in one way of writing them", () => {
  assert.equal(read("lines", "een\r\n twee\rdrie\n"), "een\n twee\ndrie\n");
  assert.equal(read("lines", " \n "), "");
});

test("a blank is nothing, whatever the kind", () => {
  for (const kind of ["text", "amount", "date", "integer", "truth", "list", "moment", "decimal"]) assert.equal(read(kind, " \u00a0 "), "");
});

test("what is shown is read again as the same value", () => {
  const cents = Array.from({ length: 2000 }, (_, index) => `${(index * 7919) % 100000}.${`${index % 100}`.padStart(2, "0")}`);
  for (const value of [...cents, "999999999.99", "1234.56", "0.00"]) {
    assert.equal(read("amount", showTyped(/** @type {any} */ ({ kind: "amount" }), value)), value);
  }
  for (const value of ["2026-12-03", "1900-01-01", "2199-12-31", "2024-02-29"]) {
    assert.equal(read("date", showTyped(/** @type {any} */ ({ kind: "date" }), value)), value);
  }
  for (const value of ["12.5", "0.0001", "100", "12.3456"]) {
    assert.equal(read("decimal", showTyped(/** @type {any} */ ({ kind: "decimal" }), value)), value);
  }
});

test("decimals are counted exactly, beyond what a number holds", () => {
  assert.equal(sum(["0.10", "0.20"]), "0.30");
  assert.equal(sum(["999999999999999999.99", "0.01"]), "1000000000000000000.00");
  assert.equal(sum(["-1.5", "0.25"]), "-1.25");
  assert.equal(sum(["-0.25", "-0.25"]), "-0.50");
  assert.equal(sum([]), "0");
  assert.equal(compare("1.0", "1"), 0);
  assert.equal(compare("-2", "1.999"), -1);
  assert.equal(compare(".5", "0.49"), 1);
  for (const none of ["", ".", "1.2.3", "1e2", "a"]) assert.equal(decimal(none), null);
});

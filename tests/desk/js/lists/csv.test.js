/** Rows of text, read and written; Papa Parse, when it is installed, is the second judge. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { test } from "node:test";

import { CsvFault, readCsv, separated } from "../../../../gateway/desk/js/lists/csv_read.js";
import { guarded, unguarded, writeCsv } from "../../../../gateway/desk/js/lists/csv_write.js";

const CASES = [
  ["a;b\r\nc;d\r\n", [["a", "b"], ["c", "d"]]],
  ["a;b\nc;d", [["a", "b"], ["c", "d"]]],
  ["a;b\rc;d\r", [["a", "b"], ["c", "d"]]],
  ['"a;1";"b""2"\r\n', [["a;1", 'b"2']]],
  ['"een\r\ntwee";"drie\nvier"\r\n', [["een\r\ntwee", "drie\nvier"]]],
  ["a;;\r\n", [["a", "", ""]]],
  ['"";""\r\n', [["", ""]]],
  ["\r\na\r\n", [[""], ["a"]]],
  ['b"c;d"e\r\n', [['b"c', 'd"e']]],
  ["a;", [["a", ""]]],
  ["", []],
];

for (const [text, rows] of CASES) {
  test(`${JSON.stringify(text)} is ${JSON.stringify(rows)} (PO-60)`, () => assert.deepEqual(readCsv(text, ";"), rows));
}

test("a quote that nothing closes, and text behind one, are told with their row (PO-60)", () => {
  const fault = (/** @type {string} */ text) => {
    try {
      readCsv(text, ";");
    } catch (why) {
      return why instanceof CsvFault ? [why.key, why.row] : why;
    }
    return null;
  };
  assert.deepEqual(fault('a;b\r\nc;"d\r\ne'), ["lists.fault.open_quote", 2]);
  assert.deepEqual(fault('a;b\r\n"c"d;e\r\n'), ["lists.fault.after_quote", 2]);
});

const isColumn = (/** @type {string} */ name) => ["Naam", "Bedrag"].includes(name);

for (const separator of [";", ",", "\t"]) {
  test(`${JSON.stringify(separator)} is found by the first row (PO-60)`, () => {
    const text = `Naam${separator}Bedrag\r\n"a;b,c\td"${separator}1\r\n`;
    assert.deepEqual(separated(text, isColumn), { separator, rows: text });
  });
  test(`a line that says sep=${JSON.stringify(separator)} is taken at its word and is no row (PO-60)`, () => {
    assert.deepEqual(separated(`sep=${separator}\r\nNaam;Bedrag`, isColumn), { separator, rows: "Naam;Bedrag" });
  });
}

/** Numbers that are the same each time. @param {number} seed */
function dice(seed) {
  let state = seed;
  return (/** @type {number} */ sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

const SIGNS = ["a", "1", " ", '"', ";", ",", "\t", "\r", "\n", "\r\n", "'", "=", "+", "@", "\u00a0", "é", "😀", "\u2028", "\ufeff"];

/** @param {(sides: number) => number} roll */
const cell = (roll) => Array.from({ length: roll(6) }, () => SIGNS[roll(SIGNS.length)]).join("");

test("what is written is read as it was, and guarding it is undone (PO-60)", () => {
  const roll = dice(1);
  for (let round = 0; round < 2000; round += 1) {
    const width = 1 + roll(4);
    const rows = Array.from({ length: 1 + roll(5) }, () => Array.from({ length: width }, () => cell(roll)));
    const columns = Array.from({ length: width }, (_, index) => `k${index}`);
    const octets = writeCsv(columns, rows);
    assert.deepEqual([...octets.subarray(0, 3)], [0xef, 0xbb, 0xbf]);
    const read = readCsv(new TextDecoder().decode(octets), ";");
    assert.deepEqual(read.map((cells) => cells.map(unguarded)), [columns, ...rows]);
  }
});

test("whatever the text, it is rows or a fault with its row (PO-60)", () => {
  const roll = dice(2);
  for (let round = 0; round < 20_000; round += 1) {
    const text = Array.from({ length: roll(14) }, () => SIGNS[roll(SIGNS.length)]).join("");
    try {
      const rows = readCsv(text, ";");
      assert.ok(rows.every((cells) => cells.length > 0));
    } catch (fault) {
      assert.ok(fault instanceof CsvFault && fault.row > 0, `${JSON.stringify(text)}: ${fault}`);
    }
  }
});

const JUDGES = process.env["KNOOPPUNT_JUDGES"] ?? fileURLToPath(new URL("../../../../.tox/judges", import.meta.url));
const PAPA = `${JUDGES}/node_modules/papaparse/papaparse.js`;
const skip = existsSync(PAPA) ? false : "there is no Papa Parse: run tests/desk/install_judges.sh";

test("Papa Parse reads the same rows of what is well quoted (PO-60)", { skip }, () => {
  const { parse } = createRequire(import.meta.url)(PAPA);
  const roll = dice(3);
  for (let round = 0; round < 2000; round += 1) {
    const [separator = ";", end = "\r\n"] = [[";", ",", "\t"][roll(3)], ["\r\n", "\n"][roll(2)]];
    const quoted = (/** @type {string} */ text) => (/^[a-z0-9]+$/u.test(text) && roll(2) ? text : `"${text.replaceAll('"', '""')}"`);
    const rows = Array.from({ length: 1 + roll(5) }, () => Array.from({ length: 2 + roll(3) }, () => cell(roll)));
    const text = rows.map((cells) => cells.map(quoted).join(separator)).join(end);
    const { data, errors } = parse(text, { delimiter: separator, newline: end });
    assert.deepEqual(errors, []);
    assert.deepEqual(readCsv(text, separator), data);
    assert.deepEqual(data, rows);
  }
});

const FORMULAS = [
  "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u2007=1", "\u202f@x", "\ufeff=1", "\u200b=1",
  "＝1+1", "＋1", "－1", "＠x", "naam\n=1+1", "naam\r\n@x", "'=1", "''+1", "een\u2028=1", "\t", "=cmd|' /C calc'!A0",
  "Jansen,=1+1,", "Jansen;=1+1;", "Jansen\t=1+1", "Jansen, -1", 'Jansen,"=1+1"', "Jansen,'=1", ",,@x", "\r", "\n\n", "\r\ntwee", "'\tx",
];

for (const text of FORMULAS) {
  test(`no line of ${JSON.stringify(text)} begins a formula, and it comes back (PO-63)`, () => {
    const written = guarded(text);
    for (const piece of written.split(/[,;\t]|\r\n|[\n\r\u2028]/u)) assert.doesNotMatch(piece, /^[\s"\u200b\ufeff]*[=+\-@＝＋－＠]/u);
    assert.doesNotMatch(written, /^[\t\r\n]/u);
    assert.equal(unguarded(written), text);
  });
}

for (const text of ["Jansen", "1234,56", "03-12-2026", "'s-Gravenhage", "a=b", "F-2025-01", "'", "", "'t Hof", "Dorpsstraat 1, 2", "een\n\ntwee", "een\n\ttwee"]) {
  test(`${JSON.stringify(text)} stays as it is (PO-63)`, () => assert.equal(guarded(text), text));
}

/** What spreadsheets do to values: undone, or named (PO-61); and what kind of file it is (PO-60, PO-62). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { decoded, MOST_FILE_OCTETS, MOST_ROWS } from "../../../../gateway/desk/js/lists/file.js";
import { columnKey, cellOf, readFile } from "../../../../gateway/desk/js/lists/file_rows.js";
import { readCell } from "../../../../gateway/desk/js/lists/values.js";

/** @param {string} kind @param {string} cell @param {object} [column] */
function read(kind, cell, column = {}) {
  const values = kind === "list" ? { values: [{ value: "OPEN", nl: "openstaande schuld", en: "outstanding debt" }] } : {};
  const found = readCell(cell, { name: "", hint: {}, words: {}, only: false, once: false, ...column }, /** @type {any} */ ({ kind, type: "T", ...values }));
  return found.value ?? found.key ?? found.words?.nl;
}

const YEAR = "Schrijf het jaar met vier cijfers.";
const AMBIGUOUS = "Dit kan een duizendtal zijn of drie decimalen. Schrijf 1234 of 1,234.";
const NUMBER = "Schrijf een getal, als 1.234,56.";
const DAMAGE = [
  ["amount", "1 234,56", "1234.56"], ["amount", "1\u00a0234,56", "1234.56"], ["amount", "€ 1.234,56", "1234.56"],
  ["amount", "1234,5", "1234.50"], ["amount", "1234", "1234.00"], ["amount", "0", "0.00"], ["amount", "1.234", AMBIGUOUS],
  ["amount", "1E+12", "lists.fault.scientific"], ["amount", "1,2E+3", "lists.fault.scientific"], ["amount", "#WAARDE!", "lists.fault.error_value"],
  ["amount", "twaalf", NUMBER], ["integer", "1,23457E+15", "lists.fault.scientific"],
  ["date", "3-12-2026", "2026-12-03"], ["date", "03-12-2026", "2026-12-03"], ["date", "2026-12-03", "2026-12-03"],
  ["date", "3-12-2026 0:00", "2026-12-03"], ["date", "3-12-26", YEAR], ["date", "46359", "lists.fault.serial"],
  ["date", "31-4-2026", "Deze dag bestaat niet."],
  ["text", "1,23457E+12", "lists.fault.scientific"], ["text", "12345678901234500", "12345678901234500"],
  ["text", "2024E001", "2024E001"], ["text", "12E5", "12E5"], ["text", "12E-5", "12E-5"], ["text", "1E+15", "lists.fault.scientific"], ["lines", "1.2e-07", "lists.fault.scientific"],
  ["text", "'12345678901234500", "12345678901234500"], ["text", "'00123", "00123"], ["text", "123456789012345", "123456789012345"],
  ["text", "F-2025\u00a001", "F-2025 01"], ["text", "'s-Gravenhage", "'s-Gravenhage"], ["text", "#N/B", "lists.fault.error_value"],
  ["text", "Err:502", "lists.fault.error_value"],
  ["truth", "WAAR", "true"], ["truth", "onwaar", "false"], ["truth", "Ja", "true"], ["truth", "nee", "false"], ["truth", "soms", "lists.fault.truth"],
  ["list", "Openstaande  schuld", "OPEN"], ["list", "OPEN", "OPEN"], ["list", "outstanding debt", "OPEN"], ["list", "open", "OPEN"], ["list", "weg", "lists.fault.word"],
  ["lines", "een\r\ntwee", "een\ntwee"], ["text", " \u00a0", ""],
];

for (const [kind = "", cell = "", wanted] of DAMAGE) {
  test(`${kind} ${JSON.stringify(cell)} is ${wanted} (PO-61)`, () => assert.equal(read(kind, cell), wanted));
}

test("a column with words of its own takes them, and with `only` nothing else (PO-61)", () => {
  const words = { words: { "onbekende schuld bij SE": "ONBEKEND" } };
  assert.equal(read("list", "Onbekende schuld bij se", words), "ONBEKEND");
  assert.equal(read("list", "openstaande schuld", words), "OPEN");
  assert.equal(read("truth", "waar", { words: { Ja: "true" }, only: true }), "lists.fault.word");
});

const utf8 = (/** @type {string} */ text) => new TextEncoder().encode(text);
const FILES = [
  ["a.csv", [0x50, 0x4b, 0x03, 0x04, 1], "lists.fault.xlsx"],
  ["a.xlsx", [0x50, 0x4b, 0x03, 0x04, 1], "lists.fault.xlsx"],
  ["a.csv", [0xd0, 0xcf, 0x11, 0xe0], "lists.fault.xls"],
  ["a.csv", [0xff, 0xfe, 0x61, 0x00], "lists.fault.utf16"],
  ["a.csv", [0xfe, 0xff, 0x00, 0x61], "lists.fault.utf16"],
  ["a.csv", [0x61, 0x00, 0x62], "lists.fault.nul"],
  ["a.csv", [0xef, 0xbb, 0xbf, 0xe9], "lists.fault.utf8"],
  ["a.csv", [], "lists.fault.empty"],
  ["a.txt", [0x61], "lists.fault.name"],
  ["a.csv.exe", [0x61], "lists.fault.name"],
];

for (const [name, octets, fault] of FILES) {
  test(`${name} beginning with ${JSON.stringify(octets)}: ${fault} (PO-62)`, () => {
    assert.deepEqual(decoded({ name: /** @type {string} */ (name), octets: Uint8Array.from(/** @type {number[]} */ (octets)) }), { fault });
  });
}

test("four megabytes are read, and one octet more is not (PO-62)", () => {
  const octets = new Uint8Array(MOST_FILE_OCTETS + 1).fill(0x61);
  assert.equal(decoded({ name: "a.CSV", octets: octets.subarray(1) }).fault, undefined);
  assert.deepEqual(decoded({ name: "a.CSV", octets }), { fault: "lists.fault.large" });
});

test("UTF-8 with its mark or without, and what Windows writes, give the same text (PO-60)", () => {
  assert.deepEqual(decoded({ name: "a.csv", octets: utf8("\ufeffcafé €") }), { text: "café €", notice: null });
  assert.deepEqual(decoded({ name: "a.csv", octets: utf8("café €") }), { text: "café €", notice: null });
  const windows = Uint8Array.of(0x63, 0x61, 0x66, 0xe9, 0x20, 0x80);
  assert.deepEqual(decoded({ name: "a.csv", octets: windows }), { text: "café €", notice: "lists.notice.windows" });
});

const KNOWN = new Set(["naam", "bedrag nu"]);
const file = (/** @type {string} */ text) => readFile({ name: "a.csv", octets: utf8(text) }, KNOWN);

test("columns go by their names, in any order and any letters; blank rows are none (PO-60)", () => {
  const { rows, complaints, notices } = file("BEDRAG  nu,Opmerking,naam\r\n12,x,Jan\r\n,,\r\n13,,Piet\r\n");
  assert.deepEqual(complaints, []);
  assert.deepEqual(notices.map(({ key, read: name }) => [key, name]), [["lists.notice.columns", "Opmerking"]]);
  assert.deepEqual(rows.map((row) => [row.row, cellOf(row, "Naam"), cellOf(row, "Bedrag nu")]), [[2, "Jan", "12"], [4, "Piet", "13"]]);
  assert.equal(columnKey(" Bedrag\u00a0 Nu "), "bedrag nu");
});

const SHAPES = [
  ["x;y\r\n1;2\r\n", [[1, "lists.fault.header"]]],
  ["naam;Naam\r\n1;2\r\n", [[1, "lists.fault.twice"]]],
  ["naam\r\n1;2\r\n", [[2, "lists.fault.ragged"]]],
  ["naam\r\n", [[null, "lists.fault.no_rows"]]],
  ['naam\r\n"1', [[2, "lists.fault.open_quote"]]],
];

for (const [text, told] of SHAPES) {
  test(`${JSON.stringify(text)} is told with its row (PO-61)`, () => assert.deepEqual(file(/** @type {string} */ (text)).complaints.map(({ row, key }) => [row, key]), told));
}

test("ten thousand rows are read, and one more is not (PO-62)", () => {
  assert.equal(file(`naam\r\n${"a\r\n".repeat(MOST_ROWS)}`).rows.length, MOST_ROWS);
  assert.deepEqual(file(`naam\r\n${"a\r\n".repeat(MOST_ROWS + 1)}`).complaints.map(({ key }) => key), ["lists.fault.many_rows"]);
});

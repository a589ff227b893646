/** Rows and the questions that they answer: whose columns are never trusted, and all that is refused (PO-64, PO-80). */

import assert from "node:assert/strict";
import { test } from "node:test";

import { answerOf } from "../../../../gateway/desk/js/lists/answers.js";
import { columnsOf } from "../../../../gateway/desk/js/lists/columns.js";
import { writeCsv } from "../../../../gateway/desk/js/lists/csv_write.js";
import { columnKey, readFile } from "../../../../gateway/desk/js/lists/file_rows.js";
import { paired, referencesIn } from "../../../../gateway/desk/js/lists/pairing.js";
import { ANSWER, QUESTION } from "../forms/forms.js";
import { digests, filledRows } from "./filling.js";

const hint = { nl: "", en: "" };
const asked = (/** @type {string} */ name, /** @type {object} */ more) => ({ name, hint, behind: false, ...more });
const given = (/** @type {string} */ name, /** @type {object} */ more = {}) => ({ name, hint, words: {}, only: false, once: false, ...more });

const TABLE = /** @type {any} */ ({
  list: 1, module: "M", version: "2.0", type: "Vraag", rows: "Vorderingen/Vordering", control: "Controle",
  question: [
    asked("A", { path: "Stuurgegevens/ConversatieReferentienummer", key: "conversation" }),
    asked("B", { path: "Stuurgegevens/Referentienummer", key: "reference" }),
    asked("Wie", {}),
    asked("Klantnummer", { path: "Klantnummer" }),
    asked("K", { path: "Vorderingen/Vordering/Nummer", key: "line" }),
  ],
  answer: [
    given("Uw nummer", { once: true }), given("Naam", { once: true }), given("Datum", { once: true }),
    given("Matchen", { once: true, words: { Ja: "true", Nee: "false" }, only: true }),
    given("Soort"), given("Bedrag"), given("Rekening", { once: true }), given("Van", { once: true }),
  ],
  answers: [
    {
      type: "Antwoord", when: [], fixed: {}, copied: [],
      fields: { Klantnummer: "Uw nummer", "Contact/Naam": "Naam", Peildatum: "Datum", Matchen: "Matchen", "Betaling/IBAN": "Rekening", "Betaling/TenNameVan": "Van" },
      lines: [
        { at: "Gematcht/Vordering", rows: "asked", when: [{ column: "Matchen", values: ["Ja"] }], fields: { Nummer: "K", Soort: "Soort", "Open/Bedrag": "Bedrag" } },
        { at: "Eigen/Overzicht/Schuld", rows: "filled", when: [{ column: "Matchen", values: ["Nee"] }], fields: { Bedrag: "Bedrag" } },
      ],
    },
  ],
});

/** @param {string} reference @param {string[]} lines */
function question(reference, lines, sender = "00000001001234567000") {
  const header = new Map([["Referentienummer", [reference]], ["ConversatieReferentienummer", [`c-${reference}`]], ["Afzender", [sender]]]);
  const values = new Map([
    ["Stuurgegevens", [header]],
    ["Klantnummer", ["007"]],
    ["Vorderingen", [new Map([["Vordering", lines.map((each) => new Map([["Nummer", [each]]]))]])]],
  ]);
  return { reference, conversation: `c-${reference}`, sender, asker: "Gemeente", values };
}

const COLUMNS = columnsOf(TABLE);
const RIGHT = { "Uw nummer": "SE-1", Naam: "Jan", Datum: "3-12-2026", Matchen: "Ja", Soort: "open", Bedrag: "12,50" };

/** Rows of a question with these cells filled. @param {any} asking @param {Record<string, string>} [cells] */
function rowsOf(asking, cells = RIGHT) {
  return filledRows(TABLE, QUESTION, asking, ANSWER, null).map((row) => row.map((cell, at) => cells[/** @type {string} */ (COLUMNS[at])] ?? cell));
}

/** @param {string[]} row @param {string} column @param {string} cell */
const withCell = (row, column, cell) => row.map((each, at) => (COLUMNS[at] === column ? cell : each));

/**
 * @param {string[][][]} files @param {any[]} questions
 * @param {{gone?: boolean, closed?: Record<string, string>, accounts?: string[], columns?: string[]}} [more]
 */
async function judged(files, questions, { gone = false, closed = {}, accounts = ["NL13TEST0123456789"], columns = COLUMNS } = {}) {
  const known = new Set(COLUMNS.map(columnKey));
  const read = files.map((rows, index) => readFile({ name: `lijst${index + 1}.csv`, octets: writeCsv(columns, rows) }, known));
  /** @type {Map<string, any>} */
  const found = new Map(questions.map((each) => [each.reference, { table: TABLE, description: QUESTION, question: gone ? { ...each, values: null } : each }]));
  for (const [reference, key] of Object.entries(closed)) found.set(reference, { closed: key });
  const { paired: pairs, open, complaints } = await paired(read, [TABLE], found, digests);
  const means = { form: () => ANSWER, unit: "00000001009999999000", today: "2026-12-03", uuid: () => "r-1", now: new Date("2026-12-03T10:00:00Z"), accounts, contact: { Naam: "Uit de instellingen" } };
  const built = pairs.map((pair) => answerOf(pair, means));
  const all = [...read.flatMap((each) => each.complaints), ...complaints, ...built.flatMap((each) => each.complaints)];
  return {
    open,
    references: referencesIn(read, [TABLE]),
    built: built.flatMap(({ built: each }) => (each === null ? [] : [each])),
    noticed: built.flatMap(({ notices }) => notices.map(({ row, column, read: cell, key }) => [row, column, cell, key])),
    told: all.map(({ file, row, column, read: cell, key, words }) => [file, row, column, cell, key ?? words?.nl]),
  };
}

const ONE = question("q-1", ["0012", "13"]);
const TWO = question("q-2", ["F-1"]);

test("rows of two files in any order answer their questions, each once (PO-60)", async () => {
  const [first = [], second = []] = rowsOf(ONE);
  const { built, told, references } = await judged([[second, ...rowsOf(TWO)], [first]], [ONE, TWO]);
  assert.deepEqual(told, []);
  assert.deepEqual(references, ["q-1", "q-2"]);
  assert.deepEqual(built.map(({ header }) => [header.question, header.conversation, header.receiver]), [["q-1", "c-q-1", ONE.sender], ["q-2", "c-q-2", TWO.sender]]);
});

test("zeros that a spreadsheet took off a line's number are put back from the question (PO-61)", async () => {
  const { built, told } = await judged([rowsOf(ONE).map((row) => (row.includes("0012") ? withCell(row, "K", "12") : row))], [ONE]);
  assert.deepEqual(told, []);
  const [matched] = /** @type {any} */ (built[0]?.values.get("Gematcht"));
  assert.deepEqual(matched.get("Vordering").map((/** @type {any} */ each) => each.get("Nummer")[0]), ["0012", "13"]);
});

test("a number that two lines may have meant is told (PO-61)", async () => {
  const asking = question("q-1", ["012", "0012"]);
  const { told } = await judged([rowsOf(asking).map((row, index) => (index === 0 ? withCell(row, "K", "12") : row))], [asking]);
  assert.deepEqual(told.map(([, row, column, cell, key]) => [row, column, cell, key]), [[2, "K", "12", "lists.fault.line"]]);
});

test("what the file says of a question besides its keys is never taken (PO-61)", async () => {
  const { built, told } = await judged([rowsOf(TWO).map((row) => withCell(withCell(row, "Wie", "Iemand (00000009999999999000)"), "Klantnummer", "9"))], [TWO]);
  assert.deepEqual(told, []);
  assert.equal(built[0]?.header.receiver, TWO.sender);
});

const [R1 = [], R2 = []] = rowsOf(ONE);
/** @type {[string, string[][], [number | null, string | null, string][]][]} */
const REFUSED = [
  ["a foreign reference", [withCell(R1, "B", "q-9")], [[2, "B", "lists.fault.foreign"]]],
  ["no reference", [withCell(R1, "B", " ")], [[2, "B", "lists.fault.no_reference"]]],
  ["a closed question", rowsOf(question("q-3", ["1"])), [[2, "B", "lists.fault.answered"]]],
  ["another conversation", [R1, withCell(R2, "A", "c-q-2")], [[3, "A", "lists.fault.conversation"]]],
  ["a line twice", [R1, R2, R2], [[4, "K", "lists.fault.line_twice"]]],
  ["a line that is missing", [R1], [[2, "K", "lists.fault.missing_lines"]]],
  ["a question of which no row names a line", [R1, R2].map((row) => withCell(row, "K", "")), [[2, "K", "lists.fault.missing_lines"]]],
  ["a line of nobody", [R1, R2, withCell(R2, "K", "99")], [[4, "K", "lists.fault.line"]]],
  ["mixed answers", [R1, withCell(R2, "Datum", "4-12-2026")], [[3, "Datum", "lists.fault.mixed"]]],
  ["a word that is none", [withCell(R1, "Soort", "misschien"), R2], [[2, "Soort", "lists.fault.word"]]],
  ["what belongs to no part of the answer", [R1, R2].map((row) => withCell(withCell(row, "Matchen", "Nee"), "Bedrag", "1,00")), [[2, "Soort", "lists.fault.unused"], [3, "Soort", "lists.fault.unused"]]],
  ["a field that is missing", [withCell(R1, "Bedrag", ""), R2], [[2, "Bedrag", "Vul dit in."]]],
  ["an account of nobody", [R1, R2].map((row) => withCell(withCell(row, "Rekening", "NL02ABNA0123456789"), "Van", "X")), [[2, "Rekening", "Kies een rekening uit de lijst van uw organisatie."]]],
];

for (const [name, rows, wanted] of REFUSED) {
  test(`${name} is refused with its row and column (PO-64)`, async () => {
    const { told, built } = await judged([rows], [ONE], { closed: { "q-3": "lists.fault.answered" } });
    assert.deepEqual(told.map(([, row, column, , key]) => [row, column, key]), wanted);
    assert.deepEqual(built, []);
  });
}

test("a long number that ends in noughts goes as it is, and is told with its place before it goes (PO-61)", async () => {
  const { told, noticed, built } = await judged([rowsOf(TWO, { ...RIGHT, "Uw nummer": "1234567890123450" })], [TWO]);
  assert.deepEqual(told, []);
  assert.deepEqual(noticed, [[2, "Uw nummer", "1234567890123450", "lists.notice.rounded"]]);
  assert.deepEqual(built[0]?.values.get("Klantnummer"), ["1234567890123450"]);
});

test("what is wrong in one file of three is told with its name, beside what is right in the others (PO-62)", async () => {
  const three = question("q-3", ["1"]);
  const { told } = await judged([rowsOf(ONE), rowsOf(TWO).map((row) => withCell(row, "Bedrag", "1.234")), rowsOf(three)], [ONE, TWO, three]);
  assert.deepEqual(told.map(([file, row, column, cell]) => [file, row, column, cell]), [["lijst2.csv", 2, "Bedrag", "1.234"]]);
});

test("a question of which nobody filled a cell is left for later, and counted", async () => {
  const { open, told, built } = await judged([[...rowsOf(ONE, {}), ...rowsOf(TWO)]], [ONE, TWO]);
  assert.deepEqual([open, told, built.length], [1, [], 1]);
});

test("what a form would fill in stands for a cell that was left blank", async () => {
  const { built, told } = await judged([rowsOf(TWO, { ...RIGHT, "Uw nummer": "", Naam: "" })], [TWO]);
  assert.deepEqual(told, []);
  const { values } = /** @type {any} */ (built[0]);
  assert.deepEqual([values.get("Klantnummer"), values.get("Contact")[0].get("Naam")], [["007"], ["Uit de instellingen"]]);
});

test("where a question is gone, its rows are taken while their digests hold, zeros put back (PO-64)", async () => {
  const damaged = rowsOf(ONE).map((row) => withCell(withCell(row, "Klantnummer", "7"), "K", (row[4] ?? "").replace(/^0+/u, "")));
  const { built, told } = await judged([damaged], [ONE], { gone: true });
  assert.deepEqual(told, []);
  const [matched] = /** @type {any} */ (built[0]?.values.get("Gematcht"));
  assert.deepEqual(matched.get("Vordering").map((/** @type {any} */ each) => each.get("Nummer")[0]), ["0012", "13"]);
});

/** @type {[string, (rows: string[][]) => string[][]][]} */
const FORGED = [
  ["another receiver", (rows) => rows.map((row) => withCell(row, "Wie", "Gemeente (00000009999999999000)"))],
  ["another line", ([one = [], two = []]) => [withCell(one, "K", "14"), two]],
  ["a line taken away", (rows) => rows.slice(1)],
  ["a digest taken away", ([one = [], two = []]) => [withCell(one, "Controle", ""), two]],
  ["the digest of another row", ([one = [], two = []]) => [withCell(one, "Controle", two.at(-1) ?? ""), two]],
];

for (const [name, change] of FORGED) {
  test(`where a question is gone, ${name} is refused (PO-64)`, async () => {
    const { told, built } = await judged([change(rowsOf(ONE))], [ONE], { gone: true });
    assert.ok(told.length > 0 && told.every(([, , column, , key]) => column === "Controle" && key === "lists.fault.control"), JSON.stringify(told));
    assert.deepEqual(built, []);
  });
}

test("where a question is gone, rows of which none names a line are told, and not left out (PO-64)", async () => {
  const { told, built, open } = await judged([rowsOf(ONE).map((row) => withCell(row, "K", " "))], [ONE], { gone: true });
  assert.deepEqual(told, [["lijst1.csv", 2, "K", " ", "lists.fault.no_lines"]]);
  assert.deepEqual([built, open], [[], 0]);
});

test("a question without lines is answered by the one row that it has", async () => {
  const none = question("q-1", []);
  const { told, built } = await judged([rowsOf(none, { ...RIGHT, Soort: "", Matchen: "Nee" })], [none]);
  assert.deepEqual([told, built.length], [[], 1]);
});

test("a column that is missing is told once a file, and the one of digests only where it is needed", async () => {
  const without = (/** @type {string} */ name) => ({ columns: COLUMNS.filter((each) => each !== name), rows: rowsOf(ONE).map((row) => row.filter((_, at) => COLUMNS[at] !== name)) });
  const bedrag = without("Bedrag");
  assert.deepEqual((await judged([bedrag.rows], [ONE], { columns: bedrag.columns })).told, [["lijst1.csv", 1, "Bedrag", "", "lists.fault.missing_column"]]);
  const control = without("Controle");
  assert.deepEqual((await judged([control.rows], [ONE], { columns: control.columns })).told, []);
  assert.deepEqual((await judged([control.rows], [ONE], { columns: control.columns, gone: true })).told, [["lijst1.csv", 1, "Controle", "", "lists.fault.missing_column"]]);
});

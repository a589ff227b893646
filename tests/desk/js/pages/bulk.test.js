/** Answers of a list on their way: what was refused is kept, with its rows; accounts are judged again before anything goes. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { readCsv } from "../../../../gateway/desk/js/lists/csv_read.js";
import { columnKey } from "../../../../gateway/desk/js/lists/file_rows.js";
import { bulkOf, isOver, openAgain, refusedFiles, refusedOf, sentOf, strangeAccounts, unconfirmedOf, waitedFor } from "../../../../gateway/desk/js/pages/bulk.js";
import { ANSWER } from "../forms/forms.js";

const chance = { uuid: () => "1", octets: (/** @type {number} */ count) => new Uint8Array(count) };
const NOW = new Date("2026-12-03T10:00:00Z");
const TABLE = { question: [{ name: "B", behind: false }], answer: [{ name: "Bedrag" }], control: "Controle" };

/** @param {string} reference @param {string} [iban] */
function answer(reference, iban = "NL13TEST0123456789") {
  const cells = { B: reference, Bedrag: "12,50", Controle: "c" };
  const row = { file: "a.csv", row: 2, cells: new Map(Object.entries(cells).map(([name, cell]) => [columnKey(name), cell])) };
  const values = new Map([["Betaling", [new Map([["IBAN", [iban]]])]]]);
  const header = { reference: `a-${reference}`, conversation: "c", question: reference, sender: "s", receiver: "r", moment: NOW };
  return /** @type {any} */ ({ description: ANSWER, values, header, asker: "Gemeente", confirmable: null, pair: { table: TABLE, rows: [{ row, line: "1" }] } });
}

const TAKEN = { receipt: "id", refused: [], confirmed: true };
const REFUSED = { receipt: null, refused: [/** @type {any} */ ({ code: "EBMS:0004", text: "nee", kind: null })], unsure: true, confirmed: false };

test("the rows of what was refused are a file as it was chosen, without what went (PO-65)", () => {
  const bulk = bulkOf(["q-1", "q-2", "q-3"].map((each) => answer(each)), chance, NOW);
  bulk.outcomes.set(0, TAKEN);
  bulk.outcomes.set(1, REFUSED);
  assert.deepEqual([isOver(bulk), sentOf(bulk)], [false, 1]);
  assert.deepEqual(refusedOf(bulk).map(({ item, unsure }) => [item.header.question, unsure]), [["q-2", true]]);
  const [octets, ...others] = refusedFiles(bulk);
  assert.deepEqual(others, []);
  assert.deepEqual(readCsv(new TextDecoder().decode(octets), ";"), [["B", "Bedrag", "Controle"], ["q-2", "12,50", "c"]]);
});

test("a question that was answered and not confirmed is counted (PO-65)", () => {
  const bulk = bulkOf([answer("q-1"), answer("q-2")], chance, NOW);
  bulk.outcomes.set(0, TAKEN);
  bulk.outcomes.set(1, { ...TAKEN, confirmed: false });
  assert.deepEqual([isOver(bulk), unconfirmedOf(bulk)], [true, 1]);
});

test("an account that was taken out of the settings meanwhile is found in what has still to go (PO-80)", async () => {
  const bulk = bulkOf([answer("q-1", "NL99GONE0000000000"), answer("q-2", "NL02ABNA0123456789"), answer("q-3")], chance, NOW);
  bulk.outcomes.set(0, TAKEN);
  const strange = await strangeAccounts(bulk, async () => ANSWER, ["NL13TEST0123456789"]);
  assert.deepEqual(strange, ["NL02ABNA0123456789"]);
});

test("what has still to go is opened again and goes under the lease of now, whatever became of the one that it was read under (PO-65)", () => {
  const waiting = (/** @type {string} */ reference) => ({ ...answer(reference), confirmable: /** @type {any} */ ({ messageId: reference, lease: "of before" }) });
  const bulk = bulkOf([waiting("q-1"), waiting("q-2"), waiting("q-3"), answer("q-4")], chance, NOW);
  bulk.outcomes.set(0, TAKEN);
  assert.deepEqual(waitedFor(bulk), ["q-2", "q-3"], "not what went, nor what was confirmed before");
  const question = (/** @type {string} */ reference, /** @type {string | null} */ token) => /** @type {any} */ ({ reference, state: token === null ? "held" : "open", message: null, holder: null, token });
  openAgain(bulk, [question("q-1", "other"), question("q-2", "of now"), question("q-3", null), question("q-4", "other")]);
  assert.deepEqual(bulk.items.map(({ confirmable }) => confirmable?.lease ?? null), ["of before", "of now", "of before", null]);
});

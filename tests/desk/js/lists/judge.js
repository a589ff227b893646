/**
 * What lists make of questions and answers: `test_lists.py` gives descriptions, tables and documents on standard input,
 * and holds what comes back against the documents, and against other readers of the files.
 */

import { readFileSync } from "node:fs";

import { readDocument, writeDocument } from "../../../../gateway/desk/js/forms/document.js";
import { treeOf } from "../../../../gateway/desk/js/forms/tree.js";
import { answerOf } from "../../../../gateway/desk/js/lists/answers.js";
import { columnsOf } from "../../../../gateway/desk/js/lists/columns.js";
import { writeCsv } from "../../../../gateway/desk/js/lists/csv_write.js";
import { columnKey, readFile } from "../../../../gateway/desk/js/lists/file_rows.js";
import { paired } from "../../../../gateway/desk/js/lists/pairing.js";
import { XmlDocument } from "../../../../gateway/desk/vendor/libxml2-wasm/index.mjs";
import { digests, filledRows } from "./filling.js";

const UNIT = "00000001001234567000";
const { forms, tables, cases, file: given } = JSON.parse(readFileSync(0, "utf-8"));

/** @param {string} type @param {string} xml */
function read(type, xml) {
  const parsed = XmlDocument.fromString(xml);
  try {
    return readDocument(forms[type], treeOf(parsed.root)).values;
  } finally {
    parsed.dispose();
  }
}

/** @param {any} values */
function header(values) {
  const [found] = values.get("Stuurgegevens");
  return { reference: found.get("Referentienummer")[0], conversation: found.get("ConversatieReferentienummer")[0], sender: found.get("Afzender")[0] };
}

const made = cases.map(({ table: name, question, answer, answerType }) => {
  const table = tables[name];
  const values = read(name, question);
  const known = { ...header(values), asker: "Gemeente Voorbeeld", values };
  const answering = answerType === null ? null : forms[answerType];
  const answered = answerType === null ? null : read(answerType, answer);
  return { table, known, rows: filledRows(table, forms[name], known, answering, answered), asking: forms[name], answered, answering };
});

const [{ table }] = made;
const octets = given === undefined ? writeCsv(columnsOf(table), made.flatMap(({ rows }) => rows)) : Buffer.from(given, "base64");

/** @param {boolean} gone */
async function answers(gone) {
  const keys = new Set(columnsOf(table).map(columnKey));
  const file = readFile({ name: "lijst.csv", octets: new Uint8Array(octets) }, keys);
  const found = new Map(made.map(({ known, asking }) => [known.reference, { table, description: asking, question: gone ? { ...known, values: null } : known }]));
  const { paired: pairs, open, complaints } = await paired([file], [table], found, digests);
  const means = { form: (type) => forms[`${table.module}/${table.version}/${type}`], unit: UNIT, today: "2026-12-03", uuid: () => crypto.randomUUID(), now: new Date(), accounts: ["NL13TEST0123456789"] };
  const built = pairs.map((pair) => answerOf(pair, means));
  return {
    open,
    notices: file.notices.map(({ key }) => key),
    complaints: [...file.complaints, ...complaints, ...built.flatMap((each) => each.complaints)],
    written: built.map(({ built: each }) => each && { type: each.description.type, xml: writeDocument(each.description, each.values) }),
  };
}

const wanted = made.map(({ answered, answering }) => answering && writeDocument(answering, new Map([...answered].filter(([name]) => name !== "Stuurgegevens"))));
process.stdout.write(JSON.stringify({ file: Buffer.from(octets).toString("base64"), stored: await answers(false), gone: await answers(true), wanted }));

/**
 * What the modules of forms make of documents: `test_forms.py` gives descriptions and documents on standard input, and
 * holds what comes back against schema, rules and canonicalisation as Python has them.
 */

import { readFileSync } from "node:fs";

import { check, schemaFaults } from "../../../../gateway/desk/js/forms/check.js";
import { readDocument, writeDocument } from "../../../../gateway/desk/js/forms/document.js";
import { entriesOf, valuesOf } from "../../../../gateway/desk/js/forms/entries.js";
import { nearest } from "../../../../gateway/desk/js/forms/places.js";
import { brokenRules } from "../../../../gateway/desk/js/forms/rules.js";
import { treeOf } from "../../../../gateway/desk/js/forms/tree.js";
import { XmlDocument } from "../../../../gateway/desk/vendor/libxml2-wasm/index.mjs";

const { descriptions, cases } = JSON.parse(readFileSync(0, "utf-8"));

/** @param {{type: string, xml: string}} from */
function read({ type, xml }) {
  const parsed = XmlDocument.fromString(xml);
  try {
    const description = descriptions[type];
    return { description, ...readDocument(description, treeOf(parsed.root)) };
  } finally {
    parsed.dispose();
  }
}

/** @param {{type: string, xml: string, question?: {type: string, xml: string}, expected: [string, string][]}} one */
function judged(one) {
  const { description, values, strange } = read(one);
  const question = one.question === undefined ? null : read(one.question);
  const shown = entriesOf(description.items, values);
  const typed = valuesOf(description, shown);
  const told = (/** @type {{code: string, path: string}} */ { code, path }) => [code, path];
  return {
    strange,
    written: writeDocument(description, values),
    typed: writeDocument(description, typed.values),
    misread: typed.faults.map(told),
    schema: schemaFaults(description, values).map(told),
    rules: brokenRules(description, values, question).map(told),
    checked: check(description, typed.values, { question, misread: typed.faults }).map(told),
    expected: one.expected.map(([code, path]) => [code, nearest(description, path).path]),
  };
}

process.stdout.write(JSON.stringify(cases.map(judged)));

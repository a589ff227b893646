/** What somebody looks over before a list goes: whom each answer is about, what it comes to, and why not. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { clientOf, gistOf } from "../../../../gateway/desk/js/lists/summary.js";
import { choiceView, complaintsView, downloadedView, previewView, sentView, stoppedView } from "../../../../gateway/desk/js/pages/lists_views.js";
import { field, group } from "../forms/forms.js";

const say = (/** @type {string} */ key) => key;
const AMOUNT = { kind: "amount" };
const REASON = { kind: "list", values: [{ value: "KLANT_ONBEKEND", nl: "klant onbekend", en: "client unknown" }] };
const asking = /** @type {any} */ ({
  ...{ type: "Vraag", label: { nl: "Vraag", en: "Question" } },
  items: [group("Klant", [field("Voorletters", { kind: "text" }), field("Achternaam", { kind: "text" })])],
});
const answering = /** @type {any} */ ({
  ...{ type: "Antwoord", label: { nl: "Geen medewerking", en: "No co-operation" } },
  items: [
    field("Reden", REASON, { least: 0 }),
    group("Vordering", [field("ActueelBedrag", AMOUNT), field("Hoofdsom", AMOUNT)], { most: 9 }),
  ],
});
const klant = new Map([["Klant", [new Map([["Voorletters", ["T."]], ["Achternaam", ["Voorbeeld"]]])]]]);
const table = /** @type {any} */ ({ question: [{ name: "Wie" }, { name: "Klant", path: "Klant" }] });
const pairOf = (/** @type {any} */ values, cells = new Map()) => /** @type {any} */ ({ table, description: asking, question: { reference: "r-1", values }, rows: [{ row: { file: "a.csv", row: 2, cells } }] });
const claim = (/** @type {string} */ owed) => new Map([["ActueelBedrag", [owed]], ["Hoofdsom", ["1.00"]]]);

/** @type {(found: any) => any[]} every node of a tree */
const nodesOf = (found) => (typeof found === "string" || !found ? [] : [found, ...(found.children ?? []).flatMap(nodesOf)]);
/** @type {(found: any) => string} */
const textOf = (found) => (typeof found === "string" ? found : !found ? "" : (found.children ?? []).map(textOf).join(""));
/** @param {any[]} nodes */
const cellsOf = (nodes) => nodes.flatMap(nodesOf).filter(({ tag }) => tag === "td").map((each) => [each.attributes["data-label"], textOf(each)]);

test("the client is told as the question says, and of one that is gone as its row says", () => {
  assert.equal(clientOf(pairOf(klant)), "T., Voorbeeld");
  assert.equal(clientOf(pairOf(new Map(), new Map([["klant", "T., Rij"]]))), "T., Rij");
  assert.equal(clientOf({ ...pairOf(klant), table: { question: [] } }), "");
});

test("what is owed is counted exactly, and a principal is no second debt", () => {
  const values = /** @type {any} */ (new Map([["Vordering", [claim("0.10"), claim("0.20"), claim("1234.50")]]]));
  assert.deepEqual(gistOf({ description: answering, values }, "nl"), { owed: "€\u00a01.234,80", reason: "" });
});

test("an answer without amounts says its reason in the language of the page", () => {
  const values = /** @type {any} */ (new Map([["Reden", ["KLANT_ONBEKEND"]]]));
  assert.deepEqual(gistOf({ description: answering, values }, "nl"), { owed: "", reason: "klant onbekend" });
  assert.equal(gistOf({ description: answering, values }, "en").reason, "client unknown");
});

test("each cell of what will go bears the name of its column, for a screen on which the heads are not shown", () => {
  const answer = /** @type {any} */ ({ asker: "Gemeente", description: answering, values: new Map([["Reden", ["KLANT_ONBEKEND"]]]), pair: pairOf(klant) });
  assert.deepEqual(cellsOf(previewView([answer], { open: 0, notices: [], unexpecting: 0 }, "nl", say)), [
    ["lists.column.asker", "Gemeente"],
    ["lists.column.client", "T., Voorbeeld"],
    ["lists.column.answer", "Geen medewerking: klant onbekend"],
    ["lists.column.owed", ""],
    ["lists.column.file", "a.csv"],
    ["lists.column.row", "2"],
  ]);
});

test("so does each cell of what is wrong in a file", () => {
  const wrong = { file: "a.csv", row: 2, column: "Datum", read: "x", key: "lists.fault.word" };
  assert.deepEqual(cellsOf(complaintsView([wrong], [], "nl", say)).map(([label]) => label), ["file", "row", "column", "read", "what"].map((each) => `lists.column.${each}`));
});

test("where kinds of lists are shown it is told that other questions have none", () => {
  const kind = /** @type {any} */ ({ label: "Saldoverzoek", module: "M", version: "2.0", count: 0 });
  const told = (/** @type {any[]} */ kinds) => choiceView({ kinds, confirmed: [], more: false }, [], say).map(textOf).join(" ");
  assert.match(told([kind]), /lists\.only/u);
  assert.match(told([]), /lists\.no_kind/u);
  assert.doesNotMatch(told([]), /lists\.only/u);
});

const speaking = (/** @type {string} */ key, /** @type {Record<string, string>} */ told = {}) => [key, ...Object.values(told)].join(" ");
const shown = (/** @type {any[]} */ nodes) => nodes.map(textOf).join(" | ");
const message = (/** @type {string} */ reference) => /** @type {any} */ ({ party: "Gemeente", type: "Saldoverzoek", reference, answer_due: { moment: { text: "do 3 dec" }, left: "nog 2 dagen" } });

test("what was confirmed and not answered is counted and listed with its term (PO-64)", () => {
  const told = (/** @type {any[]} */ confirmed, more = false) => shown(choiceView({ kinds: [], confirmed, more }, [], speaking));
  assert.doesNotMatch(told([]), /lists\.unanswered/u);
  assert.match(told([message("r-1"), message("r-2")]), /lists\.unanswered\.count 2/u);
  assert.match(told([message("r-1")]), /Gemeente, Saldoverzoek, r-1; lists\.unanswered\.due do 3 dec nog 2 dagen/u);
  assert.match(told([message("r-1")], true), /lists\.unanswered\.count 1\+/u);
});

test("a question that needs no answer any more is marked where it waits, is downloaded and is answered", () => {
  const kind = { label: "Betaalvoorstel", module: "M", version: "2.0", type: "Betaalvoorstel", count: 3, waived: 1 };
  const kinds = (/** @type {number} */ waived) => shown(choiceView({ kinds: [{ ...kind, waived }], confirmed: [], more: false }, [], speaking));
  assert.match(kinds(1), /lists\.waiting\.many 3 \(lists\.waived 1\)/u);
  assert.doesNotMatch(kinds(0), /lists\.waived/u);
  const list = { questions: 1, files: ["a.csv"], left: 0, held: [], unopened: 0 };
  assert.match(shown(downloadedView({ ...list, waived: [message("r-9")] }, speaking)), /lists\.waived\.one Gemeente r-9/u);
  const answer = (/** @type {boolean} */ waived) => /** @type {any} */ ({ asker: "Gemeente", description: answering, values: new Map(), pair: pairOf(klant), waived });
  const preview = (/** @type {boolean} */ waived) => shown(previewView([answer(waived)], { open: 0, notices: [], unexpecting: 0 }, "nl", speaking));
  assert.match(preview(true), /lists\.needless\.count 1 .*Geen medewerking \(lists\.needless\)/u);
  assert.doesNotMatch(preview(false), /needless/u);
});

test("wherever something of a list was not sent it is told until when it lies here (PO-65)", () => {
  Object.assign(globalThis, { document: { documentElement: { lang: "nl" } } });
  const item = { letter: { name: "Gemeente" }, header: { question: "r-1" }, confirmable: null };
  const refused = { receipt: null, refused: [{ code: "EBMS:0004" }], confirmed: false };
  const bulk = /** @type {any} */ ({ name: "list 1", at: "2026-12-03T10:00:00Z", items: [item], outcomes: new Map() });
  const until = /lists\.begun\.until 10 dec 2026, 11:00/u;
  assert.match(shown(choiceView({ kinds: [], confirmed: [], more: false }, [bulk], speaking)), until);
  assert.match(shown(stoppedView(bulk, "why", speaking)), until);
  assert.match(shown(sentView({ ...bulk, outcomes: new Map([[0, refused]]) }, speaking)), until);
  assert.doesNotMatch(shown(sentView({ ...bulk, outcomes: new Map([[0, { ...refused, receipt: "id", refused: [], confirmed: true }]]) }, speaking)), until);
});

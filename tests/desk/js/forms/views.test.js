/** What a page shows of a document and of a form: plain trees, in which everything foreign is text. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { opened } from "../../../../gateway/desk/js/forms/blank.js";
import { draw } from "../../../../gateway/desk/js/forms/draw.js";
import { added, chosen, removed, settled, typed } from "../../../../gateway/desk/js/forms/editing.js";
import { formView, labelAt } from "../../../../gateway/desk/js/forms/form_view.js";
import { inWords, money } from "../../../../gateway/desk/js/forms/formatting.js";
import { readingView } from "../../../../gateway/desk/js/forms/reading_view.js";
import { node } from "../../../../gateway/desk/js/forms/view.js";
import { ANSWER, ASKED, plain, values } from "./forms.js";

/** @typedef {import("../../../../gateway/desk/js/forms/view.js").Node} Node */

const TODAY = { today: "2026-12-03", question: ASKED };

/** @param {Node | string} tree @returns {string} */
const textOf = (tree) => (typeof tree === "string" ? tree : (tree.children ?? []).map(textOf).join("|"));

/** @param {Node | string} tree @returns {Node[]} */
const every = (tree) => (typeof tree === "string" ? [] : [tree, ...(tree.children ?? []).flatMap(every)]);

/** @param {Node} tree @param {string} name @param {string} value */
const having = (tree, name, value) => every(tree).filter((each) => each.attributes?.[/** @type {"id"} */ (name)] === value);

/** @param {import("../../../../gateway/desk/js/forms/types.js").Values} entries @param {object} [more] */
const shown = (entries, more = {}) => formView(ANSWER, entries, { language: "nl", answers: true, ...more });

test("a document reads as sections with labels, money and dates in words, and its header apart", () => {
  const document = values({
    Stuurgegevens: { Afzender: "SE", Aanmaakmoment: "2026-07-01T22:30:00Z" },
    Peildatum: "2026-12-03",
    Matchen: "true",
    Gematcht: { Vordering: [{ Nummer: "F-1", Soort: "WEG" }, { Nummer: "F-2", Soort: "OPEN", Open: { Bedrag: "1234.50" } }] },
  });
  const tree = readingView(ANSWER, document, "nl");
  const text = textOf(tree);
  for (const part of ["Antwoord", "Peildatum|3 december 2026", "Matchen|Ja", "Vordering 2", "Soort|weg", "€\u00a01.234,50"]) {
    assert.ok(text.includes(part), part);
  }
  const [header] = every(tree).filter((each) => each.tag === "details");
  assert.match(textOf(header ?? ""), /2 juli 2026 om 00:30/);
  assert.match(textOf(readingView(ANSWER, document, "en")), /3 December 2026/);
});

test("what is hostile in a message stays text, by itself and untranslated (PO-31)", () => {
  const hostile = ["<script>alert(1)</script>", "javascript:alert(1)", "\u202egnp.exe", "x".repeat(65536)];
  for (const text of hostile) {
    const tree = readingView(ANSWER, values({ Klantnummer: text }), "nl");
    const [found] = every(tree).filter((each) => each.children?.includes(text));
    assert.equal(found?.tag, "bdi");
    assert.deepEqual(found?.attributes, { dir: "auto", translate: "no" });
    assert.ok(every(tree).every((each) => !Object.values(each.attributes ?? {}).includes(text)));
  }
});

test("only known elements and attributes are drawn, and a link leads nowhere else", () => {
  const page = /** @type {any} */ ({
    createElement: (/** @type {string} */ name) => ({ name, set: {}, held: [], setAttribute(/** @type {string} */ key, /** @type {string} */ value) { this.set[key] = value; }, append(/** @type {any} */ each) { this.held.push(each); } }),
    createTextNode: (/** @type {string} */ text) => text,
  });
  const drawn = /** @type {any} */ (draw(node("p", { class: "a" }, "<b>", node("bdi", {}, "x")), page));
  assert.deepEqual([drawn.name, drawn.set, drawn.held[0], drawn.held[1].name], ["p", { class: "a" }, "<b>", "bdi"]);
  for (const wrong of [{ tag: "script" }, { tag: "iframe" }, { tag: "p", attributes: { onclick: "x" } }, { tag: "p", attributes: { style: "x" } }, { tag: "a", attributes: { href: "javascript:x" } }, { tag: "a", attributes: { href: "https://x" } }]) {
    assert.throws(() => draw(/** @type {any} */ (wrong), page));
  }
});

test("a label belongs to its control, a hint and a fault are bound to it", () => {
  const fault = { path: "/Antwoord/Peildatum", code: "X", nl: "Schrijf een datum.", en: "Write a date." };
  const tree = shown(opened(ANSWER, TODAY), { faults: [fault] });
  const [control] = having(tree, "id", "f/Antwoord/Peildatum");
  assert.equal(control?.attributes?.["aria-invalid"], "true");
  assert.equal(control?.attributes?.["aria-describedby"], "f/Antwoord/Peildatum-hint f/Antwoord/Peildatum-fault");
  assert.equal(control?.attributes?.autocomplete, "off");
  assert.equal(textOf(having(tree, "id", "f/Antwoord/Peildatum-fault")[0] ?? ""), "Schrijf een datum.");
  assert.equal(having(tree, "for", "f/Antwoord/Peildatum").length, 1);
});

test("every id is there once, and every one begins so that it clashes with nothing of a page", () => {
  const entries = settled(ANSWER, typed(ANSWER, opened(ANSWER, TODAY), "/Antwoord/Matchen", "true"), TODAY);
  const ids = every(shown(entries)).flatMap((each) => each.attributes?.id ?? []);
  assert.equal(ids.length, new Set(ids).size);
  for (const each of every(shown(entries))) {
    for (const name of [each.attributes?.id, each.attributes?.name]) assert.ok(name === undefined || /^f[/-]/.test(name));
  }
});

test("the summary counts what is wrong and leads to each place, and tells what the hub said above it", () => {
  const fault = { path: "/Antwoord/Gematcht/Vordering[2]/Soort", code: "X", nl: "Maak een keuze.", en: "" };
  const entries = typed(ANSWER, opened(ANSWER, TODAY), "/Antwoord/Matchen", "true");
  const tree = shown(entries, { faults: [fault], above: ["Er zijn er meer."] });
  const [summary] = having(tree, "id", "f-summary");
  assert.equal(summary?.attributes?.tabindex, "-1");
  assert.match(textOf(summary ?? ""), /Er zijn er meer\.\|Er is 1 ding te verbeteren:\|Vordering 2, Soort: Maak een keuze\./);
  assert.equal(every(summary ?? "").find((each) => each.tag === "a")?.attributes?.href, "#f/Antwoord/Gematcht/Vordering[2]/Soort");
  assert.equal(having(shown(entries), "id", "f-summary").length, 0);
});

test("a place deep in a part is told with each number on the way", () => {
  const [place, second] = ["/Antwoord/Gematcht/Vordering[2]/Open/Bedrag", "/Antwoord/Eigen/Totaal/Bedrag"];
  assert.equal(labelAt(ANSWER, place, "nl"), "Vordering 2, Open, Bedrag");
  assert.equal(labelAt(ANSWER, second, "nl"), "Totaal, Bedrag");
});

test("matching opens the claims of the question, which stay as they are; not matching opens one's own statement", () => {
  const start = opened(ANSWER, TODAY);
  assert.ok(!textOf(shown(start)).includes("Gematcht"));
  const yes = settled(ANSWER, typed(ANSWER, start, "/Antwoord/Matchen", "true"), TODAY);
  const matching = shown(yes);
  const [number] = having(matching, "id", "f/Antwoord/Gematcht/Vordering[1]/Nummer");
  assert.deepEqual([number?.tag, textOf(number ?? "")], ["p", "F-1"]);
  assert.equal(having(matching, "data-path", "/Antwoord/Gematcht/Vordering[3]").length, 0);
  assert.equal(having(matching, "data-act", "remove").length, 0);

  const no = settled(ANSWER, typed(ANSWER, start, "/Antwoord/Matchen", "false"), TODAY);
  const own = shown(no);
  assert.ok(!textOf(own).includes("F-1"));
  assert.deepEqual(having(own, "data-act", "choose").map((each) => each.attributes?.value), ["/Antwoord/Eigen/Overzicht", "/Antwoord/Eigen/Totaal"]);
  const list = chosen(ANSWER, no, "/Antwoord/Eigen/Overzicht", TODAY);
  assert.deepEqual(plain(list)["Eigen"], { Overzicht: { Schuld: { Bedrag: "" } } });
  const total = chosen(ANSWER, list, "/Antwoord/Eigen/Totaal", TODAY);
  assert.deepEqual(plain(total)["Eigen"], { Totaal: { Bedrag: "" } });
});

test("what was typed in one option of a choice comes back with it", () => {
  const no = settled(ANSWER, typed(ANSWER, opened(ANSWER, TODAY), "/Antwoord/Matchen", "false"), TODAY);
  const aside = new Map();
  const choose = (/** @type {typeof no} */ entries, /** @type {string} */ name) =>
    chosen(ANSWER, entries, `/Antwoord/Eigen/${name}`, TODAY, aside);
  const typing = typed(ANSWER, choose(no, "Overzicht"), "/Antwoord/Eigen/Overzicht/Schuld[1]/Bedrag", "12");
  const other = choose(typing, "Totaal");
  assert.deepEqual(plain(other)["Eigen"], { Totaal: { Bedrag: "" } });
  assert.deepEqual(plain(choose(other, "Overzicht"))["Eigen"], { Overzicht: { Schuld: { Bedrag: "12" } } });
});

test("a fault of a choice that nobody made, and of a part that is not there, stands where it is mended", () => {
  const no = settled(ANSWER, typed(ANSWER, opened(ANSWER, TODAY), "/Antwoord/Matchen", "false"), TODAY);
  const choice = { path: "/Antwoord/Eigen/Overzicht", code: "X", nl: "Kies er één.", en: "" };
  const part = { path: "/Antwoord/Betaling", code: "X", nl: "Vul dit onderdeel in.", en: "" };
  const tree = shown(no, { faults: [choice, part] });
  for (const [fault, id] of /** @type {const} */ ([[choice, ""], [part, "-add"]])) {
    const [place] = having(tree, "id", `f${fault.path}${id}`);
    assert.equal(place?.attributes?.["aria-describedby"], `f${fault.path}-fault`);
    assert.deepEqual(having(tree, "id", `f${fault.path}-fault`).map(textOf), [fault.nl]);
  }
  const ids = every(tree).flatMap((each) => each.attributes?.id ?? []);
  assert.equal(ids.length, new Set(ids).size);
});

test("a list grows and shrinks, keeps what was typed, and goes no lower than it may", () => {
  const no = settled(ANSWER, typed(ANSWER, opened(ANSWER, TODAY), "/Antwoord/Matchen", "false"), TODAY);
  let entries = chosen(ANSWER, no, "/Antwoord/Eigen/Overzicht", TODAY);
  const list = "/Antwoord/Eigen/Overzicht/Schuld";
  assert.equal(having(shown(entries), "data-act", "remove").length, 0);
  entries = typed(ANSWER, entries, `${list}[1]/Bedrag`, "1");
  entries = added(ANSWER, entries, `${list}[2]`, TODAY);
  entries = typed(ANSWER, entries, `${list}[2]/Bedrag`, "2");
  assert.deepEqual(having(shown(entries), "data-act", "remove").map((each) => each.attributes?.["data-path"]), [`${list}[1]`, `${list}[2]`]);
  entries = removed(ANSWER, entries, `${list}[1]`);
  assert.deepEqual(plain(entries)["Eigen"], { Overzicht: { Schuld: { Bedrag: "2" } } });
});

test("an optional part comes and goes by a button, and a path that leads nowhere changes nothing", () => {
  const start = opened(ANSWER, TODAY);
  const paid = added(ANSWER, start, "/Antwoord/Betaling", { ...TODAY, accounts: [{ iban: "NL1" }, { iban: "NL2" }] });
  const tree = shown(paid, { accounts: [{ iban: "NL1", holder: "Wij" }, { iban: "NL2" }] });
  const [select] = having(tree, "id", "f/Antwoord/Betaling/IBAN");
  assert.deepEqual([select?.tag, textOf(select ?? "")], ["select", "Kies|NL1 (Wij)|NL2"]);
  assert.equal(having(shown(paid), "id", "f/Antwoord/Betaling/IBAN")[0]?.tag, "p");
  assert.deepEqual(plain(removed(ANSWER, paid, "/Antwoord/Betaling")), plain(start));
  for (const path of ["/Anders/X", "/Antwoord/Vreemd", "/Antwoord/Gematcht/Vordering[9]/Nummer"]) {
    assert.deepEqual(plain(typed(ANSWER, start, path, "x")), plain(start));
  }
});

test("amounts and dates in words, and what is none as it is", () => {
  assert.equal(money("1234567.5"), "€\u00a01.234.567,50");
  assert.equal(money("-12"), "€\u00a0-12,00");
  assert.equal(money("veel"), "veel");
  const date = /** @type {any} */ ({ kind: "date", type: "T" });
  assert.equal(inWords(date, "gisteren", "nl"), "gisteren");
  assert.equal(inWords(date, "2026-12-03", "nl"), "3 december 2026");
  assert.equal(inWords(date, "2026-02-30", "nl"), "2026-02-30");
  const moment = /** @type {any} */ ({ kind: "moment" });
  assert.equal(inWords(moment, "2026-02-30T10:00:00Z", "nl"), "2026-02-30T10:00:00Z");
  assert.equal(inWords(/** @type {any} */ ({ kind: "moment" }), "geen", "nl"), "geen");
});

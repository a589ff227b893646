/** Opening a form, filling it, what is shown and asked, and what is found wrong with it. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { opened } from "../../../../gateway/desk/js/forms/blank.js";
import { check } from "../../../../gateway/desk/js/forms/check.js";
import { standing } from "../../../../gateway/desk/js/forms/conditions.js";
import { readDocument, writeDocument } from "../../../../gateway/desk/js/forms/document.js";
import { valuesOf } from "../../../../gateway/desk/js/forms/entries.js";
import { answering, withHeader } from "../../../../gateway/desk/js/forms/header.js";
import { nearest } from "../../../../gateway/desk/js/forms/places.js";
import { refusalsAtFields } from "../../../../gateway/desk/js/forms/violations.js";
import { ANSWER, ASKED, plain, values } from "./forms.js";

const TODAY = { today: "2026-12-03", question: ASKED };
const GOOD = {
  Klantnummer: "K-7",
  Contact: { Naam: "T. Voorbeeld" },
  Peildatum: "03-12-2026",
  Matchen: "true",
  Gematcht: {
    Vordering: [
      { Nummer: "F-1", Soort: "OPEN", Open: { Hoofdsom: "10", Rente: "2,50", Bedrag: "12,50" } },
      { Nummer: "F-2", Soort: "WEG" },
    ],
  },
};

/** @param {Record<string, unknown>} entries @param {object} [known] */
function faults(entries, known = {}) {
  const read = valuesOf(ANSWER, values(entries));
  const header = withHeader(ANSWER, read.values, FACTS);
  return check(ANSWER, header, { question: ASKED, misread: read.faults, ...known }).map(({ code, path }) => `${code} ${path}`);
}

const FACTS = {
  reference: "r-1",
  conversation: "c-1",
  sender: "SE",
  receiver: "SHV",
  moment: new Date("2026-12-03T10:11:12.345Z"),
};

test("an answer opens with what the question, the settings and the calendar know", () => {
  const contact = { Naam: "T. Voorbeeld", Telefoon: "0850000000", Vreemd: "x" };
  const entries = plain(opened(ANSWER, { ...TODAY, contact }));
  assert.equal(entries["Klantnummer"], "K-7");
  assert.equal(entries["Peildatum"], "03-12-2026");
  assert.deepEqual(entries["Contact"], { Naam: "T. Voorbeeld", Telefoon: "0850000000" });
  assert.equal(entries["Matchen"], "");
  assert.ok(!("Betaling" in entries) && !("Stuurgegevens" in entries));
});

test("an answer has a line for each claim that was asked for, each once", () => {
  const twice = { ...ASKED, values: values({ Vorderingen: { Vordering: [{ Nummer: "A" }, { Nummer: "B" }, { Nummer: "A" }] } }) };
  const { Gematcht } = plain(opened(ANSWER, { ...TODAY, question: twice }));
  assert.deepEqual(Gematcht, { Vordering: [{ Nummer: "A", Soort: "" }, { Nummer: "B", Soort: "" }] });
});

test("the only account of an organisation is chosen already, and of several none", async () => {
  const { one } = await import("../../../../gateway/desk/js/forms/blank.js");
  const payment = ANSWER.items.find((item) => "name" in item && item.name === "Betaling");
  assert.ok(payment?.kind === "group");
  const [here, there] = [{ iban: "NL1", holder: "Wij" }, { iban: "NL2" }];
  const single = one(payment, { today: "", accounts: [here] });
  assert.deepEqual(typeof single === "string" ? single : plain(single), { IBAN: "NL1", TenNameVan: "Wij" });
  const several = one(payment, { today: "", accounts: [here, there] });
  assert.deepEqual(typeof several === "string" ? several : plain(several), { IBAN: "", TenNameVan: "" });
});

test("a part that rules forbid is hidden, and so is one of which nobody has said yet whether it is there", () => {
  const { hidden } = standing(ANSWER, values({ Matchen: "" }));
  assert.deepEqual([...hidden].sort(), ["/Antwoord/Eigen", "/Antwoord/Gematcht"]);
  const matching = standing(ANSWER, values({ ...GOOD }));
  assert.deepEqual([...matching.hidden], ["/Antwoord/Eigen", "/Antwoord/Gematcht/Vordering[2]/Open"]);
  assert.deepEqual([...matching.required], ["/Antwoord/Gematcht", "/Antwoord/Gematcht/Vordering[1]/Open"]);
});

test("what is hidden is not sent, and what was typed there stays", () => {
  const entries = values({ ...GOOD, Matchen: "false", Eigen: { Totaal: { Bedrag: "5" } } });
  const read = plain(valuesOf(ANSWER, entries).values);
  assert.ok(!("Gematcht" in read));
  assert.deepEqual(read["Eigen"], { Totaal: { Bedrag: "5.00" } });
  assert.ok(entries.has("Gematcht"));
});

test("a good answer has no fault", () => assert.deepEqual(faults(GOOD), []));

test("a sum that is wrong is told at the total", () => {
  const wrong = structuredClone(GOOD);
  Object.assign(wrong.Gematcht.Vordering[0]?.Open ?? {}, { Bedrag: "12,51" });
  assert.deepEqual(faults(wrong), ["SOM /Antwoord/Gematcht/Vordering[1]/Open/Bedrag"]);
});

test("a real zero is an amount like any other", () => {
  const zero = structuredClone(GOOD);
  zero.Gematcht.Vordering[0] = { Nummer: "F-1", Soort: "OPEN", Open: /** @type {any} */ ({ Bedrag: "0" }) };
  assert.deepEqual(faults(zero), []);
});

test("what is missing is told where it is missed, in the order of the form", () => {
  assert.deepEqual(faults({ Contact: { Naam: " " }, Matchen: "true", Peildatum: "" }), [
    "XSD-ELEMENT-MISSING /Antwoord/Klantnummer",
    "XSD-ELEMENT-MISSING /Antwoord/Contact/Naam",
    "XSD-ELEMENT-MISSING /Antwoord/Peildatum",
    "XSD-ELEMENT-MISSING /Antwoord/Gematcht/Vordering[1]",
    "ZELFDE /Antwoord",
  ].sort(byForm));
});

const FORM = ["", "/Klantnummer", "/Contact/Naam", "/Peildatum", "/Gematcht/Vordering[1]"];
/** @param {string} one @param {string} other */
function byForm(one, other) {
  const rank = (/** @type {string} */ each) => FORM.indexOf(each.split(" /Antwoord")[1] ?? "");
  return rank(one) - rank(other);
}

test("a part that a rule asks for and in which nothing stands is told field by field, as it is shown", () => {
  const empty = structuredClone(GOOD);
  empty.Gematcht.Vordering[0] = { Nummer: "F-1", Soort: "OPEN", Open: /** @type {any} */ ({ Bedrag: "" }) };
  assert.deepEqual(faults(empty), ["XSD-ELEMENT-MISSING /Antwoord/Gematcht/Vordering[1]/Open/Bedrag"]);
});

test("neither of a choice, both of it, and one of it", () => {
  const own = { ...GOOD, Gematcht: undefined, Matchen: "false" };
  delete own.Gematcht;
  assert.deepEqual(faults({ ...own, Eigen: {} }), ["XSD-ELEMENT-MISSING /Antwoord/Eigen/Overzicht"]);
  const both = { Totaal: { Bedrag: "1" }, Overzicht: { Schuld: [{ Bedrag: "1" }] } };
  assert.deepEqual(faults({ ...own, Eigen: both }), ["XSD-ELEMENT-UNEXPECTED /Antwoord/Eigen/Totaal"]);
  assert.deepEqual(faults({ ...own, Eigen: { Totaal: { Bedrag: "1" } } }), []);
});

test("what cannot be read is told once, and nothing else of it", () => {
  assert.deepEqual(faults({ ...GOOD, Peildatum: "3-12-26" }), ["FORM-YEAR /Antwoord/Peildatum"]);
});

test("claims are those of the question, none more, none less and none twice", () => {
  const less = structuredClone(GOOD);
  less.Gematcht.Vordering.pop();
  assert.deepEqual(faults(less), ["ZELFDE /Antwoord"]);
  const twice = structuredClone(GOOD);
  Object.assign(twice.Gematcht.Vordering[1] ?? {}, { Nummer: "F-1" });
  assert.deepEqual(faults(twice), ["ZELFDE /Antwoord", "XSD-CVC-IDC /Antwoord/Gematcht/Vordering[2]/Nummer"]);
});

test("an account that is not in the list is refused, however good its number is (PO-45)", () => {
  const paid = { ...GOOD, Betaling: { IBAN: "NL2", TenNameVan: "Wij" } };
  assert.deepEqual(faults(paid, { accounts: ["NL1", "NL2"] }), []);
  assert.deepEqual(faults(paid, { accounts: ["NL1"] }), ["FORM-ACCOUNT /Antwoord/Betaling/IBAN"]);
  assert.deepEqual(faults(paid, { accounts: [] }), ["FORM-ACCOUNT /Antwoord/Betaling/IBAN"]);
});

test("the header of an answer is made of the question, and nobody types it", () => {
  const facts = { ...FACTS, ...answering(ASKED.values) };
  const typed = values({ Stuurgegevens: { Afzender: "een ander" }, Klantnummer: "K" });
  assert.deepEqual(plain(withHeader(ANSWER, typed, facts))["Stuurgegevens"], {
    Referentienummer: "r-1",
    ConversatieReferentienummer: "c-1",
    CrossReferentienummer: "v-1",
    Versie: "2.0",
    Afzender: "SE",
    Ontvanger: "SHV",
    Berichttype: "Antwoord",
    Aanmaakmoment: "2026-12-03T10:11:12Z",
  });
});

test("a message that answers nothing names no question, and its documents by their digest", () => {
  const attachments = [{ kind: "Beschikking", name: "b.pdf", mediatype: "application/pdf", sha256: "ab" }];
  const made = /** @type {any} */ (plain(withHeader(ANSWER, values({}), { ...FACTS, attachments })));
  assert.ok(!("CrossReferentienummer" in made.Stuurgegevens));
  assert.deepEqual(made.Stuurgegevens.Bijlagen.Bijlage, {
    Soort: "Beschikking",
    Bestandsnaam: "b.pdf",
    Mediatype: "application/pdf",
    Sha256: "ab",
  });
});

test("text is escaped as canonical XML is, and stays text", () => {
  const hostile = "<script>alert('&')</script> \"x\" ]]> \r\n";
  const written = writeDocument(ANSWER, values({ Toelichting: hostile }));
  assert.equal(
    written,
    "<Antwoord xmlns=\"urn:m\"><Toelichting>&lt;script&gt;alert('&amp;')&lt;/script&gt; \"x\" ]]&gt; &#xD;\n</Toelichting></Antwoord>",
  );
});

test("what a form does not know is told and not kept", () => {
  const leaf = (/** @type {string} */ name, namespace = "urn:m") => ({ name, namespace, text: "x", children: [] });
  const tree = { name: "Antwoord", namespace: "urn:m", text: "", children: [leaf("Klantnummer"), leaf("Klantnummer"), leaf("Vreemd"), leaf("Matchen", "urn:x"), leaf("__proto__")] };
  const { values: read, strange } = readDocument(ANSWER, tree);
  assert.deepEqual(plain(read), { Klantnummer: "x" });
  assert.equal(strange.length, 4);
});

test("a path of a violation leads to its field, with and without a position, and else to what is nearest", () => {
  const at = (/** @type {string} */ path) => nearest(ANSWER, path);
  assert.deepEqual(at("/Antwoord/Gematcht/Vordering/Nummer"), { path: "/Antwoord/Gematcht/Vordering[1]/Nummer", whole: true });
  assert.deepEqual(at("/Antwoord/Gematcht/Vordering[2]/Nummer"), { path: "/Antwoord/Gematcht/Vordering[2]/Nummer", whole: true });
  assert.deepEqual(at("/Antwoord/Klantnummer[2]"), { path: "/Antwoord", whole: false });
  assert.deepEqual(at("/Antwoord/Gematcht/*[3]"), { path: "/Antwoord/Gematcht", whole: false });
  assert.deepEqual(at("/Anders/Nummer"), { path: "/Antwoord", whole: false });
  assert.deepEqual(at("/"), { path: "/Antwoord", whole: true });
});

test("what the hub refuses stands at its fields, in our words for a rule of ours and else in the hub's (PO-46)", () => {
  const sent = valuesOf(ANSWER, values(GOOD)).values;
  const { faults: found, above } = refusalsAtFields(ANSWER, sent, [
    { detail: "code=SOM line=12 path=/Antwoord/Gematcht/Vordering[1]/Open/Bedrag", text: "De som." },
    { detail: "code=XSD-CVC-PATTERN-VALID line=3 path=/Antwoord/Klantnummer", text: "Niet de vorm." },
    { detail: "code=XSD-CVC-IDC line=9 path=/Antwoord/Gematcht/Vordering[2]", text: "Dubbel." },
    { detail: "code=OPEN line=8 path=/Antwoord/Gematcht/Vordering[1]", text: "Open ontbreekt." },
    { detail: "code=XSD-MORE line=1 path=/Antwoord", text: "Er zijn er meer." },
    { detail: "iets anders", text: "Onleesbaar." },
  ]);
  assert.deepEqual(found.map(({ path, nl }) => `${path} ${nl}`), [
    "/Antwoord/Klantnummer Niet de vorm.",
    "/Antwoord/Gematcht/Vordering[1]/Open Regel.",
    "/Antwoord/Gematcht/Vordering[1]/Open/Bedrag Regel.",
    "/Antwoord/Gematcht/Vordering[2]/Nummer Dubbel.",
  ]);
  assert.deepEqual(above, ["Er zijn er meer.", "Onleesbaar."]);
});

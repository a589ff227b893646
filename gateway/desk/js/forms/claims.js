/**
 * Matchen and niet matchen, as the asking side reads an answer: a line for each claim that it asked about, and those of
 * the creditor's own. The twin of xsd/matching.py: a zero that nobody wrote is marked as automatic, so that a true zero
 * keeps its meaning.
 */

import { sum } from "./decimals.js";
import { money } from "./formatting.js";
import { say } from "./texts.js";
import { foreign, node } from "./view.js";

/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./types.js").Language} Language */

/**
 * @typedef {object} ClaimLine
 * @property {string | null} asked the invoice number that was asked for; null for one that the creditor added
 * @property {"OPENSTAAND" | "OVERGEDRAGEN" | "ONBEKEND" | "ONGEMATCHT" | string} outcome
 * @property {string | null} reference
 * @property {string | null} amount null where the creditor gives none
 * @property {boolean} automatic
 */

/**
 * A line for every claim asked for, in the order of the question, then the creditor's own; null where the answer does not
 * speak of matching.
 * @param {Values} question
 * @param {Values} answer
 * @returns {ClaimLine[] | null}
 */
export function claimLines(question, answer) {
  const matching = text(answer, "Matchen");
  if (matching === null) return null;
  const asked = inner(question, "Vorderingen", "Vordering").map((each) => text(each, ASKED) ?? "");
  if (matching === "true") {
    const answered = new Map(inner(answer, "Gematcht", "Vordering").map((each) => [text(each, ASKED), each]));
    return [
      ...asked.flatMap((number) => {
        const line = answered.get(number);
        return line === undefined ? [] : [matched(number, line)];
      }),
      ...inner(answer, "ExtraVorderingen", "Vordering").map((each) => open(null, each)),
    ];
  }
  const [own] = groups(answer, "OngematchteSchulden");
  const debts = own === undefined ? [] : [...inner(own, "OpenstaandeSchulden", "Schuld"), ...groups(own, "Totaalvordering")];
  return [
    ...asked.map((number) => line(number, "ONGEMATCHT", null, "0.00", true)),
    ...debts.map((debt) => line(null, "OPENSTAAND", text(debt, "Kenmerk"), text(debt, "Bedrag"))),
  ];
}

/**
 * The lines as a table, with the sum of what the creditor gave.
 * @param {ClaimLine[]} lines
 * @param {{asked: string, outcome: string, reference: string, amount: string}} labels
 * @param {(outcome: string) => string} outcomeInWords
 * @param {Language} language
 */
export function claimsView(lines, labels, outcomeInWords, language) {
  const told = (/** @type {string} */ key) => say(key)[language];
  const heads = [labels.asked, labels.outcome, labels.reference, labels.amount];
  const rows = lines.map(({ asked, outcome, reference, amount, automatic }) => {
    const said = outcome === "ONGEMATCHT" ? told("view.unmatched") : outcomeInWords(outcome);
    const worth = automatic ? told("view.automatic") : amount === null ? told("view.no_amount") : money(amount);
    const first = asked === null ? told("view.own") : foreign(asked);
    return node(
      "tr",
      {},
      node("th", { scope: "row" }, first),
      node("td", {}, said),
      node("td", {}, reference === null ? "" : foreign(reference)),
      node("td", { class: "amount" }, worth),
    );
  });
  const total = money(sum(["0.00", ...lines.flatMap(({ amount }) => (amount === null ? [] : [amount]))]));
  return node(
    "table",
    { class: "claims" },
    node("caption", {}, told("view.claims")),
    node("thead", {}, node("tr", {}, ...heads.map((head) => node("th", { scope: "col" }, head)))),
    node("tbody", {}, ...rows, totalRow(told("view.total"), total)),
  );
}

/** @param {string} label @param {string} total */
function totalRow(label, total) {
  const empty = node("td", {});
  return node("tr", {}, node("th", { scope: "row" }, label), empty, empty, node("td", { class: "amount" }, total));
}

const ASKED = "FactuurnummerSEVolgensSHV";

/** @param {string} asked @param {Values} answer */
function matched(asked, answer) {
  const outcome = text(answer, "Schuldtype") ?? "ONBEKEND";
  const [debt] = groups(answer, "Openstaand");
  if (outcome === "OPENSTAAND" && debt !== undefined) return open(asked, debt);
  const [other] = groups(answer, "Overgedragen");
  return line(asked, outcome, other === undefined ? null : text(other, "Referentie"), null);
}

/** @param {string | null} asked @param {Values} debt */
function open(asked, debt) {
  return line(asked, "OPENSTAAND", text(debt, "FactuurnummerSE"), text(debt, "ActueelBedrag"));
}

/**
 * @param {string | null} asked
 * @param {string} outcome
 * @param {string | null} reference
 * @param {string | null} amount
 * @returns {ClaimLine}
 */
function line(asked, outcome, reference, amount, automatic = false) {
  return { asked, outcome, reference, amount, automatic };
}

/** @param {Values} values @param {string} name */
function text(values, name) {
  const [found] = values.get(name) ?? [];
  return typeof found === "string" ? found.trim() : null;
}

/** @param {Values} values @param {string} name @returns {Values[]} */
function groups(values, name) {
  return (values.get(name) ?? []).flatMap((each) => (each instanceof Map ? [each] : []));
}

/** @param {Values} values @param {string} list @param {string} name */
function inner(values, list, name) {
  return groups(values, list).flatMap((each) => groups(each, name));
}

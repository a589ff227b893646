/**
 * An answer of a list in a few words, for whoever looks it over before it goes: about whom, what it comes to, and why
 * where somebody does not co-operate. Made of what was built, and not of the cells, so that it says what will go.
 */

import { decimal, sum } from "../forms/decimals.js";
import { inWords, money } from "../forms/formatting.js";
import { allPlacesIn, find, root, textAt } from "../forms/places.js";
import { cellOf } from "./file_rows.js";
import { shown } from "./questions.js";

/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("./answers.js").Built} Built */

/** What the message sets call them, each in all its versions: who is in debt, what is owed today, and the reasons. */
const CLIENT = "Klant";
const OWED = ["ActueelBedrag", "Bedrag"];
const REASONS = ["Reden", "RedenAfwijzing"];

/**
 * Who the question is about, as its cells say; of a question that is gone, as its row says, whose control digest held.
 * @param {Pick<Built["pair"], "table" | "description" | "question" | "rows">} pair
 * @returns {string} empty where questions of this kind name nobody
 */
export function clientOf({ table, description, question, rows }) {
  const column = table.question.find(({ path }) => path === CLIENT);
  if (column === undefined) return "";
  const said = find(root(description, question.values), CLIENT).map(shown).join(", ");
  return said === "" && rows[0] !== undefined ? cellOf(rows[0].row, column.name) : said;
}

/**
 * @param {Pick<Built, "description" | "values">} built
 * @param {Language} language
 * @returns {{owed: string, reason: string}} `owed` all amounts together, each empty where the answer has none
 */
export function gistOf({ description, values }, language) {
  /** @type {string[]} */
  const amounts = [];
  /** @type {string[]} */
  const reasons = [];
  for (const place of allPlacesIn(description.items, values, `/${description.type}`)) {
    const { element } = place;
    if (element.kind !== "field") continue;
    const text = textAt(place);
    if (element.value.kind === "amount" && OWED.includes(element.name) && decimal(text) !== null) amounts.push(text);
    if (REASONS.includes(element.name)) reasons.push(inWords(element.value, text, language));
  }
  return { owed: amounts.length === 0 ? "" : money(sum(amounts)), reason: reasons.join(", ") };
}

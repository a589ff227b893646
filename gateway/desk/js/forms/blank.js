/**
 * What stands in a form when it is opened: what must be there is open, what the question, the settings or the calendar
 * know is filled in, and the rest waits for a person. Answers to a question repeat its claims, each once.
 */

import { showTyped } from "./notation.js";
import { elementsOf, find, root, textAt } from "./places.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./types.js").Values} Values */

/**
 * What is known before anybody types. `contact` has the element names of a contact person.
 * @typedef {object} Beforehand
 * @property {string} today `2026-12-03`
 * @property {Record<string, string>} [contact]
 * @property {{iban: string, holder?: string}[]} [accounts] filled in where there is only one
 * @property {{description: Description, values: Values} | null} [question]
 */

/**
 * The entries of a form that was just opened.
 * @param {Description} description
 * @param {Beforehand} beforehand
 * @returns {Values}
 */
export function opened(description, beforehand) {
  const entries = opening(description.items, beforehand);
  const { question } = beforehand;
  if (!question) return entries;
  for (const rule of description.rules) {
    if (rule.kind !== "SameSet") continue;
    const asked = [...new Set(find(root(question.description, question.values), rule.there ?? "").map(textAt))];
    repeat(description.items, entries, (rule.here ?? "").split("/"), asked, beforehand);
  }
  return entries;
}

/**
 * What opens within a group: fields that are blank or known, groups that must be there, lists with their least number.
 * @param {Item[]} items
 * @param {Beforehand} beforehand
 * @returns {Values}
 */
export function opening(items, beforehand) {
  /** @type {Values} */
  const entries = new Map();
  for (const item of items) {
    const whole = item.kind === "field" || item.kind === "group";
    if (!whole && (item.kind === "choice" || item.least === 0)) continue;
    const elements = whole ? [item] : elementsOf(item.items);
    for (const element of elements) {
      if (element.filled !== undefined) continue;
      const count = element.most === 1 && element.kind === "field" ? 1 : element.least;
      if (count > 0) entries.set(element.name, Array.from({ length: count }, () => one(element, beforehand)));
    }
  }
  return entries;
}

/**
 * One occurrence of an element as it opens.
 * @param {Field | Group} element
 * @param {Beforehand} beforehand
 * @returns {string | Values}
 */
export function one(element, beforehand) {
  if (element.kind === "field") return firstText(element, beforehand);
  const inner = opening(element.items, beforehand);
  const { contact, accounts } = beforehand;
  if (element.from === "contact" && contact) {
    for (const [name, text] of Object.entries(contact)) if (inner.has(name)) inner.set(name, [text]);
  }
  const [holder] = accounts?.length === 1 ? accounts : [];
  if (holder?.holder && elementsOf(element.items).some((each) => each.from === "accounts") && inner.has("TenNameVan")) {
    inner.set("TenNameVan", [holder.holder]);
  }
  return inner;
}

/**
 * @param {Field} field
 * @param {Beforehand} beforehand
 */
function firstText(field, { today, accounts, question }) {
  if (field.from === "today") return showTyped(field.value, today);
  if (field.from === "accounts") return accounts?.length === 1 ? (accounts[0]?.iban ?? "") : "";
  if (!question) return "";
  const start = root(question.description, question.values);
  const known = (field.copies ?? []).flatMap((path) => find(start, path)).map(textAt)[0];
  return known === undefined ? "" : showTyped(field.value, known);
}

/**
 * Put one occurrence for each text where a path leads: the nearest element that may be repeated is, and its inner field
 * has the text.
 * @param {Item[]} items
 * @param {Values} entries
 * @param {string[]} path
 * @param {string[]} texts
 * @param {Beforehand} beforehand
 */
function repeat(items, entries, path, texts, beforehand) {
  const [name = "", ...others] = path;
  const element = elementsOf(items).find((each) => each.name === name);
  if (element === undefined) return;
  if (element.most === 1 && element.kind === "group") {
    const inner = /** @type {Values} */ (entries.get(name)?.[0] ?? one(element, beforehand));
    entries.set(name, [inner]);
    repeat(element.items, inner, others, texts, beforehand);
    return;
  }
  const found = texts.map((text) => {
    const occurrence = one(element, beforehand);
    if (typeof occurrence === "string") return text;
    occurrence.set(others.join("/"), [text]);
    return occurrence;
  });
  entries.set(name, found);
}

/**
 * A document as a person reads it: groups as sections, labels in words, money and dates as they are written here. What
 * was sent stays text, whatever it says.
 */

import { inWords } from "./formatting.js";
import { placesIn } from "./places.js";
import { foreign, node } from "./view.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Language} Language */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./places.js").Place} Place */
/** @typedef {import("./view.js").Node} Node */

/** Headings go three deep; what is deeper is told by its own label as well. */
const HEADINGS = /** @type {const} */ (["h3", "h4"]);

/**
 * @param {Description} description
 * @param {Values} values
 * @param {Language} language
 * @returns {Node}
 */
export function readingView(description, values, language) {
  const places = placesIn(description.items, values, `/${description.type}`);
  const header = places.filter((place) => place.element.filled === "header");
  return node(
    "section",
    { class: "document" },
    node("h2", {}, description.label[language]),
    ...contents(places.filter((place) => !header.includes(place)), language, 0),
    ...header.map((place) =>
      node("details", {}, node("summary", {}, place.element.label[language]), ...inside(place, language, 1)),
    ),
  );
}

/**
 * Fields that follow each other stand in one list, groups as sections between.
 * @param {Place[]} places
 * @param {Language} language
 * @param {number} depth
 * @returns {Node[]}
 */
function contents(places, language, depth) {
  /** @type {Node[]} */
  const found = [];
  /** @type {Node[]} */
  let rows = [];
  const close = () => {
    if (rows.length) found.push(node("dl", { class: "facts" }, ...rows));
    rows = [];
  };
  for (const place of places) {
    if (place.element.kind === "field") {
      rows.push(...row(place, language));
    } else {
      close();
      found.push(section(place, numberOf(place, places), language, depth));
    }
  }
  close();
  return found;
}

/**
 * @param {Place} place
 * @param {Language} language
 */
function row({ element, value }, language) {
  if (element.kind !== "field" || typeof value !== "string") return [];
  const text = foreign(inWords(element.value, value, language), element.value.kind === "lines" ? "lines" : undefined);
  const date = element.value.kind === "date" || element.value.kind === "moment";
  const shown = date ? node("time", { datetime: value }, text) : text;
  return [node("dt", {}, element.label[language]), node("dd", { class: element.value.kind }, shown)];
}

/**
 * @param {Place} place
 * @param {string} number
 * @param {Language} language
 * @param {number} depth
 * @returns {Node}
 */
function section(place, number, language, depth) {
  const title = `${place.element.label[language]}${number}`;
  const heading = HEADINGS[depth];
  const titled = heading === undefined ? node("p", { class: "title" }, title) : node(heading, {}, title);
  return node("section", { class: "part" }, titled, ...inside(place, language, depth + 1));
}

/**
 * @param {Place} place
 * @param {Language} language
 * @param {number} depth
 */
function inside({ element, value, path }, language, depth) {
  if (element.kind !== "group" || typeof value === "string") return [];
  return contents(placesIn(element.items, value, path), language, depth);
}

/**
 * Which of several it is, where there are several.
 * @param {Place} place
 * @param {Place[]} places
 */
function numberOf(place, places) {
  const alike = places.filter((each) => each.element === place.element);
  return alike.length > 1 ? ` ${alike.indexOf(place) + 1}` : "";
}

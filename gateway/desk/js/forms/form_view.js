/**
 * A form as a plain tree: groups as fieldsets, lists with what adds and takes away, choices as radios with what they
 * open, and above them a summary of what is wrong. What the rules forbid is not there; what the machine fills neither.
 */

import { standing } from "./conditions.js";
import { valuesOf } from "./entries.js";
import { faultOf, fieldView, hintOf, idOf, radio } from "./field_view.js";
import { elementsOf, find, pathBelow, root, wayTo } from "./places.js";
import { say } from "./texts.js";
import { node } from "./view.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Fault} Fault */
/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Gathering} Gathering */
/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Language} Language */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./view.js").Node} Node */
/** @typedef {import("./field_view.js").Setting & import("./conditions.js").Standing} Scene */

/** @typedef {string | {text: string, words: string}} Told a sentence; `words` are what others said of it, folded away */

/**
 * @typedef {object} Shown
 * @property {Language} language
 * @property {Fault[]} [faults]
 * @property {Told[]} [above] what is told above the form, of no field
 * @property {{iban: string, holder?: string}[]} [accounts]
 * @property {boolean} [answers] whether it answers a question, whose claims stay as they are
 */

/**
 * @param {Description} description
 * @param {Values} entries
 * @param {Shown} shown
 * @returns {Node}
 */
export function formView(description, entries, { language, faults = [], above = [], accounts = [], answers = false }) {
  const { hidden, required } = standing(description, valuesOf(description, entries).values);
  const fixed = answers ? fixedPaths(description, entries) : new Set();
  const byPath = new Map(faults.map((fault) => [fault.path, fault]));
  /** @type {Scene} */
  const scene = { language, faults: byPath, accounts, fixed, hidden, required };
  return node(
    "div",
    { class: "form" },
    summaryView(description, faults, above, language),
    faultOf(`/${description.type}`, scene),
    ...itemsView(description.items, entries, `/${description.type}`, scene),
  );
}

/**
 * What is wrong, each with a link to its field; null where nothing is.
 * @param {Description} description
 * @param {Fault[]} faults
 * @param {readonly Told[]} above
 * @param {Language} language
 * @returns {Node | null}
 */
export function summaryView(description, faults, above, language) {
  if (faults.length === 0 && above.length === 0) return null;
  const count = faults.length === 1 ? say("summary.one") : say("summary.more", { count: `${faults.length}` });
  const links = faults.map((fault) => {
    const label = labelAt(description, fault.path, language);
    return node("li", {}, node("a", { href: `#${idOf(fault.path)}`, "data-act": "go", "data-path": fault.path }, `${label}: ${fault[language]}`));
  });
  return node(
    "div",
    { class: "summary", id: "f-summary", tabindex: "-1", role: "group", "aria-labelledby": "f-summary-title" },
    node("h2", { id: "f-summary-title" }, say("summary.title")[language]),
    ...above.map((each) => toldView(each, language)),
    links.length ? node("p", {}, count[language]) : null,
    links.length ? node("ul", {}, ...links) : null,
  );
}

/** @type {(told: Told, language: Language) => Node} */
function toldView(told, language) {
  if (typeof told === "string") return node("p", {}, told);
  const words = node("p", { lang: "en", translate: "no" }, told.words);
  return node("div", {}, node("p", {}, told.text), node("details", {}, node("summary", {}, say("summary.words")[language]), words));
}

/**
 * The labels on the way to a place: its own, its group's, and those of which there are several.
 * @param {Description} description
 * @param {string} path
 * @param {Language} language
 */
export function labelAt(description, path, language) {
  const way = wayTo(description, path);
  const told = way.filter(({ position }, at) => position !== undefined || at >= way.length - 2);
  const labels = told.map(({ element, position }) => `${element.label[language]}${position === undefined ? "" : ` ${position}`}`);
  return labels.join(", ") || description.label[language];
}

/**
 * @param {Item[]} items
 * @param {Values} entries
 * @param {string} parent
 * @param {Scene} scene
 * @returns {Node[]}
 */
function itemsView(items, entries, parent, scene) {
  return items.flatMap((item) => {
    if (item.kind !== "field" && item.kind !== "group") {
      const whole = item.kind === "sequence" ? itemsView(item.items, entries, parent, scene) : null;
      return whole ?? [choiceView(item, entries, parent, scene)];
    }
    if (item.filled !== undefined || scene.hidden.has(pathBelow(parent, item, 0))) return [];
    return elementView(item, entries, parent, scene);
  });
}

/**
 * Every occurrence of an element, and what adds one.
 * @param {Field | Group} element
 * @param {Values} entries
 * @param {string} parent
 * @param {Scene} scene
 * @returns {Node[]}
 */
function elementView(element, entries, parent, scene) {
  const found = entries.get(element.name) ?? [];
  const fixed = [...scene.fixed].some((path) => path.startsWith(`${pathBelow(parent, element, 0)}/`));
  const asked = element.least > 0 || scene.required.has(pathBelow(parent, element, 0));
  if (element.kind === "field" && element.most === 1) {
    const text = typeof found[0] === "string" ? found[0] : "";
    return [fieldView(element, text, pathBelow(parent, element, 0), asked, scene)];
  }
  const least = asked ? Math.max(1, element.least) : element.least;
  const more = element.most === null || found.length < element.most;
  return [
    ...found.map((value, index) => {
      const path = pathBelow(parent, element, index);
      const number = element.most === 1 ? "" : ` ${index + 1}`;
      const away = fixed || found.length <= least ? null : act("remove", path, element, number, scene.language);
      if (element.kind === "field") {
        const text = typeof value === "string" ? value : "";
        return node("div", { class: "repeated" }, fieldView(element, text, path, true, scene), away);
      }
      return groupView(element, value instanceof Map ? value : new Map(), path, number, away, scene);
    }),
    ...(more && !fixed ? adding(element, pathBelow(parent, element, found.length), scene) : []),
  ];
}

/**
 * What adds one more, and what is wrong where it is missing.
 * @param {Field | Group} element
 * @param {string} path
 * @param {Scene} scene
 * @returns {Node[]}
 */
function adding(element, path, scene) {
  const fault = faultOf(path, scene);
  const button = act("add", path, element, "", scene.language, fault === null ? undefined : `${idOf(path)}-fault`);
  return fault === null ? [button] : [node("div", { class: "field fault" }, fault, button)];
}

/**
 * @param {Group} group
 * @param {Values} entries
 * @param {string} path
 * @param {string} number
 * @param {Node | null} away
 * @param {Scene} scene
 * @returns {Node}
 */
function groupView(group, entries, path, number, away, scene) {
  const { language } = scene;
  return node(
    "fieldset",
    { id: idOf(path), tabindex: "-1", class: scene.faults.has(path) ? "group fault" : "group" },
    node("legend", {}, `${group.label[language]}${number}`),
    hintOf(group, path, language),
    faultOf(path, scene),
    ...itemsView(group.items, entries, path, scene),
    away,
  );
}

/**
 * One of several: radios, and below them what the chosen one holds.
 * @param {Gathering} choice
 * @param {Values} entries
 * @param {string} parent
 * @param {Scene} scene
 * @returns {Node}
 */
function choiceView(choice, entries, parent, scene) {
  const options = choice.items.flatMap((item) => elementsOf([item]).slice(0, 1).map((first) => ({ item, first })));
  const taken = options.find(({ item }) => elementsOf([item]).some(({ name }) => entries.has(name)));
  const [start] = options;
  const path = start === undefined ? parent : pathBelow(parent, start.first, 0);
  const radios = options.map(({ first }, index) => {
    const at = pathBelow(parent, first, 0);
    return radio(`${path}-choice`, at, first.label[scene.language], taken?.first === first, index, "choose");
  });
  const fault = taken === undefined ? faultOf(path, scene) : null;
  // Its first option has that id once something is chosen.
  const place = taken === undefined ? { id: idOf(path), tabindex: "-1" } : {};
  const missing = fault === null ? place : { ...place, "aria-invalid": "true", "aria-describedby": `${idOf(path)}-fault` };
  return node(
    "fieldset",
    { class: "choice", role: "radiogroup", ...missing },
    node("legend", {}, say("form.choice")[scene.language]),
    fault,
    ...radios,
    ...(taken === undefined ? [] : itemsView([taken.item], entries, parent, scene)),
  );
}

/**
 * @param {"add" | "remove"} what
 * @param {string} path
 * @param {Field | Group} element
 * @param {string} number
 * @param {Language} language
 * @param {string} [described] the id of what is wrong there
 * @returns {Node}
 */
function act(what, path, element, number, language, described) {
  const words = say(`form.${what}`, { label: `${element.label[language]}${number}` })[language];
  const attributes = { id: `${idOf(path)}-${what}`, "aria-describedby": described, "data-act": what, "data-path": path };
  return node("button", { type: "button", class: `${what} second`, ...attributes }, words);
}

/**
 * The places whose values are those of the question.
 * @param {Description} description
 * @param {Values} entries
 */
function fixedPaths(description, entries) {
  const rules = description.rules.filter((rule) => rule.kind === "SameSet");
  return new Set(rules.flatMap((rule) => find(root(description, entries), rule.here ?? "")).map(({ path }) => path));
}

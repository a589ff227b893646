/**
 * Everything wrong with values, each at its place: what is missing or too many, bounds of fields, values that must differ,
 * rules, and accounts that are not the organisation's. What passes here and breaks the schema all the same, the schema
 * itself finds afterwards: this is for people, that is the law.
 */

import { shownAt, standing } from "./conditions.js";
import { facetFault } from "./facets.js";
import { allPlacesIn, elementsOf, find, pathBelow, root, textAt, wayTo } from "./places.js";
import { brokenRules } from "./rules.js";
import { say } from "./texts.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Element} Element */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./types.js").Fault} Fault */

/**
 * What a check may know besides the values. What is not given is not checked.
 * @typedef {object} Known
 * @property {{description: Description, values: Values} | null} [question] that this message answers
 * @property {string[]} [accounts] the organisation's account numbers
 * @property {Fault[]} [misread] what could not be read, whose places are not judged again
 */

/**
 * The faults of a message, in the order of the form, one a place.
 * @param {Description} description
 * @param {Values} values
 * @param {Known} [known]
 * @returns {Fault[]}
 */
export function check(description, values, known = {}) {
  const { question = null, accounts, misread = [] } = known;
  const start = `/${description.type}`;
  const found = [
    ...misread,
    ...structureFaults(description.items, values, start),
    ...fieldFaults(description, values, accounts),
    ...repeated(description, values),
    ...brokenRules(description, values, question),
  ];
  const missing = partsAskedFor(description, values);
  return atFields(description, values, found).flatMap((each) => missing.get(each.path) ?? [each]);
}

/**
 * What is missing in each part that a rule asks for and that is wholly empty: a form shows its fields, so they are told.
 * @param {Description} description
 * @param {Values} values
 * @returns {Map<string, Fault[]>} by the path of the part
 */
function partsAskedFor(description, values) {
  /** @type {Map<string, Fault[]>} */
  const found = new Map();
  const there = new Set(allPlacesIn(description.items, values, `/${description.type}`).map(({ path }) => path));
  for (const path of standing(description, values).required) {
    const element = wayTo(description, path).at(-1)?.element;
    if (there.has(path) || element?.kind !== "group") continue;
    const missing = structureFaults(element.items, new Map(), path);
    if (missing.length > 0) found.set(path, missing);
  }
  return found;
}

/**
 * Faults from anywhere as a form shows them: each at the field where it is mended, one a field, in the order of the form.
 * @param {Description} description
 * @param {Values} values
 * @param {Fault[]} faults
 * @returns {Fault[]}
 */
export function atFields(description, values, faults) {
  /** @type {Map<string, Fault>} */
  const first = new Map();
  for (const fault of faults) {
    const path = shownAt(description, values, fault);
    if (!first.has(path)) first.set(path, { ...fault, path });
  }
  return inOrder(description, values, [...first.values()]);
}

/**
 * What the schema says of a message alone: number of elements, bounds, unique values; each with the schema's code.
 * @param {Description} description
 * @param {Values} values
 * @returns {Fault[]}
 */
export function schemaFaults(description, values) {
  const start = `/${description.type}`;
  return [
    ...structureFaults(description.items, values, start),
    ...fieldFaults(description, values, undefined),
    ...repeated(description, values),
  ];
}

/**
 * @param {Item[]} items
 * @param {Values} values
 * @param {string} parent
 * @returns {Fault[]}
 */
function structureFaults(items, values, parent) {
  return items.flatMap((item) => {
    if (item.kind === "field" || item.kind === "group") return elementFaults(item, values, parent);
    const there = item.items.filter((each) => elementsOf([each]).some(({ name }) => values.has(name)));
    if (there.length === 0) return item.least === 0 ? [] : [missingOf(item.items, parent, item.kind)];
    if (item.kind === "sequence") return structureFaults(item.items, values, parent);
    const [, second] = there;
    const more = second === undefined ? [] : elementsOf([second]).slice(0, 1);
    return [
      ...structureFaults(there.slice(0, 1), values, parent),
      ...more.map((each) => fault(pathBelow(parent, each, 0), "XSD-ELEMENT-UNEXPECTED", "fault.missing.choice")),
    ];
  });
}

/**
 * @param {Field | Group} element
 * @param {Values} values
 * @param {string} parent
 * @returns {Fault[]}
 */
function elementFaults(element, values, parent) {
  const found = values.get(element.name) ?? [];
  const { least, most } = element;
  if (found.length < least) {
    const at = pathBelow(parent, element, found.length);
    if (found.length > 0) return [fault(at, MISSING, "fault.few", { count: `${least}` })];
    return [fault(at, MISSING, missingText(element))];
  }
  const more = most !== null && found.length > most ? [pathBelow(parent, element, most)] : [];
  return [
    ...more.map((at) => fault(at, "XSD-ELEMENT-UNEXPECTED", "fault.many", { count: `${most}` })),
    ...found.flatMap((value, index) =>
      element.kind === "group" && typeof value !== "string"
        ? structureFaults(element.items, value, pathBelow(parent, element, index))
        : [],
    ),
  ];
}

const MISSING = "XSD-ELEMENT-MISSING";

/** @param {Field | Group} element */
function missingText(element) {
  if (element.kind === "group") return "fault.missing.group";
  return element.value.kind === "list" || element.value.kind === "truth" ? "fault.missing.list" : "fault.missing";
}

/**
 * @param {Item[]} items
 * @param {string} parent
 * @param {"choice" | "sequence"} kind
 * @returns {Fault}
 */
function missingOf(items, parent, kind) {
  const [first] = elementsOf(items);
  const at = first === undefined ? parent : pathBelow(parent, first, 0);
  return fault(at, MISSING, kind === "choice" ? "fault.missing.choice" : "fault.missing");
}

/**
 * @param {Description} description
 * @param {Values} values
 * @param {string[] | undefined} accounts
 * @returns {Fault[]}
 */
function fieldFaults(description, values, accounts) {
  return allPlacesIn(description.items, values, `/${description.type}`).flatMap(({ element, value, path }) => {
    if (element.kind !== "field" || typeof value !== "string") return [];
    if (value === "" && element.most !== 1) return [fault(path, MISSING, missingText(element))];
    const broken = facetFault(element.value, value);
    if (broken !== null) return [{ path, ...broken }];
    const strange = element.from === "accounts" && accounts !== undefined && !accounts.includes(value);
    return strange ? [fault(path, "FORM-ACCOUNT", "fault.account")] : [];
  });
}

/**
 * @param {Description} description
 * @param {Values} values
 * @returns {Fault[]}
 */
function repeated(description, values) {
  const start = root(description, values);
  return description.unique.flatMap(({ code, within, at }) => {
    /** @type {Set<string>} */
    const seen = new Set();
    return find(start, within).flatMap((place) => {
      const text = find(place, at).map(textAt)[0] ?? "";
      const again = text !== "" && seen.has(text);
      seen.add(text);
      return again ? [fault(place.path, code, "fault.unique")] : [];
    });
  });
}

/**
 * @param {string} path
 * @param {string} code
 * @param {string} key
 * @param {Record<string, string>} [told]
 * @returns {Fault}
 */
function fault(path, code, key, told) {
  return { path, code, ...say(key, told) };
}

/**
 * In the order in which a person meets the places.
 * @param {Description} description
 * @param {Values} values
 * @param {Fault[]} faults
 */
function inOrder(description, values, faults) {
  const order = everyPath(description.items, values, `/${description.type}`);
  const place = new Map(order.map((path, index) => [path, index]));
  const rank = (/** @type {Fault} */ each) => place.get(each.path) ?? -1;
  return [...faults].sort((one, other) => rank(one) - rank(other));
}

/**
 * The path of every element that is there or could be, in order.
 * @param {Item[]} items
 * @param {Values} values
 * @param {string} parent
 * @returns {string[]}
 */
function everyPath(items, values, parent) {
  return elementsOf(items).flatMap((element) => {
    const found = values.get(element.name) ?? [];
    const here = found.flatMap((value, index) => {
      const path = pathBelow(parent, element, index);
      const inner = element.kind === "group" && typeof value !== "string" ? everyPath(element.items, value, path) : [];
      return [path, ...inner];
    });
    const next = element.most === 1 && found.length > 0 ? [] : [pathBelow(parent, element, found.length)];
    return [...here, ...next];
  });
}

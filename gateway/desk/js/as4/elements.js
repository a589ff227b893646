/**
 * Reading small things out of elements so that every reader of the document would read the same (`crypto/elements.py`).
 *
 * SECURITY: a value with a comment or an element inside it is refused, because readers disagree on what such a value is
 * while canonicalization without comments drops the difference. Ids are looked up in one map over the whole document.
 */

import { fromBase64 } from "./octets.js";
import { Refused } from "./refused.js";

/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./document.js").XmlNode} XmlNode */
/** @typedef {import("./octets.js").Octets} Octets */
/** @typedef {import("./refused.js").Check} Check */

const BLANKS = " \t\r\n";
const FRAGMENT = /^#([^\s()%/#]+)$/;

/** @type {(node: XmlNode) => node is XmlElement} */
export const isElement = (node) => typeof node === "object" && "name" in node;

/** @type {(parent: XmlElement) => XmlElement[]} */
export const childElements = (parent) => parent.children.filter(isElement);

/** @type {(parent: XmlElement, name: string) => XmlElement[]} */
export const childrenOf = (parent, name) => childElements(parent).filter((each) => each.name === name);

/**
 * How many elements and comments stand in it.
 *
 * @type {(parent: XmlElement) => number}
 */
export const nodesIn = (parent) => parent.children.filter((each) => typeof each !== "string").length;

/**
 * Every element from the root on, in document order, with its depth from 1.
 *
 * @param {XmlElement} root
 * @returns {Generator<[XmlElement, number]>}
 */
export function* descendants(root) {
  /** @type {[XmlElement, number][]} */
  const left = [[root, 1]];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    yield next;
    const [element, depth] = next;
    for (const child of childElements(element).reverse()) left.push([child, depth + 1]);
  }
}

/**
 * The children, when they are exactly one of each name in this order.
 *
 * @type {(parent: XmlElement, names: readonly string[], check?: Check) => XmlElement[]}
 */
export function childrenNamed(parent, names, check = "form") {
  const children = childElements(parent);
  if (children.length !== names.length || children.some((each, at) => each.name !== names[at])) {
    throw new Refused(check, `${localName(parent)} does not hold exactly ${names.map(localOf).join(", ")}`);
  }
  return children;
}

/** @type {(parent: XmlElement, name: string, check?: Check) => XmlElement} */
export function onlyChild(parent, name, check = "form") {
  const found = childrenOf(parent, name);
  if (found.length !== 1) {
    throw new Refused(check, `${localName(parent)} holds ${found.length} ${localOf(name)}`);
  }
  return found[0];
}

/** @type {(parent: XmlElement, name: string, check?: Check) => XmlElement | null} */
export function optionalChild(parent, name, check = "form") {
  return childrenOf(parent, name).length === 0 ? null : onlyChild(parent, name, check);
}

/**
 * Hold the children of an element against names of one namespace in their order: `X?` may be absent, `X+` may stand
 * several times, `X*` both.
 *
 * @type {(parent: XmlElement, namespace: string, names: readonly string[], check: Check) => void}
 */
export function inOrder(parent, namespace, names, check) {
  const pattern = names.map((each) => `(?:${each.replace(/[?+*]$/, "")} )${/[?+*]$/.exec(each)?.[0] ?? ""}`).join("");
  const found = childElements(parent).map((each) => (each.name.startsWith(`{${namespace}}`) ? localName(each) : "-"));
  if (!new RegExp(`^${pattern}$`).test(found.map((each) => `${each} `).join(""))) {
    throw new Refused(check, `${localName(parent)} does not hold what it has to`);
  }
}

/**
 * The text of an element that holds text alone.
 *
 * @type {(element: XmlElement, check?: Check) => string}
 */
export function textIn(element, check = "form") {
  if (nodesIn(element) > 0) throw new Refused(check, `${localName(element)} holds more than text`);
  return element.children.join("");
}

/**
 * The same without surrounding blanks.
 *
 * @type {(element: XmlElement, check?: Check) => string}
 */
export const trimmedTextIn = (element, check = "form") => trimmed(textIn(element, check));

/**
 * The octets of an element that holds canonical base64 of so many characters at most.
 *
 * @type {(element: XmlElement, most: number, check?: Check) => Octets}
 */
export function base64In(element, most, check = "form") {
  const text = trimmedTextIn(element);
  if (text.length > most) throw new Refused("form", `${localName(element)} is too long`);
  const octets = fromBase64(text);
  if (octets === null) throw new Refused(check, `${localName(element)} is not base64`);
  return octets;
}

/**
 * The value of an attribute by its name, without a namespace unless it is named; null when it is absent.
 *
 * @type {(element: XmlElement, name: string) => string | null}
 */
export function attributeOf(element, name) {
  return element.attributes.find(([each]) => each === name)?.[1] ?? null;
}

/** @type {(element: XmlElement) => string} */
export function algorithmOf(element) {
  const algorithm = attributeOf(element, "Algorithm");
  if (algorithm === null) throw new Refused("form", `${localName(element)} names no algorithm`);
  return algorithm;
}

/**
 * The id that a `#id` URI names; null for every other form, XPointers and the empty URI among them.
 *
 * @type {(uri: string) => string | null}
 */
export const fragmentOf = (uri) => FRAGMENT.exec(uri)?.[1] ?? null;

/**
 * Every id with its element: any attribute whose local name is `id` in any case. Refused when one occurs twice.
 *
 * @type {(root: XmlElement) => Map<string, XmlElement>}
 */
export function idsOf(root) {
  /** @type {Map<string, XmlElement>} */
  const found = new Map();
  for (const [element] of descendants(root)) {
    for (const [name, value] of element.attributes) {
      if (localOf(name).toLowerCase() !== "id") continue;
      if (found.has(value)) throw new Refused("form", "an id occurs more than once");
      found.set(value, element);
    }
  }
  return found;
}

/** @type {(element: XmlElement) => string} */
export const localName = (element) => localOf(element.name);

/** @type {(name: string) => string} */
export const localOf = (name) => name.slice(name.lastIndexOf("}") + 1);

/**
 * Without the four blanks of XML at either end, and no others.
 *
 * @type {(text: string) => string}
 */
export function trimmed(text) {
  // A pattern for blanks at the end begins anew at each blank of a run, so its time grows with the square of the run.
  let [begin, end] = [0, text.length];
  while (begin < end && BLANKS.includes(text[begin])) begin += 1;
  while (end > begin && BLANKS.includes(text[end - 1])) end -= 1;
  return text.slice(begin, end);
}

/**
 * With every run of blanks as one space and none at either end (xs:token).
 *
 * @type {(text: string) => string}
 */
export const collapsed = (text) => trimmed(text).replace(/[ \t\r\n]+/g, " ");

/**
 * Whether an element holds elements or text.
 *
 * @type {(element: XmlElement) => boolean}
 */
export const hasContent = (element) => childElements(element).length > 0 || hasText(element);

/**
 * Whether there is text directly in an element that is no blank.
 *
 * @type {(element: XmlElement) => boolean}
 */
export const hasText = (element) => element.children.some((each) => typeof each === "string" && trimmed(each) !== "");

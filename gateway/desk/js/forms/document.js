/**
 * Values to an XML document and back. What is written is in the order of the schema and in canonical text (exclusive
 * canonicalisation changes no octet of it), so that nothing has to be canonicalised before it is signed. Reading takes a
 * tree from whoever parsed; this module parses no XML.
 *
 * SECURITY: what is read came from another organisation. It stays text; an element that the form does not know is told
 * and not kept, and depth and number are those that the parser allowed.
 */

import { elementsOf, pathBelow } from "./places.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Values} Values */

/**
 * A parsed element. `text` is its own text, all of it where comments split it, and none of its children's.
 * @typedef {{name: string, namespace: string, text: string, children: Tree[], line?: number}} Tree
 */

/**
 * The document of these values.
 * @param {Description} description
 * @param {Values} values
 * @returns {string}
 */
export function writeDocument(description, values) {
  const opening = `<${description.type} xmlns="${escapeAttribute(description.namespace)}">`;
  return `${opening}${written(description.items, values)}</${description.type}>`;
}

/**
 * @param {Item[]} items
 * @param {Values} values
 * @returns {string}
 */
function written(items, values) {
  return elementsOf(items)
    .flatMap((element) =>
      (values.get(element.name) ?? []).map((value) => {
        const inside =
          typeof value === "string" ? escapeText(value) : written(element.kind === "group" ? element.items : [], value);
        return `<${element.name}>${inside}</${element.name}>`;
      }),
    )
    .join("");
}

/**
 * Text as canonical XML writes it.
 * @param {string} text
 */
export function escapeText(text) {
  return text.replace(/[&<>\r]/g, (sign) => ESCAPED[sign] ?? sign);
}

/** @param {string} text */
function escapeAttribute(text) {
  return text.replace(/[&<"\t\n\r]/g, (sign) => ESCAPED[sign] ?? sign);
}

/** @type {Record<string, string>} */
const ESCAPED = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "\r": "&#xD;",
  "\t": "&#x9;",
  "\n": "&#xA;",
};

/**
 * The values of a document, and the places of what this form does not know: of a document that conforms, none.
 * @param {Description} description
 * @param {Tree} tree
 * @returns {{values: Values, strange: string[]}}
 */
export function readDocument(description, tree) {
  /** @type {string[]} */
  const strange = [];
  if (tree.name !== description.type || tree.namespace !== description.namespace) strange.push(`/${description.type}`);
  return { values: readGroup(description, description.items, tree, `/${description.type}`, strange), strange };
}

/**
 * @param {Description} description
 * @param {Item[]} items
 * @param {Tree} tree
 * @param {string} path
 * @param {string[]} strange
 * @returns {Values}
 */
function readGroup(description, items, tree, path, strange) {
  /** @type {Values} */
  const values = new Map();
  const known = new Map(elementsOf(items).map((element) => [element.name, element]));
  for (const child of tree.children) {
    const element = child.namespace === description.namespace ? known.get(child.name) : undefined;
    const found = values.get(child.name) ?? [];
    if (element === undefined || (element.most !== null && found.length >= element.most)) {
      strange.push(path);
      continue;
    }
    const at = pathBelow(path, element, found.length);
    if (element.kind === "field") {
      if (child.children.length > 0) strange.push(at);
      found.push(element.value.kind === "text" || element.value.kind === "lines" ? child.text : child.text.trim());
    } else {
      found.push(readGroup(description, element.items, child, at, strange));
    }
    values.set(child.name, found);
  }
  return values;
}

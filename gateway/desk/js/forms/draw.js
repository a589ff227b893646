/**
 * A plain tree as elements. Elements are made by name from a closed list and given text; nothing is parsed.
 *
 * SECURITY: content comes from another organisation. A tag or attribute that is not in the list is a fault of ours and
 * stops the drawing; a link leads to a place of the same page and nowhere else.
 */

import { ATTRIBUTES, TAGS } from "./view.js";

/** @typedef {import("./view.js").Node} Node */

/**
 * @param {Node} tree
 * @param {Document} page
 * @returns {HTMLElement}
 */
export function draw(tree, page) {
  if (!TAGS.includes(tree.tag)) throw new Error(`no element ${tree.tag} is drawn here`);
  const element = page.createElement(tree.tag);
  for (const [name, value] of Object.entries(tree.attributes ?? {})) {
    if (!ATTRIBUTES.some((known) => known === name)) throw new Error(`no attribute ${name} is drawn here`);
    if (name === "href" && !value.startsWith("#")) throw new Error("a link here leads to a place of the page");
    element.setAttribute(name, value);
  }
  for (const child of tree.children ?? []) {
    element.append(typeof child === "string" ? page.createTextNode(child) : draw(child, page));
  }
  return element;
}

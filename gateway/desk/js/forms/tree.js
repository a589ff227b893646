/**
 * A document that libxml2 parsed, as a plain tree: what can be handed from the Worker that parses to the page that shows,
 * and holds nothing but names and text.
 */

import { XmlCData, XmlElement, XmlText } from "../../vendor/libxml2-wasm/index.mjs";

/** @typedef {import("./document.js").Tree} Tree */

/**
 * @param {XmlElement} element
 * @returns {Tree}
 */
export function treeOf(element) {
  /** @type {Tree[]} */
  const children = [];
  let text = "";
  for (let node = element.firstChild; node !== null; node = node.next) {
    if (node instanceof XmlElement) children.push(treeOf(node));
    else if (node instanceof XmlText || node instanceof XmlCData) text += node.content;
  }
  return { name: element.name, namespace: element.namespaceUri, text, children, line: element.line };
}

/**
 * libxml2 as the parser that `document.js` is handed: octets in, a plain tree out, canonical forms by number.
 *
 * The library comes as an argument, so that this runs in a Worker of the browser and under Node alike. libxml2's own
 * limits stay on; nothing is fetched, no entity is substituted, CDATA is text.
 */

import { joined } from "./octets.js";

/** @typedef {import("./document.js").XmlDocument} XmlDocument */
/** @typedef {import("./document.js").XmlElement} XmlElement */
/** @typedef {import("./document.js").XmlNode} XmlNode */
/** @typedef {import("./octets.js").Octets} Octets */

/** @typedef {typeof import("../../vendor/libxml2-wasm/index.mjs")} Library */
/** @typedef {import("../../vendor/libxml2-wasm/index.mjs").XmlNode} Node */
/** @typedef {import("../../vendor/libxml2-wasm/index.mjs").XmlElement} Element */

/**
 * @param {Library} library
 * @returns {(octets: Octets) => Promise<XmlDocument>}
 */
export function parserOf(library) {
  const options = library.ParseOption;
  const option =
    options.XML_PARSE_NONET | options.XML_PARSE_NO_XXE | options.XML_PARSE_NOCDATA | options.XML_PARSE_BIG_LINES;
  return async (octets) => {
    const parsed = library.XmlDocument.fromBuffer(octets, { option });
    /** @type {Node[]} */
    const nodes = [];
    try {
      const root = treeOf(parsed.root, library, nodes);
      return {
        root,
        canonical: async (element, prefixes = []) => canonical(nodes[element.number], prefixes, library),
        remove: async (element) => nodes[element.number].remove(),
        close: () => parsed.dispose(),
      };
    } catch (fault) {
      parsed.dispose();
      throw fault;
    }
  };
}

/**
 * @param {Element} node
 * @param {Library} library
 * @param {Node[]} nodes
 * @returns {XmlElement}
 */
function treeOf(node, library, nodes) {
  const number = nodes.push(node) - 1;
  /** @type {XmlNode[]} */
  const children = [];
  for (let child = node.firstChild; child !== null; child = child.next) {
    if (child instanceof library.XmlElement) children.push(treeOf(child, library, nodes));
    else if (child instanceof library.XmlComment) children.push({ comment: child.content });
    else if (child instanceof library.XmlText || child instanceof library.XmlCData) children.push(child.content);
    else throw new TypeError("a node that no document here has");
  }
  return { name: nameOf(node), attributes: attributesOf(node), children, line: node.line, number };
}

/** @type {(node: {name: string, namespaceUri: string}) => string} */
const nameOf = (node) => (node.namespaceUri === "" ? node.name : `{${node.namespaceUri}}${node.name}`);

/** @type {(node: Element) => [string, string][]} */
const attributesOf = (node) => node.attrs.map((each) => [nameOf(each), each.value]);

/**
 * @param {Node} node
 * @param {readonly string[]} prefixes
 * @param {Library} library
 * @returns {Octets}
 */
function canonical(node, prefixes, library) {
  /** @type {Uint8Array[]} */
  const pieces = [];
  const handler = {
    write(/** @type {Uint8Array} */ octets) {
      pieces.push(octets.slice());
      return octets.length;
    },
    close: () => true,
  };
  const options = {
    mode: library.XmlC14NMode.XML_C14N_EXCLUSIVE_1_0,
    withComments: false,
    inclusiveNamespacePrefixes: [...prefixes],
  };
  // Of the root it is that of the document, which is made without asking of each node whether it is inside; of another
  // it is asked by number, for the library's own way makes an object of each node and its parent.
  if (node.parent === null) node.doc.canonicalize(handler, options);
  else node.doc.canonicalize(handler, { ...options, nodeSet: new Set([node]) });
  return joined(...pieces);
}

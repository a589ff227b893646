/**
 * Octets of XML as a checked tree: what may be counted in the octets is counted before a parser sees them, what needs a
 * tree is asked of it before anybody reads it (`xsd/document.py`).
 *
 * The parser is handed in (`ParseXml`): libxml2 in a Worker of its own, which holds no keys. A tree is plain data, and
 * canonical forms are asked of the document, so both pass from one Worker to another.
 *
 * SECURITY: no DOCTYPE, so no entity; no processing instruction; no XInclude. A reason names kinds, no value.
 */

import { descendants } from "./elements.js";
import { joined, startsWith, textOf, utf8 } from "./octets.js";
import { Refused } from "./refused.js";

/** @typedef {import("./limits.js").DocumentLimits} DocumentLimits */
/** @typedef {import("./octets.js").Octets} Octets */

/**
 * @typedef {object} XmlElement
 * @property {string} name `{namespace}local`
 * @property {readonly (readonly [string, string])[]} attributes named so, too; declarations of namespaces are none
 * @property {readonly XmlNode[]} children
 * @property {number} line from 1
 * @property {number} number its place among all elements of the document, by which its canonical form is asked for
 */

/** @typedef {XmlElement | {comment: string} | string} XmlNode */

/**
 * @typedef {object} XmlDocument
 * @property {XmlElement} root
 * @property {(element: XmlElement, prefixes?: readonly string[]) => Promise<Octets>} canonical its exclusive canonical
 *   form without comments; `prefixes` is the PrefixList
 * @property {(element: XmlElement) => Promise<void>} remove take it out of what canonical forms are made of
 * @property {() => void} close let the parser forget it
 */

/**
 * Well-formed UTF-8 without an XML declaration as a document; any error means that it is not well-formed.
 *
 * @typedef {(octets: Octets) => Promise<XmlDocument>} ParseXml
 */

const ENCODINGS = new Map([
  ["utf-8", "utf-8"],
  ["utf8", "utf-8"],
  ["utf-16", "utf-16"],
  ["utf-16le", "utf-16le"],
  ["utf-16be", "utf-16be"],
]);
const DECLARATION =
  /^<\?xml[ \t\r\n]+version[ \t\r\n]*=[ \t\r\n]*(?:"1\.0"|'1\.0')(?:[ \t\r\n]+encoding[ \t\r\n]*=[ \t\r\n]*["']([A-Za-z][A-Za-z0-9._-]{0,39})["'])?(?:[ \t\r\n]+standalone[ \t\r\n]*=[ \t\r\n]*["'](?:yes|no)["'])?[ \t\r\n]*\?>/;
const XINCLUDE = /^\{http:\/\/www\.w3\.org\/200[13]\/XInclude\}/;
// What never ends takes everything after it, so that one pass is enough however often it begins.
const NO_MARKUP = /<!--[^]*?(?:-->|$)|<!\[CDATA\[[^]*?(?:\]\]>|$)/g;

/**
 * The document, whoever called for it closes it; refused as `xml` when it is none within the limits.
 *
 * @param {Octets} octets
 * @param {{limits: DocumentLimits, parseXml: ParseXml, charset?: string}} means `charset` as its Content-Type says
 * @returns {Promise<XmlDocument>}
 */
export async function readDocument(octets, { limits, parseXml, charset }) {
  if (octets.length > limits.octets) throw new Refused("xml", "more octets than a document may have");
  const text = decoded(octets, charset);
  checkMarkup(text, limits);
  const document = await parseXml(utf8(text)).catch(() => {
    throw new Refused("xml", "it is not well-formed");
  });
  try {
    checkTree(document.root, limits);
  } catch (fault) {
    document.close();
    throw fault;
  }
  return document;
}

/**
 * The text without byte order mark and XML declaration, line for line the same.
 *
 * @type {(octets: Octets, charset: string | undefined) => string}
 */
function decoded(octets, charset) {
  const [encoding, marked] = encodingOf(octets);
  if (charset !== undefined) checkAgreement(charset, encoding);
  const text = encoding === "utf-8" ? textOf(octets.subarray(marked ? 3 : 0)) : utf16(octets.subarray(2), encoding);
  if (text === null || text.startsWith("\ufeff")) throw new Refused("xml", "octets that are not of its encoding");
  if (text.includes("\0")) throw new Refused("xml", "a NUL");
  const start = marked ? text.replace(/^[ \t\r\n]+/, "") : text;
  if (!/^<\?xml[ \t\r\n]/.test(start)) return text;
  const declaration = DECLARATION.exec(start);
  if (declaration === null) throw new Refused("xml", "an XML declaration that is not read");
  if (declaration[1] !== undefined) checkAgreement(declaration[1], encoding);
  const taken = text.length - start.length + declaration[0].length;
  return text.slice(0, taken).replace(/[^\n]/g, "") + text.slice(taken);
}

/** @type {(octets: Octets) => [string, boolean]} */
function encodingOf(octets) {
  if (octets.length === 0) throw new Refused("xml", "no octets");
  const [first, second, third, fourth] = octets;
  const utf32 = first === 0xff && second === 0xfe && third === 0 && fourth === 0;
  if (utf32 || startsWith(octets, utf8("\0\0"))) throw new Refused("xml", "octets that begin as UTF-32");
  if (first === 0xef && second === 0xbb && third === 0xbf) return ["utf-8", true];
  if (first === 0xff && second === 0xfe) return ["utf-16le", true];
  if (first === 0xfe && second === 0xff) return ["utf-16be", true];
  if (startsWith(octets, utf8("<\0")) || startsWith(octets, utf8("\0<"))) {
    throw new Refused("xml", "UTF-16 without a byte order mark");
  }
  return ["utf-8", false];
}

/** @type {(octets: Octets, encoding: string) => string | null} */
function utf16(octets, encoding) {
  try {
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: true }).decode(joined(octets));
  } catch {
    return null;
  }
}

/** @type {(name: string, encoding: string) => void} */
function checkAgreement(name, encoding) {
  const named = ENCODINGS.get(name.trim().toLowerCase());
  if (named === undefined || !encoding.startsWith(named)) {
    throw new Refused("xml", "an encoding that is said and another that it has");
  }
}

/** @type {(text: string, limits: DocumentLimits) => void} */
function checkMarkup(text, limits) {
  if (count(text, "<!--", limits.elements) > limits.elements) throw new Refused("xml", "too many comments");
  const markup = text.includes("<!") ? text.replace(NO_MARKUP, "") : text;
  if (markup.includes("<!DOCTYPE")) throw new Refused("xml", "a document type declaration");
  if (markup.includes("<?")) throw new Refused("xml", "a processing instruction");
  const most = 2 * limits.elements;
  if (count(markup, "<", most) > most) throw new Refused("xml", "too many elements");
  if (count(markup, "xmlns", limits.namespaces) > limits.namespaces) throw new Refused("xml", "too many namespaces");
  let attributes = 0;
  for (const _ of markup.matchAll(/=[ \t\r\n]*["']/g)) {
    attributes += 1;
    if (attributes > limits.attributesInAll) throw new Refused("xml", "too many attributes");
  }
}

/**
 * How often it stands there, without going on far beyond `most`.
 *
 * @type {(text: string, wanted: string, most: number) => number}
 */
function count(text, wanted, most) {
  let found = 0;
  for (let at = text.indexOf(wanted); at !== -1 && found <= most; at = text.indexOf(wanted, at + wanted.length)) {
    found += 1;
  }
  return found;
}

/** @type {(root: XmlElement, limits: DocumentLimits) => void} */
function checkTree(root, limits) {
  let elements = 0;
  let ids = 0;
  for (const [element, depth] of descendants(root)) {
    elements += 1;
    if (elements > limits.elements) throw new Refused("xml", "too many elements");
    if (depth > limits.depth) throw new Refused("xml", "elements nested too deep");
    if (XINCLUDE.test(element.name)) throw new Refused("xml", "an XInclude element");
    if (element.attributes.length > limits.attributes) throw new Refused("xml", "too many attributes of one element");
    for (const [name, value] of element.attributes) {
      if (/(?:^|\})id$/i.test(name)) ids += 1;
      if (value.length > limits.textOctets) throw new Refused("xml", "a value too long");
    }
    const text = element.children.reduce((sum, each) => sum + (typeof each === "string" ? each.length : 0), 0);
    if (text > limits.textOctets && !/\}(?:CipherValue|BinarySecurityToken)$/.test(element.name)) {
      throw new Refused("xml", "a text too long");
    }
  }
  if (ids > limits.ids) throw new Refused("xml", "too many ids");
}


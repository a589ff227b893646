/**
 * XML that we write ourselves, as text in exclusive canonical form: what is digested is what is sent (`crypto/markup.py`).
 *
 * A writer keeps to the form: a start and an end tag for an empty element, attributes in double quotes, declarations in
 * the order of their prefixes and before the attributes, attributes in the order of namespace and name.
 *
 * SECURITY: no value gets into a document but through these two functions.
 */

const NOT_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/**
 * A value as the text of an element; RangeError for what XML cannot hold.
 *
 * @type {(value: string) => string}
 */
export function text(value) {
  refuseOtherThanXml(value);
  return value.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;").replace(/\r/g, "&#xD;");
}

/**
 * A value as it stands between the quotes of an attribute; RangeError for what XML cannot hold.
 *
 * @type {(value: string) => string}
 */
export function attribute(value) {
  refuseOtherThanXml(value);
  return value
    .replace(/&/g, "&amp;")
    .replace(/</g, "&lt;")
    .replace(/"/g, "&quot;")
    .replace(/\t/g, "&#x9;")
    .replace(/\n/g, "&#xA;")
    .replace(/\r/g, "&#xD;");
}

/**
 * An attribute with the blank before it; nothing for null.
 *
 * @type {(name: string, value: string | null | undefined) => string}
 */
export function optional(name, value) {
  return value === null || value === undefined ? "" : ` ${name}="${attribute(value)}"`;
}

/** @type {(value: string) => void} */
function refuseOtherThanXml(value) {
  if (NOT_XML.test(value)) throw new RangeError("a value holds characters that XML does not allow");
}

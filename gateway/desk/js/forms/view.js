/**
 * What a page shows, as a plain tree: pure modules make it, `draw.js` makes elements of it. A closed list of tags and
 * attributes, and text that is only text: what came in a message has no way to become anything else.
 */

/**
 * `own` is what the module that drew a node wants to know of it when something happens there.
 * @typedef {object} Node
 * @property {Tag} tag
 * @property {Partial<Record<Attribute, string>>} [attributes]
 * @property {(Node | string)[]} [children]
 */

/** @typedef {typeof TAGS[number]} Tag */
/** @typedef {typeof ATTRIBUTES[number]} Attribute */

export const TAGS = /** @type {const} */ ([
  "a", "bdi", "button", "caption", "dd", "details", "div", "dl", "dt", "fieldset", "h2", "h3", "h4", "input", "label",
  "legend", "li", "option", "p", "progress", "section", "select", "span", "strong", "summary", "table", "tbody", "td", "textarea",
  "th", "thead", "time", "tr", "ul",
]);

export const ATTRIBUTES = /** @type {const} */ ([
  "accept", "aria-describedby", "aria-invalid", "aria-labelledby", "aria-required", "autocomplete", "checked", "class",
  "data-act", "data-label", "data-path", "datetime", "dir", "disabled", "for", "href", "id", "inputmode", "lang", "max", "maxlength", "multiple", "name", "role",
  "rows", "scope", "selected", "spellcheck", "tabindex", "translate", "type", "value",
]);

/**
 * @param {Tag} tag
 * @param {Partial<Record<Attribute, string | undefined | false>>} attributes those without a value are left out
 * @param {...(Node | string | null | undefined | false)} children
 * @returns {Node}
 */
export function node(tag, attributes, ...children) {
  return {
    tag,
    attributes: Object.fromEntries(Object.entries(attributes).filter(([, value]) => typeof value === "string")),
    children: children.flatMap((child) => (child === null || child === undefined || child === false ? [] : [child])),
  };
}

/**
 * Text of a message: by itself, so that marks of direction in it move nothing else, and not translated.
 * @param {string} text
 * @param {string} [kind] a class
 */
export function foreign(text, kind) {
  return node("bdi", { class: kind, dir: "auto", translate: "no" }, text);
}

/**
 * What a schema objects to, in the language of who reads it: the place in the form's own words, and the validator's
 * words, which are English and speak of XML, beside it.
 */

import { labelAt } from "./form_view.js";
import { elementsOf } from "./places.js";
import { say } from "./texts.js";

/** @typedef {import("./form_view.js").Told} Told */
/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Item} Item */
/** @typedef {import("./types.js").Language} Language */

const ELEMENT = /^Element '(?:\{[^}]*\})?([^'}]+)'/u; // as libxml2 begins

/** @type {(description: Description, text: string, language: Language) => Told} */
export function objectionTold(description, text, language) {
  const name = ELEMENT.exec(text)?.[1] ?? "";
  const paths = pathsTo(description.items, name, `/${description.type}`);
  const places = paths.length === 0 ? [description.label[language]] : paths.map((path) => labelAt(description, path, language));
  return { text: say("schema.place", { place: [...new Set(places)].join("; ") })[language], words: text };
}

/** Where elements of that name may stand. @type {(items: Item[], name: string, parent: string) => string[]} */
function pathsTo(items, name, parent) {
  return elementsOf(items).flatMap((each) => {
    const path = `${parent}/${each.name}`;
    return [...(each.name === name ? [path] : []), ...(each.kind === "group" ? pathsTo(each.items, name, path) : [])];
  });
}

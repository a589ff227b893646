/**
 * A document judged by the schema of its module version, with the libxml2 that the hub has too.
 *
 * The library comes as an argument; a schema is text with the files that it includes, and reaches nothing else. Where in
 * a form something is wrong is told by the engine of forms; what only a schema can judge is told by its line.
 */

import { utf8 } from "./octets.js";

/** @typedef {import("./libxml2.js").Library} Library */
/** @typedef {import("./octets.js").Octets} Octets */

/** @typedef {{schema: string, included: Record<string, string>}} SchemaText as the server sends it */
/** @typedef {{line: number, text: string}} Objection in libxml2's own words */

const PLACE = "module/version/schema.xsd";
const MOST_OBJECTIONS = 50;

/**
 * What judges documents; empty is what conforms.
 *
 * @param {Library} library
 * @returns {(octets: Octets, schema: SchemaText) => Objection[]}
 */
export function judgeOf(library) {
  /** @type {Map<string, import("../../vendor/libxml2-wasm/index.mjs").XsdValidator>} */
  const compiled = new Map();
  const files = new library.XmlBufferInputProvider({});
  library.xmlRegisterInputProvider(files);
  const option = library.ParseOption.XML_PARSE_NONET | library.ParseOption.XML_PARSE_NO_XXE;

  /** @type {(schema: SchemaText) => import("../../vendor/libxml2-wasm/index.mjs").XsdValidator} */
  function validatorOf({ schema, included }) {
    const known = compiled.get(schema);
    if (known !== undefined) return known;
    const names = Object.keys(included).map((place) => resolved(place));
    Object.values(included).forEach((text, index) => files.addBuffer(names[index], utf8(text)));
    const document = library.XmlDocument.fromBuffer(utf8(schema), { option, url: PLACE });
    try {
      const made = library.XsdValidator.fromDoc(document);
      compiled.set(schema, made);
      return made;
    } finally {
      names.forEach((each) => files.removeBuffer(each));
      document.dispose();
    }
  }

  return (octets, schema) => {
    const validator = validatorOf(schema);
    const document = library.XmlDocument.fromBuffer(octets, { option });
    try {
      validator.validate(document);
      return [];
    } catch (fault) {
      if (!(fault instanceof library.XmlValidateError)) throw fault;
      return fault.details.slice(0, MOST_OBJECTIONS).map(({ line, message }) => ({ line, text: message.trim() }));
    } finally {
      document.dispose();
    }
  };
}

/** @type {(place: string) => string} where an include leads from the place of the schema */
function resolved(place) {
  const way = PLACE.split("/").slice(0, -1);
  for (const step of place.split("/")) {
    if (step === "..") way.pop();
    else if (step !== ".") way.push(step);
  }
  return way.join("/");
}

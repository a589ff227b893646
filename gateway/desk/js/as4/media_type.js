/**
 * Content-Type and Content-ID: the two MIME headers that carry structure (RFC 2045 5.1, RFC 2392).
 *
 * What could be understood in two ways is refused: a parameter named twice, a quote that does not end.
 */

import { decodedName } from "./content_ids.js";
import { Refused } from "./refused.js";

/**
 * @typedef {object} MediaType
 * @property {string} type `major/minor` in lower case
 * @property {ReadonlyMap<string, string>} parameters by their names in lower case
 */

const WORD = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+";
const TYPE = new RegExp(`^[ \\t]*(${WORD}/${WORD})[ \\t]*(?=;|$)`);
const PARAMETER = new RegExp(
  `;[ \\t]*(?:(${WORD})[ \\t]*=[ \\t]*(?:"((?:[\\t\\x20\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\x20-\\x7e])*)"` +
    "|([!#-:<-\\[\\]-~]+))[ \\t]*)?",
  "y",
);
const STRUCTURE = new Set(["boundary", "start", "type", "charset"]);

/**
 * The value of a Content-Type header, folded or not.
 *
 * @type {(header: string) => MediaType}
 */
export function parseContentType(header) {
  const written = header.replace(/\r\n(?=[ \t])/g, "");
  const type = TYPE.exec(written);
  if (type === null) throw new Refused("mime", "a Content-Type without a media type");
  /** @type {Map<string, string>} */
  const parameters = new Map();
  const stems = new Set();
  PARAMETER.lastIndex = type[0].length;
  while (PARAMETER.lastIndex < written.length) {
    const parameter = PARAMETER.exec(written);
    if (parameter === null) throw new Refused("mime", "a Content-Type with a malformed parameter");
    if (parameter[1] === undefined) continue;
    const name = parameter[1].toLowerCase();
    const stem = name.split("*", 1)[0];
    // A name with an asterisk is another spelling of the one before it (RFC 2231 3, 4), which some readers know.
    if (stems.has(stem)) throw new Refused("mime", "a Content-Type with a parameter given twice");
    if (STRUCTURE.has(stem) && name !== stem) {
      throw new Refused("mime", "a Content-Type with a parameter in two spellings");
    }
    stems.add(stem);
    parameters.set(name, parameter[2] === undefined ? parameter[3] : parameter[2].replace(/\\(.)/g, "$1"));
  }
  return { type: type[1].toLowerCase(), parameters };
}

/**
 * The media type at the head of a value, whatever its parameters; empty if it does not begin with one.
 *
 * @type {(value: string) => string}
 */
export function essenceOf(value) {
  return TYPE.exec(value)?.[1].toLowerCase() ?? "";
}

/**
 * A Content-ID header: without brackets, percent-decoded.
 *
 * @type {(header: string) => string}
 */
export function parseContentId(header) {
  const value = header.replace(/^[ \t]+|[ \t]+$/g, "");
  const bare = value.startsWith("<") && value.endsWith(">") ? value.slice(1, -1).replace(/^[ \t]+|[ \t]+$/g, "") : value;
  const name = decodedName(bare);
  if (name === null) throw new Refused("mime", "a malformed Content-ID");
  return name;
}

/**
 * What the hub found wrong in a message that it refused (EBMS:0004), at the fields of the form: a code, a path and the
 * text that it sent. What has no place in the form stands above it.
 *
 * SECURITY: the answer was signed by the hub. Its text is shown as text, its path only looked up.
 */

import { atFields } from "./check.js";
import { nearest } from "./places.js";

/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./types.js").Fault} Fault */

/**
 * One eb:Error of the answer. `detail` is its ErrorDetail: `code=… line=… path=…`; `text` its Description.
 * @typedef {{detail: string, text: string}} Refusal
 */

/**
 * The faults at their fields, and what stands above the form.
 * @param {Description} description
 * @param {Values} values what was sent
 * @param {Refusal[]} refusals
 * @returns {{faults: Fault[], above: string[]}}
 */
export function refusalsAtFields(description, values, refusals) {
  /** @type {Fault[]} */
  const placed = [];
  /** @type {string[]} */
  const above = [];
  for (const { detail, text } of refusals) {
    const { code, path } = readDetail(detail);
    const found = nearest(description, path);
    const own = description.rules.find((rule) => rule.code === code);
    const words = own === undefined ? { nl: text, en: text } : { nl: own.nl, en: own.en };
    if (found.path === `/${description.type}` && own === undefined) above.push(text);
    else placed.push({ path: found.path, code, ...words });
  }
  return { faults: atFields(description, values, placed), above };
}

/**
 * @param {string} detail
 * @returns {{code: string, line: number, path: string}}
 */
export function readDetail(detail) {
  const read = (/** @type {string} */ name) => new RegExp(`(?:^|\\s)${name}=(\\S+)`).exec(detail)?.[1] ?? "";
  return { code: read("code"), line: Number(read("line") || 0), path: read("path") || "/" };
}

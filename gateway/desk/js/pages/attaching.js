/**
 * The documents that travel with what a desk sends: which ones its form allows, and whether a chosen file is one.
 *
 * Pure: octets and names in, values and trees out. Which document a unit must send, by its legal basis, the hub says;
 * where it did not, what every sender of such a message must is asked for.
 *
 * SECURITY: what a file is its octets tell, as where one is shown; its name goes with it cleaned.
 */

import { digested, hex } from "../as4/octets.js";
import { elementsOf } from "../forms/places.js";
import { foreign, node } from "../forms/view.js";
import { attachmentOf, sizeOf } from "./attachments.js";

/** @typedef {import("../as4/octets.js").Octets} Octets */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Field} Field */
/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("../forms/types.js").Words} Words */
/** @typedef {import("../forms/view.js").Node} Node */
/** @typedef {import("./sentences.js").Sentences} Say */

/** @typedef {Words & {value: string}} Value */
/** @typedef {{kind: string, name: string, mediatype: string, sha256: string, octets: Octets}} Attached */
/**
 * @typedef {object} Allowed
 * @property {Value[]} kinds
 * @property {Value[]} types of file
 * @property {number} most documents
 * @property {string[]} required kinds
 */

export const ATTACHING_PLACE = "attaching-place";
export const ATTACHING = { said: "attaching-said", kind: "attaching-kind", file: "attaching-file" };

/** All documents of one message; a browser holds each some four times on its way: read, packed, encrypted, sent. */
export const MOST_ATTACHED_OCTETS = 32 * 1024 * 1024;
const MOST_DOCUMENTS = 63; // a message has 64 parts, of which its own document is one

/**
 * @param {Description} description
 * @param {readonly string[]} [documents] the kinds that the sender has to send along; unknown, those that every sender must
 * @returns {Allowed | null} null where no document travels with such a message
 */
export function allowedWith({ items, from, attachments }, documents) {
  const header = elementsOf(items).find((each) => each.filled === "header");
  const list = header?.kind === "group" ? elementsOf(header.items).find((each) => each.filled === "attachments") : undefined;
  const [document] = list?.kind === "group" ? elementsOf(list.items) : [];
  if (document?.kind !== "group") return null;
  const valuesOf = (/** @type {string} */ name) => {
    const field = elementsOf(document.items).find((each) => each.name === name);
    return field?.kind === "field" ? (field.value.values ?? []) : [];
  };
  return {
    kinds: valuesOf("Soort"),
    types: valuesOf("Mediatype"),
    most: Math.min(document.most ?? MOST_DOCUMENTS, MOST_DOCUMENTS),
    required: documents?.slice() ?? attachments.filter((each) => from.every((role) => each.from.includes(role))).map(({ kind }) => kind),
  };
}

/**
 * A file that was chosen, as a document of this kind; or the key of the sentence that says why it is none.
 * @param {{octets: Octets, name: string}} file
 * @param {string} kind
 * @param {readonly Attached[]} before
 * @param {Allowed} allowed
 * @returns {Promise<Attached | string>}
 */
export async function attach({ octets, name }, kind, before, allowed) {
  if (before.length >= allowed.most) return "desk.attaching.many";
  if (before.reduce((sum, each) => sum + each.octets.length, octets.length) > MOST_ATTACHED_OCTETS) return "desk.attaching.large";
  const found = attachmentOf(octets, name, before.length + 1);
  if (!allowed.types.some(({ value }) => value === found.type)) return "desk.attaching.type";
  const sha256 = hex(await digested(octets));
  if (before.some((each) => each.sha256 === sha256)) return "desk.attaching.twice";
  return { kind, name: found.name, mediatype: found.type, sha256, octets };
}

/** @type {(attached: readonly Attached[], allowed: Allowed | null) => Value[]} the kinds that must still come */
export const missingOf = (attached, allowed) =>
  (allowed?.kinds ?? []).filter(
    ({ value }) => allowed?.required.includes(value) && !attached.some(({ kind }) => kind === value),
  );

/**
 * What was chosen, each with a button that takes it away, and the controls to choose another.
 * @param {Allowed} allowed
 * @param {readonly Attached[]} attached
 * @param {{fault: string | null, kind: string, language: Language, say: Say}} shown
 * @returns {Node}
 */
export function attachingView(allowed, attached, { fault, kind, language, say }) {
  const types = allowed.types.map((each) => each[language]).join(", ");
  const limits = { types, most: `${allowed.most}`, size: sizeOf(MOST_ATTACHED_OCTETS, language) };
  const options = allowed.kinds.map((each) =>
    node("option", { value: each.value, selected: each.value === kind && "selected" }, each[language]),
  );
  return node(
    "section",
    { class: "attachments" },
    node("h2", {}, say("desk.attachments")),
    node("p", { class: "hint" }, say("desk.attaching.hint", limits)),
    node("p", { class: fault === null ? undefined : "fault", id: ATTACHING.said, tabindex: "-1" }, fault ?? told(attached, say)),
    attachedView(attached, allowed, language, say("desk.attaching.remove")),
    node("p", {}, node("label", { for: ATTACHING.kind }, say("desk.attaching.kind")), node("select", { id: ATTACHING.kind }, ...options)),
    node(
      "p",
      {},
      node("label", { for: ATTACHING.file }, say("desk.attaching.file")),
      node("input", { id: ATTACHING.file, type: "file", multiple: "", accept: allowed.types.map(({ value }) => value).join(",") }),
    ),
  );
}

/** @type {(attached: readonly Attached[], say: Say) => string} */
const told = (attached, say) => say(attached.length === 0 ? "desk.attaching.none" : "desk.attaching.some", { count: `${attached.length}` });

/** @type {(attached: readonly Attached[], allowed: Allowed, language: Language, remove?: string) => Node | null} */
export function attachedView(attached, allowed, language, remove) {
  if (attached.length === 0) return null;
  const rows = attached.map(({ kind, name, octets }, index) => {
    const words = allowed.kinds.find(({ value }) => value === kind)?.[language] ?? kind;
    const button = remove && node("button", { type: "button", class: "second", "data-act": "detach", "data-path": `${index}` }, remove, " ", foreign(name));
    return node("li", {}, foreign(name), ` (${words}, ${sizeOf(octets.length, language)}) `, button);
  });
  return node("ul", {}, ...rows);
}

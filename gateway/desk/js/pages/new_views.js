/**
 * What the page of a new message shows before its form: the kinds that may be begun, and who may be written to.
 */

import { foreign, node } from "../forms/view.js";
import { STATE } from "./message_views.js";

/** @typedef {import("../as4/address_book.js").Entry} Entry */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/view.js").Node} Node */
/** @typedef {import("./sentences.js").Sentences} Say */

/** @typedef {{module: string, version: string, type: string, label: string, documents: string[]}} Kind */

/** The id of the control in which a receiver is chosen. */
export const RECEIVER = "new-receiver";

/**
 * Who receives such messages today, by name, and not the unit itself.
 * @param {readonly Entry[]} entries
 * @param {Description} description
 * @param {string} unit
 * @param {string} today
 * @returns {{party: string, name: string}[]}
 */
export function receiversOf(entries, { module, version, to }, unit, today) {
  return entries
    .filter(({ roles }) => roles.some((role) => to.includes(role)))
    .filter(({ partyIds }) => !partyIds.some(({ value }) => value === unit))
    .filter(({ versions }) => versions.some((each) => each.module === module && each.version === version && isActive(each, today)))
    .map(({ name, partyIds: [{ value: party }] }) => ({ party, name }))
    .sort((one, other) => one.name.localeCompare(other.name, "nl"));
}

/** @type {(version: {begins: string | null, ends: string | null}, today: string) => boolean} */
const isActive = ({ begins, ends }, today) => (begins === null || begins <= today) && (ends === null || today <= ends);

/** @type {(text: string) => Node} */
const told = (text) => node("div", { class: "state", id: STATE, tabindex: "-1", role: "group" }, node("p", {}, text));

/** @type {(kinds: readonly Kind[], say: Say) => Node[]} */
export const beginView = (kinds, say) => [
  told(say(kinds.length === 0 ? "new.no_kind" : "new.kind")),
  ...kinds.map(({ label, module, version }, at) =>
    node("p", {}, node("button", { type: "button", "data-act": "kind", "data-path": `${at}` }, `${label} (${module} ${version})`)),
  ),
];

/** @type {(kind: Kind, receivers: readonly {party: string, name: string}[], say: Say) => Node[]} */
export const receiverView = ({ label }, receivers, say) => [
  told(receivers.length === 0 ? say("new.nobody") : label),
  ...(receivers.length === 0
    ? []
    : [
        node(
          "p",
          {},
          node("label", { for: RECEIVER }, say("new.receiver")),
          node(
            "select",
            { id: RECEIVER },
            node("option", { value: "" }, say("new.choose")),
            ...receivers.map(({ party, name }) => node("option", { value: party }, foreign(`${name} (${party})`))),
          ),
        ),
        node("p", {}, node("button", { type: "button", "data-act": "write" }, say("new.write"))),
      ]),
  node("p", {}, node("button", { type: "button", class: "second", "data-act": "kinds" }, say("new.back"))),
];

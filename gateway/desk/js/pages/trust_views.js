/**
 * What people compare, as plain trees: the fingerprints of a hub, and those of a counterpart that changed its certificate.
 */

import { foreign, node } from "../forms/view.js";
import { grouped } from "../keys/hub.js";
import { STATE } from "./message_views.js";

/** @typedef {import("../forms/view.js").Node} Node */
/** @typedef {import("./counterparts.js").Changed} Changed */
/** @typedef {import("./hub_known.js").Compared} Compared */
/** @typedef {import("./sentences.js").Sentences} Say */
/** @typedef {import("./trusting.js").Trust} Trust */

/** @type {(kind: string, ...text: (Node | string)[]) => Node} where the focus goes */
const told = (kind, ...text) => node("div", { class: kind, id: STATE, tabindex: "-1", role: "group" }, node("p", {}, ...text));

/** @type {(act: string, text: string, second?: boolean) => Node} */
const button = (act, text, second = false) => node("button", { type: "button", class: second && "second", "data-act": act }, text);

/** @type {(title: string, prints: readonly string[], none: string) => Node[]} */
const printsView = (title, prints, none) => [
  node("dt", {}, title),
  ...(prints.length === 0 ? [node("dd", {}, none)] : prints.map((each) => node("dd", { class: "fingerprint", translate: "no" }, each))),
];

/** @type {(party: {known: string | null, strange: string}, first: boolean, say: Say) => Node} the hub's party id */
const partyView = ({ known, strange }, first, say) =>
  node(
    "section",
    {},
    node("h2", {}, say("trust.hub.party")),
    node(
      "dl",
      {},
      ...(first ? [] : [node("dt", {}, say("trust.known")), node("dd", {}, known === null ? say("trust.none") : foreign(known))]),
      node("dt", {}, say(first ? "trust.party" : "trust.new")),
      node("dd", {}, foreign(strange)),
    ),
  );

/**
 * The hub shows certificates or a party id that the organisation does not know, or nobody compared them yet. Only who
 * signs for the organisation is asked.
 *
 * @param {{party: ReturnType<typeof import("./hub_known.js").partyToCompare>, uses: readonly Compared[]}} compared
 * @param {{first: boolean, administers: boolean}} how
 * @param {Say} say
 * @returns {Node[]}
 */
export function hubView({ party, uses }, { first, administers }, say) {
  const what = first ? "trust.hub.first" : "trust.hub.changed";
  return [
    told(first ? "state" : "faults danger", say(what)),
    node("p", {}, say(administers ? `${what}.compare` : `${what}.ask`)),
    ...(party === null ? [] : [partyView(party, first, say)]),
    ...uses.map(({ usage, known, strange }) =>
      node(
        "section",
        {},
        node("h2", {}, say(`trust.hub.${usage}`)),
        node(
          "dl",
          {},
          ...(first ? [] : printsView(say("trust.known"), known, say("trust.none"))),
          ...printsView(say(first ? "trust.fingerprint" : "trust.new"), strange, say("trust.none")),
        ),
      ),
    ),
    node("p", { class: "acts" }, ...(administers ? [button("hub-agreed", say("trust.hub.agree"))] : []), " ", button("again", say("desk.again"), true)),
  ];
}

/** @type {(changed: readonly Changed[], say: Say) => Node[]} a person says whose they are */
export const changedView = (changed, say) => [
  told("state fault", say("trust.changed.title"), " ", foreign(changed[0]?.name ?? "")),
  node("p", {}, say("trust.changed.telephone")),
  node(
    "dl",
    {},
    ...printsView(say("trust.known"), (changed[0]?.known ?? []).map(grouped), say("trust.none")),
    ...printsView(say("trust.new"), changed.map(({ fingerprint }) => grouped(fingerprint)), say("trust.none")),
  ),
  node("p", { class: "acts" }, button("changed-agreed", say("trust.changed.agree")), " ", button("back", say("trust.changed.back"), true)),
];

/**
 * Above a message whose sender nobody vouches for: why not, where something is known of it.
 *
 * @type {(objection: Trust["objection"], changed: readonly Changed[], say: Say) => Node[]}
 */
export const doubtView = (objection, changed, say) => [
  ...(objection === null ? [] : [node("p", { class: "fault" }, say(`trust.book.${objection}`))]),
  ...(changed.length === 0
    ? []
    : [node("p", { class: "fault" }, say("trust.changed"), " ", foreign(changed[0].name)), node("p", {}, button("changed", say("trust.changed.see"), true))]),
];

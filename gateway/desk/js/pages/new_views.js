/**
 * What the page of a new message shows besides its form: what lies here unsent, the kinds that may be begun, who may be
 * written to, and how far it is with each of them.
 */

import { isRefused, isUnderWay, unsentOf } from "../drafts/letters.js";
import { foreign, node } from "../forms/view.js";
import { STATE } from "./message_views.js";

/** @typedef {import("../as4/address_book.js").Entry} Entry */
/** @typedef {import("../drafts/letters.js").Letter} Letter */
/** @typedef {import("../drafts/letters.js").Receiver} Receiver */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/view.js").Node} Node */
/** @typedef {import("./answering.js").Draft} Draft */
/** @typedef {import("./sentences.js").Sentences} Say */

/** @typedef {{module: string, version: string, type: string, label: string, documents: string[]}} Kind */
/** @typedef {{kind: Kind, letters: Letter[], draft: Draft | null, at: string}} Begun a message that has not gone */
/** @typedef {{party: string, name: string, takes: boolean}} Listed who receives such messages, and whether today */

/** The id of the control in which a receiver is chosen. */
export const RECEIVER = "new-receiver";

/** Where it is told how far sending is. */
export const PROGRESS = { said: "new-progress", bar: "new-progress-bar" };

/**
 * Who is of a kind that receives such messages, by name, and not the unit itself.
 * @param {readonly Entry[]} entries
 * @param {Description} description
 * @param {string} unit
 * @param {string} today
 * @returns {Listed[]}
 */
export function receiversOf(entries, { module, version, to }, unit, today) {
  return entries
    .filter(({ roles }) => roles.some((role) => to.includes(role)))
    .filter(({ partyIds }) => !partyIds.some(({ value }) => value === unit))
    .map(({ name, partyIds: [{ value: party }], versions }) => ({
      ...{ party, name },
      takes: versions.some((each) => each.module === module && each.version === version && isActive(each, today)),
    }))
    .sort((one, other) => one.name.localeCompare(other.name, "nl"));
}

/** @type {(version: {begins: string | null, ends: string | null}, today: string) => boolean} */
const isActive = ({ begins, ends }, today) => (begins === null || begins <= today) && (ends === null || today <= ends);

/** @type {(act: string, text: string, path?: number | string, isSecond?: boolean) => Node} */
const button = (act, text, path = "", isSecond = false) =>
  node("button", { type: "button", class: isSecond && "second", "data-act": act, "data-path": `${path}` }, text);

/** @type {(...inside: (string | Node)[]) => Node} */
const told = (...inside) =>
  node("div", { class: "state", id: STATE, tabindex: "-1", role: "group" }, ...inside.map((each) => node("p", {}, each)));

/**
 * @param {readonly Kind[]} kinds
 * @param {ReadonlyMap<string, Begun>} begun by its name
 * @param {Say} say
 * @param {(at: string) => string} moment in words
 * @param {string} [fault] why what was asked before cannot be
 * @returns {Node[]}
 */
export const beginView = (kinds, begun, say, moment, fault) => [
  told(...(fault === undefined ? [] : [fault]), say(kinds.length === 0 ? "new.no_kind" : "new.kind")),
  ...byModule(kinds).map(({ name, rows }) => node("section", { class: "kinds" }, node("h2", {}, name), ...rows)),
  ...(begun.size === 0 ? [] : [begunView(begun, say, moment)]),
];

/**
 * The kinds by the version of a module that they are of, of each module the latest version first.
 * @param {readonly Kind[]} kinds
 * @returns {{name: string, rows: Node[]}[]}
 */
function byModule(kinds) {
  /** @type {Map<string, {module: string, version: string, rows: Node[]}>} */
  const found = new Map();
  for (const [at, { label, module, version }] of kinds.entries()) {
    const name = `${module} ${version}`;
    const rows = found.get(name)?.rows ?? [];
    found.set(name, { module, version, rows: [...rows, node("p", {}, button("kind", `${label} (${name})`, at, true))] });
  }
  return [...found]
    .map(([name, each]) => ({ name, ...each }))
    .sort((one, other) => one.module.localeCompare(other.module, "nl") || other.version.localeCompare(one.version, "nl", { numeric: true }));
}

/** @type {(begun: ReadonlyMap<string, Begun>, say: Say, moment: (at: string) => string) => Node} */
function begunView(begun, say, moment) {
  const rows = [...begun].map(([name, { kind, letters, at }]) => {
    const sent = letters.length - unsentOf(letters).length;
    const how = isUnderWay(letters) ? say("new.begun.sending", { sent: `${sent}`, all: `${letters.length}` }) : say("new.begun.writing");
    const acts = [button("go-on", say(isUnderWay(letters) ? "new.begun.send" : "new.begun.write"), name), " ", button("drop", say("new.begun.drop"), name, true)];
    return node("li", {}, node("p", {}, `${kind.label}: `, ...namesOf(letters), ` (${moment(at)}). ${how}`), node("p", {}, ...acts));
  });
  const hint = node("p", { class: "hint" }, say("new.begun.hint"));
  return node("section", { class: "begun" }, node("h2", {}, say("new.begun")), hint, node("ul", {}, ...rows));
}

/** @type {(letters: readonly {name: string}[]) => (string | Node)[]} */
const namesOf = (letters) => letters.flatMap(({ name }, at) => (at === 0 ? [foreign(name)] : [", ", foreign(name)]));

/**
 * @param {Kind} kind
 * @param {readonly Listed[]} listed
 * @param {readonly Receiver[]} chosen
 * @param {Say} say
 * @returns {Node[]}
 */
export function receiverView({ label }, listed, chosen, say) {
  const left = listed.filter(({ party }) => !chosen.some((each) => each.party === party));
  const options = left.map(({ party, name, takes }) => {
    const cannot = takes ? "" : ` ${say("new.takes_not")}`;
    return node("option", { value: party, disabled: takes ? undefined : "" }, foreign(`${name} (${party})`), cannot);
  });
  const select = node("select", { id: RECEIVER }, node("option", { value: "" }, say("new.choose")), ...options);
  const rows = chosen.map(({ name }, at) =>
    node("li", {}, foreign(name), " ", node("button", { type: "button", class: "second", "data-act": "without", "data-path": `${at}` }, say("new.without"), " ", foreign(name))),
  );
  return [
    told(listed.some(({ takes }) => takes) ? label : say("new.nobody")),
    ...(rows.length === 0 ? [] : [node("ul", {}, ...rows)]),
    ...(listed.length === 0
      ? []
      : [
          node("p", {}, node("label", { for: RECEIVER }, say("new.receiver")), select),
          node("p", {}, button("write", say("new.write")), " ", button("more", say("new.more"), "", true)),
        ]),
    node("p", {}, button("kinds", say("new.back"), "", true)),
  ];
}

/** @type {(kind: Kind, receivers: readonly Receiver[], cannot: readonly Receiver[], say: Say) => Node[]} a conversation goes on */
export const goingOnView = ({ label }, receivers, cannot, say) => [
  told(receivers.length === 0 ? say("new.nobody_here") : label),
  ...(cannot.length === 0 ? [] : [node("p", { class: "fault" }, say("new.cannot"), " ", ...namesOf(cannot))]),
  ...(receivers.length === 0
    ? []
    : [node("p", {}, say("new.goes_on"), " ", ...namesOf(receivers)), node("p", {}, button("write", say("new.write")))]),
  node("p", {}, button("kinds", say("new.back"), "", true)),
];

/** @type {(letters: readonly Letter[], say: Say) => Node[]} to whom it goes, and what became of each so far */
export function lettersView(letters, say) {
  if (letters.length === 1) return [node("p", {}, say("new.to"), " ", ...namesOf(letters))];
  const rows = letters.map((each) => node("li", {}, foreign(each.name), `: ${say(fateOf(each))}`, ...each.refused.map(({ text, code }) => node("p", { class: "fault" }, text ?? code))));
  return [node("p", {}, say("new.to")), node("ul", { class: "letters" }, ...rows)];
}

/** @type {(letter: Letter) => string} */
function fateOf(letter) {
  if (letter.receipt !== null) return "new.letter.sent";
  if (isRefused(letter)) return "new.letter.refused";
  return letter.moment === null ? "new.letter.waits" : "new.letter.unsure";
}

/** @type {(sent: number, all: number, say: Say) => Node[]} */
export const progressView = (sent, all, say) => [
  node("p", { class: "state", id: PROGRESS.said, role: "status", tabindex: "-1" }, say("new.progress", { sent: `${sent}`, all: `${all}` })),
  node("progress", { id: PROGRESS.bar, max: `${all}`, value: `${sent}`, "aria-labelledby": PROGRESS.said }),
  node("p", { class: "hint" }, say("new.progress.hint")),
];

/** @type {(letters: readonly Letter[], say: Say) => Node[]} all of them went */
export const allSentView = (letters, say) => [
  told(say("new.all_sent", { all: `${letters.length}` })),
  ...lettersView(letters, say),
  node("p", {}, button("sent", say("new.to_sent"))),
];

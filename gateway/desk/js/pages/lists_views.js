/**
 * What the page of lists shows: the lists that there are, what was downloaded, everything wrong in the files that were
 * chosen, what will be sent, and how far sending is.
 */

import { node, foreign } from "../forms/view.js";
import { clientOf, gistOf } from "../lists/summary.js";
import { isOver, keptUntil, refusedOf, sentOf, unconfirmedOf } from "./bulk.js";
import { STATE } from "./message_views.js";
import { momentInWords } from "./moments.js";

/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("../forms/view.js").Node} Node */
/** @typedef {import("../lists/types.js").Complaint} Complaint */
/** @typedef {import("./bulk.js").Bulk} Bulk */
/** @typedef {import("./calls.js").Lists} Lists */
/** @typedef {import("./calls.js").Message} Message */
/** @typedef {import("./list_reading.js").Answer} Answer */
/** @typedef {import("./sentences.js").Sentences} Say */

/** The control in which files are chosen, and where it is told how far something is. */
export const FILES = "list-files";
export const PROGRESS = { said: "list-progress", bar: "list-progress-bar" };

const MOST_SHOWN = 200; // of what is wrong; whoever mended those sees the others

/** @type {(act: string, text: string, path?: number | string, isSecond?: boolean) => Node} */
const button = (act, text, path = "", isSecond = false) =>
  node("button", { type: "button", class: isSecond && "second", "data-act": act, "data-path": `${path}` }, text);

/** @type {(kind: string, ...inside: (string | Node)[]) => Node} */
const told = (kind, ...inside) =>
  node("div", { class: kind, id: STATE, tabindex: "-1", role: "group" }, ...inside.map((each) => node("p", {}, each)));

/**
 * @param {Lists} lists
 * @param {readonly Bulk[]} begun
 * @param {Say} say
 * @param {string} [fault]
 * @returns {Node[]}
 */
export function choiceView({ kinds, confirmed, more }, begun, say, fault) {
  const rows = kinds.map(({ label, module, version, count, waived }, at) => {
    const waiting = say(count === 1 ? "lists.waiting.one" : "lists.waiting.many", { count: `${count}` });
    const needless = waived > 0 ? ` (${say("lists.waived", { count: `${waived}` })})` : "";
    return node("li", {}, node("p", {}, `${label} (${module} ${version}): ${waiting}${needless} `, count > 0 && button("download", say("lists.download"), at, true)));
  });
  const going = begun.map((bulk) =>
    node(
      "li",
      {},
      node("p", {}, say("lists.begun.how", { sent: `${sentOf(bulk)}`, all: `${bulk.items.length}` }), " ", isOver(bulk) ? button("look", say("lists.begun.look"), bulk.name) : button("go-on", say("lists.begun.go_on"), bulk.name), " ", button("drop", say("lists.begun.drop"), bulk.name, true)),
      keptView(bulk, say),
    ),
  );
  return [
    ...(fault === undefined ? [] : [told("state fault", fault)]),
    ...(going.length === 0 ? [] : [node("section", { class: "begun" }, node("h2", {}, say("lists.begun")), node("ul", {}, ...going))]),
    node("section", { class: "kinds" }, node("h2", {}, say("lists.down")), ...(rows.length === 0 ? [node("p", {}, say("lists.no_kind"))] : [node("ul", {}, ...rows), node("p", { class: "hint" }, say("lists.only"))])),
    ...confirmedView(confirmed, more, say),
    node(
      "section",
      { class: "handling" },
      node("h2", {}, say("lists.up")),
      node("p", {}, node("label", { for: FILES }, say("lists.choose")), node("input", { type: "file", id: FILES, accept: ".csv", multiple: "" })),
    ),
  ];
}

/** The questions that were confirmed and have no answer yet: their lists can still be chosen.
 * @type {(confirmed: readonly Message[], more: boolean, say: Say) => Node[]} */
function confirmedView(confirmed, more, say) {
  if (confirmed.length === 0) return [];
  const due = (/** @type {Message} */ { answer_due: term }) => (term === null ? "" : `; ${say("lists.unanswered.due", { moment: term.moment.text, left: term.left })}`);
  const rows = confirmed.map((each) => node("li", {}, foreign(each.party), `, ${each.type}, `, foreign(each.reference), due(each)));
  const count = say("lists.unanswered.count", { count: `${confirmed.length}${more ? "+" : ""}` });
  return [
    node("section", { class: "unanswered" }, node("h2", {}, say("lists.unanswered")), node("p", {}, say("lists.unanswered.text")), node("details", {}, node("summary", {}, count), node("ul", {}, ...rows))),
  ];
}

/** Until when it lies here, and what then. @type {(bulk: Bulk, say: Say) => Node} */
const keptView = (bulk, say) => node("p", { class: "hint" }, say("lists.begun.until", { until: momentInWords(keptUntil(bulk)) }));

/** @type {(key: string, done: number, all: number, say: Say) => Node[]} */
export const progressView = (key, done, all, say) => [
  node("p", { class: "state", id: PROGRESS.said, role: "status", tabindex: "-1" }, say(key, { done: `${done}`, all: `${all}` })),
  node("progress", { id: PROGRESS.bar, max: `${all}`, value: `${done}`, "aria-labelledby": PROGRESS.said }),
  node("p", { class: "hint" }, say("new.progress.hint")),
];

/**
 * A list was saved; who works outside the portal may confirm it.
 * @param {{questions: number, files: readonly string[], left: number, held: readonly {party: string, holder: string}[], waived: readonly Pick<Message, "party" | "reference">[], unopened: number}} list
 * @param {Say} say
 * @returns {Node[]}
 */
export function downloadedView({ questions, files, left, held, waived, unopened }, say) {
  return [
    told("state right", say("lists.downloaded", { count: `${questions}` })),
    node("ul", {}, ...files.map((name) => node("li", {}, foreign(name)))),
    ...(left > 0 ? [node("p", {}, say("lists.left", { count: `${left}` }))] : []),
    ...held.map(({ party, holder }) => node("p", {}, say("lists.held", { party, holder }))),
    ...waived.map(({ party, reference }) => node("p", {}, say("lists.waived.one", { party, reference }))),
    ...(unopened > 0 ? [node("p", { class: "fault" }, say("lists.unopened", { count: `${unopened}` }))] : []),
    node("p", { class: "hint" }, say("lists.explained.safe")),
    node("p", {}, button("back", say("lists.back"))),
    ...(questions === 0
      ? []
      : [node("section", { class: "handling" }, node("h2", {}, say("lists.outside")), node("p", {}, say("lists.outside.text")), node("p", {}, button("confirm", say("lists.confirm"), "", true)))]),
  ];
}

/** @type {(count: number, say: Say) => Node[]} */
export const confirmView = (count, say) => [
  told("faults danger", say("lists.confirm.sure", { count: `${count}` }), say("lists.confirm.copy")),
  node("p", {}, button("confirm-surely", say("lists.confirm.surely")), " ", button("back", say("lists.back"), "", true)),
];

/** @type {(text: string, say: Say, kind?: string) => Node[]} */
export const saidView = (text, say, kind = "state right") => [told(kind, text), node("p", {}, button("back", say("lists.back")))];

/**
 * @param {readonly Complaint[]} complaints
 * @param {readonly Complaint[]} notices
 * @param {Language} language
 * @param {Say} say
 * @returns {Node[]}
 */
export function complaintsView(complaints, notices, language, say) {
  const more = complaints.length - MOST_SHOWN;
  return [
    told("faults danger", say("lists.wrong", { count: `${complaints.length}` })),
    tableOf(complaints.slice(0, MOST_SHOWN), language, say),
    ...(more > 0 ? [node("p", {}, say("lists.wrong.more", { count: `${more}` }))] : []),
    ...noticesView(notices, language, say),
    node("p", {}, button("back", say("lists.again"))),
  ];
}

/** @type {(complaints: readonly Complaint[], language: Language, say: Say) => Node} */
function tableOf(complaints, language, say) {
  const heads = ["lists.column.file", "lists.column.row", "lists.column.column", "lists.column.read", "lists.column.what"].map((key) => say(key));
  const rows = complaints.map((each) => {
    const cells = [foreign(each.file), each.row === null ? "" : `${each.row}`, each.column === null ? "" : foreign(each.column), foreign(each.read), sentenceOf(each, language, say)];
    return node("tr", {}, ...cells.map((cell, at) => node("td", { class: at === 4 && "what", "data-label": heads[at] }, cell)));
  });
  return node("table", { class: "complaints" }, node("thead", {}, node("tr", {}, ...heads.map((head) => node("th", { scope: "col" }, head)))), node("tbody", {}, ...rows));
}

/** @type {(notices: readonly Complaint[], language: Language, say: Say) => Node[]} */
const noticesView = (notices, language, say) =>
  notices.map((each) => {
    const where = each.column === null || each.row === null ? [] : [`, ${each.row}, `, foreign(each.column)];
    return node("p", { class: "hint" }, foreign(each.file), ...where, `: ${sentenceOf(each, language, say)} `, foreign(each.read));
  });

/** What is wrong, in the language of the page. @type {(complaint: Complaint, language: Language, say: Say) => string} */
export function sentenceOf({ key, told: values = {}, words }, language, say) {
  if (words !== undefined) return words[language];
  const spoken = Object.entries(values).map(([name, value]) => [name, typeof value === "string" ? value : value[language]]);
  return say(key ?? "", Object.fromEntries(spoken));
}

/**
 * What will be sent, before anything is.
 * @param {readonly Answer[]} answers
 * @param {{open: number, notices: readonly Complaint[], unexpecting: number}} besides `unexpecting`: agreements in advance to
 *   who takes no part in that
 * @param {Language} language
 * @param {Say} say
 * @returns {Node[]}
 */
export function previewView(answers, { open, notices, unexpecting }, language, say) {
  const heads = ["lists.column.asker", "lists.column.client", "lists.column.answer", "lists.column.owed", "lists.column.file", "lists.column.row"].map((key) => say(key));
  const needless = answers.filter(({ waived }) => waived).length;
  const rows = answers.map(({ asker, description, values, pair, waived }) => {
    const [first] = pair.rows;
    const { owed, reason } = gistOf({ description, values }, language);
    const kind = `${description.label[language]}${waived ? ` (${say("lists.needless")})` : ""}`;
    const cells = [foreign(asker), foreign(clientOf(pair)), reason === "" ? kind : node("span", {}, `${kind}: `, foreign(reason)), owed, foreign(first?.row.file ?? ""), `${first?.row.row ?? ""}`];
    return node("tr", {}, ...cells.map((cell, at) => node("td", { "data-label": heads[at] }, cell)));
  });
  return [
    told("state right", say(answers.length === 0 ? "lists.nothing" : "lists.ready", { count: `${answers.length}` })),
    ...(open > 0 ? [node("p", {}, say("lists.open", { count: `${open}` }))] : []),
    ...(needless > 0 ? [node("p", {}, say("lists.needless.count", { count: `${needless}` }))] : []),
    ...(unexpecting > 0 ? [node("p", { class: "fault" }, say("lists.unexpecting", { count: `${unexpecting}` }))] : []),
    ...noticesView(notices, language, say),
    ...(answers.length === 0
      ? []
      : [
          node("table", {}, node("thead", {}, node("tr", {}, ...heads.map((head) => node("th", { scope: "col" }, head)))), node("tbody", {}, ...rows)),
          node("p", {}, button("send", say("lists.send", { count: `${answers.length}` }))),
        ]),
    node("p", {}, button("back", say("lists.again"), "", true)),
  ];
}

/** All of them have an outcome. What was refused stays in this browser until somebody puts it away.
 * @type {(bulk: Bulk, say: Say) => Node[]} */
export function sentView(bulk, say) {
  const [refused, unconfirmed] = [refusedOf(bulk), unconfirmedOf(bulk)];
  const [sent, all] = [`${sentOf(bulk)}`, `${bulk.items.length}`];
  const waiting = unconfirmed > 0 ? [node("p", { class: "fault" }, say("lists.unconfirmed", { count: `${unconfirmed}` }))] : [];
  const [state, ...others] = saidView(say("lists.sent", { all }), say);
  if (refused.length === 0) return [/** @type {Node} */ (state), ...waiting, ...others];
  const rows = refused.map(({ item, refused: why, unsure }) =>
    node(
      "li",
      {},
      ...[foreign(item.letter.name), ", ", foreign(item.header.question ?? "")],
      ...why.map(({ text, code }) => node("p", { class: "fault" }, text ?? code)),
      unsure && node("p", { class: "hint" }, say("lists.unsure")),
      item.confirmable === null && node("p", { class: "hint" }, say("lists.refused.confirmed")),
    ),
  );
  return [
    told("faults danger", say("lists.sent.some", { sent, all })),
    node("ul", {}, ...rows),
    ...waiting,
    keptView(bulk, say),
    node("p", {}, button("save-refused", say("lists.refused.save")), " ", button("drop", say("lists.begun.drop"), bulk.name, true), " ", button("back", say("lists.back"), "", true)),
  ];
}

/** Asks once before what did not go is gone. @type {(bulk: Bulk, say: Say) => Node[]} */
export const dropView = (bulk, say) => [
  told("faults danger", say("lists.begun.drop.sure", { left: `${bulk.items.length - sentOf(bulk)}` })),
  node("p", {}, button("drop-surely", say("lists.begun.drop.surely")), " ", button("back", say("lists.back"), "", true)),
];

/** It stopped on the way. @type {(bulk: Bulk, why: string, say: Say) => Node[]} */
export const stoppedView = (bulk, why, say) => [
  told("faults danger", why, say("lists.stopped", { sent: `${sentOf(bulk)}`, all: `${bulk.items.length}` })),
  keptView(bulk, say),
  node("p", {}, button("go-on", say("lists.begun.go_on"), bulk.name), " ", button("back", say("lists.back"), "", true)),
];

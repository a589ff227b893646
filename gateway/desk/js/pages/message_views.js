/**
 * What the page of a message shows, state by state, as plain trees: locked, in somebody's hands, refused, open, sent.
 */

import { readingView } from "../forms/reading_view.js";
import { foreign, node } from "../forms/view.js";
import { sizeOf } from "./attachments.js";

/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("../forms/types.js").Values} Values */
/** @typedef {import("../forms/view.js").Node} Node */
/** @typedef {import("./attachments.js").Attachment} Attachment */
/** @typedef {import("./opening.js").Content} Content */
/** @typedef {import("./sentences.js").Sentences} Say */

/** Who vouches for where a message comes from. */
const ORIGINS = { sender: "desk.verified", hub: "desk.from_hub", nobody: "desk.unverified" };

/** The id of what has the focus when a state begins. */
export const STATE = "state";

/** @type {(act: string, text: string, second?: boolean, path?: string) => Node} */
const button = (act, text, second = false, path = "") =>
  node("button", { type: "button", class: second && "second", "data-act": act, "data-path": path }, text);

/** Where it is told that what is typed is kept, or is not. */
const KEPT = "form-kept";

/** This browser keeps nothing. @type {(say: Say) => void} */
export function tellNotKept(say) {
  const said = document.getElementById(KEPT);
  if (said !== null) said.textContent = say("desk.form.not_kept");
}

/** @type {(kind: string, ...texts: string[]) => Node} what is told, where the focus goes */
const told = (kind, ...texts) =>
  node("div", { class: kind, id: STATE, tabindex: "-1", role: "group" }, ...texts.map((text) => node("p", {}, text)));

/** Where a person is asked to open a lock. */
export const LOCK_PLACE = "lock-place";

/** @type {(why: string | null) => Node[]} */
export const lockedView = (why) => [
  ...(why === null ? [] : [told("state fault", why)]),
  node("div", { id: LOCK_PLACE }),
];

/** @type {(holder: string | null, until: string, say: Say) => Node[]} */
export const heldView = (holder, until, say) => [
  told("state", say("desk.held", { holder: holder ?? say("message.somebody"), until })),
  node("p", {}, say("desk.held.text")),
  node("p", {}, button("take-over", say("desk.take_over"))),
];

/** @type {(text: string, say: Say) => Node[]} it ended, and nothing of it stays here */
export const endedView = (text, say) => [
  told("state fault over", text),
  node("p", {}, button("again", say("desk.again"), true)),
];

/** @type {(check: string, say: Say) => Node[]} what came is not what may be read; no receipt goes */
export const refusedView = (check, say) => [
  told("faults danger", say(check === "sealed-to" ? "desk.foreign" : "desk.refused"), say(`desk.check.${check}`)),
  node("p", {}, say("desk.refused.next")),
];

/**
 * @param {Content} content
 * @param {{attachments: readonly Attachment[], answers: readonly Description[], isAnswered: boolean, begun: readonly string[],
 *   doubt: readonly Node[]}} what `begun` are the types of answer that somebody began to write here, `doubt` what is told of
 *   a sender for whom nobody vouches
 * @param {Language} language
 * @param {Say} say
 * @returns {Node[]}
 */
export function openView({ opened, description, values, vouched, wrong }, { attachments, answers, isAnswered, begun, doubt }, language, say) {
  return [
    told(vouched === null ? "state fault" : "state right", say(ORIGINS[vouched ?? "nobody"])),
    ...doubt,
    wrong > 0 && node("p", { class: "fault" }, say("desk.wrong", { count: `${wrong}` })),
    readingView(description, values, language),
    attachmentsView(attachments, language, say),
    keepingView(opened.proof !== null, say),
    isAnswered
      ? section("desk.answered.title", node("p", {}, say("desk.answered")), node("p", {}, button("remove", say("desk.confirm"))))
      : answers.length > 0
        ? answersView(answers, begun, language, say)
        : section("desk.done.title", node("p", {}, button("remove", say("desk.read")))),
  ].flatMap((each) => (each === false || each === null ? [] : [each]));

  /** @param {string} title @param {...Node} inside */
  function section(title, ...inside) {
    return node("section", { class: "handling" }, node("h2", {}, say(title)), ...inside);
  }
}

/** @type {(attachments: readonly Attachment[], language: Language, say: Say) => Node | null} */
function attachmentsView(attachments, language, say) {
  if (attachments.length === 0) return null;
  const rows = attachments.map(({ name, size, shows }, index) =>
    node(
      "li",
      {},
      foreign(name),
      ` (${sizeOf(size, language)}) `,
      shows && button("view", say("desk.attachment.view"), true, String(index)),
      " ",
      button("save", say("desk.attachment.save"), true, String(index)),
    ),
  );
  const hint = node("p", { class: "hint" }, say("desk.attachment.hint"));
  return node("section", { class: "attachments" }, node("h2", {}, say("desk.attachments")), node("ul", {}, ...rows), hint);
}

/** @type {(hasProof: boolean, say: Say, text?: string) => Node} */
const keepingView = (hasProof, say, text = "desk.keep.text") =>
  node(
    "section",
    { class: "keeping" },
    node("h2", {}, say("desk.keep.title")),
    node("p", { class: "hint" }, say(text)),
    node(
      "p",
      {},
      button("save-document", say("desk.keep.document"), true),
      " ",
      hasProof && button("save-proof", say("desk.keep.proof"), true),
      " ",
      button("print", say("desk.keep.print"), true),
    ),
  );

/** @type {(answers: readonly Description[], begun: readonly string[], language: Language, say: Say) => Node} */
const answersView = (answers, begun, language, say) =>
  node(
    "section",
    { class: "handling" },
    node("h2", {}, say("desk.answer.title")),
    ...answers
      .filter(({ type }) => begun.includes(type))
      .map((each) => node("p", { class: "said" }, say("desk.begun", { answer: each.label[language] }), " ", button("forget", say("desk.begun.drop"), true))),
    ...answers.map((each) => node("p", {}, button("answer", each.label[language], false, each.type))),
  );

/** @type {(say: Say) => Node[]} removing what was never saved asks once */
export const sureView = (say) => [
  told("state", say("desk.sure")),
  node("p", {}, button("remove-surely", say("desk.sure.yes")), " ", button("back", say("desk.sure.no"), true)),
];

/** @type {(say: Say) => Node[]} agreeing in advance with who may not expect it asks once */
export const agreeView = (say) => [
  told("state", say("desk.agree")),
  node("p", {}, button("agree-surely", say("desk.agree.yes")), " ", button("back", say("desk.sure.no"), true)),
];

/**
 * What is answered, folded away: whoever writes the answer looks it up there.
 * @type {(question: {description: Description, values: Values} | null, language: Language, say: Say) => Node[]}
 */
export const questionView = (question, language, say) =>
  question === null
    ? []
    : [node("details", { class: "question" }, node("summary", {}, say("desk.question")), readingView(question.description, question.values, language))];

/** @type {(say: Say) => Node[]} what stands below a form */
export const formActsView = (say) => [
  node("p", { class: "acts" }, button("check", say("desk.form.check")), " ", button("back", say("desk.form.back"), true)),
  node("p", { class: "hint", id: KEPT }, say("desk.form.kept")),
];

/**
 * @param {Node} document as it will go
 * @param {Node | null} attached what travels with it
 * @param {string | null} fault why it did not go, where it was tried
 * @param {Say} say
 * @param {boolean} isFixed it may have arrived, so that it goes as it is or not at all
 * @returns {Node[]}
 */
export const previewView = (document, attached, fault, say, isFixed) => [
  fault === null ? told("state", say("desk.preview")) : told("state fault", fault),
  document,
  ...(attached === null ? [] : [node("section", { class: "attachments" }, node("h2", {}, say("desk.attachments")), attached)]),
  keepingView(false, say, "desk.keep.own"), // nobody shows it again: the hub has it sealed for its receiver
  ...(isFixed ? [node("p", { class: "hint" }, say("new.fixed"))] : []),
  node(
    "p",
    { class: "acts" },
    button("send", say(fault === null ? "desk.send" : "desk.send_again")),
    " ",
    isFixed ? button("back", say("desk.form.back"), true) : button("change", say("desk.change"), true),
  ),
];

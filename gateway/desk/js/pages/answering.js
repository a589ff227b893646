/**
 * Writing an answer, or a new message: a form, checked by its rules and by the schema, shown as it will go, and sent.
 *
 * What is typed is handed out as it changes, to be kept; where the hub refuses it, each fault stands at its field; and who
 * looks at the message again, or finds the keys locked meanwhile, goes on where it was.
 */

import { utf8 } from "../as4/octets.js";
import { Refused } from "../as4/refused.js";
import { opened } from "../forms/blank.js";
import { writeDocument } from "../forms/document.js";
import { draw } from "../forms/draw.js";
import { startForm } from "../forms/form.js";
import { withHeader } from "../forms/header.js";
import { objectionTold } from "../forms/objections.js";
import { readingView } from "../forms/reading_view.js";
import { node } from "../forms/view.js";
import { refusalsAtFields } from "../forms/violations.js";
import { allowedWith, attach, ATTACHING, ATTACHING_PLACE, attachedView, attachingView, missingOf, MOST_ATTACHED_OCTETS } from "./attaching.js";
import { documentName, saveFile } from "./attachments.js";
import { CallFault } from "./calling.js";
import { formActsView, previewView, questionView, STATE } from "./message_views.js";
import { dayOf, refusalsOf } from "./outgoing.js";

/** @typedef {import("../as4/answer.js").Violation} Violation */
/** @typedef {import("../as4/xml_remote.js").Judge} Judge */
/** @typedef {import("../as4/xsd.js").SchemaText} SchemaText */
/** @typedef {import("../forms/blank.js").Beforehand} Beforehand */
/** @typedef {import("../forms/header.js").HeaderFacts} HeaderFacts */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Fault} Fault */
/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("../forms/types.js").Values} Values */
/** @typedef {import("../forms/view.js").Node} Node */
/** @typedef {import("./attaching.js").Attached} Attached */
/** @typedef {import("./sentences.js").Sentences} Say */
/** @typedef {import("./settings_known.js").Known} Known */
/** @typedef {import("./stage.js").Stage} Stage */

const PLACE = "form-place";
const GONE = 410; // the lease is another's, or over

/** @typedef {{entries: Values, attached: Attached[]}} Draft what was typed and chosen so far */
/** @typedef {{draft: Draft, values: Values, headers: HeaderFacts[]}} Written `values` are without their header */
/** @typedef {{receipt: string} | {errors: Violation[], above?: string[]} | null} Sent nothing where another thing is shown */
/**
 * @typedef {object} Desk
 * @property {Stage} stage
 * @property {Say} say
 * @property {Language} language
 * @property {Judge} judge
 * @property {() => Date} now
 * @property {Known} known what the organisation's settings say
 * @property {Draft | null} draft with which it goes on
 * @property {(draft: () => Draft) => void} changed something was typed or chosen
 * @property {() => void} back to the message
 * @property {readonly string[]} [documents] the kinds that have to go along
 * @property {() => Omit<HeaderFacts, "attachments">[]} headers what the header of each message says that goes
 * @property {() => boolean} [mayHaveArrived] what was sent may lie at the hub: it goes as it is, or not at all
 * @property {() => Node[]} [heading] what stands above the form, and above what goes
 * @property {(written: Written) => Promise<() => Promise<Sent>>} prepare makes what goes, and says how it goes
 * @property {() => Promise<void>} sent the hub has it
 */

/**
 * @param {Description} description of the answer
 * @param {SchemaText} schema
 * @param {{description: Description, values: Values} | null} question null for a new message
 * @param {Desk} desk
 * @returns {{checkAll: () => Promise<void>}} as the button below the form does
 */
export function startAnswer(description, schema, question, desk) {
  const { stage, say, language, judge, known } = desk;
  /** @type {Beforehand} */
  const beforehand = { today: dayOf(desk.now()), question, accounts: known.accounts, contact: known.contact };
  const allowed = allowedWith(description, desk.documents);
  const heading = desk.heading ?? (() => []);
  const mayHaveArrived = desk.mayHaveArrived ?? (() => false);
  let { entries, attached } = desk.draft ?? { entries: opened(description, beforehand), attached: [] };
  /** @type {ReturnType<typeof startForm> | null} */
  let form = null;
  edit([], []);
  return { checkAll };

  /** @returns {Draft} */
  function draft() {
    return { entries: form?.entries() ?? entries, attached };
  }

  /** @param {Fault[]} faults @param {string[]} told above the form */
  function edit(faults, told) {
    const places = [node("div", { id: PLACE, tabindex: "-1" }), node("div", { id: ATTACHING_PLACE })];
    const above = [node("h2", {}, description.label[language]), ...heading(), ...questionView(question, language, say)];
    stage.show([...above, ...places, ...formActsView(say)], { check: checkAll, back: leave, detach }, PLACE);
    showAttached(null);
    const place = /** @type {HTMLElement} */ (document.getElementById(PLACE));
    form = startForm(place, description, entries, beforehand, language);
    for (const sign of ["input", "click"]) place.addEventListener(sign, noted);
    if (faults.length + told.length > 0) form.show(faults, told);
  }

  /** @param {Event} event */
  function noted({ type, target }) {
    if (type === "input" || (target instanceof HTMLElement && target.dataset["act"] !== undefined)) desk.changed(draft);
  }

  /** @param {string | null} fault @param {string} [focus] an id @param {string} [kind] that was chosen last */
  function showAttached(fault, focus, kind = allowed?.kinds[0]?.value ?? "") {
    if (allowed === null) return;
    const place = /** @type {HTMLElement} */ (document.getElementById(ATTACHING_PLACE));
    place.replaceChildren(draw(attachingView(allowed, attached, { fault, kind, language, say }), document));
    const input = /** @type {HTMLInputElement} */ (document.getElementById(ATTACHING.file));
    input.addEventListener("change", () => stage.run(() => attachAll([...(input.files ?? [])])));
    if (focus !== undefined) document.getElementById(focus)?.focus();
  }

  /** @param {File[]} files */
  async function attachAll(files) {
    if (allowed === null) return;
    const { value: kind } = /** @type {HTMLSelectElement} */ (document.getElementById(ATTACHING.kind));
    const faults = [];
    for (const file of files) {
      const octets = file.size > MOST_ATTACHED_OCTETS ? null : new Uint8Array(await file.arrayBuffer());
      const found = octets === null ? "desk.attaching.large" : await attach({ octets, name: file.name }, kind, attached, allowed);
      if (typeof found === "string") faults.push(`${file.name}: ${say(found)}`);
      else attached = [...attached, found];
    }
    desk.changed(draft);
    showAttached(faults.length > 0 ? faults.join(" ") : null, ATTACHING.said, kind);
  }

  /** @param {string} at its number */
  function detach(at) {
    attached = attached.filter((_, index) => index !== Number(at));
    desk.changed(draft);
    showAttached(null, ATTACHING.said);
  }

  function leave() {
    if (form !== null) entries = form.entries();
    form?.end();
    form = null;
    desk.back();
  }

  async function checkAll() {
    if (form === null) return;
    const headers = desk.headers().map((each) => ({ ...each, attachments: attached }));
    const complete = (/** @type {Values} */ values) => withHeader(description, values, headers[0]);
    if (!form.isRight(complete)) return;
    const missing = missingOf(attached, allowed).map((each) => each[language]);
    if (missing.length > 0) {
      showAttached(say("desk.attaching.missing", { kinds: missing.join(", ") }), ATTACHING.said);
      return;
    }
    const values = complete(form.values());
    const objections = await judge(utf8(writeDocument(description, values)), schema);
    if (objections.length > 0) {
      form.show([], objections.map(({ text }) => objectionTold(description, text, language)));
      return;
    }
    // From here on it is so many messages, whose ids are known before anything of them leaves.
    const written = { draft: draft(), values: form.values(), headers };
    entries = written.draft.entries;
    preview(written, await desk.prepare(written), null);
  }

  /** As it goes to the first of its receivers. @param {Written} written */
  function firstOf({ values, headers }) {
    return withHeader(description, values, headers[0]);
  }

  /** A file for each receiver, with the very octets that go there. @param {Written} written */
  function save({ values, headers }) {
    for (const header of headers) {
      const octets = utf8(writeDocument(description, withHeader(description, values, header)));
      saveFile(octets, `${documentName(description.type, header.reference)}.xml`);
    }
  }

  /**
   * @param {Written} written
   * @param {() => Promise<Sent>} send
   * @param {string | null} fault why it did not go
   */
  function preview(written, send, fault) {
    const along = allowed === null ? null : attachedView(attached, allowed, language);
    const isFixed = mayHaveArrived();
    const shown = previewView(readingView(description, firstOf(written), language), along, fault, say, isFixed);
    const keeping = { "save-document": () => save(written), print: () => print() };
    const acts = { ...keeping, send: () => go(written, send), [isFixed ? "back" : "change"]: isFixed ? leave : () => edit([], []) };
    stage.show([...shown.slice(0, 1), ...heading(), ...shown.slice(1)], acts, STATE);
  }

  /** @param {Written} written @param {() => Promise<Sent>} send */
  async function go(written, send) {
    let sent;
    try {
      sent = await send();
    } catch (fault) {
      preview(written, send, unsent(fault));
      return;
    }
    if (sent === null) return;
    if ("receipt" in sent) {
      await desk.sent();
      return;
    }
    const refusals = refusalsOf(sent.errors);
    if (mayHaveArrived()) {
      preview(written, send, refusals.map(({ text }) => text).join(" "));
      return;
    }
    const { faults, above } = refusalsAtFields(description, firstOf(written), refusals);
    edit(faults, [say("desk.hub_refused"), ...(sent.above ?? []), ...above]);
  }

  /** @param {unknown} fault @returns {string} */
  function unsent(fault) {
    if (fault instanceof Refused) return say("desk.unsigned");
    if (fault instanceof CallFault) return fault.status === GONE ? say("desk.taken") : fault.text || say("desk.unsent");
    if (fault instanceof TypeError) return say("desk.unsent"); // the network, as fetch tells it
    throw fault;
  }
}

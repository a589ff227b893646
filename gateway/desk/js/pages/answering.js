/**
 * Writing an answer, or a new message: a form, checked by its rules and by the schema, shown as it will go, and sent.
 *
 * What is typed stays in memory until the page is left: where the hub refuses it, each fault stands at its field; and who
 * looks at the message again, or finds the keys locked meanwhile, goes on where it was.
 */

import { utf8 } from "../as4/octets.js";
import { Refused } from "../as4/refused.js";
import { opened } from "../forms/blank.js";
import { writeDocument } from "../forms/document.js";
import { draw } from "../forms/draw.js";
import { startForm } from "../forms/form.js";
import { withHeader } from "../forms/header.js";
import { readingView } from "../forms/reading_view.js";
import { node } from "../forms/view.js";
import { refusalsAtFields } from "../forms/violations.js";
import { allowedWith, attach, ATTACHING, ATTACHING_PLACE, attachedView, attachingView, missingOf, MOST_ATTACHED_OCTETS } from "./attaching.js";
import { CallFault } from "./calling.js";
import { formActsView, previewView, STATE } from "./message_views.js";
import { dayOf, pushOf, refusalsOf } from "./outgoing.js";
import { prepare } from "./sending.js";

/** @typedef {import("../as4/xml_remote.js").Judge} Judge */
/** @typedef {import("../as4/xsd.js").SchemaText} SchemaText */
/** @typedef {import("../forms/blank.js").Beforehand} Beforehand */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Fault} Fault */
/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {Omit<import("../forms/header.js").HeaderFacts, "reference" | "moment" | "attachments">} Facts */
/** @typedef {import("../forms/types.js").Values} Values */
/** @typedef {import("./attaching.js").Attached} Attached */
/** @typedef {import("./calls.js").Endpoint} Endpoint */
/** @typedef {import("./outgoing.js").Chance} Chance */
/** @typedef {import("./sentences.js").Sentences} Say */
/** @typedef {import("./sending.js").Means} Sending */
/** @typedef {import("./settings_known.js").Known} Known */
/** @typedef {import("./stage.js").Stage} Stage */

const PLACE = "form-place";
const GONE = 410; // the lease is another's, or over

/**
 * What was typed and chosen so far, by the type of the answer, which is asked for when it is wanted.
 * @typedef {Map<string, () => {entries: Values, attached: Attached[]}>} Drafts
 */
/**
 * @typedef {object} Desk
 * @property {Stage} stage
 * @property {Say} say
 * @property {Language} language
 * @property {Endpoint} endpoint
 * @property {Sending} sending
 * @property {Judge} judge
 * @property {Chance} chance
 * @property {Known} known what the organisation's settings say
 * @property {Drafts} drafts
 * @property {() => void} back to the message
 * @property {string | null} lease of the question
 * @property {readonly string[]} [documents] the kinds that have to go along
 * @property {Facts} facts what its header says besides
 * @property {() => Promise<unknown>} mine whether the question is still in this browser's hands; rejects where it is not
 * @property {() => Promise<void>} sent the hub has it
 */

/**
 * @param {Description} description of the answer
 * @param {SchemaText} schema
 * @param {{description: Description, values: Values} | null} question null for a new message
 * @param {Desk} desk
 */
export function startAnswer(description, schema, question, desk) {
  const { stage, say, language, endpoint, sending, judge, chance, known } = desk;
  /** @type {Beforehand} */
  const beforehand = { today: dayOf(sending.now()), question, accounts: known.accounts, contact: known.contact };
  const { type } = description;
  const allowed = allowedWith(description, desk.documents);
  let { entries, attached } = desk.drafts.get(type)?.() ?? { entries: opened(description, beforehand), attached: [] };
  /** @type {ReturnType<typeof startForm> | null} */
  let form = null;
  desk.drafts.set(type, () => ({ entries: form?.entries() ?? entries, attached }));
  edit([], []);

  /** @param {Fault[]} faults @param {string[]} above */
  function edit(faults, above) {
    const places = [node("div", { id: PLACE, tabindex: "-1" }), node("div", { id: ATTACHING_PLACE }), ...formActsView(say)];
    stage.show(places, { check: checkAll, back: leave, detach }, PLACE);
    showAttached(null);
    const place = /** @type {HTMLElement} */ (document.getElementById(PLACE));
    form = startForm(place, description, entries, beforehand, language);
    if (faults.length + above.length > 0) form.show(faults, above);
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
    showAttached(faults.length > 0 ? faults.join(" ") : null, ATTACHING.said, kind);
  }

  /** @param {string} at its number */
  function detach(at) {
    attached = attached.filter((_, index) => index !== Number(at));
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
    const header = { reference: chance.uuid(), moment: sending.now(), attachments: attached, ...desk.facts };
    const complete = (/** @type {Values} */ values) => withHeader(description, values, header);
    if (!form.isRight(complete)) return;
    const missing = missingOf(attached, allowed).map((each) => each[language]);
    if (missing.length > 0) {
      showAttached(say("desk.attaching.missing", { kinds: missing.join(", ") }), ATTACHING.said);
      return;
    }
    const values = complete(form.values());
    const objections = await judge(utf8(writeDocument(description, values)), schema);
    if (objections.length > 0) {
      form.show([], objections.map(({ text }) => text));
      return;
    }
    entries = form.entries();
    // From here on it is one message, whose id is known before anything of it leaves.
    const push = pushOf(description, values, header, { endpoint, at: sending.now(), chance }, attached);
    preview(values, await prepare(push, desk.lease, sending), null);
  }

  /**
   * @param {Values} values
   * @param {Awaited<ReturnType<typeof prepare>>} send
   * @param {string | null} fault why it did not go
   */
  function preview(values, send, fault) {
    const along = allowed === null ? null : attachedView(attached, allowed, language);
    const shown = previewView(readingView(description, values, language), along, fault, say);
    stage.show(shown, { send: () => go(values, send), change: () => edit([], []) }, STATE);
  }

  /** @param {Values} values @param {Awaited<ReturnType<typeof prepare>>} send */
  async function go(values, send) {
    let outcome;
    try {
      await desk.mine();
      outcome = await send();
    } catch (fault) {
      preview(values, send, unsent(fault));
      return;
    }
    if ("receipt" in outcome) {
      await desk.sent();
      return;
    }
    const { faults, above } = refusalsAtFields(description, values, refusalsOf(outcome.errors));
    edit(faults, [say("desk.hub_refused"), ...above]);
  }

  /** @param {unknown} fault @returns {string} */
  function unsent(fault) {
    if (fault instanceof Refused) return say("desk.unsigned");
    if (fault instanceof CallFault) return fault.status === GONE ? say("desk.taken") : fault.text || say("desk.unsent");
    if (fault instanceof TypeError) return say("desk.unsent"); // the network, as fetch tells it
    throw fault;
  }
}

/**
 * One new message in hand: its form, to whom it goes, and its letters sent; all of it kept until the hub has them all.
 */

import { isUnderWay, mayHaveArrived, stillToGo, unsentOf } from "../drafts/letters.js";
import { startAnswer } from "./answering.js";
import { STATE, tellNotKept } from "./message_views.js";
import { allSentView, lettersView, PROGRESS, progressView } from "./new_views.js";
import { postLetters } from "./posting.js";

/** @typedef {import("../as4/xml_remote.js").Judge} Judge */
/** @typedef {import("../as4/xsd.js").SchemaText} SchemaText */
/** @typedef {import("../drafts/letters.js").Letter} Letter */
/** @typedef {import("../drafts/shelf.js").Shelf} Shelf */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("./answering.js").Sent} Sent */
/** @typedef {import("./answering.js").Written} Written */
/** @typedef {import("./calls.js").Endpoint} Endpoint */
/** @typedef {import("./new_views.js").Begun} Begun */
/** @typedef {import("./outgoing.js").Chance} Chance */
/** @typedef {import("./sending.js").Means} Sending */
/** @typedef {import("./sentences.js").Sentences} Say */
/** @typedef {import("./settings_known.js").Known} Known */
/** @typedef {import("./stage.js").Stage} Stage */

/** What the names of new messages begin with where they lie; the others are ids of messages that are answered. */
export const NEW = "new ";

// As long as a message waits, and a weekend; the hub knows a letter again for far longer.
const KEPT_MILLISECONDS = 7 * 24 * 3_600_000;

/**
 * @typedef {object} NewDesk
 * @property {Description} description
 * @property {SchemaText} schema
 * @property {Shelf} shelf
 * @property {Stage} stage
 * @property {Say} say
 * @property {Language} language
 * @property {Endpoint} endpoint
 * @property {() => Sending} sending
 * @property {Judge} judge
 * @property {Chance} chance
 * @property {Known} known
 * @property {() => Date} now
 * @property {string} unit
 * @property {() => void} back
 * @property {() => Promise<void>} gone the hub has it all: nothing of it stays here
 */

/**
 * @param {string} name under which it is kept
 * @param {Begun} begun which is changed as it goes on
 * @param {NewDesk} desk
 */
export async function writeNew(name, begun, desk) {
  const { description, schema, shelf, stage, say, now, chance, unit } = desk;
  const until = new Date(Date.parse(begun.at) + KEPT_MILLISECONDS);
  const goesOn = isUnderWay(begun.letters);
  const form = startAnswer(description, schema, null, {
    ...desk,
    draft: begun.draft,
    documents: begun.kind.documents,
    changed: (draft) => {
      begun.draft = draft();
      shelf.putSoon(name, () => ({ ...begun, draft: draft() }), until).catch(() => tellNotKept(say)); // in memory alone
    },
    headers: () => {
      begun.letters = stillToGo(begun.letters, chance);
      return unsentOf(begun.letters).map(({ party, conversation, reference, moment }) => ({
        ...{ reference, conversation, sender: unit, receiver: party },
        moment: moment === null ? now() : new Date(moment),
      }));
    },
    mayHaveArrived: () => mayHaveArrived(begun.letters),
    heading: () => lettersView(begun.letters, say),
    prepare: async (written) => () => post(written),
    sent: async () => location.assign("/berichten?done=sent"),
  });
  if (goesOn) await form.checkAll();

  /** @param {Written} written @returns {Promise<Sent>} */
  async function post(written) {
    const { letters } = begun;
    begun.draft = written.draft;
    const keep = () => shelf.put(name, begun, until).catch(() => undefined); // it goes all the same
    const isOne = letters.length === 1;
    if (!isOne) stage.show(progressView(countSent(letters), letters.length, say), {}, PROGRESS.said);
    const progress = () => isOne || showProgress(countSent(letters), letters.length);
    await postLetters(description, unsentOf(letters), written, { ...desk, sending: desk.sending(), keep, progress });
    const refused = unsentOf(letters);
    if (refused.length > 0) {
      return { errors: refused[0].refused, above: isOne ? [] : [say("new.some_refused", { sent: `${countSent(letters)}`, all: `${letters.length}` })] };
    }
    await desk.gone();
    if (isOne) return { receipt: letters[0].receipt ?? "" };
    stage.show(allSentView(letters, say), { sent: () => location.assign("/verstuurd") }, STATE);
    return null;
  }

  /** @param {number} sent @param {number} all */
  function showProgress(sent, all) {
    const [said, bar] = [document.getElementById(PROGRESS.said), document.getElementById(PROGRESS.bar)];
    if (said !== null) said.textContent = say("new.progress", { sent: `${sent}`, all: `${all}` });
    if (bar instanceof HTMLProgressElement) bar.value = sent;
  }
}

/** @type {(letters: readonly Letter[]) => number} */
const countSent = (letters) => letters.length - unsentOf(letters).length;

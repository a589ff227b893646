/**
 * The page of a new message: its keys opened, a kind and a receiver chosen, and then the same form, preview and sending
 * as an answer has. A new message begins a conversation of its own.
 *
 * SECURITY: who may be chosen stands in the address book that the hub signed; without one that counts nobody is.
 */

import { Refused } from "../as4/refused.js";
import { KeyFault } from "../keys/keeper.js";
import * as flate from "../../vendor/fflate/fflate.js";
import { startAnswer } from "./answering.js";
import { askIn } from "./ask_lock.js";
import { call, CallFault, ofUnit } from "./calling.js";
import { callsOf } from "./calls.js";
import { endedView, LOCK_PLACE, lockedView, refusedView, STATE } from "./message_views.js";
import { beginView, receiversOf, RECEIVER, receiverView } from "./new_views.js";
import { certificateIn, readBook } from "./opening.js";
import { dayOf } from "./outgoing.js";
import { keeperOfPage } from "./page_keeper.js";
import { sentences } from "./sentences.js";
import { readKnown } from "./settings_known.js";
import { stageOf } from "./stage.js";
import { unlocked } from "./unlocking.js";
import { whyNot } from "./why_not.js";
import { startReader } from "./xml_reader.js";

/** @typedef {import("../as4/address_book.js").Entry} Entry */
/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("./new_views.js").Kind} Kind */
/** @typedef {import("./sentences.js").Sentences} Sentences */
/** @typedef {import("./unlocking.js").Unlocked} Unlocked */

/** What is said of a new message otherwise than of an answer. */
const OTHERWISE = /** @type {Record<string, string>} */ ({
  "desk.form.back": "new.back",
  "desk.preview": "new.preview",
  "desk.unsigned": "new.unsigned",
});
const chance = { uuid: () => crypto.randomUUID(), octets: (/** @type {number} */ count) => crypto.getRandomValues(new Uint8Array(count)) };

/** @param {HTMLElement} place */
async function begin(place) {
  const { unit = "" } = place.dataset;
  const language = /** @type {Language} */ (document.documentElement.lang === "en" ? "en" : "nl");
  const calls = callsOf(unit);
  const [texts, endpoint, reader] = await Promise.all([sentences(), calls.endpoint(), startReader()]);
  const readers = { ...reader, flate };
  /** @type {Sentences} */
  const say = (key, values) => texts(OTHERWISE[key] ?? key, values);
  const stage = stageOf(place, failed);
  const now = () => new Date();
  /** @type {Unlocked | null} */
  let keys = null;
  /** @type {Map<string, import("./answering.js").Drafts>} by kind and receiver */
  const drafts = new Map();
  addEventListener("pagehide", () => {
    drafts.clear();
    place.replaceChildren();
    readers.end();
  });
  lock(null);

  /** @param {string | null} why */
  function lock(why) {
    keys = null;
    stage.show(lockedView(why), {}, why === null ? undefined : STATE);
    stage.run(async () => {
      const where = /** @type {HTMLElement} */ (document.getElementById(LOCK_PLACE));
      const locked = (/** @type {string} */ word) => word === "idle" || word === "hidden" ? lock(say("desk.locked.idle")) : undefined;
      keys = await unlocked({ unit, ask: askIn(where, say), locked });
      await choose();
    });
  }

  async function choose() {
    const [{ types }, book] = await Promise.all([call(ofUnit(unit, "new")), readBook(endpoint, calls, { ...readers, now: now() })]);
    if (book === null) return stage.show(endedView(say("new.no_book"), say), { again: () => location.reload() }, STATE);
    /** @type {Kind[]} */
    const kinds = types;
    showKinds();

    function showKinds() {
      stage.show(beginView(kinds, say), { kind: (at) => chooseReceiver(kinds[Number(at)]) }, STATE);
    }

    /** @param {Kind} kind */
    async function chooseReceiver(kind) {
      const description = await calls.form(kind.module, kind.version, kind.type);
      const receivers = receiversOf(book?.entries ?? [], description, unit, dayOf(now()));
      const write = () => {
        const { value } = /** @type {HTMLSelectElement} */ (document.getElementById(RECEIVER));
        return value === "" ? undefined : start(kind, description, value);
      };
      stage.show(receiverView(kind, receivers, say), { write, kinds: showKinds }, STATE);
    }

    /** @param {Kind} kind @param {import("../forms/types.js").Description} description @param {string} receiver */
    async function start(kind, description, receiver) {
      const [schema, { settings }, { ask }] = await Promise.all([calls.schema(kind.module, kind.version), calls.keys(), keeperOfPage()]);
      const known = await readKnown(settings, ask, now());
      const of = `${kind.module} ${kind.version} ${receiver}`;
      const own = drafts.get(of) ?? new Map();
      drafts.set(of, own);
      const facts = { conversation: chance.uuid(), sender: unit, receiver };
      const sent = async () => location.assign("/berichten?done=sent");
      const mine = async () => undefined; // nobody else has it
      const sendBy = sending();
      startAnswer(description, schema, null, {
        ...{ stage, say, language, endpoint, sending: sendBy, judge: readers.judge, chance, known, drafts: own },
        ...{ back: showKinds, lease: null, documents: kind.documents, mine, sent, facts },
      });
    }
  }

  function sending() {
    if (keys === null) throw new KeyFault("locked");
    const hubCertificates = endpoint.hub_signing.map(certificateIn);
    return { calls, key: keys.signing, hub: certificateIn(endpoint.hub_encryption), hubCertificates, parseXml: readers.parseXml, flate, now };
  }

  /** @param {unknown} fault */
  function failed(fault) {
    const again = { again: () => location.reload() };
    if (fault instanceof Refused) stage.show(refusedView(fault.check, say), {}, STATE);
    else if (fault instanceof KeyFault && fault.message === "locked") lock(whyNot(fault, say));
    else if (fault instanceof KeyFault || fault instanceof CallFault) stage.show(endedView(whyNot(fault, say), say), again, STATE);
    else stage.show(endedView(say("new.failed"), say), again, STATE);
  }
}

const place = document.getElementById("new-place");
if (place !== null) begin(place);

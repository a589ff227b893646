/**
 * The page of a new message: its keys opened, a kind and receivers chosen, and then the same form, preview and sending
 * as an answer has. Each receiver gets a message of its own, in a conversation of its own or in one that goes on.
 *
 * SECURITY: who may be chosen stands in the address book that the hub signed; without one that counts nobody is.
 */

import { Refused } from "../as4/refused.js";
import { handsOf } from "../drafts/in_hand.js";
import { lettersTo } from "../drafts/letters.js";
import { sealingOf } from "../drafts/sealing.js";
import { clearOld, shelfOf } from "../drafts/shelf.js";
import { KeyFault } from "../keys/keeper.js";
import * as flate from "../../vendor/fflate/fflate.js";
import { askIn } from "./ask_lock.js";
import { call, CallFault, ofUnit } from "./calling.js";
import { callsOf } from "./calls.js";
import { clearGone } from "./clearing.js";
import { askAboutHub } from "./hub_asking.js";
import { endedView, LOCK_PLACE, lockedView, refusedView, STATE } from "./message_views.js";
import { momentInWords } from "./moments.js";
import { beginView, goingOnView, receiversOf, RECEIVER, receiverView } from "./new_views.js";
import { dayOf } from "./outgoing.js";
import { keeperOfPage } from "./page_keeper.js";
import { sentences } from "./sentences.js";
import { readKnown } from "./settings_known.js";
import { stageOf } from "./stage.js";
import { readTrust, StrangeHub } from "./trusting.js";
import { unlocked } from "./unlocking.js";
import { whyNot } from "./why_not.js";
import { NEW, writeNew } from "./writing_new.js";
import { startReader } from "./xml_reader.js";

/** @typedef {import("../as4/address_book.js").AddressBook} AddressBook */
/** @typedef {import("../drafts/letters.js").Receiver} Receiver */
/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("./new_views.js").Begun} Begun */
/** @typedef {import("./new_views.js").Kind} Kind */
/** @typedef {import("./sentences.js").Sentences} Sentences */
/** @typedef {import("./trusting.js").Trust} Trust */
/** @typedef {import("./unlocking.js").Unlocked} Unlocked */

/** @typedef {{types: Kind[], goes_on: {conversation: string, party: string, party_name: string}[]}} Beginning */

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
  const hands = handsOf(unit, navigator.locks);
  /** @type {Unlocked | null} */
  let keys = null;
  /** @type {Trust | null} on whom the page relies, since its keys are open */
  let trust = null;
  addEventListener("pagehide", () => {
    place.replaceChildren();
    readers.end();
  });
  lock(null);

  /** @param {string | null} why */
  function lock(why) {
    keys = trust = null;
    stage.show(lockedView(why), {}, why === null ? undefined : STATE);
    stage.run(async () => {
      const where = /** @type {HTMLElement} */ (document.getElementById(LOCK_PLACE));
      const locked = (/** @type {string} */ word) => word === "idle" || word === "hidden" ? lock(say("desk.locked.idle")) : undefined;
      keys = await unlocked({ unit, ask: askIn(where, say), locked });
      await choose(keys);
    });
  }

  /** @param {Unlocked} unlockedKeys */
  const relying = ({ keepSeen }) => {
    const ask = /** @type {import("../keys/keeper.js").Ask} */ (async (op, message) => (await keeperOfPage()).ask(op, message));
    return { endpoint, calls, ask, parseXml: readers.parseXml, now, keep: keepSeen };
  };

  /** @param {Unlocked} open */
  async function choose(open) {
    const shelf = shelfOf(unit, await sealingOf(open.decryption, open.recipient));
    trust = await readTrust(relying(open));
    /** @type {Beginning} */
    const { types: kinds, goes_on } = await call(ofUnit(unit, `new${location.search}`));
    const { book } = trust;
    if (book === null) return stage.show(endedView(say("new.no_book"), say), { again: () => location.reload() }, STATE);
    const { entries } = book;
    /** @type {Map<string, Begun>} */
    const begun = new Map();
    await clearOld(now());
    await clearGone(shelf, calls.waits);
    for (const name of (await shelf.names()).filter((each) => each.startsWith(NEW))) {
      const found = await shelf.get(name);
      if (found !== null) begun.set(name, found);
    }
    showKinds();

    /** @param {string} [fault] what was asked before, and cannot be */
    function showKinds(fault) {
      stage.show(
        beginView(kinds, begun, say, (moment) => momentInWords(new Date(moment)), fault),
        {
          kind: (number) => chooseReceiver(kinds[Number(number)]),
          "go-on": goOn,
          drop: async (name) => {
            if (!(await hands.take(name))) return showKinds(say("new.begun.elsewhere"));
            await forget(name);
            showKinds();
          },
        },
        STATE,
      );
    }

    /** What another tab had in hand meanwhile goes on from where that one left it. @param {string} name */
    async function goOn(name) {
      if (hands.has(name)) return write(name);
      if (!(await hands.take(name))) return showKinds(say("new.begun.elsewhere"));
      const found = await shelf.get(name);
      if (found !== null) {
        begun.set(name, found);
        return write(name);
      }
      await forget(name);
      showKinds(say("new.begun.gone"));
    }

    /** @param {string} name of what went, or is thrown away */
    async function forget(name) {
      await shelf.drop(name);
      begun.delete(name);
      hands.letGo(name);
    }

    /** @param {Kind} kind */
    async function chooseReceiver(kind) {
      const description = await calls.form(kind.module, kind.version, kind.type);
      const listed = receiversOf(entries, description, unit, dayOf(now()));
      /** @type {Receiver[]} */
      const chosen = [];
      if (goes_on.length > 0) return showGoingOn();
      show();

      function show() {
        stage.show(receiverView(kind, listed, chosen, say), { write: writeTo, more, without, kinds: showKinds }, chosen.length > 0 ? RECEIVER : STATE);
      }

      function take() {
        const { value } = /** @type {HTMLSelectElement} */ (document.getElementById(RECEIVER));
        const found = listed.find(({ party, takes }) => takes && party === value);
        if (found !== undefined) chosen.push({ party: found.party, name: found.name });
      }

      function more() {
        take();
        show();
      }

      /** @param {string} at */
      function without(at) {
        chosen.splice(Number(at), 1);
        show();
      }

      function writeTo() {
        take();
        return chosen.length === 0 ? undefined : begin(kind, chosen);
      }

      function showGoingOn() {
        const all = goes_on.map(({ conversation, party, party_name: name }) => ({ conversation, party, name }));
        const able = all.filter(({ party }) => listed.some((each) => each.takes && each.party === party));
        const cannot = all.filter((each) => !able.includes(each));
        stage.show(goingOnView(kind, able, cannot, say), { write: () => begin(kind, able), kinds: showKinds }, STATE);
      }
    }

    /** @param {Kind} kind @param {Receiver[]} receivers */
    async function begin(kind, receivers) {
      const name = `${NEW}${chance.uuid()}`;
      await hands.take(name);
      begun.set(name, { kind, letters: lettersTo(receivers, chance), draft: null, at: now().toISOString() });
      return write(name);
    }

    /** @param {string} name */
    async function write(name) {
      const found = /** @type {Begun} */ (begun.get(name));
      const { module, version, type } = found.kind;
      const [description, schema, { settings }, { ask }] = await Promise.all(
        /** @type {const} */ ([calls.form(module, version, type), calls.schema(module, version), calls.keys(), keeperOfPage()]),
      );
      const known = await readKnown(settings, ask, now());
      const back = () => {
        if (found.draft === null) {
          begun.delete(name);
          hands.letGo(name);
        }
        showKinds();
      };
      const means = { stage, say, language, endpoint, sending, judge: readers.judge, chance, known, now, unit, back, gone: () => forget(name) };
      await writeNew(name, found, { description, schema, shelf, ...means });
    }
  }

  function sending() {
    if (keys === null || trust === null) throw new KeyFault("locked");
    return { calls, key: keys.signing, hub: trust.hub, hubCertificates: trust.hubCertificates, parseXml: readers.parseXml, flate, now };
  }

  /** @param {unknown} fault */
  function failed(fault) {
    const again = { again: () => location.reload() };
    const open = keys;
    if (fault instanceof StrangeHub && open !== null) stage.run(() => askAboutHub(stage, fault, say, relying(open), () => choose(open)));
    else if (fault instanceof Refused) stage.show(refusedView(fault.check, say), {}, STATE);
    else if (fault instanceof KeyFault && fault.message === "locked") lock(whyNot(fault, say));
    else if (fault instanceof KeyFault || fault instanceof CallFault) stage.show(endedView(whyNot(fault, say), say), again, STATE);
    else stage.show(endedView(say("new.failed"), say), again, STATE);
  }
}

const place = document.getElementById("new-place");
if (place !== null) begin(place);

/**
 * The page of a new message: its keys opened, a kind and receivers chosen, and then the same form, preview and sending
 * as an answer has. Each receiver gets a message of its own, in a conversation of its own or in one that goes on.
 *
 * SECURITY: who may be chosen stands in the address book that the hub signed; without one that counts nobody is.
 */

import { handsOf } from "../drafts/in_hand.js";
import { lettersTo } from "../drafts/letters.js";
import { sealingOf } from "../drafts/sealing.js";
import { clearOld, shelfOf } from "../drafts/shelf.js";
import { call, ofUnit } from "./calling.js";
import { clearGone } from "./clearing.js";
import { endedView, STATE } from "./message_views.js";
import { momentInWords } from "./moments.js";
import { beginView, goingOnView, receiversOf, RECEIVER, receiverView } from "./new_views.js";
import { dayOf } from "./outgoing.js";
import { readKnown } from "./settings_known.js";
import { chance, now, unlockedPage } from "./unlocked_page.js";
import { NEW, writeNew } from "./writing_new.js";

/** @typedef {import("../as4/address_book.js").AddressBook} AddressBook */
/** @typedef {import("../drafts/letters.js").Receiver} Receiver */
/** @typedef {import("./new_views.js").Begun} Begun */
/** @typedef {import("./new_views.js").Kind} Kind */
/** @typedef {import("./unlocking.js").Unlocked} Unlocked */

/** @typedef {{types: Kind[], goes_on: {conversation: string, party: string, party_name: string}[]}} Beginning */

/** What is said of a new message otherwise than of an answer. */
const OTHERWISE = /** @type {Record<string, string>} */ ({
  "desk.form.back": "new.back",
  "desk.preview": "new.preview",
  "desk.unsigned": "new.unsigned",
});

/** @param {HTMLElement} place */
async function begin(place) {
  const page = await unlockedPage(place, "new.failed", OTHERWISE);
  const { unit, language, calls, endpoint, readers, stage, say, ask, rely, sending } = page;
  const hands = handsOf(unit, navigator.locks);
  page.begin(choose);

  /** @param {Unlocked} open */
  async function choose(open) {
    const shelf = shelfOf(unit, await sealingOf(open.decryption, open.recipient));
    /** @type {Beginning} */
    const { types: kinds, goes_on } = await call(ofUnit(unit, `new${location.search}`));
    const { book } = await rely(open);
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
      const [description, schema, { settings }] = await Promise.all(
        /** @type {const} */ ([calls.form(module, version, type), calls.schema(module, version), calls.keys()]),
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
}

const place = document.getElementById("new-place");
if (place !== null) begin(place);

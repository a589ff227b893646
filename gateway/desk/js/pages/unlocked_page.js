/**
 * A page that needs the keys of a unit before it shows anything: what it asks and reads with, its keys and on whom it
 * relies while they are open, and every fault in words.
 *
 * SECURITY: nothing that was opened outlives the keys: they are locked, or the page is left, and the place is empty.
 */

import { Refused } from "../as4/refused.js";
import { KeyFault } from "../keys/keeper.js";
import * as flate from "../../vendor/fflate/fflate.js";
import { askIn } from "./ask_lock.js";
import { CallFault } from "./calling.js";
import { callsOf } from "./calls.js";
import { askAboutHub } from "./hub_asking.js";
import { endedView, LOCK_PLACE, lockedView, refusedView, STATE } from "./message_views.js";
import { keeperOfPage } from "./page_keeper.js";
import { sentences } from "./sentences.js";
import { stageOf } from "./stage.js";
import { readTrust, StrangeHub } from "./trusting.js";
import { unlocked } from "./unlocking.js";
import { whyNot } from "./why_not.js";
import { startReader } from "./xml_reader.js";

/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("./sentences.js").Sentences} Sentences */
/** @typedef {import("./trusting.js").Trust} Trust */
/** @typedef {import("./unlocking.js").Unlocked} Unlocked */

/** What is left to chance. */
export const chance = { uuid: () => crypto.randomUUID(), octets: (/** @type {number} */ count) => crypto.getRandomValues(new Uint8Array(count)) };

export const now = () => new Date();

/**
 * @param {HTMLElement} place
 * @param {string} broken the text for what nobody foresaw
 * @param {Record<string, string>} [otherwise] what is said here by another text of the catalogue
 */
export async function unlockedPage(place, broken, otherwise = {}) {
  const { unit = "" } = place.dataset;
  const language = /** @type {Language} */ (document.documentElement.lang === "en" ? "en" : "nl");
  const calls = callsOf(unit);
  const [texts, endpoint, reader] = await Promise.all([sentences(), calls.endpoint(), startReader()]);
  const readers = { ...reader, flate };
  const stage = stageOf(place, failed);
  /** @type {Sentences} */
  const say = (key, values) => texts(otherwise[key] ?? key, values);
  /** @type {Unlocked | null} */
  let keys = null;
  /** @type {Trust | null} on whom the page relies, since its keys are open */
  let trust = null;
  /** @type {(keys: Unlocked) => Promise<void>} */
  let opened = async () => undefined;
  let shut = () => undefined;

  /** @type {import("../keys/keeper.js").Ask} */
  const ask = async (op, message) => (await keeperOfPage()).ask(op, message);
  /** @param {Unlocked} open */
  const relying = ({ keepSeen }) => ({ endpoint, calls, ask, parseXml: readers.parseXml, now, keep: keepSeen });

  /**
   * Asks for the keys, now and each time that they were locked.
   * @param {(keys: Unlocked) => Promise<void>} work shows what there is, once they are open
   * @param {() => void} [forget] told when they are locked, and when the page is left
   */
  function begin(work, forget = () => undefined) {
    opened = work;
    shut = () => void forget();
    addEventListener("pagehide", () => {
      shut();
      place.replaceChildren();
      readers.end();
    });
    lock(null);
  }

  /** @param {string | null} why */
  function lock(why) {
    keys = trust = null;
    shut();
    stage.show(lockedView(why), {}, why === null ? undefined : STATE);
    stage.run(async () => {
      const where = /** @type {HTMLElement} */ (document.getElementById(LOCK_PLACE));
      const locked = (/** @type {string} */ word) => (word === "idle" || word === "hidden" ? lock(say("desk.locked.idle")) : undefined);
      keys = await unlocked({ unit, ask: askIn(where, say), locked });
      await opened(keys);
    });
  }

  /** @param {Unlocked} open @returns {Promise<Trust>} */
  async function rely(open) {
    trust = await readTrust(relying(open));
    return trust;
  }

  /** What a message leaves with. */
  function sending() {
    if (keys === null || trust === null) throw new KeyFault("locked");
    return { calls, key: keys.signing, hub: trust.hub, hubCertificates: trust.hubCertificates, parseXml: readers.parseXml, flate, now };
  }

  /** @param {unknown} fault */
  function failed(fault) {
    const again = { again: () => location.reload() };
    const open = keys;
    if (fault instanceof StrangeHub && open !== null) stage.run(() => askAboutHub(stage, fault, say, relying(open), () => opened(open)));
    else if (fault instanceof Refused) stage.show(refusedView(fault.check, say), {}, STATE);
    else if (fault instanceof KeyFault && fault.message === "locked") lock(whyNot(fault, say));
    else if (fault instanceof KeyFault || fault instanceof CallFault) stage.show(endedView(whyNot(fault, say), say), again, STATE);
    else stage.show(endedView(say(broken), say), again, STATE);
  }

  return { unit, language, calls, endpoint, readers, stage, say, ask, begin, rely, sending };
}

/** @typedef {Awaited<ReturnType<typeof unlockedPage>>} UnlockedPage */

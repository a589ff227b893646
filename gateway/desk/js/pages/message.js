/**
 * The page of one message: its keys opened, the message leased, read, answered or removed, and gone.
 *
 * The steps stand here; each lives where it belongs. A message is in one of a few states, and each shows what can be
 * done in it. Nothing that was opened outlives the page.
 *
 * SECURITY: the receipt for a message goes only after its content was shown, and after the answer's own receipt held. A
 * message that is not ours to open gets none.
 */

import { entryOf } from "../as4/address_book.js";
import { namesOf } from "../as4/origin.js";
import { Refused } from "../as4/refused.js";
import { KeyFault } from "../keys/keeper.js";
import { sealingOf } from "../drafts/sealing.js";
import { clearOld, shelfOf } from "../drafts/shelf.js";
import { answering, withHeader } from "../forms/header.js";
import * as flate from "../../vendor/fflate/fflate.js";
import { startAnswer } from "./answering.js";
import { askIn } from "./ask_lock.js";
import { attachmentOf, documentName, namesIn, saveFile, viewFile } from "./attachments.js";
import { CallFault } from "./calling.js";
import { callsOf } from "./calls.js";
import { clearGone } from "./clearing.js";
import { askAboutHub } from "./hub_asking.js";
import { keepLease } from "./lease_keeper.js";
import { agreeView, endedView, heldView, LOCK_PLACE, lockedView, openView, refusedView, STATE, sureView, tellNotKept } from "./message_views.js";
import { clockTime } from "./moments.js";
import { openStored } from "./opening.js";
import { pushOf } from "./outgoing.js";
import { keeperOfPage } from "./page_keeper.js";
import { confirm, prepare } from "./sending.js";
import { sentences } from "./sentences.js";
import { readKnown } from "./settings_known.js";
import { stageOf } from "./stage.js";
import { changedView, doubtView } from "./trust_views.js";
import { readTrust, StrangeHub } from "./trusting.js";
import { unlocked } from "./unlocking.js";
import { whyNot } from "./why_not.js";
import { startReader } from "./xml_reader.js";

/** @typedef {import("../drafts/shelf.js").Shelf} Shelf */
/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("./answering.js").Draft} Draft */
/** @typedef {import("./calls.js").Lease} Lease */
/** @typedef {import("./opening.js").Content} Content */
/** @typedef {import("./trusting.js").Trust} Trust */
/** @typedef {import("./unlocking.js").Unlocked} Unlocked */

const PRE_AGREEMENT = "SaldoverzoekAntwoordVoorafAkkoord";
const MOST_TIMER_MILLISECONDS = 2 ** 31 - 1;
const chance = { uuid: () => crypto.randomUUID(), octets: (/** @type {number} */ count) => crypto.getRandomValues(new Uint8Array(count)) };

/** @param {HTMLElement} place */
async function begin(place) {
  const { unit = "", message = "" } = place.dataset;
  const language = /** @type {Language} */ (document.documentElement.lang === "en" ? "en" : "nl");
  const calls = callsOf(unit);
  const [say, endpoint, reader] = await Promise.all([sentences(), calls.endpoint(), startReader()]);
  const readers = { ...reader, flate };
  const stage = stageOf(place, failed);
  const now = () => new Date();
  /** @type {() => void} */
  let stopLease = () => undefined;
  let expiry = 0;
  /** @type {Unlocked | null} */
  let keys = null;
  /** @type {Trust | null} on whom the page relies, since its keys are open */
  let trust = null;
  /** @type {Shelf | null} where answers are kept that have not gone */
  let shelf = null;
  /** @type {Map<string, Draft>} by the type of the answer */
  let drafts = new Map();
  addEventListener("pagehide", () => {
    place.replaceChildren();
    readers.end();
  });
  lock(null);

  /** Nothing of a message stays, and somebody is asked to open the keys. @param {string | null} why */
  function lock(why) {
    letGo();
    keys = shelf = trust = null;
    drafts = new Map();
    stage.show(lockedView(why), {}, why === null ? undefined : STATE);
    stage.run(async () => {
      const where = /** @type {HTMLElement} */ (document.getElementById(LOCK_PLACE));
      keys = await unlocked({ unit, ask: askIn(where, say), locked });
      shelf = shelfOf(unit, await sealingOf(keys.decryption, keys.recipient));
      await clearOld(now());
      await clearGone(shelf, calls.waits);
      await open(false);
    });
  }

  /** @param {string} why */
  function locked(why) {
    if (why === "idle" || why === "hidden") lock(say("desk.locked.idle"));
  }

  /** @type {import("../keys/keeper.js").Ask} */
  async function ask(op, message) {
    return (await keeperOfPage()).ask(op, message);
  }

  /** @param {boolean} takeOver @returns {Promise<void>} */
  async function open(takeOver) {
    if (keys === null) return lock(null);
    trust = await readTrust(relying(keys));
    let lease;
    try {
      lease = await calls.lease(message, takeOver);
    } catch (fault) {
      if (!(fault instanceof CallFault) || fault.status !== 409) throw fault;
      return stage.show(heldView(fault.said.holder, clockTime(new Date(fault.said.until)), say), { "take-over": () => open(true) }, STATE);
    }
    hold(lease);
    drafts = (await shelf?.get(message)) ?? new Map();
    await read(lease, keys, trust);
  }

  /** @param {Lease} lease @param {Unlocked} unlocked @param {Trust} relied */
  async function read(lease, { decryption }, relied) {
    await showMessage(lease, await openStored(lease, calls, { endpoint, keys: decryption, trust: relied, readers, now: now() }), relied);
  }

  /** @param {Unlocked} unlocked */
  const relying = ({ keepSeen }) => ({ endpoint, calls, ask, parseXml: readers.parseXml, now, keep: keepSeen });

  /** @param {Lease} lease */
  function hold({ token, message: { stays_until } }) {
    letGo();
    const left = Date.parse(stays_until.moment.machine) - now().getTime();
    const lost = () => (now().getTime() < Date.parse(stays_until.moment.machine) ? end(say("desk.lost")) : over());
    stopLease = keepLease(() => calls.prolong(message, token), lost);
    expiry = setTimeout(over, Math.min(Math.max(left, 0), MOST_TIMER_MILLISECONDS));
  }

  function letGo() {
    stopLease();
    clearTimeout(expiry);
  }

  /**
   * Nothing of the message stays on the page.
   * @param {string} text
   * @param {boolean} [wasAsked] somebody did something, so the focus goes to what came of it
   */
  function end(text, wasAsked = true) {
    letGo();
    stage.show(endedView(text, say), { again: () => location.reload() }, wasAsked ? STATE : undefined);
  }

  /** The message is gone, and what was written to answer it with it. */
  function over() {
    forget();
    end(say("desk.expired"));
  }

  function forget() {
    drafts.clear();
    return shelf?.drop(message);
  }

  /** @param {Lease} lease @param {Content} content @param {Trust} relied */
  async function showMessage(lease, content, relied) {
    const { module, version } = lease.message;
    const { description, values, opened } = content;
    const names = namesIn(values);
    const attachments = opened.attachments.map(({ octets }, index) => attachmentOf(octets, names[index] ?? "", index + 1));
    const types = lease.message.is_answered ? [] : description.answers;
    const answers = (await Promise.all(types.map((type) => calls.form(module, version, type)))).filter((each) => each.by_hand);
    const isAnswered = lease.message.is_answered && description.answers.length > 0;
    const sender = namesOf(opened.facts.originalSender ?? opened.proof?.party ?? "");
    const changed = content.vouched !== null ? [] : relied.changed.filter(({ party }) => sender.includes(party));
    const doubt = content.vouched !== null ? [] : doubtView(relied.objection, changed, say);
    let isSaved = false;
    const keep = (/** @type {Uint8Array<ArrayBuffer>} */ octets, /** @type {string} */ name) => {
      isSaved = true;
      saveFile(octets, name);
    };
    const title = documentName(description.type, opened.facts.trackingIdentifier ?? "bericht");
    const acts = {
      view: (/** @type {string} */ at) => viewFile(attachments[Number(at)]),
      save: (/** @type {string} */ at) => keep(attachments[Number(at)].octets, attachments[Number(at)].name),
      "save-document": () => keep(opened.document.octets, `${title}.xml`),
      "save-proof": () => keep(/** @type {any} */ (opened.proof).octets, `${title}-herkomst.xml`),
      print: () => {
        isSaved = true;
        print();
      },
      answer,
      forget: async () => {
        await forget();
        back();
      },
      changed: seeChanged,
      remove: () => (isSaved || isAnswered ? remove("removed") : makeSure()),
    };
    back();

    function back() {
      stage.show(openView(content, { attachments, answers, isAnswered, begun: [...drafts.keys()], doubt }, language, say), acts, STATE);
    }

    /** A person compares the sender's new certificate with what the sender says itself. */
    function seeChanged() {
      const [{ party }] = changed;
      const those = changed.filter((each) => each.party === party);
      const agreed = async () => {
        if (keys === null) throw new KeyFault("locked");
        trust = await readTrust(relying(keys), party);
        await read(lease, keys, trust);
      };
      stage.show(changedView(those, say), { "changed-agreed": agreed, back }, STATE);
    }

    function makeSure() {
      stage.show(sureView(say), { "remove-surely": () => remove("removed"), back }, STATE);
    }

    /** @param {string} type */
    async function answer(type) {
      if (type === PRE_AGREEMENT && expectsProposals()) {
        stage.show(agreeView(say), { "agree-surely": () => write(type), back }, STATE);
      } else {
        await write(type);
      }
    }

    /** Whether who asked takes no part in Collectief Schuldregelen; a book that does not count says nothing. */
    function expectsProposals() {
      const { book } = relied;
      return book !== null && entryOf(book, lease.message.party_id)?.collectief === false;
    }

    /** @param {string} type */
    async function write(type) {
      const chosen = answers.find((each) => each.type === type);
      if (chosen === undefined) return;
      const [schema, { settings }] = await Promise.all([calls.schema(module, version), calls.keys()]);
      const known = await readKnown(settings, ask, now());
      const until = new Date(lease.message.stays_until.moment.machine);
      startAnswer(chosen, schema, { description, values }, {
        ...{ stage, say, language, judge: readers.judge, now, known, back },
        draft: drafts.get(type) ?? null,
        changed: (draft) => {
          drafts.set(type, draft());
          const all = () => drafts.set(type, draft());
          shelf?.putSoon(message, all, until).catch(() => tellNotKept(say)); // in memory alone
        },
        headers: () => [{ reference: chance.uuid(), moment: now(), ...answering(values) }],
        prepare: async ({ draft, values: written, headers: [header] }) => {
          const push = pushOf(chosen, withHeader(chosen, written, header), header, { endpoint, at: now(), chance }, draft.attached);
          const send = await prepare(push, lease.token, sending());
          return async () => {
            await calls.prolong(message, lease.token);
            return send();
          };
        },
        sent: () => remove("answered"),
      });
    }

    /** @param {string} done what the overview says of it */
    async function remove(done) {
      const receipt = { lease: lease.token, messageId: `${chance.uuid()}@desk.knooppunt` };
      const isGone = await confirm(opened, receipt, sending()).then((errors) => errors.length === 0, unlessLocked);
      if (isGone || done === "answered") await forget();
      if (!isGone) return end(say(done === "answered" ? "desk.unconfirmed" : "desk.not_removed"));
      letGo();
      location.assign(`/berichten?done=${done}`);
    }

    /** @param {unknown} fault the receipt failed, so the message is still there */
    function unlessLocked(fault) {
      if (fault instanceof KeyFault) throw fault;
      return false;
    }
  }

  function sending() {
    if (keys === null || trust === null) throw new KeyFault("locked");
    return { calls, key: keys.signing, hub: trust.hub, hubCertificates: trust.hubCertificates, parseXml: readers.parseXml, flate, now };
  }

  /** @param {unknown} fault what an act threw, told in words */
  function failed(fault) {
    const unlockedNow = keys;
    if (fault instanceof StrangeHub && unlockedNow !== null) {
      letGo();
      stage.run(() => askAboutHub(stage, fault, say, relying(unlockedNow), () => open(false)));
    } else if (fault instanceof Refused) {
      letGo();
      stage.show(refusedView(fault.check, say), {}, STATE);
    } else if (fault instanceof KeyFault && fault.message === "locked") {
      lock(whyNot(fault, say));
    } else if (fault instanceof KeyFault) {
      end(whyNot(fault, say), fault.message !== "no-lock");
    } else if (fault instanceof CallFault) {
      if (fault.isGone) over();
      else end(whyNot(fault, say));
    } else {
      end(say("desk.failed"));
    }
  }
}

/**
 * What the page needs first did not come, and the catalogue of texts may be among it: the sentence stands in the page.
 * @param {HTMLElement} place
 * @param {unknown} fault
 */
function notBegun(place, fault) {
  const said = document.createElement("p");
  said.className = "state fault over";
  said.setAttribute("role", "alert");
  const number = fault instanceof CallFault && fault.number !== "" ? ` (${fault.number})` : "";
  said.textContent = `${place.dataset.failed}${number}`;
  place.replaceChildren(said);
}

const place = document.getElementById("content-place");
if (place !== null) begin(place).catch((fault) => notBegun(place, fault));

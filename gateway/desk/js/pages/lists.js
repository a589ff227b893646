/**
 * The page of lists: keys opened, a list of questions downloaded and perhaps confirmed, files read, and their answers
 * sent, as often as it takes.
 *
 * SECURITY: what is opened stays on this page and leaves it as a file that somebody asked for, or as answers. Whoever
 * confirms a download is asked whether the file is kept: it is the only copy then.
 */

import { entryOf } from "../as4/address_book.js";
import { Refused } from "../as4/refused.js";
import { handsOf } from "../drafts/in_hand.js";
import { sealingOf } from "../drafts/sealing.js";
import { clearOld, shelfOf } from "../drafts/shelf.js";
import { KeyFault } from "../keys/keeper.js";
import { listFiles } from "../lists/listing.js";
import * as flate from "../../vendor/fflate/fflate.js";
import { askIn } from "./ask_lock.js";
import { saveFile } from "./attachments.js";
import { bulkOf, bulksIn, forgetBulk, formsOf, isOver, postBulk, refusedFiles, refusedOf, sentOf, strangeAccounts } from "./bulk.js";
import { CallFault } from "./calling.js";
import { callsOf } from "./calls.js";
import { askAboutHub } from "./hub_asking.js";
import { openQuestions } from "./list_questions.js";
import { chosen, readLists } from "./list_reading.js";
import { choiceView, complaintsView, confirmView, downloadedView, dropView, FILES, PROGRESS, previewView, progressView, saidView, sentView, stoppedView } from "./lists_views.js";
import { endedView, LOCK_PLACE, lockedView, refusedView, STATE } from "./message_views.js";
import { dayOf } from "./outgoing.js";
import { keeperOfPage } from "./page_keeper.js";
import { patiently } from "./patience.js";
import { confirm } from "./sending.js";
import { sentences } from "./sentences.js";
import { readKnown } from "./settings_known.js";
import { stageOf } from "./stage.js";
import { readTrust, StrangeHub } from "./trusting.js";
import { unlocked } from "./unlocking.js";
import { whyNot } from "./why_not.js";
import { startReader } from "./xml_reader.js";

/** @typedef {import("../forms/types.js").Language} Language */
/** @typedef {import("./bulk.js").Bulk} Bulk */
/** @typedef {import("./calls.js").ListKind} ListKind */
/** @typedef {import("./list_questions.js").OpenedQuestion} OpenedQuestion */
/** @typedef {import("./list_reading.js").Answer} Answer */
/** @typedef {import("./trusting.js").Trust} Trust */
/** @typedef {import("./unlocking.js").Unlocked} Unlocked */

const PRE_AGREEMENT = "SaldoverzoekAntwoordVoorafAkkoord";
const CSV = "text/csv";
const chance = { uuid: () => crypto.randomUUID(), octets: (/** @type {number} */ count) => crypto.getRandomValues(new Uint8Array(count)) };

/** @param {HTMLElement} place */
async function begin(place) {
  const { unit = "" } = place.dataset;
  const language = /** @type {Language} */ (document.documentElement.lang === "en" ? "en" : "nl");
  const calls = callsOf(unit);
  const [say, endpoint, reader] = await Promise.all([sentences(), calls.endpoint(), startReader()]);
  const readers = { ...reader, flate };
  const stage = stageOf(place, failed);
  const now = () => new Date();
  const hands = handsOf(unit, navigator.locks);
  /** @type {Unlocked | null} */
  let keys = null;
  /** @type {Trust | null} */
  let trust = null;
  /** @type {Map<string, OpenedQuestion>} by the id of its message, as long as the keys are open */
  const before = new Map();
  addEventListener("pagehide", () => {
    place.replaceChildren();
    readers.end();
  });
  lock(null);

  /** @param {string | null} why */
  function lock(why) {
    keys = trust = null;
    before.clear();
    stage.show(lockedView(why), {}, why === null ? undefined : STATE);
    stage.run(async () => {
      const where = /** @type {HTMLElement} */ (document.getElementById(LOCK_PLACE));
      const locked = (/** @type {string} */ word) => (word === "idle" || word === "hidden" ? lock(say("desk.locked.idle")) : undefined);
      keys = await unlocked({ unit, ask: askIn(where, say), locked });
      await choose(keys);
    });
  }

  /** @type {import("../keys/keeper.js").Ask} */
  const ask = async (op, message) => (await keeperOfPage()).ask(op, message);
  /** @param {Unlocked} open */
  const relying = ({ keepSeen }) => ({ endpoint, calls, ask, parseXml: readers.parseXml, now, keep: keepSeen });
  /** @type {import("../lists/control.js").Digests} */
  const digests = (texts) => ask("listDigests", { texts });

  /** @param {Unlocked} open @param {string} [fault] */
  async function choose(open, fault) {
    const shelf = shelfOf(unit, await sealingOf(open.decryption, open.recipient));
    const relied = await readTrust(relying(open));
    trust = relied;
    await clearOld(now());
    const [{ kinds }, begun] = await Promise.all([calls.lists(), bulksIn(shelf)]);
    const opening = { endpoint, keys: open.decryption, trust: relied, readers, now: now() };
    const back = () => choose(open);
    stage.show(
      choiceView(kinds, begun, say, fault),
      {
        download: (at) => download(kinds[Number(at)]),
        "go-on": (name) => inHand(name, send),
        look: (name) => inHand(name, async (bulk) => showSent(bulk)),
        drop: (name) => inHand(name, async (bulk) => askToDrop(bulk)),
      },
      fault === undefined ? undefined : STATE,
    );
    const input = /** @type {HTMLInputElement} */ (document.getElementById(FILES));
    input.addEventListener("change", () => stage.run(() => read([...(input.files ?? [])])));

    /** @param {ListKind} kind */
    async function download(kind) {
      const { questions, left } = await calls.openList(kind);
      showProgress("lists.opening", 0, questions.length);
      const { opened, unopened } = await openQuestions(questions, calls, opening, (done, all) => showProgress("lists.opening", done, all), before);
      const [table, description] = await Promise.all([calls.table(kind.module, kind.version, kind.type), calls.form(kind.module, kind.version, kind.type)]);
      const asked = [...opened].map(([reference, { message, values, sender }]) => ({ reference, conversation: message.conversation, sender, asker: message.party, values }));
      const files = asked.length === 0 ? [] : await listFiles(table, description, asked, digests);
      const names = files.map((_, at) => `${kind.type}-${kind.version}-${dayOf(now())}${files.length > 1 ? `-${at + 1}` : ""}.csv`);
      for (const [at, { octets }] of files.entries()) saveFile(octets, names[at], CSV);
      const held = questions.flatMap(({ state, message, holder }) => (state === "held" && message !== null ? [{ party: message.party, holder: holder ?? "" }] : []));
      const damaged = questions.filter(({ state }) => state === "damaged").length;
      const shown = downloadedView({ questions: asked.length, files: names, left, held, unopened: unopened.length + damaged }, say);
      const sure = () => stage.show(confirmView(opened.size, say), { "confirm-surely": () => confirmAll([...opened.values()]), back: () => stage.show(shown, acts, STATE) }, STATE);
      const acts = { back, confirm: sure };
      stage.show(shown, acts, STATE);
    }

    /** @param {readonly OpenedQuestion[]} questions */
    async function confirmAll(questions) {
      let wrong = 0;
      for (const [at, { confirmable }] of questions.entries()) {
        showProgress("lists.confirming", at, questions.length);
        const receipt = { lease: confirmable.lease, messageId: `${chance.uuid()}@desk.knooppunt` };
        if ((await patiently(() => confirm(confirmable, receipt, sending()))).length > 0) wrong += 1;
      }
      const count = `${questions.length - wrong}`;
      const said = wrong === 0 ? say("lists.confirmed", { count }) : say("lists.confirmed.some", { count, wrong: `${wrong}` });
      stage.show(saidView(said, say, wrong === 0 ? "state right" : "state fault"), { back }, STATE);
    }

    /** @param {readonly File[]} files */
    async function read(files) {
      if (files.length === 0) return;
      showProgress("lists.reading", 0, 1);
      const { settings } = await calls.keys();
      const tables = await Promise.all(kinds.map(({ module, version, type }) => calls.table(module, version, type)));
      const { answers, open: left, notices, complaints } = await readLists(await Promise.all(files.map(chosen)), {
        ...{ calls, tables, opening: { ...opening, now: now() }, before, digests, judge: readers.judge },
        known: await readKnown(settings, ask, now()),
        ...{ today: dayOf(now()), uuid: chance.uuid, now },
        progress: (done, all) => showProgress("lists.opening", done, all),
      });
      if (complaints.length > 0) return stage.show(complaintsView(complaints, notices, language, say), { back }, STATE);
      const bulk = bulkOf(answers, chance, now());
      const shown = previewView(answers, { open: left, notices, unexpecting: unexpecting(answers) }, language, say);
      stage.show(shown, { send: () => send(bulk), back }, STATE);
    }

    /** How many agree in advance to who takes no part in that; a book that does not count says nothing. @param {readonly Answer[]} answers */
    function unexpecting(answers) {
      const { book } = relied;
      if (book === null) return 0;
      return answers.filter(({ description, header }) => description.type === PRE_AGREEMENT && entryOf(book, header.receiver)?.collectief === false).length;
    }

    /** Does something with a list that was begun, as it lies here now: another tab may have sent some of it since it was shown.
     * @param {string} name @param {(bulk: Bulk) => Promise<void>} work */
    async function inHand(name, work) {
      if (!(await hands.take(name))) return choose(open, say("new.begun.elsewhere"));
      const bulk = (await bulksIn(shelf)).find((each) => each.name === name);
      if (bulk !== undefined) return work(bulk);
      hands.letGo(name);
      return choose(open, say("lists.begun.gone"));
    }

    /** @param {Bulk} bulk */
    function leave(bulk) {
      hands.letGo(bulk.name);
      return choose(open);
    }

    /** @param {Bulk} bulk */
    function askToDrop(bulk) {
      const drop = async () => {
        await forgetBulk(bulk, shelf);
        await leave(bulk);
      };
      stage.show(dropView(bulk, say), { "drop-surely": drop, back: () => leave(bulk) }, STATE);
    }

    /** @param {Bulk} bulk */
    function showSent(bulk) {
      const files = refusedFiles(bulk);
      const save = () => files.forEach((octets, at) => saveFile(octets, `${say("lists.refused.file")}-${dayOf(now())}${files.length > 1 ? `-${at + 1}` : ""}.csv`, CSV));
      stage.show(sentView(bulk, say), { back: () => leave(bulk), "save-refused": save, drop: () => askToDrop(bulk) }, STATE);
    }

    /** The list is in hand until it has gone or somebody leaves it. @param {Bulk} bulk @returns {Promise<void>} */
    async function send(bulk) {
      if (!(await hands.take(bulk.name))) return choose(open, say("new.begun.elsewhere"));
      const progress = () => showProgress("lists.progress", sentOf(bulk), bulk.items.length);
      progress();
      try {
        const formOf = formsOf(calls);
        const { accounts } = await readKnown((await calls.keys()).settings, ask, now());
        const strange = await strangeAccounts(bulk, formOf, accounts.map(({ iban }) => iban));
        if (strange.length > 0) return stage.show(saidView(say("lists.begun.account", { accounts: strange.join(", ") }), say, "state fault"), { back: () => leave(bulk) }, STATE);
        await postBulk(bulk, { formOf, endpoint, shelf, chance, sending, progress });
      } catch (why) {
        if (why instanceof KeyFault) throw why;
        const text = why instanceof CallFault && why.text !== "" ? why.text : say(why instanceof Refused ? "desk.unsigned" : "desk.unsent");
        return stage.show(stoppedView(bulk, text, say), { "go-on": () => send(bulk), back: () => leave(bulk) }, STATE);
      }
      if (isOver(bulk) && refusedOf(bulk).length === 0) await forgetBulk(bulk, shelf);
      showSent(bulk);
    }
  }

  /** @param {string} key @param {number} done @param {number} all */
  function showProgress(key, done, all) {
    const [said, bar] = [PROGRESS.said, PROGRESS.bar].map((id) => document.getElementById(id));
    if (said === null || !(bar instanceof HTMLProgressElement)) return stage.show(progressView(key, done, all, say), {}, PROGRESS.said);
    said.textContent = say(key, { done: `${done}`, all: `${all}` });
    bar.max = all;
    bar.value = done;
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
    else stage.show(endedView(say("lists.failed"), say), again, STATE);
  }
}

const place = document.getElementById("lists-place");
if (place !== null) begin(place);

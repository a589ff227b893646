/**
 * The page of lists: keys opened, a list of questions downloaded and perhaps confirmed, files read, and their answers
 * sent, as often as it takes.
 *
 * SECURITY: what is opened stays on this page and leaves it as a file that somebody asked for, or as answers. Whoever
 * confirms a download is asked whether the file is kept: it is the only copy then.
 */

import { entryOf } from "../as4/address_book.js";
import { sealingOf } from "../drafts/sealing.js";
import { clearOld, shelfOf } from "../drafts/shelf.js";
import { listFiles } from "../lists/listing.js";
import { saveFile } from "./attachments.js";
import { bulkOf, bulksIn } from "./bulk.js";
import { listOfPage } from "./list_lease.js";
import { openQuestions } from "./list_questions.js";
import { chosen, readLists } from "./list_reading.js";
import { CSV, listsBegun } from "./lists_begun.js";
import { choiceView, complaintsView, confirmView, downloadedView, FILES, PROGRESS, previewView, progressView, saidView } from "./lists_views.js";
import { STATE } from "./message_views.js";
import { dayOf } from "./outgoing.js";
import { patiently } from "./patience.js";
import { confirm } from "./sending.js";
import { readKnown } from "./settings_known.js";
import { chance, now, unlockedPage } from "./unlocked_page.js";

/** @typedef {import("./calls.js").ListKind} ListKind */
/** @typedef {import("./list_questions.js").OpenedQuestion} OpenedQuestion */
/** @typedef {import("./list_reading.js").Answer} Answer */
/** @typedef {import("./unlocking.js").Unlocked} Unlocked */

const PRE_AGREEMENT = "SaldoverzoekAntwoordVoorafAkkoord";

/** @param {HTMLElement} place */
async function begin(place) {
  const page = await unlockedPage(place, "lists.failed");
  const { unit, language, calls, endpoint, readers, stage, say, ask, rely, sending } = page;
  const list = listOfPage(calls);
  /** @type {Map<string, OpenedQuestion>} by the id of its message, as long as the keys are open */
  const before = new Map();
  page.begin(choose, () => {
    before.clear();
    list.letGo();
  });

  /** @type {import("../lists/control.js").Digests} */
  const digests = (texts) => ask("listDigests", { texts });

  /** @param {Unlocked} open @param {string} [fault] @returns {Promise<void>} */
  async function choose(open, fault) {
    const shelf = shelfOf(unit, await sealingOf(open.decryption, open.recipient));
    const trust = await rely(open);
    await clearOld(now());
    const [lists, begun] = await Promise.all([calls.lists(), bulksIn(shelf)]);
    const { kinds } = lists;
    const opening = { endpoint, keys: open.decryption, trust, readers, now: now() };
    const back = () => choose(open);
    const onTheirWay = listsBegun(page, list, { shelf, choose: (said) => choose(open, said), showProgress });
    stage.show(
      choiceView(lists, begun, say, fault),
      { download: (at) => download(kinds[Number(at)]), "go-on": onTheirWay.goOn, look: onTheirWay.look, drop: onTheirWay.drop },
      fault === undefined ? undefined : STATE,
    );
    const input = /** @type {HTMLInputElement} */ (document.getElementById(FILES));
    input.addEventListener("change", () => stage.run(() => read([...(input.files ?? [])])));

    /** @param {ListKind} kind */
    async function download(kind) {
      const { questions, left } = await list.open(kind);
      showProgress("lists.opening", 0, questions.length);
      const { opened, unopened } = await openQuestions(questions, calls, opening, (done, all) => showProgress("lists.opening", done, all), before);
      const [table, description] = await Promise.all([calls.table(kind.module, kind.version, kind.type), calls.form(kind.module, kind.version, kind.type)]);
      const asked = [...opened].map(([reference, { message, values, sender }]) => ({ reference, conversation: message.conversation, sender, asker: message.party, values }));
      const files = asked.length === 0 ? [] : await listFiles(table, description, asked, digests);
      const names = files.map((_, at) => `${kind.type}-${kind.version}-${dayOf(now())}${files.length > 1 ? `-${at + 1}` : ""}.csv`);
      for (const [at, { octets }] of files.entries()) saveFile(octets, names[at], CSV);
      const held = questions.flatMap(({ state, message, holder }) => (state === "held" && message !== null ? [{ party: message.party, holder: holder ?? "" }] : []));
      const waived = [...opened.values()].flatMap(({ message }) => (message.is_waived ? [message] : []));
      const damaged = questions.filter(({ state }) => state === "damaged").length;
      const shown = downloadedView({ questions: asked.length, files: names, left, held, waived, unopened: unopened.length + damaged }, say);
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
        ...{ calls, list, tables, opening: { ...opening, now: now() }, before, digests, judge: readers.judge },
        known: await readKnown(settings, ask, now()),
        ...{ today: dayOf(now()), uuid: chance.uuid, now },
        progress: (done, all) => showProgress("lists.opening", done, all),
      });
      if (complaints.length > 0) return stage.show(complaintsView(complaints, notices, language, say), { back }, STATE);
      const bulk = bulkOf(answers, chance, now());
      const shown = previewView(answers, { open: left, notices, unexpecting: unexpecting(answers) }, language, say);
      stage.show(shown, { send: () => onTheirWay.send(bulk), back }, STATE);
    }

    /** How many agree in advance to who takes no part in that; a book that does not count says nothing. @param {readonly Answer[]} answers */
    function unexpecting(answers) {
      const { book } = trust;
      if (book === null) return 0;
      return answers.filter(({ description, header }) => description.type === PRE_AGREEMENT && entryOf(book, header.receiver)?.collectief === false).length;
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
}

const place = document.getElementById("lists-place");
if (place !== null) begin(place);

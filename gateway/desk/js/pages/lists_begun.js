/**
 * Lists that are on their way: sent, gone on with where that stopped, looked at and put away, one tab at a time.
 *
 * SECURITY: its accounts are held against the organisation's settings each time it goes on, and its questions are opened
 * again: what somebody else has open meanwhile is not answered.
 */

import { Refused } from "../as4/refused.js";
import { handsOf } from "../drafts/in_hand.js";
import { KeyFault } from "../keys/keeper.js";
import { saveFile } from "./attachments.js";
import { bulksIn, forgetBulk, formsOf, isOver, openAgain, postBulk, refusedFiles, refusedOf, sentOf, strangeAccounts, waitedFor } from "./bulk.js";
import { CallFault } from "./calling.js";
import { dropView, saidView, sentView, stoppedView } from "./lists_views.js";
import { STATE } from "./message_views.js";
import { dayOf } from "./outgoing.js";
import { readKnown } from "./settings_known.js";
import { chance, now } from "./unlocked_page.js";

/** @typedef {import("../drafts/shelf.js").Shelf} Shelf */
/** @typedef {import("./bulk.js").Bulk} Bulk */
/** @typedef {import("./list_lease.js").PageList} PageList */
/** @typedef {import("./unlocked_page.js").UnlockedPage} UnlockedPage */

export const CSV = "text/csv";

/**
 * @param {UnlockedPage} page
 * @param {PageList} list
 * @param {{shelf: Shelf, choose: (fault?: string) => Promise<void>, showProgress: (key: string, done: number, all: number) => void}} means
 *   `choose` shows all lists again
 */
export function listsBegun({ unit, calls, endpoint, stage, say, ask, sending }, list, { shelf, choose, showProgress }) {
  const hands = handsOf(unit, navigator.locks);

  /** Does something with a list that was begun, as it lies here now: another tab may have sent some of it since it was shown.
   * @param {string} name @param {(bulk: Bulk) => void | Promise<void>} work */
  async function inHand(name, work) {
    if (!(await hands.take(name))) return choose(say("new.begun.elsewhere"));
    const bulk = (await bulksIn(shelf)).find((each) => each.name === name);
    if (bulk !== undefined) return work(bulk);
    hands.letGo(name);
    return choose(say("lists.begun.gone"));
  }

  /** @param {Bulk} bulk */
  function leave(bulk) {
    hands.letGo(bulk.name);
    return choose();
  }

  /** @param {Bulk} bulk */
  function askToDrop(bulk) {
    const drop = async () => {
      await forgetBulk(bulk, shelf);
      list.spare(bulk.name);
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
    if (!(await hands.take(bulk.name))) return choose(say("new.begun.elsewhere"));
    const progress = () => showProgress("lists.progress", sentOf(bulk), bulk.items.length);
    progress();
    try {
      const formOf = formsOf(calls);
      const { accounts } = await readKnown((await calls.keys()).settings, ask, now());
      const strange = await strangeAccounts(bulk, formOf, accounts.map(({ iban }) => iban));
      if (strange.length > 0) return stage.show(saidView(say("lists.begun.account", { accounts: strange.join(", ") }), say, "state fault"), { back: () => leave(bulk) }, STATE);
      list.need(bulk.name);
      openAgain(bulk, await list.ask(waitedFor(bulk)));
      await postBulk(bulk, { formOf, endpoint, shelf, chance, sending, progress });
    } catch (why) {
      if (why instanceof KeyFault) throw why;
      const text = why instanceof CallFault && why.text !== "" ? why.text : say(why instanceof Refused ? "desk.unsigned" : "desk.unsent");
      return stage.show(stoppedView(bulk, text, say), { "go-on": () => send(bulk), back: () => leave(bulk) }, STATE);
    }
    list.spare(bulk.name);
    if (isOver(bulk) && refusedOf(bulk).length === 0) await forgetBulk(bulk, shelf);
    showSent(bulk);
  }

  return {
    send,
    /** @param {string} name */
    goOn: (name) => inHand(name, send),
    /** @param {string} name */
    look: (name) => inHand(name, showSent),
    /** @param {string} name */
    drop: (name) => inHand(name, askToDrop),
  };
}

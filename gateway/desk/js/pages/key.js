/**
 * Mijn sleutel: per unit how its keys stand, and what whoever is here can do about it. The server wrote the page, with
 * a place for each unit; what is done with keys is in `key_steps.js`, and with a colleague in `let_in.js`.
 *
 * @module
 */

import { administersBy, namesHub, stageOf, toCompare, waysInto } from "../keys/kept.js";
import { askIn } from "./ask_lock.js";
import { call, CallFault, ofUnit } from "./calling.js";
import { callsOf } from "./calls.js";
import { button, element } from "./elements.js";
import { compareHub } from "./hub_asking.js";
import { admitOwn, count, keysOf, makeSet, newLock, rotate, usedLock, wantAllowed, wordsOfSet } from "./key_steps.js";
import { approve, askToBeLetIn } from "./let_in.js";
import { momentInWords } from "./moments.js";
import { keeperOfPage, lockKeys } from "./page_keeper.js";
import { renewOrganisation, unitsOutOfReach } from "./renewing.js";
import { chooseWhoStays } from "./roster_view.js";
import { sentences } from "./sentences.js";
import { showSheet } from "./sheet_view.js";
import { keepSeen, openBy } from "./unlocking.js";
import { whyNot } from "./why_not.js";

/** @typedef {import("../keys/kept.js").KeptKeys} KeptKeys */
/** @typedef {import("../keys/kept.js").KeptLock} KeptLock */
/** @typedef {import("./sentences.js").Sentences} Sentences */
/** @typedef {import("./unlocking.js").Means} Means */
/** @typedef {import("./unlocking.js").Opened} Opened */
/** @typedef {{person: {id: string, name: string | null}, kind: string}} Session */

const KINDS = ["passkey", "sheet", "device"];
/** @type {Record<string, string>} */
const MAKE = { passkey: "keys.make.passkey", sheet: "keys.make.sheet", device: "keys.make.device" };
/** @type {Record<string, string>} */
const AS_ADMINISTRATOR = { passkey: "keys.as_administrator.passkey", device: "keys.as_administrator.device" };
/** @type {Record<string, string>} */
const NAMES = { passkey: "lock.passkey", sheet: "lock.sheet", device: "lock.device" };

/**
 * @param {HTMLElement} place
 * @param {readonly string[]} others the other units on the page
 * @param {Session} session
 * @param {Sentences} t
 */
function unitIn(place, others, session, t) {
  const unit = place.dataset.unit ?? "";
  const status = element("p", { role: "status", class: "said", tabindex: "-1", hidden: "" });
  const said = element("p", { role: "alert", class: "fault", tabindex: "-1" });
  const work = element("div", { class: "key-work", tabindex: "-1" });
  const acts = element("div", { class: "key-acts" });
  // Whatever was begun and not finished counts for nothing, and the page is as it was.
  const stop = button(t("keys.stop"), () => location.reload(), { class: "quiet", hidden: "" });
  place.replaceChildren(status, said, work, stop, acts);
  const person = { person: session.person.id, personName: session.person.name ?? t("visitor.nameless") };
  const isAdministrator = session.kind === "administrator";
  // What the server wrote holds until something is done here.
  const state = place.closest("section")?.querySelector(".key-state") ?? null;
  const locks = place.closest("section")?.querySelector(".own-locks") ?? null;
  let hasOther = false; // the portal said that the organisation has a key of its own at another unit

  /** @param {string} key @param {Record<string, string>} [values] */
  const tell = (key, values) => {
    status.textContent = t(key, values);
    status.hidden = false;
  };

  /**
   * What a button does, one at a time: the others are away until it is done, what went wrong is told, and the page shows
   * how things are.
   * @param {() => unknown} step
   */
  const act = (step) => async () => {
    said.textContent = "";
    status.hidden = acts.hidden = true;
    stop.hidden = false;
    work.focus();
    try {
      await step();
    } catch (fault) {
      said.textContent = whyNot(fault, t);
    }
    await lockKeys();
    work.replaceChildren();
    await draw(true).catch((fault) => {
      said.textContent = whyNot(fault, t);
    });
    acts.hidden = false;
    stop.hidden = true;
    (said.textContent === "" ? status : said).focus();
  };

  /** @param {string} key @param {() => unknown} step */
  const add = (key, step) => acts.append(button(t(key), act(step), { class: "second" }));

  /**
   * Opens the keys as they are now, and not as they were when the page was drawn.
   * @template [Done=Opened]
   * @param {(opened: Opened, means: Means) => Done | Promise<Done>} [use] what needs the lock's secret once more
   * @returns {Promise<Done>}
   */
  const open = async (use) => openBy({ keys: await keysOf(unit), compare: toCompare, askLock: askIn(work, t) }, use);

  /** @param {string} kind */
  const nameOf = (kind) => {
    return `${t(NAMES[kind] ?? "lock.passkey")}, ${momentInWords(new Date())}`;
  };

  /** An organisation has one pair for all its units: the one that made it is opened first. */
  async function openAnother() {
    for (const other of others) {
      const keys = await keysOf(other);
      if (waysInto(keys).length === 0) continue;
      const { facts } = await openBy({ keys, compare: toCompare, askLock: askIn(work, t) });
      if (facts.administers) return;
      await lockKeys();
    }
  }

  /** The first set. @param {KeptKeys} keys @param {string} kind @param {boolean} lost all of the whole organisation */
  async function makeFirst(keys, kind, lost = false) {
    await removeUnfinished(keys);
    if (!lost) await openAnother();
    const lock = await newLock(unit, { kind, name: nameOf(kind), administers: true, ...person });
    tell("keys.making");
    await makeSet(keys, lock, lost).catch((fault) => {
      hasOther = fault instanceof CallFault && fault.message === "error.other_organisation_key";
      throw fault;
    });
    await count(unit, lock, await lock.again());
    tell("keys.made");
  }

  /** One more lock of one's own. @param {string} kind */
  const addLock = (kind) =>
    open(async ({ keys, facts }, means) => {
      const { administers, settings } = facts;
      for (const each of [usedLock(facts), { kind }]) await wantAllowed(keys, each);
      const lock = await newLock(unit, { kind, name: nameOf(kind), administers, ...person });
      // Only now it is known whether a passkey is copied to other machines.
      await wantAllowed(keys, lock.listed).catch(async (fault) => {
        await remove(lock.listed.id);
        throw fault;
      });
      await admitOwn(unit, lock, means);
      const { secret } = lock.secret;
      const isSheet = kind === "sheet" && secret !== undefined;
      const again = isSheet ? { secret: await showSheet(work, t, { secret, unit: keys.name, settings }) } : await lock.again();
      await count(unit, lock, again);
      tell("keys.lock_made", { kind: t(NAMES[kind] ?? "lock.passkey") });
    });

  /** The hub is compared with the onboarding paper, and stands in the organisation's settings from then on. */
  async function seeHub() {
    const { facts } = await open();
    const calls = callsOf(unit);
    const [endpoint, { ask }] = await Promise.all([calls.endpoint(), keeperOfPage()]);
    const where = element("div", {});
    work.replaceChildren(where);
    await compareHub(where, t, { endpoint, calls, ask, now: () => new Date(), keep: () => keepSeen(unit, facts.lock) });
    tell("keys.hub.done");
  }

  async function showWords() {
    await open();
    const words = await wordsOfSet(unit);
    await new Promise((done) => {
      const list = element("p", { class: "words", lang: "nl", translate: "no" }, words.join(" "));
      const head = element("h3", { tabindex: "-1" }, t("keys.words.title"));
      const shut = button(t("keys.words.done"), () => done(null));
      work.replaceChildren(head, element("p", {}, t("keys.words.text")), list, shut);
      head.focus();
    });
  }

  /** Locks that were begun and not finished open nothing. @param {KeptKeys} keys */
  async function removeUnfinished(keys) {
    for (const { id } of keys.locks.filter((each) => each.is_own && !each.counts)) await remove(id);
  }

  /** @param {string} id */
  const remove = (id) => call(ofUnit(unit, `keys/locks/${id}/remove`), {});

  /** @param {KeptKeys} keys @param {readonly KeptLock[]} own */
  function drawOpened(keys, own) {
    const kinds = new Set(own.map((each) => each.kind));
    if (stageOf(keys) === "approved" && isAdministrator && !namesHub(keys)) {
      acts.append(element("p", {}, t("keys.hub.text")));
      add("keys.hub", seeHub);
    }
    const opening = keys.copies.filter(({ set }) => set === keys.sets[0]?.id).map(({ lock }) => lock);
    if (opening.length > 0 && keys.sets.some(({ state }) => state === "proposed")) {
      const ready = new Set(own.filter(({ id }) => opening.includes(id)).map(({ kind }) => kind)).size >= 2;
      acts.append(element("p", {}, t(ready ? "keys.call_operator" : "keys.second_lock")));
      if (ready) add("keys.words.show", showWords);
    }
    if (toCompare(keys).length > 0) {
      add("keys.check", async () => {
        await open();
        tell("keys.checked");
      });
    }
    for (const kind of KINDS) {
      if (kind === "sheet" && kinds.has("sheet")) add("keys.make.sheet_again", () => addLock(kind));
      else if (kind !== "device" || !kinds.has("device")) add(MAKE[kind] ?? "", () => addLock(kind));
    }
    if (isAdministrator && keys.roster !== null && !own.some(({ id }) => administersBy(keys, id))) {
      acts.append(element("p", {}, t("keys.as_administrator")));
      offerLetIn(keys, AS_ADMINISTRATOR, true);
    }
    if (own.length > 1) drawLocks(own);
    for (const ceremony of keys.ceremonies.filter((each) => each.newcomer !== keys.person)) {
      const name = ceremony.newcomer_name ?? t("message.somebody");
      const step = async () => {
        const counts = await approve({ place: work, t, keys, ceremony, open });
        tell(counts ? "keys.let_in_other" : "keys.let_in_unfinished", { name });
      };
      acts.append(button(t("keys.let_in", { name }), act(step)));
    }
    if (stageOf(keys) === "approved" && isAdministrator) {
      add("keys.rotate", () => renewed(true));
      if (keys.holders.length > 1 && keys.holders.includes(unit)) add("keys.organisation", () => renewed(false));
    }
  }

  /** Another key of the organisation, or of this unit; of both where somebody leaves. @param {boolean} isOfUnit */
  const renewed = (isOfUnit) =>
    open(async ({ keys: now, facts }, means) => {
      const without = await chooseWhoStays(work, t, facts.locks, now.locks, facts.lock);
      if (without === null) return;
      const isOfAll = now.holders.includes(unit) && (!isOfUnit || without.length > 0);
      const beyond = isOfAll ? await unitsOutOfReach(now) : [];
      if (isOfAll && beyond.length === 0 && !(await renewOrganisation(now, means, without, goAlong))) return;
      if (isOfUnit) await rotate(now, means, without);
      const units = { units: beyond.join(", ") };
      if (isOfUnit) tell(beyond.length > 0 ? "keys.rotated.several" : "keys.rotated", units);
      else tell(beyond.length > 0 ? "keys.organisation.beyond" : "keys.organisation.done", units);
    });

  /** @type {(other: string, renew: import("./renewing.js").Renew) => Promise<import("./renewing.js").Going | null>} */
  async function goAlong(other, renew) {
    const theirs = await keysOf(other);
    const where = element("div", {});
    work.replaceChildren(element("p", { role: "status" }, t("keys.rotate.other", { unit: theirs.name })), where);
    return openBy({ keys: theirs, compare: toCompare, askLock: askIn(where, t) }, async ({ keys: now, facts }, means) => {
      const without = await chooseWhoStays(work, t, facts.locks, now.locks, facts.lock, now.name);
      return without === null ? null : renew(means, without);
    });
  }

  /** @param {readonly KeptLock[]} own */
  function drawLocks(own) {
    const list = element("ul", { class: "locks" });
    for (const { id, name } of own) {
      list.append(element("li", {}, button(t("keys.remove", { name }), act(() => remove(id)), { class: "quiet" })));
    }
    acts.append(element("details", {}, element("summary", {}, t("keys.remove_title")), list));
  }

  /** What there is of one's own now, in the place of what the server wrote. @param {KeptKeys} keys */
  function drawOwn(keys) {
    const own = keys.locks.filter((each) => each.is_own);
    const list = element("ul", { class: "locks" });
    for (const { id, name, synced, counts } of own) {
      const notes = [...(synced ? [t("keys.synced")] : []), ...(administersBy(keys, id) ? [t("keys.of_administrator")] : [])];
      const line = element("li", {}, [name, ...notes.map((each) => `(${each})`)].join(" "));
      if (!counts) line.append(" ", element("em", {}, t("keys.not_finished")));
      list.append(line);
    }
    locks?.replaceChildren(...(own.length === 0 ? [] : [element("h3", {}, t("keys.own_locks")), list]));
  }

  /** The newcomer's side of letting in, with buttons for each kind of lock. @param {KeptKeys} keys
   * @param {Record<string, string>} buttons @param {boolean} asAdministrator
   */
  function offerLetIn(keys, buttons, asAdministrator) {
    for (const kind of ["passkey", "device"]) {
      add(buttons[kind] ?? "", async () => {
        await removeUnfinished(keys);
        const administers = await askToBeLetIn({ place: work, t, unit, kind, name: nameOf(kind), ...person });
        tell(asAdministrator && !administers ? "keys.as_administrator.not" : "keys.let_in_done");
      });
    }
  }

  /** @param {boolean} [again] something was done since the server wrote the page */
  async function draw(again = false) {
    const keys = await keysOf(unit);
    if (again) drawOwn(keys);
    if (state !== null) state.textContent = t(`keys.state.${keys.sets[0]?.state ?? "none"}`);
    acts.replaceChildren();
    const own = keys.locks.filter((each) => each.is_own && each.counts);
    if (keys.request?.not_before) {
      acts.append(element("p", { class: "said" }, t("keys.lost.not_before", { at: keys.request.not_before.text })));
    }
    if (keys.request?.state === "refused") {
      acts.append(element("p", { class: "fault" }, t("keys.refused", { reason: keys.request.reason ?? "" })));
    }
    if (waysInto(keys).length > 0) {
      drawOpened(keys, own);
    } else if (stageOf(keys) === "approved" || keys.locks.some((each) => !each.is_own && each.counts)) {
      acts.append(element("p", {}, t("keys.ask_colleague")));
      offerLetIn(keys, MAKE, false);
    }
    if (waysInto(keys).length === 0 && isAdministrator) {
      const isLost = stageOf(keys) === "approved";
      acts.append(element("p", {}, t(isLost ? "keys.lost" : "keys.first")));
      add(isLost ? "keys.make_new.passkey" : "keys.make_first.passkey", () => makeFirst(keys, "passkey"));
      add(isLost ? "keys.make_new.device" : "keys.make_first.device", () => makeFirst(keys, "device"));
      if (hasOther) {
        acts.append(element("p", {}, t("keys.all_lost")));
        add("keys.all_lost.passkey", () => makeFirst(keys, "passkey", true));
        add("keys.all_lost.device", () => makeFirst(keys, "device", true));
      }
    } else if (stageOf(keys) === "none") {
      acts.append(element("p", {}, t("keys.ask_administrator")));
    }
  }

  return draw().catch((fault) => {
    said.textContent = whyNot(fault, t);
  });
}

async function start() {
  const places = [...document.querySelectorAll(".key-place")].filter((each) => each instanceof HTMLElement);
  if (places.length === 0) return;
  const [t, session] = await Promise.all([sentences(), call("/desk/api/session")]);
  const units = places.map((each) => each.dataset.unit ?? "");
  for (const place of places) {
    const others = units.filter((each) => each !== place.dataset.unit);
    await unitIn(place, others, session, t);
  }
}

await start();

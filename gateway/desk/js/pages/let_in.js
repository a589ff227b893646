/**
 * A colleague is let in: two browsers, seven words, and the portal between them that carries what they say.
 *
 * The newcomer's browser shows the words and the one who lets in types them as they are read out. Nothing is sealed
 * before they were typed right, and the newcomer takes nothing before the colleague said that they are.
 *
 * @module
 */

import { answer, begin, CeremonyBroken, compare, show, showAndCompare } from "../keys/ceremony.js";
import { KeyFault } from "../keys/keeper.js";
import { administersBy, openingOf, waysInto } from "../keys/kept.js";
import { areTyped } from "../keys/words.js";
import { askIn } from "./ask_lock.js";
import { call, ofUnit } from "./calling.js";
import { button, element } from "./elements.js";
import { count, keep, keysOf, newLock, usedLock, wantAllowed } from "./key_steps.js";
import { keeperOfPage } from "./page_keeper.js";

/** @typedef {import("../keys/kept.js").KeptCeremony} KeptCeremony */
/** @typedef {import("../keys/kept.js").KeptKeys} KeptKeys */
/** @typedef {import("./sentences.js").Sentences} Sentences */
/** @typedef {import("./unlocking.js").Opened} Opened */

/** @type {Record<string, string>} */
const KINDS = { passkey: "lock.passkey", sheet: "lock.sheet", device: "lock.device" };
const LOOK_MS = 1_500; // between two looks at what the other side said
const LOOKS = 400; // ten minutes: people are at the telephone
const LAST_LOOKS = 120; // three minutes: the newcomer has one button and a passkey to go

/**
 * The newcomer's side, up to a lock that counts; resolves with whether that is an administrator's.
 * @param {{place: HTMLElement, t: Sentences, unit: string, kind: string, name: string, person: string,
 *   personName: string}} wanted
 * @returns {Promise<boolean>}
 */
export async function askToBeLetIn({ place, t, unit, kind, name, person, personName }) {
  const { ask } = await keeperOfPage();
  const lock = await newLock(unit, { kind, name, person, personName, administers: false });
  const { id, publicKey, synced } = lock.listed;
  const first = await begin({ unit, person, lock: id, kind, synced }, publicKey);
  const { id: ceremony } = await call(ofUnit(unit, "keys/ceremonies"), { said: first.say });
  place.replaceChildren(element("p", { role: "status" }, t("keys.ceremony.wait")));
  const second = show(first.state, await heard(unit, ceremony, 1));
  await say(unit, ceremony, 2, second.say);
  const { words, confirmed } = await compare(second.state, await heard(unit, ceremony, 3));
  const shown = element("p", { class: "words", lang: "nl", translate: "no" }, words.join(" "));
  const told = element("p", { role: "status" }, t("keys.ceremony.read_out"));
  // Whoever shows another set has other words with the colleague, and only people hear that.
  await new Promise((done) => {
    place.replaceChildren(told, shown, button(t("keys.ceremony.right"), () => done(null)));
  });
  place.replaceChildren(element("p", { role: "status" }, t("keys.ceremony.taking")));
  const keys = await until(unit, (found) => (found.copies.some((each) => each.lock === id) ? found : null));
  const opening = openingOf(keys, id, []);
  const { copies } = await ask("accept", { ...opening, confirmed, ...lock.secret });
  await keep(unit, id, copies);
  await count(unit, lock, await lock.again());
  return administersBy(await keysOf(unit), id);
}

/**
 * The side of whoever lets in; resolves with whether the newcomer's lock counted at the end.
 * @param {{place: HTMLElement, t: Sentences, keys: KeptKeys, ceremony: KeptCeremony, open: () => Promise<Opened>}} wanted
 * @returns {Promise<boolean>}
 */
export async function approve({ place, t, keys, ceremony: { id, newcomer, said }, open }) {
  const { ask } = await keeperOfPage();
  const { unit } = keys;
  const lock = keys.locks.filter((each) => each.person === newcomer && !each.counts).at(-1);
  const [first] = said;
  if (lock === undefined || first === undefined || said.length > 1) throw new CeremonyBroken("not at its beginning");
  const { facts, keys: now } = await open();
  if (!facts.administers) throw new KeyFault("not-an-administrator");
  const { kind, synced } = lock; // as the server says: the words differ where that is not so
  const wantBoth = async (/** @type {KeptKeys} */ those) => {
    for (const each of [usedLock(facts), { kind, synced }]) await wantAllowed(those, each);
  };
  await wantBoth(now);
  const { oneOff, organisation, settings, set } = await ask("beginCeremony");
  const shows = { oneOff, certificates: set.certificates, organisation, settings };
  const bound = await answer({ unit, person: newcomer, lock: lock.id, kind, synced }, shows, first);
  await say(unit, id, 1, bound.say);
  const last = await showAndCompare(bound.state, await heard(unit, id, 2));
  await say(unit, id, 3, last.say);
  const administers = await typed(place, t, last.words, { kind, synced });
  await wantBoth(await keysOf(unit)); // people were at the telephone meanwhile, and others at the settings
  const ways = waysInto(keys).filter((each) => each.id === facts.lock);
  const where = element("div", {});
  place.replaceChildren(element("p", { role: "status", class: "said" }, t("keys.ceremony.match")), where);
  const { lock: _, ...secret } = await askIn(where, t)(ways, false);
  const listed = {
    id: lock.id,
    kind,
    synced,
    person: newcomer,
    administers,
    publicKey: last.publicKey,
    since: new Date().toISOString(),
    by: usedLock(facts).person,
  };
  try {
    const { copies, roster } = await ask("admit", { lock: listed, own: false, ...secret });
    await keep(unit, lock.id, copies, roster);
  } catch (fault) {
    await ask("lock"); // its roster may be another than the one that the portal keeps
    throw fault;
  } finally {
    secret.secret?.fill(0);
  }
  await call(ofUnit(unit, `keys/ceremonies/${id}/end`), {});
  await ask("lock"); // nothing more is opened while the newcomer finishes
  place.replaceChildren(element("p", { role: "status", class: "said" }, t("keys.ceremony.finishing")));
  return counted(unit, lock.id);
}

/** Whether a lock comes to count while somebody waits for it. @param {string} unit @param {string} lock */
async function counted(unit, lock) {
  const look = (/** @type {KeptKeys} */ { locks }) => {
    const found = locks.find((each) => each.id === lock);
    if (found === undefined) return { counts: false }; // the newcomer began again, and took it away
    return found.counts ? { counts: true } : null;
  };
  try {
    return (await until(unit, look, LAST_LOOKS)).counts;
  } catch (fault) {
    if (fault instanceof CeremonyBroken) return false;
    throw fault;
  }
}

/**
 * Waits until the words were typed as they are; resolves with whether the colleague is an administrator.
 * @param {HTMLElement} place
 * @param {Sentences} t
 * @param {readonly string[]} words
 * @param {import("../keys/allowed.js").Kind} lock which the words confirm, too
 * @returns {Promise<boolean>}
 */
function typed(place, t, words, { kind, synced }) {
  const what = `${t(KINDS[kind] ?? "lock.passkey")}${synced ? `, ${t("keys.synced")}` : ""}`;
  const field = element("input", {
    id: "words-typed", name: "knooppunt-words", autocomplete: "off", spellcheck: "false", translate: "no",
  }); // prettier-ignore
  const administers = element("input", {
    id: "words-administers", name: "knooppunt-administers", type: "checkbox", "aria-describedby": "words-administers-hint",
  }); // prettier-ignore
  const said = element("p", { role: "alert", class: "fault" });
  const form = element(
    "form",
    { class: "row" },
    element("p", {}, t("keys.ceremony.kind", { kind: what })),
    element("label", { for: "words-typed" }, t("keys.ceremony.type")),
    field,
    element("label", { class: "option", for: "words-administers" }, administers, t("keys.ceremony.administers")),
    element("p", { class: "hint", id: "words-administers-hint" }, t("keys.ceremony.administers_text")),
    element("button", {}, t("keys.ceremony.let_in")),
    said,
  );
  place.replaceChildren(form);
  field.focus();
  return new Promise((done) => {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (areTyped(field.value, words)) done(administers.checked);
      else said.textContent = t("keys.ceremony.differ");
    });
  });
}

/** @param {string} unit @param {string} ceremony @param {number} after @param {string} said */
function say(unit, ceremony, after, said) {
  return call(ofUnit(unit, `keys/ceremonies/${ceremony}`), { after: String(after), said });
}

/** What stands at that place of a ceremony, once it does. @param {string} unit @param {string} id @param {number} place */
function heard(unit, id, place) {
  return until(unit, ({ ceremonies }) => {
    const found = ceremonies.find((each) => each.id === id);
    if (found === undefined) throw new CeremonyBroken("it was ended");
    return found.said[place] ?? null;
  });
}

/**
 * @template Found
 * @param {string} unit
 * @param {(keys: KeptKeys) => Found | null} look
 * @param {number} [most] times
 * @returns {Promise<Found>}
 */
async function until(unit, look, most = LOOKS) {
  for (let times = 0; times < most; times += 1) {
    const found = look(await keysOf(unit));
    if (found !== null) return found;
    await new Promise((done) => setTimeout(done, LOOK_MS));
  }
  throw new CeremonyBroken("the other side said nothing more");
}

/**
 * The page of an organisation's settings: an administrator opens a lock, reads what the organisation's key signed, and
 * signs the next version. The keys are open for as long as it takes to read or to sign, and not while somebody types.
 *
 * What was typed stays until it is saved: a slip, a colleague who saved in between, a login that is too old lose nothing.
 *
 * @module
 */

import { refusalOf } from "../keys/allowed.js";
import { KeyFault } from "../keys/keeper.js";
import { toCompare } from "../keys/kept.js";
import { nextSettings, UNSAID } from "../keys/settings.js";
import { edited, faultsOf, touched, unsaved, UNTOUCHED } from "../keys/settings_edit.js";
import { askIn } from "./ask_lock.js";
import { call, ofUnit } from "./calling.js";
import { button, element } from "./elements.js";
import { keep, keysOf, usedLock } from "./key_steps.js";
import { keeperOfPage, lockKeys } from "./page_keeper.js";
import { sentences } from "./sentences.js";
import { readVersions } from "./settings_known.js";
import { settingsForm, versionsTable } from "./settings_views.js";
import { openBy } from "./unlocking.js";
import { whyNot } from "./why_not.js";

/** @typedef {import("../keys/settings.js").Content} Content */
/** @typedef {import("../keys/settings.js").Version} Version */
/** @typedef {import("../keys/settings_edit.js").Edit} Edit */
/** @typedef {import("./key_steps.js").Listed} Listed */
/** @typedef {import("./settings_views.js").Fields} Fields */
/** @typedef {import("./sentences.js").Sentences} Sentences */
/** @typedef {{counter: number, kept: {text: string, machine: string} | null, by_name: string | null, text: string,
 *   signature: string, received_at: string | null}} KeptVersion */
/** @typedef {{versions: KeptVersion[], units: {id: string, name: string}[],
 *   people: {id: string, name: string | null}[], oneself: string}} Kept */
/** @typedef {{kept: Kept, base: Content, versions: Version[], locks: readonly Listed[], lock: Listed,
 *   isForeign: boolean}} Read */

const PATH = "/desk/api/organisation/settings";

/** @param {HTMLElement} place @param {Sentences} t */
async function begin(place, t) {
  const status = element("p", { role: "status", class: "said", hidden: "" });
  const said = element("p", { role: "alert", class: "fault" });
  const work = element("div", { class: "key-work" });
  const sheet = element("div", {});
  place.replaceChildren(sheet, work, status, said); // below the button that it is about

  /** @param {string} key */
  const tell = (key) => {
    status.textContent = t(key);
    status.hidden = false;
  };

  /**
   * What a button does; afterwards the keys are locked, whatever came of it.
   * @param {(...given: string[]) => Promise<unknown>} step
   */
  const act = (step) => async (/** @type {string[]} */ ...given) => {
    said.textContent = status.textContent = "";
    status.hidden = true;
    try {
      await step(...given);
    } catch (fault) {
      said.textContent = whyNot(fault, t);
      work.replaceChildren();
    }
    await lockKeys();
  };

  /** @param {string} unit */
  async function open(unit) {
    const keys = await keysOf(unit);
    work.scrollIntoView({ block: "center" });
    const { facts } = await openBy({ keys, compare: toCompare, askLock: askIn(work, t) });
    if (!facts.administers) throw new KeyFault("not-an-administrator");
    return read(await call(PATH), facts);
  }

  /** @param {string} unit */
  const start = (unit) =>
    act(async () => {
      const found = await open(unit);
      if (found.isForeign) tell("settings.foreign");
      draw(unit, found, UNTOUCHED);
    });

  /** @param {string} unit @param {Read} found @param {Edit} edit */
  function draw(unit, found, edit) {
    const { base, kept, versions, locks } = found;
    const names = new Map(kept.people.map(({ id, name }) => [id, name]));
    const nameOf = (/** @type {string} */ person) => names.get(person) ?? t("visitor.nameless");
    const seen = { base, versions, locks, now: new Date(), oneself: kept.oneself, nameOf, t };
    const fields = settingsForm(seen, edit, {
      save: act(() => save(unit, found, touched(fields.edit(), base), fields)),
      agree: act((iban = "") => save(unit, found, { ...UNTOUCHED, agreed: [iban] }, fields)),
    });
    sheet.replaceChildren(fields.view);
    if (kept.versions.length === 0) return;
    document.querySelector("#versions ~ *")?.replaceWith(versionsTable(kept.versions, t));
  }

  /**
   * Signs what was changed, on what there is now; what stands in the fields and was not saved stays there.
   * @param {string} unit
   * @param {Read} before what was changed
   * @param {Edit} edit
   * @param {Fields} fields
   */
  async function save(unit, before, edit, fields) {
    const faults = faultsOf(before.base, edit);
    fields.show(faults);
    if (faults.length > 0) return;
    const found = await open(unit);
    if (found.kept.versions[0]?.text !== before.kept.versions[0]?.text) {
      draw(unit, found, touched(fields.edit(), before.base));
      said.textContent = t("error.settings_changed");
      return;
    }
    const content = edited(found.base, edit, found.kept.oneself);
    if (refusalOf(content, found.lock, location.hostname) !== null) {
      said.textContent = t("settings.fault.own_lock");
      return;
    }
    const { ask } = await keeperOfPage();
    await sign(unit, found, content);
    const next = await read(await call(PATH), await ask("facts"));
    draw(unit, next, unsaved(fields.edit(), edit, next.base)); // a lock may take minutes, and somebody went on typing
    tell("settings.saved");
  }

  const { units } = /** @type {Kept} */ (await call(PATH));
  for (const { id, name } of units) {
    const text = units.length > 1 ? t("settings.open_by", { unit: name }) : t("settings.open");
    sheet.append(button(text, start(id)));
  }
}

/** @param {string} unit @param {Read} found @param {Content} content */
async function sign(unit, { kept: { versions }, lock, isForeign }, content) {
  const { ask } = await keeperOfPage();
  const [newest] = versions;
  const before = newest === undefined ? null : { text: newest.text, signature: newest.signature };
  const text = await nextSettings(before?.text ?? null, content, isForeign);
  const settings = await ask("signSettings", { text, before });
  await call(ofUnit(unit, "keys/settings"), { settings });
  await ask("readSettings", { signed: settings });
  await keep(unit, lock.id, await ask("pinned"));
}

/** @param {Kept} kept @param {any} facts @returns {Promise<Read>} */
async function read(kept, facts) {
  const { ask } = await keeperOfPage();
  const head = { kept, locks: facts.locks, lock: usedLock(facts) };
  try {
    const versions = await readVersions(kept.versions, ask, new Date());
    return { ...head, versions, base: versions[0]?.settings ?? UNSAID, isForeign: false };
  } catch (fault) {
    // After all locks were lost there is a new key, which has said nothing yet; where it has, others are a fault.
    if (!(fault instanceof KeyFault) || fault.message !== "foreign-settings" || facts.settings > 0) throw fault;
    return { ...head, versions: [], base: UNSAID, isForeign: true };
  }
}

const place = document.getElementById("settings");
if (place !== null) {
  const t = await sentences();
  await begin(place, t).catch((fault) => place.replaceChildren(element("p", { role: "alert", class: "fault" }, whyNot(fault, t))));
}

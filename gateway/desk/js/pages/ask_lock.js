/**
 * Has a person open one of the own locks, in a place of the page: by passkey, by this device, or by what stands on the
 * recovery sheet. What was typed is taken away again at once.
 *
 * @module
 */

import { deviceKey } from "../keys/device.js";
import { openPasskey } from "../keys/passkey.js";
import { readSheet } from "../keys/sheet.js";
import { button, element } from "./elements.js";
import { whyNot } from "./why_not.js";

/** @typedef {import("../keys/kept.js").Way} Way */
/** @typedef {import("./sentences.js").Sentences} Sentences */
/** @typedef {import("./unlocking.js").AskLock} AskLock */
/** @typedef {import("./unlocking.js").Means} Means */

/**
 * @param {HTMLElement} place which is emptied, and empty again afterwards
 * @param {Sentences} t
 * @returns {AskLock}
 */
export function askIn(place, t) {
  return async (ways, again) => {
    const said = element("p", { role: "alert", class: "fault" }, again ? t("keys.why.does_not_open") : "");
    const [byDevice, passkeys] = [await hereOf(ways), ways.filter(({ kind }) => kind === "passkey")];
    /** @type {(means: Means) => void} */
    let resolve = () => undefined;
    /** @type {Promise<Means>} */
    const promise = new Promise((done) => {
      resolve = done;
    });
    /** @param {() => Promise<Means | null>} work */
    const attempt = async (work) => {
      said.textContent = "";
      try {
        const means = await work();
        if (means === null) said.textContent = t("keys.why.sheet_wrong");
        else resolve(means);
      } catch (fault) {
        said.textContent = whyNot(fault, t);
      }
    };
    const choices = element("section", { class: "ask-lock", "aria-label": t("keys.open.title") });
    choices.append(element("p", {}, t("keys.open.text")), said);
    if (byDevice !== null) {
      choices.append(button(t("keys.open.device"), () => attempt(async () => byDevice)));
    }
    if (passkeys.length > 0) {
      choices.append(button(t("keys.open.passkey"), () => attempt(() => openPasskey(passkeys))));
    }
    const sheets = ways.filter(({ kind }) => kind === "sheet");
    if (sheets.length > 0) choices.append(sheetForm(sheets, t, attempt));
    place.replaceChildren(choices);
    const means = await promise;
    place.replaceChildren();
    return means;
  };
}

/**
 * The lock that this browser itself has the key of.
 * @param {readonly Way[]} ways
 * @returns {Promise<Means | null>}
 */
async function hereOf(ways) {
  for (const { id, kind } of ways) {
    const kek = kind === "device" ? await deviceKey(id) : null;
    if (kek !== null) return { lock: id, kek };
  }
  return null;
}

/**
 * @param {readonly Way[]} sheets
 * @param {Sentences} t
 * @param {(work: () => Promise<Means | null>) => Promise<void>} attempt
 */
function sheetForm(sheets, t, attempt) {
  const field = element("input", {
    id: "sheet-typed", name: "knooppunt-sheet", autocomplete: "off", spellcheck: "false", translate: "no",
  }); // prettier-ignore
  const which = element("select", { id: "sheet-which", name: "knooppunt-which" });
  for (const { id, name } of sheets) which.append(element("option", { value: id }, name));
  const form = element("form", { class: "row" });
  if (sheets.length > 1) form.append(element("label", { for: "sheet-which" }, t("keys.open.which_sheet")), which);
  form.append(element("label", { for: "sheet-typed" }, t("keys.open.sheet_label")), field);
  form.append(element("button", { class: "second" }, t("keys.open.sheet")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const secret = await readSheet(field.value);
      if (secret === null) return null;
      field.value = "";
      return { lock: which.value, secret };
    });
  });
  return form;
}

/**
 * The recovery sheet on the screen: shown once, to be printed or copied by hand, and typed in again before it counts.
 *
 * @module
 */

import { readSheet, sheetText } from "../keys/sheet.js";
import { button, element } from "./elements.js";
import { dayInWords } from "./moments.js";

/** @typedef {import("./sentences.js").Sentences} Sentences */

/**
 * Resolves with the secret as it was typed from the sheet.
 * @param {HTMLElement} place
 * @param {Sentences} t
 * @param {{secret: Uint8Array<ArrayBuffer>, unit: string, settings: number}} sheet
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
export async function showSheet(place, t, { secret, unit, settings }) {
  const text = await sheetText(secret);
  const letters = element("p", { class: "sheet-letters words", translate: "no" }, text);
  const made = t("keys.sheet.made", { unit, at: dayInWords(new Date()) });
  const printed = element("div", { class: "sheet" }, element("p", {}, made), letters);
  if (settings > 0) printed.append(element("p", {}, t("keys.sheet.settings", { counter: String(settings) })));
  const said = element("p", { role: "alert", class: "fault" });
  const field = element("input", {
    id: "sheet-again", name: "knooppunt-sheet-again", autocomplete: "off", spellcheck: "false", translate: "no",
  }); // prettier-ignore
  const form = element(
    "form",
    { class: "row" },
    element("label", { for: "sheet-again" }, t("keys.sheet.again_label")),
    field,
    element("button", {}, t("keys.sheet.again")),
    said,
  );
  const hide = button(t("keys.sheet.ready"), () => {
    printed.remove(); // it is typed from the paper, and not from the screen
    hide.remove();
    print.remove();
    form.hidden = false;
    field.focus();
  });
  const print = button(t("keys.sheet.print"), () => window.print(), { class: "second" });
  form.hidden = true;
  const head = element("h3", { tabindex: "-1" }, t("keys.sheet.title"));
  place.replaceChildren(head, element("p", {}, t("keys.sheet.text")), printed, print, hide, form);
  head.focus();
  return new Promise((done) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const typed = await readSheet(field.value);
      if (typed === null || (await sheetText(typed)) !== text) {
        said.textContent = t("keys.why.sheet_wrong");
        field.focus();
        return;
      }
      field.value = "";
      place.replaceChildren();
      done(typed);
    });
  });
}

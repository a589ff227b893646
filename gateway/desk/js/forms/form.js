/**
 * A form on a page: draws it, keeps what is typed, and draws it anew when what it asks for changes, with the focus where
 * it was. Decides nothing: what is shown, asked and wrong is worked out by the pure modules beside it.
 *
 * SECURITY: what is typed stays in memory, and leaves only with whoever asks for it.
 */

import { draw } from "./draw.js";
import { added, chosen, removed, settled, typed } from "./editing.js";
import { check } from "./check.js";
import { standing } from "./conditions.js";
import { valuesOf } from "./entries.js";
import { idOf } from "./field_view.js";
import { formView } from "./form_view.js";

/** @typedef {import("./form_view.js").Told} Told */
/** @typedef {import("./types.js").Description} Description */
/** @typedef {import("./types.js").Fault} Fault */
/** @typedef {import("./types.js").Language} Language */
/** @typedef {import("./types.js").Values} Values */
/** @typedef {import("./blank.js").Beforehand} Beforehand */

/**
 * @param {HTMLElement} place where the form is drawn; what stood there goes
 * @param {Description} description
 * @param {Values} first the entries that it opens with
 * @param {Beforehand} beforehand
 * @param {Language} language
 */
export function startForm(place, description, first, beforehand, language) {
  let entries = settled(description, first, beforehand);
  /** @type {Fault[]} */
  let faults = [];
  /** @type {Told[]} */
  let above = [];
  /** @type {import("./editing.js").Aside} */
  const aside = new Map();
  const accounts = beforehand.accounts ?? [];
  const question = beforehand.question ?? null;

  /** @param {string} [focus] an id */
  function redraw(focus) {
    const shown = { language, faults, above, accounts, answers: question !== null };
    place.replaceChildren(draw(formView(description, entries, shown), place.ownerDocument));
    if (focus !== undefined) place.ownerDocument.getElementById(focus)?.focus();
  }

  /** What is asked for now; where it differs from before, the form is drawn anew. */
  const asked = () => {
    const { hidden, required } = standing(description, valuesOf(description, entries).values);
    return JSON.stringify([[...hidden], [...required]]);
  };

  /** @param {Event} event */
  function onInput({ target }) {
    if (!isControl(target) || target.dataset["act"] !== undefined) return;
    const before = asked();
    entries = typed(description, entries, target.name.slice(1), target.value);
    if (asked() === before) return;
    entries = settled(description, entries, beforehand);
    redraw(target.id);
  }

  /** @param {Event} event */
  function onAct(event) {
    const { target } = event;
    const { act, path } = target instanceof HTMLElement ? target.dataset : {};
    if (act === undefined || path === undefined) return;
    if (act === "go") event.preventDefault();
    if (act === "add") entries = settled(description, added(description, entries, path, beforehand), beforehand);
    if (act === "remove") {
      entries = removed(description, entries, path);
      aside.clear(); // those behind it moved up
    }
    if (act === "choose") entries = settled(description, chosen(description, entries, path, beforehand, aside), beforehand);
    if (act !== "go") redraw(act === "choose" && target instanceof HTMLElement ? target.id : idOf(path));
    if (act === "go" || act === "remove") focusAt(path);
  }

  /** What stands at a path, or adds what is not there. @param {string} path */
  function focusAt(path) {
    const found = [idOf(path), `${idOf(path)}-add`].map((id) => place.ownerDocument.getElementById(id));
    (found.find((each) => each !== null) ?? /** @type {HTMLElement | null} */ (place.querySelector("[tabindex]")))?.focus();
  }

  /**
   * Show faults that came from elsewhere, as from the hub; what was typed stays.
   * @param {Fault[]} found
   * @param {Told[]} told what stands above the form
   */
  function show(found, told) {
    faults = found;
    above = told;
    redraw(found.length || told.length ? "f-summary" : undefined);
  }

  place.addEventListener("input", onInput);
  place.addEventListener("click", onAct);
  redraw();

  return {
    /** What was typed, as it was typed. */
    entries: () => entries,

    /** The values of a document, header aside. */
    values: () => valuesOf(description, entries).values,

    /**
     * Check what was typed; what is wrong is shown, with the focus on the summary. Tells whether nothing is.
     * @param {(values: Values) => Values} [complete] adds the header, which rules may speak of
     * @returns {boolean}
     */
    isRight(complete = (values) => values) {
      const read = valuesOf(description, entries);
      const own = accounts.map(({ iban }) => iban);
      const found = check(description, complete(read.values), { question, accounts: own, misread: read.faults });
      show(found.filter(({ path }) => !isFilled(path)), []);
      return faults.length === 0;
    },

    show,

    /** Forget everything and leave the page as it was. */
    end() {
      entries = new Map();
      aside.clear();
      place.removeEventListener("input", onInput);
      place.removeEventListener("click", onAct);
      place.replaceChildren();
    },
  };

  /** @param {string} path whether the machine fills what stands there, so that no person can have left it out */
  function isFilled(path) {
    const [, , name] = path.split("/");
    return description.items.some((item) => "name" in item && item.name === name && item.filled !== undefined);
  }
}

/**
 * @param {EventTarget | null} target
 * @returns {target is HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement}
 */
function isControl(target) {
  return target instanceof HTMLInputElement || target instanceof HTMLSelectElement || target instanceof HTMLTextAreaElement;
}

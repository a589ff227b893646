/**
 * Whoever renews the keys of a unit sees for whom: each lock of the signed roster, of whom, since when and by whom it
 * was let in, and chooses who stays.
 *
 * @module
 */

import { leaving, mayStay, rowsOf } from "../keys/roster.js";
import { button, element } from "./elements.js";
import { momentInWords } from "./moments.js";

/** @typedef {import("../keys/roster.js").Row} Row */
/** @typedef {import("./sentences.js").Sentences} Sentences */

/** @type {Record<string, string>} */
const KINDS = { passkey: "lock.passkey", sheet: "lock.sheet", device: "lock.device" };

/**
 * Resolves with the ids of the locks that the new keys are not for; null where it is not to be done.
 * @param {HTMLElement} place
 * @param {Sentences} t
 * @param {readonly import("../keys/roster.js").Listed[]} listed the roster, as the key Worker verified it
 * @param {readonly import("../keys/kept.js").KeptLock[]} kept
 * @param {string} used the lock that opened the keys
 * @param {string} [unit] by its name, where it is another one than that of the page
 * @returns {Promise<string[] | null>}
 */
export function chooseWhoStays(place, t, listed, kept, used, unit) {
  const rows = rowsOf(listed, kept, used);
  const boxes = new Map(rows.map((row) => [row.id, box(row)]));
  const lines = rows.map((row) => element("li", {}, element("label", { class: "option" }, boxes.get(row.id) ?? "", lineOf(row, t))));
  const head = element("h3", { tabindex: "-1" }, unit === undefined ? t("keys.rotate.title") : t("keys.rotate.title_of", { unit }));
  return new Promise((done) => {
    const renew = button(t("keys.rotate.now"), () => {
      const chosen = new Set([...boxes].filter(([, each]) => each.checked).map(([id]) => id));
      done(leaving(rows, chosen));
    });
    const stop = button(t("keys.rotate.stop"), () => done(null), { class: "quiet" });
    const list = element("ul", { class: "locks" }, ...lines);
    place.replaceChildren(head, element("p", {}, t("keys.rotate.text")), list, renew, stop);
    head.focus();
  });
}

/** @param {Row} row */
function box(row) {
  const made = element("input", { type: "checkbox", name: "knooppunt-stays" });
  made.checked = row.isUsed || mayStay(row);
  made.disabled = row.isUsed || !mayStay(row);
  return made;
}

/** @param {Row} row @param {Sentences} t */
function lineOf({ kind, person, since, by, isThere, hasLeft, isUsed }, t) {
  const values = {
    kind: t(KINDS[kind] ?? "lock.passkey"),
    person: person ?? t("message.somebody"),
    at: momentInWords(new Date(since)),
  };
  const said = [t("keys.rotate.lock", values)];
  if (by !== null) said.push(t("keys.rotate.by", { person: by }));
  if (isUsed) said.push(t("keys.rotate.used"));
  else if (hasLeft) said.push(t("keys.rotate.left"));
  else if (!isThere) said.push(t("keys.rotate.gone"));
  return said.join(", ");
}

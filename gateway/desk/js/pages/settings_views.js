/**
 * What the page of an organisation's settings draws: the accounts with who proposed them and from when they may be used,
 * contacts, the locks that are allowed, and the fields in which all that is changed. Nothing is signed here.
 *
 * @module
 */

import { standingSince, usableFrom } from "../keys/settings.js";
import { button, element } from "./elements.js";
import { momentInWords } from "./moments.js";

/** @typedef {import("../keys/settings.js").Account} Account */
/** @typedef {import("../keys/settings.js").Contact} Contact */
/** @typedef {import("../keys/settings.js").Content} Content */
/** @typedef {import("../keys/settings.js").Listed} Listed */
/** @typedef {import("../keys/settings.js").Version} Version */
/** @typedef {import("../keys/settings_edit.js").Edit} Edit */
/** @typedef {import("../keys/settings_edit.js").Fault} Fault */
/** @typedef {import("./sentences.js").Sentences} Sentences */
/**
 * @typedef {{base: Content, versions: readonly Version[], locks: readonly Listed[], now: Date, oneself: string,
 *   nameOf: (person: string) => string, t: Sentences}} Seen what the page stands on
 */
/** @typedef {{view: HTMLElement, edit: () => Edit, show: (faults: readonly Fault[]) => void}} Fields */

const KINDS = ["passkey", "sheet", "device"];

/**
 * The form, filled with what somebody changed already.
 * @param {Seen} seen
 * @param {Edit} edit
 * @param {{save: () => unknown, agree: (iban: string) => unknown}} acts
 * @returns {Fields}
 */
export function settingsForm(seen, edit, { save, agree }) {
  const { base, t } = seen;
  const form = element("form", { class: "form", novalidate: "" });
  const faults = element("div", { role: "alert" });
  const removed = base.accounts.length === 0 ? null : accountsTable(seen, edit.removed, agree);
  const added = rows(edit.added.length === 0 ? [{ iban: "", name: "" }] : edit.added, (each, index) => [
    field(`iban-${index}`, t("settings.iban"), each.iban),
    field(`iban-name-${index}`, t("settings.holder"), each.name),
  ], () => ({ iban: "", name: "" })); // prettier-ignore
  const contacts = rows(edit.contacts ?? base.contacts, (each, index) => [
    field(`contact-name-${index}`, t("settings.contact_name"), each.name),
    field(`contact-email-${index}`, t("settings.contact_email"), each.email, "email"),
    field(`contact-telephone-${index}`, t("settings.contact_telephone"), each.telephone, "tel"),
  ], () => ({ name: "", email: "", telephone: "" })); // prettier-ignore
  const { lockKinds, deskOnly, syncedPasskeys } = edit.locks ?? base;
  const kinds = KINDS.map((kind) => tick(`kind-${kind}`, t(`lock.${kind}`), lockKinds.includes(kind)));
  const synced = tick("synced-passkeys", t("settings.synced"), syncedPasskeys);
  const desk = tick("desk-only", t("settings.desk_only"), deskOnly);
  form.append(
    faults,
    group(t("settings.accounts"), t("settings.accounts_text"), [
      removed?.view ?? element("p", { class: "empty" }, t("settings.no_accounts")),
      added.view,
      button(t("settings.add_account"), added.more, { class: "second" }),
    ]),
    group(t("settings.contacts"), t("settings.contacts_text"), [
      contacts.view,
      button(t("settings.add_contact"), contacts.more, { class: "second" }),
    ]),
    group(t("settings.locks"), t("settings.locks_text"), [...kinds, synced, desk].map(({ view }) => view)),
    element("button", {}, t("settings.save")),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    save();
  });
  const isTicked = (/** @type {{box: HTMLInputElement}} */ { box }) => box.checked;
  return {
    view: form,
    edit: () => ({
      removed: removed?.chosen() ?? [],
      agreed: [],
      added: added.said().map(([iban = "", name = ""]) => ({ iban, name })),
      contacts: contacts.said().map(([name = "", email = "", telephone = ""]) => ({ name, email, telephone })),
      locks: {
        lockKinds: KINDS.filter((_, index) => isTicked(/** @type {any} */ (kinds[index]))),
        deskOnly: isTicked(desk),
        syncedPasskeys: isTicked(synced),
      },
    }),
    show: (found) => showFaults(form, faults, found, t),
  };
}

/**
 * The table of versions, as the page has it before anything is opened.
 * @param {readonly {counter: number, kept: {text: string, machine: string} | null, by_name: string | null}[]} versions
 * @param {Sentences} t
 */
export function versionsTable(versions, t) {
  const names = ["version", "kept", "by"].map((each) => t(`settings.${each}`));
  const head = element("tr", {}, ...names.map((each) => element("th", { scope: "col" }, each)));
  const body = element("tbody");
  for (const { counter, kept, by_name: by } of versions) {
    const at = kept === null ? "" : element("time", { datetime: kept.machine }, kept.text);
    const cells = [at, element("bdi", {}, by ?? t("visitor.nameless"))];
    const row = element("tr", {}, element("th", { scope: "row" }, String(counter)));
    for (const [index, cell] of cells.entries()) row.append(element("td", { "data-label": names[index + 1] ?? "" }, cell));
    body.append(row);
  }
  return element("table", { "aria-labelledby": "versions" }, element("thead", {}, head), body);
}

/** @param {Seen} seen @param {readonly string[]} removed @param {(iban: string) => unknown} agree */
function accountsTable(seen, removed, agree) {
  const { base, t } = seen;
  const names = ["iban", "holder", "since", "usable", "change"].map((each) => t(`settings.${each}`));
  const head = element("tr", {}, ...names.map((each) => element("th", { scope: "col" }, each)));
  const body = element("tbody");
  const boxes = base.accounts.map(({ iban }) => tick(`remove-${iban}`, t("settings.remove"), removed.includes(iban), iban));
  for (const [index, account] of base.accounts.entries()) {
    const cells = cellsOf(account, seen);
    cells.push([/** @type {{view: HTMLElement}} */ (boxes[index]).view, ...agreeing(account, seen, agree)]);
    const row = element("tr", {}, element("th", { scope: "row" }, grouped(account.iban)));
    for (const [at, cell] of cells.entries()) row.append(element("td", { "data-label": names[at + 1] ?? "" }, ...cell));
    body.append(row);
  }
  const view = element("table", { class: "accounts" }, element("thead", {}, head), body);
  const chosen = () => base.accounts.filter((_, index) => boxes[index]?.box.checked).map((each) => each.iban);
  return { view, chosen };
}

/** @param {Account} account @param {Seen} seen */
function cellsOf(account, { versions, locks, now, nameOf, t }) {
  const since = standingSince(account.iban, versions);
  const from = usableFrom(account, versions, locks);
  const agreed = account.agreedBy === null ? "" : `, ${t("settings.agreed_by", { name: nameOf(account.agreedBy) })}`;
  const by = ` ${t("settings.proposed_by", { name: nameOf(account.by) })}${agreed}`;
  const usable = from <= now ? [t("settings.usable_now")] : [t("settings.usable_from"), " ", moment(from)];
  return /** @type {(Node | string)[][]} */ ([[element("bdi", {}, account.name)], [moment(since), by], usable]);
}

/** @param {Account} account @param {Seen} seen @param {(iban: string) => unknown} agree */
function agreeing(account, { versions, locks, now, oneself, t }, agree) {
  const open = account.by !== oneself && account.agreedBy === null && usableFrom(account, versions, locks) > now;
  if (!open) return [];
  const name = t("settings.agree_whom", { iban: grouped(account.iban) });
  return [button(t("settings.agree"), () => agree(account.iban), { class: "second", "aria-label": name })];
}

/**
 * Rows of fields, of which one more can be had; those that were left empty say nothing.
 * @template Value
 * @param {readonly Value[]} values
 * @param {(value: Value, index: number) => {view: HTMLElement, input: HTMLInputElement}[]} fieldsOf
 * @param {() => Value} empty
 */
function rows(values, fieldsOf, empty) {
  const view = element("div", { class: "rows" });
  /** @type {HTMLInputElement[][]} */
  const inputs = [];
  const add = (/** @type {Value} */ value) => {
    const fields = fieldsOf(value, inputs.length);
    inputs.push(fields.map(({ input }) => input));
    view.append(element("div", { class: "choices" }, ...fields.map((each) => each.view)));
    return fields[0]?.input;
  };
  for (const each of values) add(each);
  const said = () => inputs.map((row) => row.map(({ value }) => value.trim())).filter((row) => row.some((each) => each !== ""));
  return { view, said, more: () => add(empty())?.focus() };
}

/** @param {string} id @param {string} label @param {string} value @param {string} [type] */
function field(id, label, value, type = "text") {
  const input = element("input", {
    id, name: `knooppunt-${id}`, type, maxlength: "200", autocomplete: "off", spellcheck: "false", translate: "no",
  }); // prettier-ignore
  input.value = value;
  return { view: element("div", { class: "field" }, element("label", { for: id }, label), input), input };
}

/** @param {string} id @param {string} label @param {boolean} checked @param {string} [of] what it is about, to be read out */
function tick(id, label, checked, of) {
  const box = element("input", { id, name: `knooppunt-${id}`, type: "checkbox" });
  box.checked = checked;
  if (of !== undefined) box.setAttribute("aria-label", `${label}: ${grouped(of)}`);
  return { view: element("p", { class: "option" }, box, element("label", { for: id }, label)), box };
}

/** @param {string} title @param {string} text @param {readonly Node[]} within */
function group(title, text, within) {
  return element("fieldset", {}, element("legend", {}, title), element("p", { class: "hint" }, text), ...within);
}

/** @param {HTMLElement} form @param {HTMLElement} place @param {readonly Fault[]} faults @param {Sentences} t */
function showFaults(form, place, faults, t) {
  for (const each of form.querySelectorAll("[aria-invalid]")) each.removeAttribute("aria-invalid");
  const list = element("ul", {});
  for (const { field: id, why } of faults) {
    form.querySelector(`#${CSS.escape(id)}`)?.setAttribute("aria-invalid", "true");
    list.append(element("li", {}, element("a", { href: `#${id}` }, t(why))));
  }
  place.replaceChildren(...(faults.length === 0 ? [] : [element("h3", {}, t("faults.title")), list]));
  place.className = faults.length === 0 ? "" : "faults";
  place.querySelector("a")?.focus();
}

/** An account number in groups of four, as people read it. @param {string} iban */
const grouped = (iban) => iban.replace(/(.{4})(?=.)/gu, "$1 ");

/** @param {Date} at */
function moment(at) {
  return element("time", { datetime: at.toISOString() }, momentInWords(at));
}

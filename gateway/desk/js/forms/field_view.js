/**
 * One field of a form: its label, its hint, what is wrong with it, and the control in which a person types or chooses.
 * Names and ids begin with `f/`, so that no name of a message can be taken for something of the page.
 */

import { say } from "./texts.js";
import { foreign, node } from "./view.js";

/** @typedef {import("./types.js").Field} Field */
/** @typedef {import("./types.js").Group} Group */
/** @typedef {import("./types.js").Fault} Fault */
/** @typedef {import("./types.js").Language} Language */
/** @typedef {import("./view.js").Node} Node */

/**
 * What every part of one form shares.
 * @typedef {object} Setting
 * @property {Language} language
 * @property {Map<string, Fault>} faults by their path
 * @property {{iban: string, holder?: string}[]} accounts
 * @property {Set<string>} fixed paths whose values come from the question and stay
 */

/** Up to so many possibilities stand open as radios; more are a list that opens. */
const OPEN_AT_MOST = 6;

/**
 * The id of the control at a place.
 * @param {string} path
 */
export function idOf(path) {
  return `f${path}`;
}

/**
 * @param {Field} field
 * @param {string} text what was typed
 * @param {string} path
 * @param {boolean} required
 * @param {Setting} setting
 * @returns {Node}
 */
export function fieldView(field, text, path, required, setting) {
  const { language } = setting;
  if (setting.fixed.has(path)) {
    const said = [node("span", { class: "label" }, field.label[language]), node("p", { id: idOf(path), tabindex: "-1" }, foreign(text))];
    return node("div", { class: "field fixed" }, ...said, faultOf(path, setting));
  }
  const shared = controlAttributes(field, path, required, setting);
  const options = optionsOf(field, setting);
  const above = [hintOf(field, path, language), faultOf(path, setting)];
  const shape = setting.faults.has(path) ? "field fault" : "field";
  if (options !== null && options.length <= OPEN_AT_MOST && field.from !== "accounts") {
    const title = [field.label[language], required ? null : ` ${say("form.optional")[language]}`];
    const radios = options.map(([value, words], index) => radio(path, value, words, text === value, index));
    const none = required ? [] : [radio(path, "", say("form.none")[language], text === "", options.length)];
    const { "aria-describedby": described, "aria-invalid": invalid, "aria-required": asked } = shared;
    const attributes = { class: shape, "aria-describedby": described, "aria-invalid": invalid, "aria-required": asked, role: "radiogroup" };
    return node("fieldset", attributes, node("legend", {}, ...title), ...above, ...radios, ...none);
  }
  const optional = required ? null : ` ${say("form.optional")[language]}`;
  const label = node("label", { for: idOf(path) }, field.label[language], optional);
  return node("div", { class: shape }, label, ...above, control(field, text, shared, options, setting));
}

/**
 * @param {Field} field
 * @param {string} text
 * @param {Partial<Record<string, string>>} shared
 * @param {[string, string][] | null} options
 * @param {Setting} setting
 * @returns {Node}
 */
function control(field, text, shared, options, { language }) {
  if (field.from === "accounts" && options?.length === 0) {
    return node("p", { ...shared, tabindex: "-1" }, say("form.no_accounts")[language]);
  }
  if (options !== null) {
    const first = node("option", { value: "" }, say("form.choose")[language]);
    const others = options.map(([value, words]) =>
      node("option", { value, selected: value === text ? "selected" : undefined }, words),
    );
    return node("select", shared, first, ...others);
  }
  if (field.value.kind === "lines") return node("textarea", { ...shared, rows: "5", dir: "auto" }, text);
  return node("input", { ...shared, type: "text", value: text, inputmode: INPUT_MODE[field.value.kind], dir: "auto" });
}

/** @type {Partial<Record<string, string>>} */
const INPUT_MODE = { amount: "decimal", decimal: "decimal", integer: "numeric", date: "numeric" };

/**
 * @param {Field} field
 * @param {string} path
 * @param {boolean} required
 * @param {Setting} setting
 */
function controlAttributes(field, path, required, { faults, language }) {
  const described = [hintText(field, language) && `${idOf(path)}-hint`, faults.has(path) && `${idOf(path)}-fault`];
  return {
    id: idOf(path),
    name: idOf(path),
    autocomplete: "off",
    spellcheck: "false",
    translate: "no",
    "aria-required": required ? "true" : undefined,
    "aria-invalid": faults.has(path) ? "true" : undefined,
    "aria-describedby": described.filter(Boolean).join(" ") || undefined,
  };
}

/**
 * What there is to choose from, or null where a person types.
 * @param {Field} field
 * @param {Setting} setting
 * @returns {[string, string][] | null}
 */
function optionsOf(field, { accounts, language }) {
  if (field.from === "accounts") {
    return accounts.map(({ iban, holder }) => [iban, holder ? `${iban} (${holder})` : iban]);
  }
  if (field.value.values !== undefined) return field.value.values.map((each) => [each.value, each[language]]);
  if (field.value.kind !== "truth") return null;
  return [
    ["true", say("form.yes")[language]],
    ["false", say("form.no")[language]],
  ];
}

/**
 * @param {string} path
 * @param {string} value
 * @param {string} words
 * @param {boolean} chosen
 * @param {number} index
 * @param {string} [act] what choosing it does, where it is more than typing
 * @returns {Node}
 */
export function radio(path, value, words, chosen, index, act) {
  const id = index === 0 ? idOf(path) : `${idOf(path)}-${index}`;
  const checked = chosen ? "checked" : undefined;
  const input = node("input", { type: "radio", id, name: idOf(path), value, checked, "data-act": act, "data-path": act && value });
  return node("div", { class: "option" }, input, node("label", { for: id }, words));
}

/**
 * @param {Field | Group} element
 * @param {string} path
 * @param {Language} language
 * @returns {Node | null}
 */
export function hintOf(element, path, language) {
  const text = hintText(element, language);
  return text ? node("p", { class: "hint", id: `${idOf(path)}-hint` }, text) : null;
}

/**
 * @param {Field | Group} element
 * @param {Language} language
 */
function hintText(element, language) {
  const shape = element.kind === "field" && element.value.kind === "date" ? "31-12-2026" : "";
  return element.hint?.[language] ?? shape;
}

/**
 * @param {string} path
 * @param {Setting} setting
 * @returns {Node | null}
 */
export function faultOf(path, { faults, language }) {
  const fault = faults.get(path);
  return fault === undefined ? null : node("p", { class: "fault-text", id: `${idOf(path)}-fault` }, fault[language]);
}

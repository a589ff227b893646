/** A small description for tests, as the server would make it: an answer with claims, and the question that it answers. */

/** @typedef {import("../../../../gateway/desk/js/forms/types.js").Description} Description */
/** @typedef {import("../../../../gateway/desk/js/forms/types.js").Values} Values */

/** @param {string} name @param {object} value @param {object} [more] */
export function field(name, value, more = {}) {
  return { kind: "field", name, label: { nl: name, en: `${name}?` }, least: 1, most: 1, value: { type: "T", ...value }, ...more };
}

/** @param {string} name @param {object[]} items @param {object} [more] */
export function group(name, items, more = {}) {
  return { kind: "group", name, label: { nl: name, en: `${name}?` }, least: 1, most: 1, items, ...more };
}

const TEXT = { kind: "text", maxLength: 20, pattern: "[!-~]+( [!-~]+)*" };
const AMOUNT = { kind: "amount", pattern: "(0|[1-9][0-9]{0,8})\\.[0-9]{2}" };
const TRUTH = { kind: "truth", pattern: "true|false" };
const DATE = { kind: "date", minInclusive: "1900-01-01", maxInclusive: "2199-12-31" };
const TYPE = {
  kind: "list",
  values: [
    { value: "OPEN", nl: "open", en: "open" },
    { value: "WEG", nl: "weg", en: "gone" },
  ],
};

const header = group(
  "Stuurgegevens",
  [
    field("Referentienummer", TEXT, { filled: "reference" }),
    field("ConversatieReferentienummer", TEXT, { filled: "conversation" }),
    field("CrossReferentienummer", TEXT, { filled: "question", least: 0 }),
    field("Versie", TEXT, { filled: "version" }),
    field("Afzender", TEXT, { filled: "sender" }),
    field("Ontvanger", TEXT, { filled: "receiver" }),
    field("Berichttype", TEXT, { filled: "type" }),
    field("Aanmaakmoment", { kind: "moment" }, { filled: "moment" }),
    group(
      "Bijlagen",
      [group("Bijlage", ["Soort", "Bestandsnaam", "Mediatype", "Sha256"].map((name) => field(name, TEXT)), { most: 10 })],
      { filled: "attachments", least: 0 },
    ),
  ],
  { filled: "header" },
);

/** @param {string} kind @param {object} demand */
const rule = (kind, demand) => ({ kind, code: "REGEL", nl: "Regel.", en: "Rule.", ...demand });
/** @param {string} value */
const matching = (value) => ({ path: "Matchen", values: [value], negated: false });

const common = { form: 1, module: "M", version: "2.0", namespace: "urn:m", service: "urn:m", hint: {}, by_hand: true,
  question: false, answers: [], answers_to: [], waives: [], term_working_days: null, from: [], to: [], attachments: [],
  rules: [], unique: [] };

export const QUESTION = /** @type {Description} */ (/** @type {unknown} */ ({
  ...common,
  type: "Vraag",
  label: { nl: "Vraag", en: "Question" },
  items: [
    header,
    field("Klantnummer", TEXT),
    group("Vorderingen", [group("Vordering", [field("Nummer", TEXT)], { most: 500 })]),
  ],
}));

export const ANSWER = /** @type {Description} */ (/** @type {unknown} */ ({
  ...common,
  type: "Antwoord",
  label: { nl: "Antwoord", en: "Answer" },
  items: [
    header,
    field("Klantnummer", TEXT, { copies: ["NummerBijU", "Klantnummer"] }),
    group("Contact", [field("Naam", TEXT), field("Telefoon", { kind: "text", pattern: "\\+?[0-9]{8,15}" }, { least: 0 })], { from: "contact" }),
    field("Peildatum", DATE, { from: "today" }),
    field("Matchen", TRUTH),
    group(
      "Gematcht",
      [
        group(
          "Vordering",
          [
            field("Nummer", TEXT),
            field("Soort", TYPE),
            group("Open", [field("Hoofdsom", AMOUNT, { least: 0 }), field("Rente", AMOUNT, { least: 0 }), field("Bedrag", AMOUNT)], { least: 0 }),
          ],
          { most: 500 },
        ),
      ],
      { least: 0 },
    ),
    group(
      "Eigen",
      [{ kind: "choice", least: 1, most: 1, items: [group("Overzicht", [group("Schuld", [field("Bedrag", AMOUNT)], { most: 500 })]), group("Totaal", [field("Bedrag", AMOUNT)])] }],
      { least: 0 },
    ),
    group("Betaling", [field("IBAN", TEXT, { from: "accounts" }), field("TenNameVan", TEXT)], { least: 0 }),
    field("Toelichting", { kind: "lines", maxLength: 2000 }, { least: 0 }),
  ],
  rules: [
    rule("OneOf", { code: "MATCH", within: "", condition: matching("true"), choose: ["Gematcht"], least: 1, most: 1 }),
    rule("OneOf", { code: "MATCH-NIET-EIGEN", within: "", condition: matching("true"), choose: ["Eigen"], least: 0, most: 0 }),
    rule("OneOf", { code: "EIGEN", within: "", condition: matching("false"), choose: ["Eigen"], least: 1, most: 1 }),
    rule("OneOf", { code: "EIGEN-NIET-MATCH", within: "", condition: matching("false"), choose: ["Gematcht"], least: 0, most: 0 }),
    rule("OneOf", {
      code: "OPEN",
      within: "Gematcht/Vordering",
      condition: { path: "Soort", values: ["OPEN"], negated: false },
      choose: ["Open"],
      least: 1,
      most: 1,
    }),
    rule("OneOf", {
      code: "NIET-OPEN",
      within: "Gematcht/Vordering",
      condition: { path: "Soort", values: ["OPEN"], negated: true },
      choose: ["Open"],
      least: 0,
      most: 0,
    }),
    rule("Sum", { code: "SOM", within: "Gematcht/Vordering/Open", total: "Bedrag", terms: ["Hoofdsom", "Rente"] }),
    rule("SameSet", {
      code: "ZELFDE",
      condition: matching("true"),
      here: "Gematcht/Vordering/Nummer",
      there: "Vorderingen/Vordering/Nummer",
    }),
  ],
  unique: [{ code: "XSD-CVC-IDC", nl: "Uniek.", en: "Unique.", within: "Gematcht/Vordering", at: "Nummer" }],
}));

/**
 * Values from a plain object: an array is several occurrences.
 * @param {Record<string, unknown>} plain
 * @returns {Values}
 */
export function values(plain) {
  return new Map(
    Object.entries(plain).map(([name, held]) => [
      name,
      (Array.isArray(held) ? held : [held]).map((each) => (typeof each === "string" ? each : values(each))),
    ]),
  );
}

/**
 * @param {Values} found
 * @returns {Record<string, unknown>}
 */
export function plain(found) {
  return Object.fromEntries(
    [...found].map(([name, held]) => {
      const each = held.map((one) => (typeof one === "string" ? one : plain(one)));
      return [name, each.length === 1 ? each[0] : each];
    }),
  );
}

export const ASKED = {
  description: QUESTION,
  values: values({
    Stuurgegevens: { Referentienummer: "v-1", ConversatieReferentienummer: "c-1", Afzender: "SHV", Ontvanger: "SE" },
    Klantnummer: "K-7",
    Vorderingen: { Vordering: [{ Nummer: "F-1" }, { Nummer: "F-2" }] },
  }),
};

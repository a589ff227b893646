/**
 * The shapes that forms are made of: the description of a message type as the server makes it (docs/reference/forms.md),
 * and the values that fill it. Types only; nothing runs.
 */

/**
 * @typedef {{nl: string, en: string}} Words
 * @typedef {{nl?: string, en?: string}} Hint
 * @typedef {"nl" | "en"} Language
 */

/**
 * What may stand in a field. The facets have the names that XML Schema has for them.
 * @typedef {object} ValueKind
 * @property {"text" | "lines" | "list" | "truth" | "date" | "moment" | "integer" | "decimal" | "amount"} kind
 * @property {string} type
 * @property {number} [length]
 * @property {number} [minLength]
 * @property {number} [maxLength]
 * @property {number} [totalDigits]
 * @property {number} [fractionDigits]
 * @property {string} [minInclusive]
 * @property {string} [maxInclusive]
 * @property {string} [minExclusive]
 * @property {string} [maxExclusive]
 * @property {string} [pattern] for flag `u` and the whole value; absent where the schema alone can judge
 * @property {Words} [shape]
 * @property {(Words & {value: string})[]} [values]
 */

/**
 * @typedef {object} Element
 * @property {string} name
 * @property {Words} label
 * @property {Hint} [hint]
 * @property {number} least
 * @property {number | null} most
 * @property {string} [filled] by the machine, and with what
 * @property {"accounts" | "contact" | "today"} [from]
 * @property {string[]} [copies]
 */

/** @typedef {Element & {kind: "field", value: ValueKind}} Field */
/** @typedef {Element & {kind: "group", items: Item[]}} Group */
/** @typedef {{kind: "choice" | "sequence", least: number, most: number | null, items: Item[]}} Gathering */
/** @typedef {Field | Group | Gathering} Item */

/** @typedef {{path: string, values: string[], negated: boolean}} Condition */

/**
 * A rule; which of its parameters there are follows from its kind.
 * @typedef {object} Rule
 * @property {string} code
 * @property {string} nl
 * @property {string} en
 * @property {"CheckDigit" | "Sum" | "OneOf" | "DateOrder" | "SameSet" | "Fixed" | "Assertion"} kind
 * @property {string} [at]
 * @property {string} [algorithm]
 * @property {Record<string, string>} [countries]
 * @property {string} [within]
 * @property {string} [total]
 * @property {string[]} [terms]
 * @property {Condition | null} [condition]
 * @property {string[]} [choose]
 * @property {number} [least]
 * @property {number} [most]
 * @property {string} [earlier]
 * @property {string} [later]
 * @property {string} [here]
 * @property {string} [there]
 * @property {string} [value]
 */

/** @typedef {{code: string, nl: string, en: string, within: string, at: string}} Unique */

/**
 * @typedef {object} Description
 * @property {number} form
 * @property {string} module
 * @property {string} version
 * @property {string} type
 * @property {string} namespace
 * @property {string} service
 * @property {Words} label
 * @property {Hint} hint
 * @property {boolean} by_hand
 * @property {boolean} question
 * @property {string[]} answers
 * @property {string[]} answers_to
 * @property {string[]} waives
 * @property {number | null} term_working_days
 * @property {string[]} from
 * @property {string[]} to
 * @property {{kind: string, from: string[]}[]} attachments
 * @property {Item[]} items
 * @property {Rule[]} rules
 * @property {Unique[]} unique
 */

/**
 * What stands in a group: element name to its occurrences, in order; what is absent has no key. A text is as the document
 * has it; while somebody types (`entries`) it is as typed, and a blank one is absent.
 * @typedef {Map<string, (string | Values)[]>} Values
 */

/**
 * Something wrong at a place. `path` is the place in the form: `/Type/Group[2]/Field`, with a position where the
 * element may be repeated, and only there.
 * @typedef {{path: string, code: string, nl: string, en: string}} Fault
 */

export {};

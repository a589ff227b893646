/**
 * The shapes that lists are made of: the table of columns of a message type as the server makes it
 * (docs/reference/lists.md), the questions that a list is made of, and what is wrong in one. Types only; nothing runs.
 */

/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Hint} Hint */
/** @typedef {import("../forms/types.js").Values} Values */

/**
 * A column that the question fills. `key` says which: A and B find the question, K its line. `path` leads to a field or
 * a group of the question; a column without one names who asks. Where a file has it `behind` the columns of the answer.
 * @typedef {{name: string, hint: Hint, path?: string, key?: "conversation" | "reference" | "line", behind: boolean}} QuestionColumn
 */

/**
 * A column that whoever answers fills. `words` are what may stand in it and what that means: the only values where
 * `only` holds, and else besides those of the field. `once`: it is about the question, so equal on all its rows.
 * @typedef {{name: string, hint: Hint, words: Record<string, string>, only: boolean, once: boolean}} AnswerColumn
 */

/** @typedef {{column: string, values: string[] | null}} When a cell of that column has one of the values; null: any */

/**
 * Fields of a repeated element of an answer, and the rows that fill one each: `asked` those of the lines asked about,
 * `added` those that name no line, `filled` all in which something stands for it, `one` likewise, but all are the same.
 * @typedef {{at: string, rows: "asked" | "added" | "filled" | "one", when: When[], fields: Record<string, string>}} Lines
 */

/**
 * One kind of answer. Paths are those of its form; `fixed` are values, `fields` names of columns.
 * @typedef {object} AnswerTable
 * @property {string} type
 * @property {When[]} when
 * @property {Record<string, string>} fields
 * @property {Record<string, string>} fixed
 * @property {string[]} copied paths that hold what the question says already
 * @property {Lines[]} lines
 */

/**
 * @typedef {object} ListTable
 * @property {number} list
 * @property {string} module
 * @property {string} version
 * @property {string} type of the questions
 * @property {string} rows the repeated element of a question of which each is a row
 * @property {QuestionColumn[]} question
 * @property {string} control the column of the control digest
 * @property {AnswerColumn[]} answer
 * @property {AnswerTable[]} answers the first whose conditions hold is the one; a second with conditions that hold is a fault
 */

/** @typedef {{name: string, octets: Uint8Array<ArrayBuffer>}} ChosenFile */

/**
 * Something wrong in a file. `row` as a spreadsheet counts, its header being 1; null where it is about the whole. `read`
 * is what stood there. What to say is a text of the catalogue, or words of the engine of forms.
 * @typedef {{file: string, row: number | null, column: string | null, read: string, key?: string,
 *   told?: Record<string, string | {nl: string, en: string}>, words?: {nl: string, en: string}}} Complaint
 */

/**
 * A row as it was read: cells by the name of their column, unguarded.
 * @typedef {{file: string, row: number, cells: Map<string, string>}} ReadRow
 */

/**
 * A question as it lies at the hub: opened, or only known by its row of metadata.
 * @typedef {object} KnownQuestion
 * @property {string} reference
 * @property {string} conversation
 * @property {string} sender party id of who asks
 * @property {string} asker what the portal calls who asks
 * @property {Values | null} values null where its content is gone
 */

export {};

/**
 * From the files that somebody chose to answers that may go, or to everything that is wrong in them: nothing goes before
 * every row of every file is read, paired with an open question, checked as a form is, and valid by its schema.
 */

import { utf8 } from "../as4/octets.js";
import { withHeader } from "../forms/header.js";
import { writeDocument } from "../forms/document.js";
import { objectionTold } from "../forms/objections.js";
import { answerOf } from "../lists/answers.js";
import { columnsOf } from "../lists/columns.js";
import { MOST_FILE_OCTETS } from "../lists/file.js";
import { columnKey, readFile } from "../lists/file_rows.js";
import { paired, referencesIn } from "../lists/pairing.js";
import { openQuestions } from "./list_questions.js";

/** @typedef {import("../as4/xml_remote.js").Judge} Judge */
/** @typedef {import("../as4/xsd.js").SchemaText} SchemaText */
/** @typedef {import("../lists/answers.js").Built} Built */
/** @typedef {import("../lists/control.js").Digests} Digests */
/** @typedef {import("../lists/pairing.js").Found} Found */
/** @typedef {import("../lists/types.js").ChosenFile} ChosenFile */
/** @typedef {import("../lists/types.js").Complaint} Complaint */
/** @typedef {import("../lists/types.js").Description} Description */
/** @typedef {import("../lists/types.js").ListTable} ListTable */
/** @typedef {import("./calls.js").Calls} Calls */
/** @typedef {import("./calls.js").Question} Question */
/** @typedef {import("./list_questions.js").Confirmable} Confirmable */
/** @typedef {import("./list_questions.js").Means} Opening */
/** @typedef {import("./settings_known.js").Known} Known */

/** @typedef {Built & {asker: string, waived: boolean, confirmable: Confirmable | null}} Answer `confirmable`: the question waits; `waived`: without need */
/** @typedef {{answers: Answer[], open: number, notices: Complaint[], complaints: Complaint[]}} Reading */

/**
 * @typedef {object} Means
 * @property {Calls} calls
 * @property {Pick<import("./list_lease.js").PageList, "ask">} list
 * @property {ListTable[]} tables of every kind of list that the unit has
 * @property {Opening} opening
 * @property {Map<string, import("./list_questions.js").OpenedQuestion>} before what was opened on this page already
 * @property {Digests} digests
 * @property {Judge} judge
 * @property {Known} known
 * @property {string} today
 * @property {() => string} uuid
 * @property {() => Date} now
 * @property {(done: number, all: number) => void} progress of opening questions
 */

const JUDGED_TOGETHER = 20; // they wait for one another in the judge, whose time each has is limited

/** Why a question cannot be answered by a list. @type {Partial<Record<Question["state"], string>>} */
const CLOSED = { answered: "lists.fault.answered", expired: "lists.fault.expired", held: "lists.fault.held", damaged: "lists.fault.unopened" };

/** A file as it was chosen; of one that is too large nothing is read. @param {File} file @returns {Promise<ChosenFile>} */
export async function chosen(file) {
  const octets = file.size > MOST_FILE_OCTETS ? new Uint8Array(MOST_FILE_OCTETS + 1) : new Uint8Array(await file.arrayBuffer());
  return { name: file.name, octets };
}

/**
 * @param {readonly ChosenFile[]} chosenFiles
 * @param {Means} means
 * @returns {Promise<Reading>}
 */
export async function readLists(chosenFiles, means) {
  const { calls, tables, digests, known, now } = means;
  const columns = new Set(tables.flatMap(columnsOf).map(columnKey));
  const files = named(chosenFiles).map((each) => readFile(each, columns));
  const notices = files.flatMap((each) => each.notices);
  const unread = files.flatMap(({ complaints }) => complaints);
  if (unread.length > 0) return { answers: [], open: 0, notices, complaints: unread };
  const questions = await means.list.ask(referencesIn(files, tables));
  const waived = new Set(questions.flatMap(({ reference, message }) => (message?.is_waived ? [reference] : [])));
  const { found, opened } = await lookUp(questions, means);
  const { paired: pairs, open, complaints } = await paired(files, tables, found, digests);
  const forms = await formsOf(pairs.map(({ table }) => table), calls);
  const { contact } = known;
  const answering = {
    form: (/** @type {string} */ type) => /** @type {Description} */ (forms.get(type)),
    ...{ unit: means.opening.endpoint.unit.value, today: means.today, uuid: means.uuid, now: now() },
    accounts: known.accounts.map(({ iban }) => iban),
    ...(contact === undefined ? {} : { contact }),
  };
  /** @type {Answer[]} */
  const answers = [];
  for (const pair of pairs) {
    const { module, version } = pair.table;
    const means = { ...answering, form: (/** @type {string} */ type) => /** @type {Description} */ (forms.get(formKey(module, version, type))) };
    const { built, complaints: wrong, notices: doubts } = answerOf(pair, means);
    complaints.push(...wrong);
    notices.push(...doubts);
    const { reference, asker } = pair.question;
    const confirmable = opened.get(reference)?.confirmable ?? null;
    if (built !== null) answers.push({ ...built, asker, waived: waived.has(reference), confirmable });
  }
  complaints.push(...(await objections(answers, means)));
  return { answers: complaints.length > 0 ? [] : answers, open, notices, complaints };
}

/** Files of one name are told apart by a number. @param {readonly ChosenFile[]} files @returns {ChosenFile[]} */
function named(files) {
  return files.map((file, index) => {
    const before = files.slice(0, index).filter(({ name }) => name === file.name).length;
    return before === 0 ? file : { ...file, name: file.name.replace(/(\.csv)?$/iu, ` (${before + 1})$1`) };
  });
}

/** @param {readonly Question[]} questions @param {Means} means */
async function lookUp(questions, { calls, tables, opening, progress, before }) {
  const { opened } = await openQuestions(questions, calls, opening, progress, before);
  /** @type {Map<string, Found>} */
  const found = new Map();
  for (const { reference, state, message, holder } of questions) {
    if (state === "unknown" || message === null) continue; // to this unit it is nobody's
    const { module, version, action, conversation, party, party_id: partyId } = message;
    const table = tables.find((each) => each.module === module && each.version === version && each.type === action);
    const closed = CLOSED[state];
    const content = opened.get(reference);
    if (closed !== undefined) found.set(reference, { closed, told: holder === null ? {} : { holder } });
    else if (table === undefined) found.set(reference, { closed: "lists.fault.no_list" });
    else if (state === "open" && content === undefined) found.set(reference, { closed: "lists.fault.unopened" });
    else {
      const description = content?.description ?? (await calls.form(module, version, action));
      const question = { reference, conversation, sender: content?.sender ?? partyId, asker: party, values: content?.values ?? null };
      found.set(reference, { table, description, question });
    }
  }
  return { found, opened };
}

/** @param {string} module @param {string} version @param {string} type */
const formKey = (module, version, type) => `${module} ${version} ${type}`;

/** @param {readonly ListTable[]} tables @param {Calls} calls */
async function formsOf(tables, calls) {
  /** @type {Map<string, Description>} */
  const forms = new Map();
  for (const { module, version, answers } of new Set(tables)) {
    for (const { type } of answers) {
      const key = formKey(module, version, type);
      if (!forms.has(key)) forms.set(key, await calls.form(module, version, type));
    }
  }
  return forms;
}

/** @param {import("../forms/form_view.js").Told} said */
const told = (said) => (typeof said === "string" ? said : said.text);

/** What the schemas object to, which the forms let by. @param {readonly Answer[]} answers @param {Means} means @returns {Promise<Complaint[]>} */
async function objections(answers, { calls, judge }) {
  /** @type {Map<string, Promise<SchemaText>>} */
  const schemas = new Map();
  /** @param {Answer} answer @returns {Promise<Complaint[]>} */
  const judged = async ({ pair, description, values, header }) => {
    const { module, version } = description;
    const key = `${module} ${version}`;
    const schema = schemas.get(key) ?? calls.schema(module, version);
    schemas.set(key, schema);
    const said = await judge(utf8(writeDocument(description, withHeader(description, values, header))), await schema);
    const first = pair.rows[0]?.row;
    return said.slice(0, 1).map(({ text }) => {
      const words = { nl: told(objectionTold(description, text, "nl")), en: told(objectionTold(description, text, "en")) };
      return { file: first?.file ?? "", row: first?.row ?? null, column: null, read: "", words };
    });
  };
  /** @type {Complaint[]} */
  const found = [];
  for (let at = 0; at < answers.length; at += JUDGED_TOGETHER) {
    found.push(...(await Promise.all(answers.slice(at, at + JUDGED_TOGETHER).map(judged))).flat());
  }
  return found;
}

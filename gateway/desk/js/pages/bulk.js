/**
 * Answers of a list on their way, one after the other: kept whole before the first leaves, with all that is left to chance
 * in them, and the outcome of each once there is one. So whoever comes back after a tab was closed goes on with what has
 * not gone, as the same messages, and nothing goes twice.
 *
 * SECURITY: all of it is kept sealed to the unit. The receipt for a question goes only after that of its answer held.
 */

import { chanceOf, noteOutcome } from "../drafts/letters.js";
import { withHeader } from "../forms/header.js";
import { allPlacesIn } from "../forms/places.js";
import { columnsOf } from "../lists/columns.js";
import { writeCsv } from "../lists/csv_write.js";
import { cellOf } from "../lists/file_rows.js";
import { pushOf } from "./outgoing.js";
import { patiently } from "./patience.js";
import { confirm, prepare } from "./sending.js";

/** @typedef {import("../drafts/letters.js").Letter} Letter */
/** @typedef {import("../drafts/shelf.js").Shelf} Shelf */
/** @typedef {import("../forms/header.js").HeaderFacts} HeaderFacts */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Values} Values */
/** @typedef {import("./calls.js").Calls} Calls */
/** @typedef {import("./calls.js").Endpoint} Endpoint */
/** @typedef {import("./list_questions.js").Confirmable} Confirmable */
/** @typedef {import("./list_reading.js").Answer} Answer */
/** @typedef {import("./outgoing.js").Chance} Chance */
/** @typedef {import("./sending.js").Means} Sending */

/** What the names of lists on their way begin with where they lie; the outcomes are below them. */
export const LIST = "list ";

// As a new message is kept: as long as a question waits, and a weekend.
const KEPT_MILLISECONDS = 7 * 24 * 3_600_000;

/** Until when what did not go lies here. @param {Pick<Bulk, "at">} bulk */
export const keptUntil = ({ at }) => new Date(Date.parse(at) + KEPT_MILLISECONDS);

/** @typedef {Omit<HeaderFacts, "moment"> & {moment: string}} KeptHeader */
/** @typedef {{columns: string[], rows: string[][]}} Read the rows of a file that an answer was made of */
/** @typedef {{module: string, version: string, type: string, values: Values, header: KeptHeader, letter: Letter, confirmable: Confirmable | null, read: Read}} Item */
/** @typedef {{at: string, items: Item[]}} Kept */
/** @typedef {Pick<Letter, "receipt" | "refused" | "unsure"> & {confirmed: boolean}} Outcome */
/** @typedef {Kept & {name: string, outcomes: Map<number, Outcome>}} Bulk `outcomes` by the number of the item */

/**
 * @param {readonly Answer[]} answers
 * @param {Chance} chance
 * @param {Date} at
 * @returns {Bulk}
 */
export function bulkOf(answers, chance, at) {
  const items = answers.map(({ description, values, header, asker, confirmable, pair }) => ({
    read: readOf(pair),
    ...{ module: description.module, version: description.version, type: description.type, values, confirmable },
    header: { ...header, moment: header.moment.toISOString() },
    letter: { party: header.receiver, name: asker, conversation: header.conversation, goesOn: true, reference: header.reference, moment: header.moment.toISOString(), drawn: [], receipt: null, refused: [] },
  }));
  return { name: `${LIST}${chance.uuid()}`, at: at.toISOString(), items, outcomes: new Map() };
}

/** @param {import("../lists/pairing.js").Paired} pair @returns {Read} */
function readOf({ table, rows }) {
  const columns = columnsOf(table);
  return { columns, rows: rows.map(({ row }) => columns.map((name) => cellOf(row, name))) };
}

/** The lists on their way that lie here. @param {Shelf} shelf @returns {Promise<Bulk[]>} */
export async function bulksIn(shelf) {
  const names = (await shelf.names()).filter((each) => each.startsWith(LIST));
  /** @type {Bulk[]} */
  const found = [];
  for (const name of names.filter((each) => !each.includes(OUTCOME))) {
    /** @type {Kept | null} */
    const kept = await shelf.get(name);
    if (kept === null) continue;
    /** @type {Bulk} */
    const bulk = { ...kept, name, outcomes: new Map() };
    for (const each of names.filter((other) => other.startsWith(`${name}${OUTCOME}`))) {
      const outcome = await shelf.get(each);
      if (outcome !== null) bulk.outcomes.set(Number(each.slice(name.length + OUTCOME.length)), outcome);
    }
    found.push(bulk);
  }
  return found;
}

const OUTCOME = " outcome ";

/** Nothing of it lies here any more. @param {Bulk} bulk @param {Shelf} shelf */
export async function forgetBulk({ name, outcomes }, shelf) {
  await shelf.drop(name); // first: outcomes without their list are none
  for (const at of outcomes.keys()) await shelf.drop(`${name}${OUTCOME}${at}`);
}

/** How many of them the hub has. @param {Bulk} bulk */
export const sentOf = ({ outcomes }) => [...outcomes.values()].filter(({ receipt }) => receipt !== null).length;

/** What the hub did not take. @param {Bulk} bulk @returns {{item: Item, refused: Letter["refused"], unsure: boolean}[]} */
export function refusedOf({ items, outcomes }) {
  return [...outcomes].flatMap(([at, { receipt, refused, unsure = false }]) => {
    const item = items[at];
    return receipt === null && item !== undefined ? [{ item, refused, unsure }] : [];
  });
}

/** How many questions were answered, and did not let themselves be confirmed. @param {Bulk} bulk */
export const unconfirmedOf = ({ outcomes }) => [...outcomes.values()].filter(({ receipt, confirmed }) => receipt !== null && !confirmed).length;

/** Whether the hub has said something of each. @param {Bulk} bulk */
export const isOver = ({ items, outcomes }) => outcomes.size === items.length;

/** The rows of what the hub did not take, as files that can be mended and chosen again: one for each kind of list.
 * @param {Bulk} bulk @returns {Uint8Array<ArrayBuffer>[]} */
export function refusedFiles(bulk) {
  /** @type {Map<string, Read>} */
  const files = new Map();
  for (const { item: { read } } of refusedOf(bulk)) {
    const key = JSON.stringify(read.columns);
    files.set(key, { columns: read.columns, rows: [...(files.get(key)?.rows ?? []), ...read.rows] });
  }
  return [...files.values()].map(({ columns, rows }) => writeCsv(columns, rows));
}

/**
 * The accounts in what has still to go that the organisation does not use now: they may have been taken out of its settings
 * since the list was read.
 * @param {Bulk} bulk
 * @param {(item: Item) => Promise<Description>} formOf
 * @param {readonly string[]} accounts
 * @returns {Promise<string[]>} each once
 */
export async function strangeAccounts({ items, outcomes }, formOf, accounts) {
  /** @type {Set<string>} */
  const strange = new Set();
  for (const [at, item] of items.entries()) {
    if (outcomes.has(at)) continue;
    const form = await formOf(item);
    for (const { element, value } of allPlacesIn(form.items, item.values, `/${form.type}`)) {
      if (element.kind === "field" && element.from === "accounts" && typeof value === "string" && !accounts.includes(value)) strange.add(value);
    }
  }
  return [...strange];
}

/** The questions that wait for what has still to go. @param {Bulk} bulk @returns {string[]} their references */
export const waitedFor = ({ items, outcomes }) => items.flatMap(({ confirmable, header }, at) => (confirmable === null || outcomes.has(at) ? [] : [header.question ?? ""]));

/**
 * What has still to go goes under the leases of now: those that it was read under may have ended, or were given up with
 * another tab.
 * @param {Bulk} bulk
 * @param {readonly import("./calls.js").Question[]} questions
 */
export function openAgain({ items, outcomes }, questions) {
  const tokens = new Map(questions.map(({ reference, token }) => [reference, token]));
  for (const [at, item] of items.entries()) {
    const token = tokens.get(item.header.question ?? "") ?? null;
    if (item.confirmable !== null && token !== null && !outcomes.has(at)) item.confirmable = { ...item.confirmable, lease: token };
  }
}

/** The form of an item, each asked for once. @param {Calls} calls @returns {(item: Item) => Promise<Description>} */
export function formsOf(calls) {
  /** @type {Map<string, Promise<Description>>} */
  const forms = new Map();
  return ({ module, version, type }) => {
    const key = `${module} ${version} ${type}`;
    const found = forms.get(key) ?? calls.form(module, version, type);
    forms.set(key, found);
    return found;
  };
}

/**
 * @typedef {object} Post
 * @property {(item: Item) => Promise<Description>} formOf
 * @property {Endpoint} endpoint
 * @property {Shelf} shelf
 * @property {Chance} chance
 * @property {() => Sending} sending
 * @property {() => void} progress
 */

/**
 * Sends what has no outcome yet. What stops one stops the others; whoever calls again goes on there.
 * @param {Bulk} bulk
 * @param {Post} post
 */
export async function postBulk(bulk, { formOf, endpoint, shelf, chance, sending, progress }) {
  const until = keptUntil(bulk);
  const pushes = [];
  for (const item of bulk.items) pushes.push(pushFor(item, await formOf(item)));
  const { name, at: begun, items } = bulk;
  await shelf.put(name, { at: begun, items }, until).catch(() => undefined); // it goes all the same
  for (const [at, item] of items.entries()) {
    const before = bulk.outcomes.get(at);
    if (before?.confirmed || before?.receipt === null) continue;
    const outcome = before ?? (await send(item, pushes[at]));
    await note(at, outcome);
    if (outcome.receipt === null || item.confirmable === null) continue;
    const { confirmable } = item;
    const receipt = { lease: confirmable.lease, messageId: `${chance.uuid()}@desk.knooppunt` };
    // A question that was answered can be confirmed by its page as well, so what the hub objects to here stops nothing.
    const objections = await patiently(() => confirm(confirmable, receipt, sending()));
    await note(at, { ...outcome, confirmed: objections.length === 0 });
  }

  /** @param {number} at @param {Outcome} outcome */
  async function note(at, outcome) {
    bulk.outcomes.set(at, outcome);
    progress();
    await shelf.put(`${name}${OUTCOME}${at}`, outcome, until).catch(() => undefined);
  }

  /** @param {Item} item @param {import("./outgoing.js").Push} push @returns {Promise<Outcome>} */
  async function send(item, push) {
    const again = await prepare(push, item.confirmable?.lease ?? null, sending());
    const answer = await patiently(again);
    noteOutcome(item.letter, answer, true);
    const { receipt, refused, unsure = false } = item.letter;
    return { receipt, refused, unsure, confirmed: receipt !== null && item.confirmable === null };
  }

  /** @param {Item} item @param {Description} description */
  function pushFor({ letter, values, header }, description) {
    const facts = { ...header, moment: new Date(header.moment) };
    return pushOf(description, withHeader(description, values, facts), facts, { endpoint, at: sending().now(), chance: chanceOf(letter, chance) });
  }
}

/**
 * Opens the questions of a list: each as the page of one message does, some at a time, and of each only what a list needs
 * is kept, and what its receipt is made of.
 *
 * SECURITY: a question that does not open, or for whose sender nobody vouches, is in no list: it is told, and waits for
 * somebody to look at it by itself.
 */

import { answering } from "../forms/header.js";
import { openStored } from "./opening.js";
import { patiently } from "./patience.js";
import { Refused } from "../as4/refused.js";

/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../forms/types.js").Values} Values */
/** @typedef {import("../as4/open.js").Opened} Opened */
/** @typedef {import("./calls.js").Calls} Calls */
/** @typedef {import("./calls.js").Message} Message */
/** @typedef {import("./calls.js").Question} Question */

/** @typedef {Parameters<typeof openStored>[2]} Means */
/** @typedef {{messageId: string, lease: string, facts: Pick<Opened["facts"], "messageId">, references: Opened["references"]}} Confirmable */
/** @typedef {{message: Message, description: Description, values: Values, sender: string, confirmable: Confirmable}} OpenedQuestion */

const AT_A_TIME = 4; // one is fetched while another is unwrapped and a third one parsed

/**
 * @param {readonly Question[]} questions of which those that are open to this browser are taken
 * @param {Calls} calls
 * @param {Means} means
 * @param {(done: number, all: number) => void} progress
 * @param {Map<string, OpenedQuestion>} before what was opened on this page already, by the id of its message
 * @returns {Promise<{opened: Map<string, OpenedQuestion>, unopened: string[]}>} by reference
 */
export async function openQuestions(questions, calls, means, progress, before) {
  /** @type {Map<string, OpenedQuestion>} */
  const opened = new Map();
  /** @type {string[]} */
  const unopened = [];
  const waiting = questions.filter(({ state }) => state === "open");
  const known = remembering(calls);
  let [next, done] = [0, 0];

  async function work() {
    for (let question = waiting[next]; question !== undefined; question = waiting[next]) {
      next += 1;
      const found = again(question, before) ?? (await openOne(question, known, means));
      if (found === null) unopened.push(question.reference);
      else {
        before.set(found.message.id, found);
        opened.set(question.reference, found);
      }
      done += 1;
      progress(done, waiting.length);
    }
  }

  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  const inOrder = waiting.flatMap(({ reference }) => {
    const found = opened.get(reference);
    return found === undefined ? [] : [/** @type {const} */ ([reference, found])];
  });
  return { opened: new Map(inOrder), unopened };
}

/** What was opened before, under its lease of now: what a message says never changes.
 * @param {Question} question @param {Map<string, OpenedQuestion>} before @returns {OpenedQuestion | null} */
function again({ message, token }, before) {
  const found = message === null ? undefined : before.get(message.id);
  if (found === undefined || token === null) return null;
  return { ...found, confirmable: { ...found.confirmable, lease: token } };
}

/** @param {Question} question @param {Calls} calls @param {Means} means @returns {Promise<OpenedQuestion | null>} */
async function openOne({ message, token, reference }, calls, means) {
  if (message === null || token === null) return null;
  try {
    const lease = { token, message, until: "", holder: null, taken_from: null };
    const { opened, description, values, vouched } = await openStored(lease, calls, means);
    const { question, sender, receiver } = answering(values);
    if (vouched === null || question !== reference || sender !== means.endpoint.unit.value) return null;
    const { facts, references } = opened;
    const confirmable = { messageId: message.id, lease: token, facts: { messageId: facts.messageId }, references };
    return { message, description, values, sender: receiver, confirmable };
  } catch (fault) {
    if (fault instanceof Refused) return null;
    throw fault;
  }
}

/** The same calls, which ask for each form and schema once, and for octets as long as it takes. @param {Calls} calls @returns {Calls} */
function remembering(calls) {
  /** @type {Map<string, Promise<any>>} */
  const asked = new Map();
  /** @template {any[]} A @template T @param {string} what @param {(...place: A) => Promise<T>} ask @returns {(...place: A) => Promise<T>} */
  const once = (what, ask) => (...place) => {
    const key = `${what} ${place.join(" ")}`;
    const found = asked.get(key) ?? ask(...place);
    asked.set(key, found);
    return found;
  };
  const octets = (/** @type {Parameters<Calls["octets"]>} */ ...which) => patiently(() => calls.octets(...which));
  return { ...calls, octets, form: once("form", calls.form), schema: once("schema", calls.schema) };
}

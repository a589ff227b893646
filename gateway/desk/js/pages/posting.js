/**
 * Letters on their way, one after the other: kept before the first leaves, and after each, so that whoever comes back
 * after a tab was closed goes on with what has not gone, and nothing goes twice.
 */

import { chanceOf, isRefused, noteOutcome, unmake } from "../drafts/letters.js";
import { withHeader } from "../forms/header.js";
import { CallFault } from "./calling.js";
import { pushOf } from "./outgoing.js";
import { prepare } from "./sending.js";

/** @typedef {import("../drafts/letters.js").Letter} Letter */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("./answering.js").Written} Written */
/** @typedef {import("./calls.js").Endpoint} Endpoint */
/** @typedef {import("./outgoing.js").Chance} Chance */
/** @typedef {import("./sending.js").Means} Sending */

/**
 * @typedef {object} Post
 * @property {Endpoint} endpoint
 * @property {Chance} chance
 * @property {Sending} sending
 * @property {() => Promise<void>} keep the letters as they are now
 * @property {() => void} progress one more was sent or refused
 */

/**
 * Send each that has no outcome yet; what stops one of them stops the others, too.
 * @param {Description} description
 * @param {readonly Letter[]} letters
 * @param {Written} written with a header for each of the letters
 * @param {Post} post
 */
export async function postLetters(description, letters, { draft, values, headers }, { endpoint, chance, sending, keep, progress }) {
  const waiting = letters.flatMap((letter) => {
    const header = headers.find(({ reference }) => reference === letter.reference);
    return header === undefined || letter.receipt !== null || isRefused(letter) ? [] : [{ letter, header, again: letter.moment !== null }];
  });
  const push = (/** @type {{letter: Letter, header: import("../forms/header.js").HeaderFacts}} */ { letter, header }) => {
    const means = { endpoint, at: sending.now(), chance: chanceOf(letter, chance) };
    return pushOf(description, withHeader(description, values, header), header, means, draft.attached);
  };
  for (const each of waiting) {
    each.letter.moment ??= each.header.moment.toISOString();
    push(each); // what is left to chance is drawn now
  }
  await keep();
  for (const [at, each] of waiting.entries()) {
    progress();
    let left = at; // how many may have arrived
    try {
      const send = await prepare(push(each), null, sending);
      left += 1;
      noteOutcome(each.letter, await send(), each.again);
    } catch (fault) {
      const stayed = waiting.slice(isPortals(fault) ? at : left);
      for (const { letter, again } of stayed) if (!again) unmake(letter);
      await keep();
      throw fault;
    }
    await keep();
  }
}

/** @type {(fault: unknown) => boolean} whether it is the portal's own no, which let nothing through to the hub */
const isPortals = (fault) => fault instanceof CallFault && fault.status < 500 && fault.message !== "";

/**
 * Letters on their way, one after the other: kept before the first leaves, and after each, so that whoever comes back
 * after a tab was closed goes on with what has not gone, and nothing goes twice.
 */

import { chanceOf } from "../drafts/letters.js";
import { withHeader } from "../forms/header.js";
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
    return header === undefined || letter.receipt !== null || letter.refused.length > 0 ? [] : [{ letter, header }];
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
  for (const each of waiting) {
    progress();
    const send = await prepare(push(each), null, sending);
    const outcome = await send();
    if ("receipt" in outcome) each.letter.receipt = outcome.receipt;
    else each.letter.refused = outcome.errors;
    await keep();
  }
}

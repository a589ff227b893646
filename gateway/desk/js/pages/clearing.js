/**
 * What was written to answer a message goes when the message has gone, whoever handled it and wherever.
 */

import { LIST } from "./bulk.js";
import { NEW } from "./writing_new.js";

/** @typedef {import("../drafts/shelf.js").Shelf} Shelf */

/**
 * @param {Shelf} shelf
 * @param {(message: string) => Promise<boolean>} waits whether a message can still be answered
 */
export async function clearGone(shelf, waits) {
  for (const name of await shelf.names()) {
    if (!name.startsWith(NEW) && !name.startsWith(LIST) && !(await waits(name))) await shelf.drop(name);
  }
}

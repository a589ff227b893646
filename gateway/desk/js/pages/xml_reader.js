/**
 * What reads XML for a page, in a Worker of its own that holds no keys: one script, made of modules that are each held to
 * the hash that the page names. One that took too long is followed by another.
 *
 * SECURITY: the Worker is given octets and gives back trees; no key and no secret ever goes there.
 */

import { lastingReader } from "../as4/xml_remote.js";
import { startXmlWorker } from "../as4/xml_start.js";
import { promisedHash } from "./page_keeper.js";
import { trusted } from "./worker_policy.js";

/** @typedef {import("../as4/document.js").ParseXml} ParseXml */
/** @typedef {import("../as4/xml_remote.js").Judge} Judge */

/** @returns {Promise<{parseXml: ParseXml, judge: Judge, end: () => void}>} */
export function startReader() {
  return lastingReader(async () => {
    const worker = await startXmlWorker({ integrityOf: promisedHash, trusted });
    return { port: worker, end: () => worker.terminate() };
  });
}

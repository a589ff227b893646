/**
 * What reads XML for a page, in a Worker of its own that holds no keys: one script, made of modules that are each held to
 * the hash that the page names.
 *
 * SECURITY: the Worker is given octets and gives back trees; no key and no secret ever goes there.
 */

import { remoteReader } from "../as4/xml_remote.js";
import { startXmlWorker } from "../as4/xml_start.js";
import { promisedHash } from "./page_keeper.js";
import { trusted } from "./worker_policy.js";

/** @typedef {import("../as4/document.js").ParseXml} ParseXml */
/** @typedef {import("../as4/xml_remote.js").Judge} Judge */

/** @returns {Promise<{parseXml: ParseXml, judge: Judge, end: () => void}>} */
export async function startReader() {
  const worker = await startXmlWorker({ integrityOf: promisedHash, trusted });
  const end = () => worker.terminate();
  return { ...remoteReader(worker, end), end };
}

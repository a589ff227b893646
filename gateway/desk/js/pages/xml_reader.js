/**
 * What reads XML for a page, in a Worker of its own that holds no keys.
 *
 * The policies let a Worker be a blob and nothing else. This one loads the modules of libxml2 from within; they refer to
 * each other in circles, so they cannot be blobs themselves.
 *
 * SECURITY: no import map covers a Worker, so these modules come from this origin without a hash. The Worker is given
 * octets and gives back trees; no key and no secret ever goes there.
 */

import { remoteReader } from "../as4/xml_remote.js";
import { trusted } from "./worker_policy.js";

/** @typedef {import("../as4/document.js").ParseXml} ParseXml */
/** @typedef {import("../as4/xml_remote.js").Judge} Judge */

/** @returns {{parseXml: ParseXml, judge: Judge, end: () => void}} */
export function startReader() {
  const address = new URL("../as4/xml_worker.js", import.meta.url).href;
  const blob = URL.createObjectURL(new Blob([`import(${JSON.stringify(address)});`], { type: "text/javascript" }));
  const worker = new Worker(trusted(blob), { type: "module", name: "xml" });
  URL.revokeObjectURL(blob);
  const end = () => worker.terminate();
  return { ...remoteReader(worker, end), end };
}

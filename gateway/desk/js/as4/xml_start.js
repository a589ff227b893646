/**
 * Starts the Worker in which libxml2 reads XML (`xml_worker.js`): each of its modules is fetched with the hash that the
 * page's import map names, and all of them become one script in a blob.
 *
 * SECURITY: no import map and no Integrity-Policy covers what a Worker imports, so it imports
 * nothing. A module that the map does not name, or of which an octet is another, starts no Worker.
 */

import { textOf } from "./octets.js";
import { oneScript } from "./one_script.js";

/**
 * @typedef {object} Outside
 * @property {(address: string, how: RequestInit) => Promise<Response>} fetch
 * @property {typeof Worker} Worker
 * @property {typeof URL} URL
 */

/**
 * @param {object} means
 * @param {(path: string) => string | undefined} means.integrityOf the hash of a module, by its path, as the page names it
 * @param {(blob: string) => any} means.trusted the address of a blob as the browser demands it
 * @param {string} [means.entry]
 * @param {Outside} [outside]
 * @returns {Promise<Worker>}
 */
export async function startXmlWorker({ integrityOf, trusted, entry = new URL("./xml_worker.js", import.meta.url).href }, outside = globalThis) {
  const script = await oneScript(entry, async (address) => {
    const integrity = integrityOf(new URL(address).pathname);
    if (!/^sha384-[A-Za-z0-9+/]{64}$/.test(integrity ?? "")) throw new TypeError("a module without a hash");
    const answer = await outside.fetch(address, { integrity, credentials: "same-origin", redirect: "error" });
    const text = answer.ok ? textOf(new Uint8Array(await answer.arrayBuffer())) : null;
    if (text === null) throw new TypeError("a module that is not there");
    return text;
  });
  const blob = outside.URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    return new outside.Worker(trusted(blob), { type: "module", name: "xml" });
  } finally {
    outside.URL.revokeObjectURL(blob);
  }
}

/**
 * What a page asks the portal, with the token that stands in its forms; and what the portal said no to.
 *
 * @module
 */

/** The portal's no: the key of its sentence, the sentence, and the number that the helpdesk finds in the log. */
export class CallFault extends Error {
  /** @param {number} status @param {{error?: string, text?: string, number?: string}} said */
  constructor(status, said) {
    const { error = "", text = "", number = "" } = said;
    super(error);
    this.status = status;
    /** @type {any} what came with it */
    this.said = said;
    this.text = text;
    this.number = number;
    /** whether the message that was asked for is not there any more */
    this.isGone = false;
    /** after how many seconds to ask again, where the portal says so @type {number | null} */
    this.after = null;
  }
}

/**
 * Asks for a document; with one to say it is a POST.
 * @param {string} path
 * @param {Record<string, unknown>} [document]
 * @param {{keepalive?: boolean}} [how] `keepalive`: also while the page is being left
 * @returns {Promise<any>}
 */
export async function call(path, document, how = {}) {
  const answer = await fetch(path, document === undefined ? { headers: tokened() } : { ...posted(document), ...how });
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new CallFault(answer.status, said);
  return said;
}

/**
 * Where the portal has the things of a unit.
 * @param {string} unit
 * @param {string} rest
 */
export function ofUnit(unit, rest) {
  return `/desk/api/units/${encodeURIComponent(unit)}/${rest}`;
}

/** @param {Record<string, unknown>} document */
function posted(document) {
  const headers = { ...tokened(), "Content-Type": "application/json" };
  return { method: "POST", headers, body: JSON.stringify(document) };
}

/** The token of the session, as a header. @returns {Record<string, string>} */
export function tokened() {
  const field = document.querySelector("input[name=token]");
  return { "Knooppunt-Token": field instanceof HTMLInputElement ? field.value : "" };
}

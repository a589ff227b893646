/**
 * What the page of a message asks of the portal: leases, forms, schemas, the address book, and AS4 octets both ways.
 *
 * SECURITY: nothing that was opened is in any of these but as octets that are sealed to the hub.
 */

import { call, CallFault, ofUnit, tokened } from "./calling.js";

/** @typedef {import("../as4/octets.js").Octets} Octets */
/** @typedef {import("../as4/xsd.js").SchemaText} SchemaText */
/** @typedef {import("../forms/types.js").Description} Description */
/** @typedef {import("../keys/kept.js").KeptKeys} KeptKeys */
/** @typedef {import("../lists/types.js").ListTable} ListTable */

/** @typedef {{moment: {machine: string, text: string}, left: string, haste: string}} Term */
/**
 * @typedef {{id: string, type: string, action: string, module: string, version: string, party: string,
 *   party_id: string, reference: string, conversation: string, is_answered: boolean, is_waived: boolean, is_question: boolean, answer_due: Term | null, stays_until: Term}} Message as the overview has it
 */
/** @typedef {{token: string, until: string, holder: string | null, taken_from: string | null, message: Message}} Lease */
/**
 * @typedef {{reference: string, state: "open" | "held" | "confirmed" | "answered" | "expired" | "unknown" | "damaged",
 *   message: Message | null, token: string | null, holder: string | null}} Question of a list, as it stands
 * @typedef {{module: string, version: string, type: string, label: string, count: number, waived: number}} ListKind
 * @typedef {{kinds: ListKind[], confirmed: Message[], more: boolean}} Lists `confirmed`: and not answered; `more`: there are others
 */
/** @typedef {{value: string, type: string | null}} PartyId */
/**
 * @typedef {{unit: PartyId, hub: PartyId, mpc: string, hub_signing: string[], hub_encryption: string,
 *   directory: string[], vouched: {usage: string, certificate: string, endorsement: string}[],
 *   proves_origin: boolean}} Endpoint as the portal shows it; whom to rely on is for `trusting.js` to say
 */
/** @param {string} unit */
export function callsOf(unit) {
  const messagePath = (/** @type {string} */ message) => ofUnit(unit, `messages/${encodeURIComponent(message)}`);

  return {
    /** @returns {Promise<KeptKeys>} */
    keys: () => call(ofUnit(unit, "keys")),
    /** @returns {Promise<{text: string, signature: string} | null>} what the unit knows of others */
    known: async () => (await call(ofUnit(unit, "keys/known"))).known,
    /** @type {(known: object) => Promise<unknown>} */
    keepKnown: (known) => call(ofUnit(unit, "keys/known"), { known }),
    /** @type {(settings: object) => Promise<unknown>} */
    keepSettings: (settings) => call(ofUnit(unit, "keys/settings"), { settings }),
    /** @returns {Promise<Endpoint>} */
    endpoint: () => call(ofUnit(unit, "endpoint")),
    /** @type {(module: string, version: string, type: string) => Promise<Description>} */
    form: (...place) => call(`/desk/forms/${place.map(encodeURIComponent).join("/")}.json`),
    /** @type {(module: string, version: string) => Promise<SchemaText>} */
    schema: (...place) => call(`/desk/schemas/${place.map(encodeURIComponent).join("/")}`),
    /** @returns {Promise<Lists>} */
    lists: () => call(ofUnit(unit, "lists")),
    /** @type {(module: string, version: string, type: string) => Promise<ListTable>} */
    table: (...place) => call(`/desk/lists/${place.map(encodeURIComponent).join("/")}.json`),
    /** @type {(kind: {module: string, version: string, type: string}, list: string | null) => Promise<{questions: Question[], left: number, list: string | null}>}
     * with `list`, what this browser has open already */
    openList: ({ module, version, type }, list) => call(ofUnit(unit, "lists/open"), { module, version, type, list }),
    /** @type {(references: string[], list: string | null) => Promise<{questions: Question[], list: string | null}>} at most a thousand of them */
    openQuestions: (references, list) => call(ofUnit(unit, "lists/questions"), { references, list }),
    /** @type {(list: string) => Promise<{until: string}>} */
    prolongList: (list) => call(ofUnit(unit, "lists/prolong"), { list }),
    /** @type {(list: string) => Promise<unknown>} also of a page that is being left */
    releaseList: (list) => call(ofUnit(unit, "lists/release"), { list }, { keepalive: true }),
    /** @type {(message: string, takeOver: boolean) => Promise<Lease>} */
    lease: (message, takeOver) => call(`${messagePath(message)}/lease${takeOver ? "/take-over" : ""}`, {}).catch(orGone),
    /** @type {(message: string, token: string) => Promise<{until: string}>} */
    prolong: (message, token) => call(`${messagePath(message)}/lease/prolong`, { token }).catch(orGone),
    /** @type {(message: string, token: string) => Promise<unknown>} */
    release: (message, token) => call(`${messagePath(message)}/lease/release`, { token }),

    /** @type {(message: string) => Promise<boolean>} whether something can still be done with it; yes where nobody says */
    async waits(message) {
      try {
        return !(await call(messagePath(message))).is_over;
      } catch (fault) {
        return !(fault instanceof CallFault && fault.status === 404);
      }
    },

    /** @returns {Promise<Octets>} the signed address book */
    async book() {
      const answer = await fetch(ofUnit(unit, "directory"));
      if (!answer.ok) throw await refusal(answer);
      return new Uint8Array(await answer.arrayBuffer());
    },

    /** @type {(message: string, lease: string) => Promise<{octets: Octets, contentType: string}>} as it is stored */
    async octets(message, lease) {
      const answer = await fetch(`${messagePath(message)}/octets`, { headers: { "Knooppunt-Lease": lease } });
      if (!answer.ok) return orGone(await refusal(answer));
      const contentType = answer.headers.get("Knooppunt-Content-Type") ?? "";
      return { octets: new Uint8Array(await answer.arrayBuffer()), contentType };
    },

    /**
     * AS4 octets for the hub, and its answer. A receipt that is taken has none.
     * @param {{octets: Octets, contentType: string}} packed
     * @param {string | null} lease of the message that a receipt is for, or that is answered
     * @returns {Promise<{octets: Octets, contentType: string, status: number}>}
     */
    async push({ octets, contentType }, lease) {
      const headers = { ...tokened(), "Content-Type": contentType };
      const answer = await fetch(`/desk/as4/units/${encodeURIComponent(unit)}`, {
        method: "POST",
        headers: lease === null ? headers : { ...headers, "Knooppunt-Lease": lease },
        body: octets,
      });
      const type = answer.headers.get("Content-Type") ?? "";
      if (!answer.ok && !type.startsWith("application/soap+xml")) throw await refusal(answer);
      return { octets: new Uint8Array(await answer.arrayBuffer()), contentType: type, status: answer.status };
    },
  };
}

/** @typedef {ReturnType<typeof callsOf>} Calls */

/** Tells of a message that is not there; a form, schema or book that is missing is another matter.
 * @param {unknown} fault @returns {never} */
function orGone(fault) {
  if (fault instanceof CallFault) fault.isGone = fault.status === 404;
  throw fault;
}

/** @param {Response} answer @returns {Promise<CallFault>} */
async function refusal(answer) {
  const fault = new CallFault(answer.status, await answer.json().catch(() => ({})));
  const after = Number(answer.headers.get("Retry-After") ?? "");
  fault.after = after > 0 ? after : null;
  return fault;
}

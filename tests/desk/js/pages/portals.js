/**
 * What a page that relies on somebody is given: a portal that shows a hub, to an organisation that signed for one and a unit
 * that knows a party. The key Worker of it believes what it is shown.
 *
 * @module
 */

import { nextKnown, NOTHING_KNOWN } from "../../../../gateway/desk/js/keys/known.js";
import { nextSettings, UNSAID } from "../../../../gateway/desk/js/keys/settings.js";

/**
 * @param {object} endpoint as the portal shows it
 * @param {{named: object, knows?: string, book?: Uint8Array, now?: Date}} state
 * @returns {Promise<any>} means for `trusting.js`, and `kept`, the settings that were kept
 */
export async function portalOf(endpoint, { named, knows, book, now = new Date("2026-12-03T12:00:00Z") }) {
  const settings = await nextSettings(null, { ...UNSAID, hub: /** @type {any} */ (named) });
  const parties = new Map(knows === undefined ? [] : [[knows, ["ab".repeat(32)]]]);
  const known = await nextKnown("unit", null, { ...NOTHING_KNOWN, parties });
  /** @type {any[]} */
  const kept = [];
  const signs = ({ text = "" }) => ({ text, signature: "" });
  const answers = /** @type {any} */ ({
    facts: () => ({ administers: true, unit: "unit", settings: 0, known: 0 }),
    readSettings: ({ signed = signs({}) }) => JSON.parse(signed.text),
    readKnown: ({ signed = signs({}) }) => JSON.parse(signed.text),
    signSettings: signs,
    signKnown: signs,
  });
  return {
    kept,
    endpoint,
    calls: {
      keys: async () => ({ settings: [{ text: settings, signature: "" }] }),
      known: async () => ({ text: known, signature: "" }),
      book: async () => book,
      keepSettings: async (/** @type {any} */ signed) => kept.push(JSON.parse(signed.text)),
      keepKnown: async () => undefined,
    },
    ask: async (/** @type {string} */ op, /** @type {any} */ message) => answers[op](message),
    now: () => now,
    keep: async () => undefined,
  };
}

/**
 * Prints as JSON what the browser's half makes, for another implementation to read: a set with all that surrounds it.
 *
 * @module
 */

import { setHash } from "../../../../gateway/desk/js/keys/ceremony.js";
import { base64, framed } from "../../../../gateway/desk/js/keys/octets.js";
import { isIban, nextSettings, UNSAID } from "../../../../gateway/desk/js/keys/settings.js";
import { sheetText } from "../../../../gateway/desk/js/keys/sheet.js";
import { wordParts, wordsOf } from "../../../../gateway/desk/js/keys/words.js";
import { browser, newUnit, opening, UNIT } from "./keeping.js";

const { ibans = [] } = JSON.parse(process.argv[2] ?? "{}");
const { ask } = browser();
const { lock, set, made, server } = await newUnit(ask);
await ask("unlock", opening(server, lock));
const challenge = crypto.getRandomValues(new Uint8Array(32));
const hash = await setHash(UNIT, made.certificates, made.organisation);
const text = await nextSettings(null, UNSAID);
const secret = crypto.getRandomValues(new Uint8Array(16));
const told = {
  unit: UNIT, lock: lock.record.id, set, certificates: made.certificates, organisation: made.organisation,
  secret: base64(lock.secret), sealedKey: base64(lock.record.sealedKey), publicKey: lock.listed.publicKey,
  copy: made.copy, roster: made.roster, hash: base64(hash), words: wordsOf(hash), parts: wordParts(),
  settings: await ask("signSettings", { text, before: null }),
  challenge: base64(challenge), enrolled: base64(await ask("enrol", { challenge })),
  framed: base64(framed("x", ["é", new Uint8Array([0, 1]), ""])),
  sheet: { secret: base64(secret), text: await sheetText(secret) },
  ibans: ibans.map(isIban),
}; // prettier-ignore
process.stdout.write(JSON.stringify(told));

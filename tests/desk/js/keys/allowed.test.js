/** Which locks an organisation's settings allow (PO-80). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf, wantAllowedBy } from "../../../../gateway/desk/js/keys/allowed.js";
import { nextSettings, UNSAID } from "../../../../gateway/desk/js/keys/settings.js";
import { browser, newUnit, opening } from "./keeping.js";

const THERE = "loket.example";
const STRICT = { ...UNSAID, lockKinds: ["passkey", "sheet"], syncedPasskeys: false };

for (const [what, settings, lock, host, why] of [
  ["a device where nothing was said", UNSAID, { kind: "device" }, THERE, null],
  ["a device that was not allowed", STRICT, { kind: "device" }, THERE, "kind-not-allowed"],
  ["a kind that nobody knows", UNSAID, { kind: "password" }, THERE, "kind-not-allowed"],
  ["a passkey that stays where it is", STRICT, { kind: "passkey", synced: false }, THERE, null],
  ["a passkey that is copied", STRICT, { kind: "passkey", synced: true }, THERE, "synced-not-allowed"],
  ["a passkey that is copied where that may be", UNSAID, { kind: "passkey", synced: true }, THERE, null],
  ["a lock of the portal where only own machines make some", { ...UNSAID, deskOnly: true }, { kind: "sheet" }, THERE, "desk-only"],
  ["a lock of one's own machine", { ...UNSAID, deskOnly: true }, { kind: "sheet" }, "localhost", null],
]) {
  test(`${what}: ${why ?? "may be"}`, () => assert.equal(refusalOf(settings, lock, host), why));
}

/** A unit under a key of its own, open in a browser, and how that signs settings. */
async function opened() {
  const { ask } = browser();
  const unit = await newUnit(ask);
  await ask("unlock", opening(unit.server, unit.lock));
  const sign = async (content, before = null, anew = false) =>
    ask("signSettings", { text: await nextSettings(before?.text ?? null, content, anew), before });
  return { ask, sign };
}

test("what was signed under a lost key forbids no lock, and settings are begun anew after it", async () => {
  const [lost, now] = [await opened(), await opened()];
  const before = await lost.sign(STRICT);
  await wantAllowedBy(now.ask, [before], { kind: "device" }, THERE);
  const anew = await now.sign(STRICT, before, true);
  await assert.rejects(wantAllowedBy(now.ask, [anew, before], { kind: "device" }, THERE), /kind-not-allowed/u);
  await assert.rejects(wantAllowedBy(now.ask, [before], { kind: "device" }, THERE), /foreign-settings/u, "ours were seen");
  await assert.rejects(wantAllowedBy(now.ask, [], { kind: "device" }, THERE), /older-settings/u);
});

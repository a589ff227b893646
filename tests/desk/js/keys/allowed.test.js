/** Which locks an organisation's settings allow (PO-80). */

import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf } from "../../../../gateway/desk/js/keys/allowed.js";
import { UNSAID } from "../../../../gateway/desk/js/keys/settings.js";

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

/** Moments as a page writes them, on a computer whose clock is set to another zone. */

import assert from "node:assert/strict";
import { test } from "node:test";

process.env["TZ"] = "America/New_York";
const { clockTime, dayInWords, momentInWords } = await import("../../../../gateway/desk/js/pages/moments.js");

/** @param {string} lang */
const speak = (lang) => Object.assign(globalThis, { document: { documentElement: { lang } } });

test("a moment is told in the time of the Netherlands, in summer and in winter", () => {
  speak("nl");
  assert.equal(momentInWords(new Date("2026-12-03T16:49:00Z")), "3 dec 2026, 17:49");
  assert.equal(momentInWords(new Date("2026-07-03T22:30:00Z")), "4 jul 2026, 00:30");
  assert.equal(clockTime(new Date("2026-12-03T16:49:00Z")), "17:49");
});

test("a day is that of the Netherlands, also where it is yesterday still", () => {
  speak("nl");
  assert.equal(dayInWords(new Date("2026-12-03T23:30:00Z")), "4-12-2026");
});

test("whoever reads English has the same time", () => {
  speak("en");
  assert.match(momentInWords(new Date("2026-12-03T08:05:00Z")), /9:05/u);
});

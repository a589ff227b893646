/** What the portal said no to, as pages tell it apart. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { CallFault } from "../../../../gateway/desk/js/pages/calling.js";
import { callsOf } from "../../../../gateway/desk/js/pages/calls.js";

/** @type {number | null} with which the portal answers; null where nothing comes */
let status = null;
const calls = callsOf("unit");

beforeEach(() => {
  const fetch = async () => {
    if (status === null) throw new TypeError("fetch failed");
    return new Response(JSON.stringify({ is_over: false }), { status });
  };
  const document = { querySelector: () => null };
  Object.assign(globalThis, { fetch, document, HTMLInputElement: class {} });
});

for (const [what, answer, waits] of /** @type {const} */ ([
  ["is there", 200, true],
  ["is not there", 404, false],
  ["is on a portal that is busy", 503, true],
  ["is on a portal with a fault", 500, true],
  ["is on a portal that nobody reaches", null, true],
])) {
  test(`a message that ${what} ${waits ? "waits, as far as one knows" : "has gone"}`, async () => {
    status = answer;
    assert.equal(await calls.waits("m@hub"), waits);
  });
}

for (const [what, ask] of /** @type {const} */ ([
  ["lease", () => calls.lease("m@hub", false)],
  ["lease of a colleague", () => calls.lease("m@hub", true)],
  ["longer lease", () => calls.prolong("m@hub", "token")],
  ["content", () => calls.octets("m@hub", "token")],
])) {
  test(`a message has gone that has no ${what}, and has not where the portal is busy`, async () => {
    status = 404;
    await assert.rejects(ask, (fault) => fault instanceof CallFault && fault.isGone);
    status = 503;
    await assert.rejects(ask, (fault) => fault instanceof CallFault && !fault.isGone);
  });
}

for (const [what, ask] of /** @type {const} */ ([
  ["form", () => calls.form("module", "1", "type")],
  ["schema", () => calls.schema("module", "1")],
  ["address book", () => calls.book()],
  ["memory of others", () => calls.known()],
])) {
  test(`a message has not gone where a ${what} is missing`, async () => {
    status = 404;
    await assert.rejects(ask, (fault) => fault instanceof CallFault && !fault.isGone);
  });
}

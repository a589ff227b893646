/** What was seen of the settings when keys were opened is not forgotten when the page is left. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { nextSettings, UNSAID } from "../../../../gateway/desk/js/keys/settings.js";
import { seeSettings } from "../../../../gateway/desk/js/keys/seen.js";
import { browser, newUnit, opening } from "./keeping.js";

describe("settings seen at opening", () => {
  test("are the least that is taken at the next opening, also where the server shows none (PO-57, PO-80)", async () => {
    const page = browser();
    const unit = await newUnit(page.ask);
    await page.ask("unlock", opening(unit.server, unit.lock));
    await seeSettings(page.ask, []);
    const first = await page.ask("signSettings", { text: await nextSettings(null, UNSAID), before: null });
    const second = await page.ask("signSettings", { text: await nextSettings(first.text, UNSAID), before: first });
    await seeSettings(page.ask, [second, first]);
    unit.server.kept.set(unit.lock.record.id, await page.ask("pinned"));

    const later = browser();
    await later.ask("unlock", opening(unit.server, unit.lock));
    await seeSettings(later.ask, [second, first]);
    await assert.rejects(seeSettings(later.ask, [first]), /older-settings/u);
    await assert.rejects(seeSettings(later.ask, []), /older-settings/u);
  });

  test("that another key signed open what they would, and are no settings of ours", async () => {
    const [page, other] = [browser(), browser()];
    const [unit, foreign] = [await newUnit(page.ask), await newUnit(other.ask)];
    await other.ask("unlock", opening(foreign.server, foreign.lock));
    const signed = await other.ask("signSettings", { text: await nextSettings(null, UNSAID), before: null });
    await page.ask("unlock", opening(unit.server, unit.lock));
    await seeSettings(page.ask, [signed]);
    assert.equal((await page.ask("facts")).settings, 0);
  });
});

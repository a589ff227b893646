/**
 * Another key of the organisation, where somebody leaves who may have copied it: the one before signs for it.
 *
 * The units of an organisation hold that key together, so they go under the next one all at once, by somebody who has a
 * lock of an administrator in each. Nothing is kept before all of them were opened; nothing is drawn here.
 *
 * @module
 */

import { openingOf, toCompare, waysInto } from "../keys/kept.js";
import { call, ofUnit } from "./calling.js";
import { keysOf } from "./key_steps.js";
import { keeperOfPage } from "./page_keeper.js";

/** @typedef {import("../keys/kept.js").KeptKeys} KeptKeys */
/** @typedef {import("./unlocking.js").Means} Means */
/** @typedef {{renewal: object, copies: object[], roster: object}} Going a unit under the next key */
/** @typedef {(means: Means, without: readonly string[]) => Promise<Going>} Renew as the Worker, in which that unit is open */

/**
 * The names of units that hold the organisation's key, too, and in which whoever is here has no lock of an administrator
 * by their lists; whether these are true is seen when they are opened.
 * @param {KeptKeys} keys
 * @returns {Promise<string[]>}
 */
export async function unitsOutOfReach({ unit, holders }) {
  const names = [];
  for (const other of holders.filter((each) => each !== unit)) {
    const theirs = await keysOf(other);
    const own = waysInto(theirs).map(({ id }) => id);
    /** @type {{id: string, administers: boolean}[]} */
    const listed = theirs.roster === null ? [] : JSON.parse(theirs.roster.text).locks;
    if (!listed.some(({ id, administers }) => administers && own.includes(id))) names.push(theirs.name);
  }
  return names;
}

/**
 * The key of the organisation made anew; afterwards the unit is open under it. False where whoever is here broke it off.
 * @param {KeptKeys} keys of the unit that is open
 * @param {Means} means which opened it
 * @param {readonly string[]} without the ids of its locks that leave
 * @param {(unit: string, renew: Renew) => Promise<Going | null>} goAlong opens another unit and asks who stays there
 * @returns {Promise<boolean>}
 */
export async function renewOrganisation({ unit, holders, settings: [newest] }, { lock, ...opened }, without, goAlong) {
  const { ask } = await keeperOfPage();
  // Those of before all locks were lost were never seen, and are not taken along.
  const isSeen = newest !== undefined && (await ask("facts")).settings > 0;
  const settings = isSeen ? { text: newest.text, signature: newest.signature } : null;
  const others = holders.filter((each) => each !== unit);
  try {
    const { renewal, copies, roster } = await ask("renew", { without, settings, ...opened });
    const units = [{ unit, copies, roster }];
    for (const other of others) {
      const there = await goAlong(other, ({ lock: _, ...secret }, leaving) =>
        ask("renew", { without: leaving, settings, along: true, ...secret }),
      );
      if (there === null) {
        await ask("lock");
        return false;
      }
      units.push({ unit: other, copies: there.copies, roster: there.roster });
    }
    await call(ofUnit(unit, "keys/organisation"), { renewal, units });
    if (others.length > 0) {
      const now = await keysOf(unit);
      await ask("unlock", { ...openingOf(now, lock, toCompare(now)), ...opened });
    }
    return true;
  } catch (fault) {
    await ask("lock"); // its keys may be others than those that the portal keeps
    throw fault;
  }
}

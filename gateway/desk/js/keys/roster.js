/**
 * To whom a new set of keys is sealed: the signed roster, beside what the portal says of its locks. Values in, values
 * out.
 *
 * SECURITY: only what is on the roster is shown and chosen from. The portal adds the names of people, and that a lock
 * is gone there; a lock that it adds itself is nowhere in this.
 *
 * @module
 */

/** @typedef {import("./kept.js").KeptLock} KeptLock */
/** @typedef {{id: string, kind: string, person: string, since: string, by?: string}} Listed by whom it was let in: not
 *   in rosters of before that was written down */
/** @typedef {{id: string, kind: string, person: string | null, since: string, by: string | null, isThere: boolean,
 *   hasLeft: boolean, isUsed: boolean}} Row a lock, with the names of its owner and of who let it in; the owner left the
 *   unit, `isUsed` opened the keys now */

/**
 * The locks of the roster, as they are shown to whoever renews the keys.
 * @param {readonly Listed[]} listed
 * @param {readonly KeptLock[]} kept what the portal says
 * @param {string} used
 * @returns {Row[]}
 */
export function rowsOf(listed, kept, used) {
  const counting = new Set(kept.filter((each) => each.counts).map((each) => each.id));
  const leavers = new Set(kept.filter((each) => each.has_left).map((each) => each.person));
  const names = new Map(kept.map((each) => [each.person, each.person_name]));
  return listed.map(({ id, kind, person, since, by }) => ({
    id,
    kind,
    person: names.get(person) ?? null,
    since,
    by: by === undefined ? null : (names.get(by) ?? null),
    isThere: counting.has(id),
    hasLeft: leavers.has(person),
    isUsed: id === used,
  }));
}

/** Whether somebody chooses about that lock: it is there, and its owner did not leave, nor leave a sheet behind.
 * @param {Row} row
 */
export const mayStay = ({ isThere, hasLeft }) => isThere && !hasLeft;

/**
 * Which locks the new set is not sealed to: those that are gone, those of who left, and those that were not chosen.
 * @param {readonly Row[]} rows
 * @param {ReadonlySet<string>} chosen
 * @returns {string[]}
 */
export function leaving(rows, chosen) {
  return rows.filter((each) => !each.isUsed && !(mayStay(each) && chosen.has(each.id))).map((each) => each.id);
}

/**
 * Where this browser keeps what was written and has not gone yet: sealed to the unit, for a while, and nowhere else.
 *
 * Each thing lies under the unit and a name, its files beside it. What is put there again and again while somebody types
 * is kept as it was last: nobody waits for it. A browser that keeps nothing has nothing here: only who puts is told.
 *
 * SECURITY: a name is the id of a message, which the address of its page holds too, or chance. All else is sealed; only
 * until when it may lie here stands beside it, so that it goes without any key.
 */

import { inStore } from "../keys/database.js";
import { fromOctets, toOctets } from "./written.js";

/** @typedef {import("../as4/octets.js").Octets} Octets */
/** @typedef {import("./sealing.js").Sealed} Sealed */
/** @typedef {import("./sealing.js").Sealing} Sealing */

/** @typedef {{until: number, sealed: Sealed}} Kept `until` in milliseconds */

const DATABASE = "knooppunt-drafts";
const STORE = "drafts";
const WHOLE = "whole"; // what stands beside the files of a thing

/** One thing is done after another, also where the keys were opened anew meanwhile. @type {Promise<unknown>} */
let last = Promise.resolve();

/**
 * @param {string} unit
 * @param {Sealing} sealing
 */
export function shelfOf(unit, sealing) {
  /** @type {WeakMap<Octets, string>} the names of files that lie here */
  const names = new WeakMap();
  /** @type {Map<string, {make: () => unknown, until: Date}>} what was put last and is not kept yet */
  const wanted = new Map();
  /** @type {(name: string, part: string) => Promise<Octets | null>} */
  async function read(name, part) {
    /** @type {Kept | undefined} */
    const kept = await here("readonly", (store) => store.get([unit, name, part]));
    return kept === undefined ? null : sealing.open(kept.sealed, [unit, name, part]);
  }

  /** @type {(name: string, part: string, octets: Octets, until: Date) => Promise<void>} */
  async function write(name, part, octets, until) {
    const sealed = await sealing.seal(octets, [unit, name, part]);
    await here("readwrite", (store) => store.put({ until: until.getTime(), sealed }, [unit, name, part]));
  }

  /** @type {(name: string, value: unknown, until: Date) => Promise<void>} */
  async function keep(name, value, until) {
    /** @type {[string, Octets][]} */
    const files = [];
    const whole = toOctets(value, (octets) => {
      const known = names.get(octets) ?? crypto.randomUUID();
      if (!names.has(octets)) files.push([known, octets]);
      names.set(octets, known);
      return known;
    });
    for (const [part, octets] of files) await write(name, part, octets, until);
    await write(name, WHOLE, whole, until);
  }

  return {
    /** @type {(name: string, value: unknown, until: Date) => Promise<void>} */
    put: (name, value, until) => inTurn(() => keep(name, value, until)),

    /**
     * Soon: what `make` gives by then.
     * @param {string} name
     * @param {() => unknown} make
     * @param {Date} until
     * @returns {Promise<void>}
     */
    async putSoon(name, make, until) {
      const isQueued = wanted.has(name);
      wanted.set(name, { make, until });
      if (isQueued) return;
      await inTurn(async () => {
        const newest = wanted.get(name);
        wanted.delete(name);
        if (newest !== undefined) await keep(name, newest.make(), newest.until);
      });
    },

    /** What lies under a name; null where nothing does, or these keys do not open it. @param {string} name @returns {Promise<any>} */
    get: (name) =>
      inTurn(async () => {
        const whole = await read(name, WHOLE);
        return whole === null ? null : fromOctets(whole, async (part) => {
          const octets = await read(name, part);
          if (octets !== null) names.set(octets, part);
          return octets;
        });
      }).catch(unlessKept(null)),

    /** The names under which something of the unit lies. @returns {Promise<string[]>} */
    names: () =>
      inTurn(async () => {
        /** @type {string[][]} */
        const keys = await here("readonly", (store) => store.getAllKeys(IDBKeyRange.bound([unit], [unit, []])));
        return keys.filter(([, , part]) => part === WHOLE).map(([, name]) => name);
      }).catch(unlessKept(/** @type {string[]} */ ([]))),

    /** Nothing of it lies here any more. @param {string} name @returns {Promise<void>} */
    drop(name) {
      wanted.delete(name);
      const range = () => IDBKeyRange.bound([unit, name], [unit, name, []]);
      return inTurn(() => here("readwrite", (store) => store.delete(range()))).catch(unlessKept(undefined));
    },
  };
}

/** @typedef {ReturnType<typeof shelfOf>} Shelf */

/** Take away what may not lie here any more, of whichever unit. @param {Date} now @returns {Promise<void>} */
export async function clearOld(now) {
  try {
    await inTurn(() => here("readwrite", (store) => deleteUntil(store.openCursor(), now.getTime())));
  } catch (fault) {
    unlessKept(undefined)(fault);
  }
}

/** Within one transaction, so that nothing comes in between. @type {(walk: IDBRequest<IDBCursorWithValue | null>, now: number) => IDBRequest} */
function deleteUntil(walk, now) {
  walk.addEventListener("success", () => {
    const { result: at } = walk;
    if (at === null) return;
    if (at.value.until <= now) at.delete();
    at.continue();
  });
  return walk;
}

/** After all that was asked before. @type {<T>(work: () => Promise<T>) => Promise<T>} */
function inTurn(work) {
  const done = last.then(work, work);
  last = done.catch(() => undefined);
  return done;
}

/** What there is instead, where this browser keeps nothing; every other fault goes on.
 * @template T
 * @param {T} instead
 * @returns {(fault: unknown) => T}
 */
function unlessKept(instead) {
  return (fault) => {
    if (fault instanceof DOMException || fault === null) return instead;
    throw fault;
  };
}

/** @type {(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest) => Promise<any>} */
const here = (mode, work) => inStore(DATABASE, STORE, mode, work);

/**
 * A key keeper as the Worker has one, with timers that a test winds by hand, and a server that keeps what it is given.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { keyKeeper } from "../../../../gateway/desk/js/keys/worker.js";

export const UNIT = "00000001001234567000:0001";
export const FROM = "2026-12-01T08:00:00Z";
export const UNTIL = "2028-12-01T08:00:00Z";

/** One browser: `ask` answers with the value or throws the word why not. */
export function browser() {
  const events = [];
  const timers = new Map();
  let number = 0;
  const keeper = keyKeeper({
    tell: (event) => events.push(event),
    timers: {
      set(work, ms) {
        number += 1;
        timers.set(number, { work, ms });
        return number;
      },
      clear: (timer) => timers.delete(timer),
    },
  });
  async function ask(op, message = {}) {
    const answer = await keeper.handle({ id: 1, op, ...message });
    if (!answer.ok) throw new Error(answer.why);
    return answer.value;
  }
  /** Let so much time go by that every timer of at most so long goes off. */
  function wind(ms) {
    for (const [timer, { work, ms: after }] of [...timers]) {
      if (after <= ms && timers.delete(timer)) work();
    }
  }
  return { ask, events, wind, waits: () => [...timers.values()].map(({ ms }) => ms) };
}

/** A lock: its record at the server, what opens it, and its line of the roster. */
export async function newLock(ask, { kind = "passkey", person = "anna", administers = true, unit = UNIT } = {}) {
  const id = randomUUID();
  const secret = crypto.getRandomValues(new Uint8Array(kind === "sheet" ? 16 : 32));
  const { publicKey, sealedKey } = await ask("newLock", { unit, lock: id, secret });
  const listed = { id, kind, person, administers, publicKey, since: FROM };
  return { record: { id, unit, sealedKey }, secret, listed };
}

/** A unit with its first set: what the server keeps, by lock. */
export async function newUnit(ask, unit = UNIT) {
  const lock = await newLock(ask, { unit });
  const set = randomUUID();
  const made = await ask("makeSet", {
    unit, name: "Incasso Noord", set, from: FROM, until: UNTIL,
    lock: lock.listed, sealedKey: lock.record.sealedKey, secret: lock.secret,
  }); // prettier-ignore
  const server = { roster: made.roster, kept: new Map([[lock.record.id, [{ set, copy: made.copy }]]]), inForce: [] };
  return { lock, set, made, server };
}

/** What a page hands to the Worker to open that lock. */
export function opening(server, lock) {
  return {
    lock: lock.record, roster: server.roster, renewals: server.renewals ?? [], kept: server.kept.get(lock.record.id) ?? [],
    inForce: server.inForce, secret: lock.secret,
  }; // prettier-ignore
}

/** Let a lock of one's own in, and keep what came of it. */
export async function admitOwn(ask, server, opened, lock) {
  const { copies, roster } = await ask("admit", { lock: lock.listed, own: true, secret: opened.secret });
  server.kept.set(lock.record.id, copies);
  server.roster = roster;
}

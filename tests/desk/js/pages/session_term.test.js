/** When a page warns that the session ends, and when it is over. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { minutes, prolonged, step, WARNED_AHEAD_MILLISECONDS } from '../../../../gateway/desk/js/pages/session_term.js';

const MINUTE = 60_000;
const term = { idleEndsAt: 30 * MINUTE, endsAt: 480 * MINUTE, ahead: 0 };

test('a page waits until two minutes before the end', () => {
  assert.equal(WARNED_AHEAD_MILLISECONDS, 2 * MINUTE);
  assert.deepEqual(step(term, 0), { what: 'wait', milliseconds: 28 * MINUTE });
  assert.deepEqual(step(term, 28 * MINUTE - 1), { what: 'wait', milliseconds: 1 });
});

test('then it warns, with what is left', () => {
  assert.deepEqual(step(term, 28 * MINUTE), { what: 'warn', left: 2 * MINUTE, canStay: true });
  assert.deepEqual(step(term, 30 * MINUTE - 1), { what: 'warn', left: 1, canStay: true });
});

test('the end is the end', () => {
  assert.deepEqual(step(term, 30 * MINUTE), { what: 'over' });
});

test('the end of the day cannot be put off', () => {
  const late = { ...term, idleEndsAt: 490 * MINUTE };
  assert.deepEqual(step(late, 479 * MINUTE), { what: 'warn', left: MINUTE, canStay: false });
});

test('the clock of the server counts', () => {
  assert.deepEqual(step({ ...term, ahead: 29 * MINUTE }, 0), { what: 'warn', left: MINUTE, canStay: true });
  assert.deepEqual(step({ ...term, ahead: -5 * MINUTE }, 32 * MINUTE), { what: 'wait', milliseconds: MINUTE });
});

test('no delay is longer than a timer keeps', () => {
  const far = { idleEndsAt: 1e12, endsAt: 1e12, ahead: 0 };
  assert.deepEqual(step(far, 0), { what: 'wait', milliseconds: 2 ** 31 - 1 });
});

test('another page may put the end off, and never bring it nearer', () => {
  assert.equal(prolonged(term, 31 * MINUTE).idleEndsAt, 31 * MINUTE);
  for (const told of [29 * MINUTE, NaN, Infinity]) assert.equal(prolonged(term, told), term);
});

test('minutes that are left are told whole, and never as none', () => {
  assert.deepEqual([1, 89_000, 120_000].map(minutes), [1, 1, 2]);
});

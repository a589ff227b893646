/** What an organisation's settings give to forms: nothing that an older version says unless the newer one names its hash. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { nextSettings, UNSAID } from '../../../../gateway/desk/js/keys/settings.js';
import { readKnown } from '../../../../gateway/desk/js/pages/settings_known.js';

const ACCOUNT = { iban: 'NL91ABNA0417164300', name: 'Incasso', by: 'anna', agreedBy: null };
const NOW = new Date('2026-12-03T12:00:00Z');
const LONG_AGO = '2026-11-01T12:00:00Z';
const JUST_NOW = '2026-12-03T11:00:00Z';
const ask = async () => ({ locks: [] });

/** @param {string} text @param {string} received_at */
const kept = (text, received_at) => ({ text, signature: '', received_at });

test('an account that has stood there for a day may be used', async () => {
  const first = await nextSettings(null, { ...UNSAID, accounts: [ACCOUNT] });
  const second = await nextSettings(first, { ...UNSAID, accounts: [ACCOUNT], deskOnly: true });
  const { accounts } = await readKnown([kept(second, JUST_NOW), kept(first, LONG_AGO)], ask, NOW);
  assert.deepEqual(accounts, [{ iban: ACCOUNT.iban, holder: 'Incasso' }]);
});

test('an older version that is none of before makes no account any older', async () => {
  const first = await nextSettings(null, UNSAID);
  const second = await nextSettings(first, { ...UNSAID, accounts: [ACCOUNT] });
  const made = await nextSettings(null, { ...UNSAID, accounts: [ACCOUNT] });
  const { accounts } = await readKnown([kept(second, JUST_NOW), kept(made, LONG_AGO)], ask, NOW);
  assert.deepEqual(accounts, []);
});

test('what was begun anew under another key takes no age from before it', async () => {
  const lost = await nextSettings(null, { ...UNSAID, accounts: [ACCOUNT] });
  const again = await nextSettings(lost, { ...UNSAID, accounts: [ACCOUNT] }, true);
  const next = await nextSettings(again, { ...UNSAID, accounts: [ACCOUNT], deskOnly: true });
  const read = (received) => readKnown([kept(next, JUST_NOW), kept(again, received), kept(lost, LONG_AGO)], ask, NOW);
  assert.deepEqual((await read(JUST_NOW)).accounts, []);
  assert.equal((await read(LONG_AGO)).accounts.length, 1);
});

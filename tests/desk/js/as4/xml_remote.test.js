/** XML read at the other end of a port: the same answers, faults that are faults, and an end to what takes too long. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { readDocument } from '../../../../gateway/desk/js/as4/document.js';
import { parserOf } from '../../../../gateway/desk/js/as4/libxml2.js';
import { ENVELOPE_LIMITS } from '../../../../gateway/desk/js/as4/limits.js';
import { textOf, utf8 } from '../../../../gateway/desk/js/as4/octets.js';
import { lastingReader, remoteParser } from '../../../../gateway/desk/js/as4/xml_remote.js';
import { serveXml } from '../../../../gateway/desk/js/as4/xml_service.js';
import * as libxml2 from '../../../../gateway/desk/vendor/libxml2-wasm/index.mjs';

const OCTETS = utf8('<a xmlns="urn:a" xmlns:b="urn:b"><!-- gone --><b:c>x &lt; y</b:c><d z="1" e="2"/></a>');

/** @param {number} [milliseconds] */
function connected(milliseconds) {
  const { port1, port2 } = new MessageChannel();
  let ended = 0;
  const end = () => {
    ended += 1;
    port1.close();
  };
  return { parseXml: remoteParser(port1, end, milliseconds), port1, port2, ended: () => ended };
}

test('a document is the same from the other end', async (context) => {
  const { parseXml, port1, port2 } = connected();
  context.after(() => port1.close());
  serveXml(port2, libxml2);
  const [there, here] = [await parseXml(OCTETS), await parserOf(libxml2)(OCTETS)];
  assert.deepEqual(there.root, here.root);
  assert.deepEqual(await there.canonical(there.root, ['b']), await here.canonical(here.root, ['b']));
  const [, second] = there.root.children.filter((each) => typeof each === 'object' && 'name' in each);
  assert.ok(typeof second === 'object' && 'name' in second);
  await there.remove(second);
  assert.equal(textOf(await there.canonical(there.root)), '<a xmlns="urn:a"><b:c xmlns:b="urn:b">x &lt; y</b:c></a>');
  here.close();
  there.close();
  await assert.rejects(there.canonical(there.root), /the document is closed/);
});

test('what is no XML is refused at this end', async (context) => {
  const { parseXml, port1, port2 } = connected();
  context.after(() => port1.close());
  serveXml(port2, libxml2);
  await assert.rejects(parseXml(utf8('<a>')));
  const refused = readDocument(utf8('<a>'), { limits: ENVELOPE_LIMITS, parseXml });
  await assert.rejects(refused, { name: 'Refused', check: 'xml' });
});

test('what takes too long is ended, with all that waits, and nothing is asked any more', async () => {
  const { parseXml, port2, ended } = connected(20);
  port2.postMessage({ isReady: true }); // and it says nothing more
  const both = await Promise.allSettled([parseXml(OCTETS), parseXml(OCTETS)]);
  assert.deepEqual(both.map((each) => each.status), ['rejected', 'rejected']);
  assert.equal(ended(), 1);
  await assert.rejects(parseXml(OCTETS), /the reader was ended/);
  port2.close();
});

test('what never begins is ended, too', async () => {
  const { parseXml, port2, ended } = connected(20);
  await assert.rejects(parseXml(OCTETS), /reading took too long/);
  assert.equal(ended(), 1);
  port2.close();
});

test('after one that took too long another is started, and what comes next is read', async (context) => {
  let started = 0;
  /** @type {(() => void)[]} */
  const ends = [];
  const reader = await lastingReader(async () => {
    const { port1, port2 } = new MessageChannel();
    context.after(() => port1.close());
    ends.push(() => port1.close());
    started += 1;
    if (started === 1) port2.postMessage({ isReady: true }); // and it says nothing more
    else serveXml(port2, libxml2);
    return { port: port1, end: ends[started - 1] };
  }, 50);
  await assert.rejects(reader.parseXml(OCTETS), /took too long/);
  assert.equal((await reader.parseXml(OCTETS)).root.name, '{urn:a}a');
  assert.equal(started, 2);
  reader.end();
  await assert.rejects(reader.parseXml(OCTETS), /the reader was ended/);
});
